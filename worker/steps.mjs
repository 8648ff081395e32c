// @ts-check
/**
 * Decoder steps whose key/value caches never leave JavaScript: only token ids go in, and only the
 * last position's logits come out. (A step through NumPy costs twice as much; see platform notes in
 * the README.)
 */

/**
 * @typedef {import("onnxruntime-web").Tensor} Tensor
 * @typedef {object} Layout names of a decoder's inputs and outputs
 * @property {string} inputIds
 * @property {string} logits
 * @property {string | null} useCacheBranch the merged layout's switch
 * @property {boolean} sharesContext whether context of batch 1 serves any number of rows
 * @property {{ past: string, present: string, heads: number, dim: number }[]} caches
 */

export class Steps {
  #ort;
  #session;
  #layout;
  /** @type {Record<string, Tensor>} inputs that stay the same, batch 1 */
  #context;
  /** @type {Record<string, Tensor>} the same for #batch rows */
  #expanded;
  #batch = 1;
  /** @type {Record<string, Tensor> | null} by name of the past input */
  #past = null;
  #meter;

  /**
   * @param {typeof import("onnxruntime-web")} ort
   * @param {import("onnxruntime-web").InferenceSession} session
   * @param {Layout} layout
   * @param {Record<string, Tensor>} context
   * @param {{ steps: number, runMs: number }} meter counts steps and the time in onnxruntime-web
   */
  constructor(ort, session, layout, context, meter) {
    this.#meter = meter;
    this.#ort = ort;
    this.#session = session;
    this.#layout = layout;
    this.#context = context;
    this.#expanded = context;
  }

  /**
   * @param {BigInt64Array<ArrayBuffer>} inputIds batch * length ids
   * @param {number} batch
   * @param {number[] | undefined} beamIdx row i goes on with row beamIdx[i] of the last step
   * @returns {Promise<Float32Array>} logits of the last position, batch * vocabulary
   */
  async step(inputIds, batch, beamIdx) {
    const { Tensor } = this.#ort;
    const { caches, useCacheBranch } = this.#layout;
    const isFirst = this.#past === null;
    this.#expandContext(batch);
    const past = this.#past ? this.#reorder(this.#past, beamIdx) : this.#emptyPast(batch);
    /** @type {Record<string, Tensor>} */
    const feeds = { ...this.#expanded, ...past };
    feeds[this.#layout.inputIds] = new Tensor("int64", inputIds, [batch, inputIds.length / batch]);
    if (useCacheBranch) feeds[useCacheBranch] = new Tensor("bool", [!isFirst], [1]);
    const began = performance.now();
    const outputs = await this.#session.run(feeds);
    this.#meter.runMs += performance.now() - began;
    this.#meter.steps += 1;
    disposeAll(past);
    this.#past = Object.fromEntries(
      caches.map((cache) => [cache.past, /** @type {Tensor} */ (outputs[cache.present])]),
    );
    return lastPosition(/** @type {Tensor} */ (outputs[this.#layout.logits]));
  }

  release() {
    if (this.#past) disposeAll(this.#past);
    if (this.#expanded !== this.#context) disposeAll(this.#expanded);
    disposeAll(this.#context);
    this.#past = null;
    this.#context = {};
    this.#expanded = this.#context;
  }

  /** @param {number} batch */
  #emptyPast(batch) {
    const { Tensor } = this.#ort;
    return Object.fromEntries(
      this.#layout.caches.map(({ past, heads, dim }) => [
        past,
        new Tensor("float32", new Float32Array(0), [batch, heads, 0, dim]),
      ]),
    );
  }

  /**
   * @param {Record<string, Tensor>} past
   * @param {number[] | undefined} rows
   */
  #reorder(past, rows) {
    const [first] = Object.values(past);
    if (!rows || isIdentity(rows, first?.dims[0] ?? 0)) return past;
    const reordered = mapValues(past, (tensor) => this.#gather(tensor, rows));
    disposeAll(past);
    return reordered;
  }

  /** @param {number} batch */
  #expandContext(batch) {
    if (batch === this.#batch || this.#layout.sharesContext) return;
    if (this.#expanded !== this.#context) disposeAll(this.#expanded);
    const rows = new Array(batch).fill(0);
    this.#expanded =
      batch === 1 ? this.#context : mapValues(this.#context, (tensor) => this.#gather(tensor, rows));
    this.#batch = batch;
  }

  /**
   * @param {Tensor} tensor float32
   * @param {number[]} rows
   * @returns {Tensor} a new tensor of these rows of the first dimension
   */
  #gather(tensor, rows) {
    const { Tensor } = this.#ort;
    const [oldBatch, ...rest] = tensor.dims;
    const source = /** @type {Float32Array} */ (tensor.data);
    const size = source.length / /** @type {number} */ (oldBatch);
    const target = new Float32Array(rows.length * size);
    rows.forEach((row, i) => target.set(source.subarray(row * size, (row + 1) * size), i * size));
    return new Tensor("float32", target, [rows.length, ...rest]);
  }
}

/** @param {Tensor} logits float32 of (batch, length, vocabulary) */
function lastPosition(logits) {
  const [batch, length, vocabulary] = /** @type {[number, number, number]} */ (logits.dims);
  const data = /** @type {Float32Array} */ (logits.data);
  if (length === 1) return data;
  const last = new Float32Array(batch * vocabulary);
  for (let row = 0; row < batch; row += 1) {
    const end = (row + 1) * length * vocabulary;
    last.set(data.subarray(end - vocabulary, end), row * vocabulary);
  }
  return last;
}

/**
 * @param {number[]} rows
 * @param {number} batch
 */
function isIdentity(rows, batch) {
  return rows.length === batch && rows.every((row, i) => row === i);
}

/** @param {Record<string, Tensor>} tensors */
function disposeAll(tensors) {
  for (const tensor of Object.values(tensors)) tensor.dispose();
}

/**
 * @template T, U
 * @param {Record<string, T>} record
 * @param {(value: T) => U} map
 * @returns {Record<string, U>}
 */
function mapValues(record, map) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
