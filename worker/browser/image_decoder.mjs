// @ts-check
/** Images that Pillow cannot read but the browser can: AVIF everywhere, others in places. */

export const browserDecoder = {
  /**
   * Decode an image with the browser and hand it back as PNG, orientation applied.
   *
   * @param {Uint8Array<ArrayBuffer>} bytes
   * @param {string} mediaType
   * @param {number} maxPixels
   * @returns {Promise<{ png: ArrayBuffer, width: number, height: number }
   *   | { tooLarge: true, width: number, height: number } | undefined>} undefined: it cannot
   */
  async toPng(bytes, mediaType, maxPixels) {
    const blob = new Blob([bytes], { type: mediaType });
    /** @type {ImageBitmap} */
    let bitmap;
    try {
      bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none" });
    } catch {
      return undefined; // a DOMException that says no more than that it failed
    }
    const { width, height } = bitmap;
    try {
      if (width * height > maxPixels) return { tooLarge: true, width, height };
      const canvas = new OffscreenCanvas(width, height);
      canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
      const png = await canvas.convertToBlob({ type: "image/png" });
      return { png: await png.arrayBuffer(), width, height };
    } finally {
      bitmap.close();
    }
  },
};
