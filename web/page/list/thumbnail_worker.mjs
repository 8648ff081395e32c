// @ts-check
/**
 * Makes a small picture of an image file, off the page. A message {file, side, isWhole} is answered
 * with {blob, width, height}, the size being that of the image, or with null where the browser
 * cannot decode it.
 */

/**
 * @param {File} file
 * @param {number} side the most that the small picture is wide or high, in pixels
 * @param {boolean} isWhole all of the image; else the middle of it, cut to a square
 */
async function make(file, side, isWhole) {
  const image = await createImageBitmap(file);
  try {
    const { width, height } = image;
    const part = Math.min(width, height);
    const [wide, high] = isWhole ? [width, height] : [part, part];
    const scale = Math.min(1, side / Math.max(wide, high));
    const [w, h] = [wide, high].map((length) => Math.max(1, Math.round(length * scale)));
    const canvas = new OffscreenCanvas(w, h);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.imageSmoothingQuality = "high";
    context.drawImage(image, (width - wide) / 2, (height - high) / 2, wide, high, 0, 0, w, h);
    return { blob: await canvas.convertToBlob({ type: "image/webp", quality: 0.8 }), width, height };
  } finally {
    image.close(); // a large one takes 400 MB
  }
}

self.onmessage = async ({ data: { file, side, isWhole } }) => {
  self.postMessage(await make(file, side, isWhole).catch(() => null));
};
