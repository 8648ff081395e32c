// @ts-check
/** Images that the browser decodes better than Pillow, or alone: one at a time, made small. */

/**
 * What came of it: `pixels` has red, green, blue and alpha of `width` times `height` pixels.
 *
 * @typedef {{ pixels: Uint8ClampedArray, width: number, height: number,
 *   fileWidth: number, fileHeight: number }} Decoded
 */

/** How many times the size that the model wants is kept: it resizes better than a canvas. */
const OVERSAMPLING = 2;

/** @type {Promise<unknown>} */
let turn = Promise.resolve();

export const browserDecoder = {
  /**
   * Decode an image with the browser, upright and in sRGB.
   *
   * @param {Uint8Array<ArrayBuffer>} bytes
   * @param {string} mediaType
   * @param {number} maxPixels
   * @param {number} targetWidth that the model wants, in pixels; 0 for the image's own
   * @param {number} targetHeight likewise
   * @returns {Promise<Decoded | { tooLarge: true, fileWidth: number, fileHeight: number } | undefined>}
   *   undefined: this browser cannot, and says no more about it
   */
  decode(bytes, mediaType, maxPixels, targetWidth, targetHeight) {
    const work = turn.then(() => decode(bytes, mediaType, maxPixels, targetWidth, targetHeight));
    turn = work;
    return work;
  },
};

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {string} mediaType
 * @param {number} maxPixels
 * @param {number} targetWidth
 * @param {number} targetHeight
 */
async function decode(bytes, mediaType, maxPixels, targetWidth, targetHeight) {
  /** @type {ImageBitmap | undefined} */
  let bitmap;
  try {
    bitmap = await createImageBitmap(new Blob([bytes], { type: mediaType }));
    const { width: fileWidth, height: fileHeight } = bitmap;
    if (fileWidth * fileHeight > maxPixels) {
      return { tooLarge: /** @type {const} */ (true), fileWidth, fileHeight };
    }
    const scale = Math.min(1, OVERSAMPLING * Math.max(targetWidth / fileWidth, targetHeight / fileHeight) || 1);
    const width = Math.max(1, Math.round(fileWidth * scale));
    const height = Math.max(1, Math.round(fileHeight * scale));
    const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    if (!context) return undefined; // no memory for one
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, width, height);
    const pixels = context.getImageData(0, 0, width, height).data;
    return { pixels, width, height, fileWidth, fileHeight };
  } catch {
    return undefined; // a DOMException that says no more than that it failed, here or in the canvas
  } finally {
    bitmap?.close();
  }
}
