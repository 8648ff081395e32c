// @ts-check
/**
 * Makes a small picture of an image file, off the page: the middle of it, cut to a square.
 * A message {file, side} is answered with {blob, width, height}, the size being that of the image,
 * or with null where the browser cannot decode it.
 */

/**
 * @param {File} file
 * @param {number} side of the square, in pixels
 */
async function make(file, side) {
  const image = await createImageBitmap(file);
  try {
    const { width, height } = image;
    const part = Math.min(width, height);
    const size = Math.min(side, part);
    const canvas = new OffscreenCanvas(size, size);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.imageSmoothingQuality = "high";
    context.drawImage(image, (width - part) / 2, (height - part) / 2, part, part, 0, 0, size, size);
    return { blob: await canvas.convertToBlob({ type: "image/webp", quality: 0.8 }), width, height };
  } finally {
    image.close(); // a large one takes 400 MB
  }
}

self.onmessage = async ({ data: { file, side } }) => {
  self.postMessage(await make(file, side).catch(() => null));
};
