// @ts-check

/**
 * A small picture of an image file, made off the page.
 *
 * @param {Blob} file
 * @param {number} side the most that the small picture is wide or high, in pixels
 * @param {boolean} isWhole all of the image; else the middle of it, cut to a square
 * @returns {Promise<{ blob: Blob, width: number, height: number }>} the size is that of the image
 */
export async function shrunken(file, side, isWhole) {
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
    return { blob: await encoded(canvas, context, file.type), width, height };
  } finally {
    image.close(); // a large one takes 400 MB
  }
}

/**
 * Of a JPEG, which has no transparent parts, as one: that is written in 3 ms where WebP takes 30. Of
 * others as WebP; where the browser writes none, as WebKit, it would be PNG, which takes ten times the room:
 * then as JPEG, on white, since that knows no transparency.
 *
 * @param {OffscreenCanvas} canvas
 * @param {OffscreenCanvasRenderingContext2D} context of it
 * @param {string} type of the image file
 */
async function encoded(canvas, context, type) {
  const jpeg = { type: "image/jpeg", quality: 0.8 };
  if (type === jpeg.type) return canvas.convertToBlob(jpeg);
  const webp = await canvas.convertToBlob({ type: "image/webp", quality: 0.8 });
  if (webp.type === "image/webp") return webp;
  context.globalCompositeOperation = "destination-over";
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob(jpeg);
}
