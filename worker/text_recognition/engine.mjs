// @ts-check
/**
 * Tesseract, loaded once for one language: from pixels to lines of text.
 *
 * @typedef {object} Line
 * @property {string} text
 * @property {number} confidence 0 to 1
 * @property {[number, number, number, number]} box left, top, right, bottom in pixels
 *
 * @typedef {object} Picture
 * @property {Uint8ClampedArray<ArrayBuffer>} data RGBA, 8 bits each, row by row
 * @property {number} width
 * @property {number} height
 */

export class TextEngine {
  #engine;

  /** @param {import("tesseract-wasm").OCREngine} engine that has its language */
  constructor(engine) {
    this.#engine = engine;
  }

  /**
   * @param {typeof import("tesseract-wasm")} library
   * @param {ArrayBuffer} wasmBinary
   * @param {ArrayBuffer} language a .traineddata file
   */
  static async create(library, wasmBinary, language) {
    const engine = await library.createOCREngine({ wasmBinary });
    engine.loadModel(language);
    return new TextEngine(engine);
  }

  /**
   * @param {Picture} picture
   * @returns {Line[]} from top to bottom, without empty ones
   */
  read(picture) {
    // An ImageData by its looks: Node has none, and the library asks for no more.
    this.#engine.loadImage(/** @type {ImageData} */ (picture));
    try {
      return this.#engine
        .getTextBoxes("line")
        .map(({ text, confidence, rect }) => ({
          text: text.trim(),
          confidence,
          box: /** @type {Line["box"]} */ ([rect.left, rect.top, rect.right, rect.bottom]),
        }))
        .filter(({ text }) => text !== "");
    } finally {
      this.#engine.clearImage();
    }
  }
}

/**
 * Unpack a gzipped file.
 *
 * @param {Response} packed
 * @returns {Promise<ArrayBuffer>}
 */
export function unpack(packed) {
  const plain = packed.body?.pipeThrough(new DecompressionStream("gzip"));
  return new Response(plain).arrayBuffer();
}
