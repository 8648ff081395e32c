// @ts-check
/**
 * Decoder steps whose key/value caches never leave JavaScript: only tokens go in (as ids, or as their
 * embeddings), and only the last position's logits come out. (A step through NumPy costs twice as much.)
 */

/**
 * @typedef {import("onnxruntime-web").Tensor} Tensor
 * @typedef {object} Layout names of a decoder's inputs and outputs
 * @property {string} tokenInput
 * @property {number | null} [tokenWidth] of an embedding, where tokens do not go in as ids
 * @property {string} logits
 * @property {string | null} useCacheBranch the merged layout's switch
 * @property {boolean} sharesContext whether one image's context serves any number of rows
 * @property {{ past: string, present: string, heads: number, dim: number }[]} caches
 * @property {string | null} [attentions] where the decoder looks, if it tells
 * @property {string | null} [logsumexp] logarithm of the sum of the logits' exponentials, if it tells
 */

export class Steps {
  #ort;
  #session;
  #layout;
  /** @type {Record<string, Tensor>} inputs that stay the same, one row for each image */
  #context;
  /** @type {Record<string, Tensor>} the same with the rows of #images */
  #expanded;
  /** @type {number[]} the image that each row of the last step was about */
  #images;
  /** How many images there are. */
  #count;
  /** @type {Record<string, Tensor> | null} by name of the past input */
  #past = null;
  /** Rows on their way to another place. */
  #moved = new Float32Array(0);
  #meter;
  /** @type {string[]} what a step needs */
  #outputs;

  /**
   * @param {typeof import("onnxruntime-web")} ort
   * @param {import("onnxruntime-web").InferenceSession} session
   * @param {Layout} layout
   * @param {Record<string, Tensor>[]} contexts of each image, batch 1; owned from now on
   * @param {{ steps: number, runMs: number }} meter counts steps and the time in onnxruntime-web
   */
  constructor(ort, session, layout, contexts, meter) {
    this.#meter = meter;
    this.#ort = ort;
    this.#session = session;
    this.#layout = layout;
    this.#count = contexts.length;
    this.#context = this.#join(contexts);
    this.#expanded = this.#context;
    this.#images = contexts.map((_, image) => image);
    this.#outputs = [layout.logits, ...layout.caches.map(({ present }) => present)];
    if (layout.logsumexp) this.#outputs.push(layout.logsumexp);
  }

  /**
   * @param {BigInt64Array<ArrayBuffer> | Float32Array<ArrayBuffer>} tokens batch * length of them
   * @param {number} batch
   * @param {number[] | undefined} beamIdx row i goes on with row beamIdx[i] of the last step
   * @returns {Promise<[Float32Array, Float32Array | undefined]>} logits of the last position,
   *   batch * vocabulary; and their log-sum-exp, batch
   */
  async step(tokens, batch, beamIdx) {
    const { Tensor } = this.#ort;
    const { caches, useCacheBranch } = this.#layout;
    const isFirst = this.#past === null;
    if (beamIdx) this.#follow(beamIdx);
    const past = this.#past ? this.#reorder(this.#past, beamIdx) : this.#emptyPast(batch);
    /** @type {Record<string, Tensor>} */
    const feeds = { ...this.#expanded, ...past };
    feeds[this.#layout.tokenInput] = this.#tokens(tokens, batch);
    if (useCacheBranch) feeds[useCacheBranch] = new Tensor("bool", [!isFirst], [1]);
    const began = performance.now();
    const outputs = await this.#session.run(feeds, this.#outputs);
    this.#meter.runMs += performance.now() - began;
    this.#meter.steps += 1;
    disposeAll(past);
    this.#past = Object.fromEntries(
      caches.map((cache) => [cache.past, /** @type {Tensor} */ (outputs[cache.present])]),
    );
    const { logits, logsumexp } = this.#layout;
    return [
      lastPosition(/** @type {Tensor} */ (outputs[logits])),
      logsumexp ? lastPosition(/** @type {Tensor} */ (outputs[logsumexp])) : undefined,
    ];
  }

  /**
   * Read whole sequences, beside the caches, and see where the decoder looks.
   *
   * @param {(BigInt64Array<ArrayBuffer> | Float32Array<ArrayBuffer>)[]} parts tokens of all
   *   sequences: in one part, or for a decoder without a causal mask one after the other
   * @param {number[]} images the image that each sequence is about
   * @returns {Promise<Float32Array[] | undefined>} of each part cross-attention weights of
   *   (sequences, its length, encoder tokens), averaged over layers and heads; nothing where the
   *   decoder does not tell
   */
  async attend(parts, images) {
    const { attentions, sharesContext, caches } = this.#layout;
    if (!attentions) return undefined;
    const batch = images.length;
    const isShared = sharesContext && this.#count === 1;
    const context = isShared
      ? this.#context
      : mapValues(this.#context, (tensor) => this.#gather(tensor, images));
    const presents = parts.length > 1 ? caches.map(({ present }) => present) : [];
    /** @type {Record<string, Tensor>} */
    let past = this.#emptyPast(batch);
    const weights = [];
    for (const part of parts) {
      const feeds = { ...context, ...past, [this.#layout.tokenInput]: this.#tokens(part, batch) };
      const outputs = await this.#session.run(feeds, [attentions, ...presents]);
      weights.push(/** @type {Float32Array} */ (outputs[attentions]?.data));
      disposeAll(past);
      past = Object.fromEntries(
        presents.map((present, i) => [
          /** @type {{ past: string }} */ (caches[i]).past,
          /** @type {Tensor} */ (outputs[present]),
        ]),
      );
    }
    disposeAll(past);
    if (!isShared) disposeAll(context);
    return weights;
  }

  release() {
    if (this.#past) disposeAll(this.#past);
    if (this.#expanded !== this.#context) disposeAll(this.#expanded);
    disposeAll(this.#context);
    this.#past = null;
    this.#context = {};
    this.#expanded = this.#context;
  }

  /**
   * @param {BigInt64Array<ArrayBuffer> | Float32Array<ArrayBuffer>} tokens
   * @param {number} batch
   */
  #tokens(tokens, batch) {
    const { Tensor } = this.#ort;
    const width = this.#layout.tokenWidth;
    if (!width) return new Tensor("int64", tokens, [batch, tokens.length / batch]);
    return new Tensor("float32", tokens, [batch, tokens.length / batch / width, width]);
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
    const batch = Object.values(past)[0]?.dims[0] ?? 0;
    if (!rows || isIdentity(rows, batch)) return past;
    if (rows.length === batch) {
      this.#permute(past, rows);
      return past;
    }
    const reordered = mapValues(past, (tensor) => this.#gather(tensor, rows));
    disposeAll(past);
    return reordered;
  }

  /**
   * Replace the rows of caches that do not stay, without new memory: that would take longer than
   * the copying.
   *
   * @param {Record<string, Tensor>} past float32
   * @param {number[]} rows as many as the caches have
   */
  #permute(past, rows) {
    const moving = rows.flatMap((row, i) => (row === i ? [] : [{ row, i }]));
    for (const tensor of Object.values(past)) {
      const data = /** @type {Float32Array} */ (tensor.data);
      const size = data.length / rows.length;
      if (this.#moved.length < data.length) this.#moved = new Float32Array(2 * data.length);
      moving.forEach(({ row }, place) => {
        this.#moved.set(data.subarray(row * size, (row + 1) * size), place * size);
      });
      moving.forEach(({ i }, place) => {
        data.set(this.#moved.subarray(place * size, (place + 1) * size), i * size);
      });
    }
  }

  /**
   * Give each new row the context of its image.
   *
   * @param {number[]} rows
   */
  #follow(rows) {
    const images = rows.map((row) => /** @type {number} */ (this.#images[row]));
    const isSame = isEqual(images, this.#images);
    this.#images = images;
    if (isSame || (this.#layout.sharesContext && this.#count === 1)) return;
    if (this.#expanded !== this.#context) disposeAll(this.#expanded);
    this.#expanded = isIdentity(images, this.#count)
      ? this.#context
      : mapValues(this.#context, (tensor) => this.#gather(tensor, images));
  }

  /** @param {Record<string, Tensor>[]} contexts */
  #join(contexts) {
    const [first] = contexts;
    if (!first) throw new RangeError("no image to caption");
    if (contexts.length === 1) return first;
    const joined = mapValues(first, (tensor, name) => {
      const parts = contexts.map((context) => /** @type {Tensor} */ (context[name]));
      const size = tensor.size;
      const target = alike(tensor, parts.length * size);
      parts.forEach((part, i) => target.set(/** @type {any} */ (part.data), i * size));
      return new this.#ort.Tensor(/** @type {any} */ (tensor.type), target, [
        parts.length,
        ...tensor.dims.slice(1),
      ]);
    });
    contexts.forEach(disposeAll);
    return joined;
  }

  /**
   * @param {Tensor} tensor
   * @param {number[]} rows
   * @returns {Tensor} a new tensor of these rows of the first dimension
   */
  #gather(tensor, rows) {
    const { Tensor } = this.#ort;
    const [oldBatch, ...rest] = tensor.dims;
    const source = /** @type {any} */ (tensor.data);
    const size = source.length / /** @type {number} */ (oldBatch);
    const target = alike(tensor, rows.length * size);
    rows.forEach((row, i) => target.set(source.subarray(row * size, (row + 1) * size), i * size));
    return new Tensor(/** @type {any} */ (tensor.type), target, [rows.length, ...rest]);
  }
}

/**
 * @param {Tensor} tensor
 * @param {number} length
 * @returns {any} an empty array of the kind that the tensor has: float32, or a mask's int64
 */
function alike({ type }, length) {
  return type === "int64" ? new BigInt64Array(length) : new Float32Array(length);
}

/** @param {Tensor} tensor float32 of (batch, length, width) */
function lastPosition(tensor) {
  const [batch, length, width] = /** @type {[number, number, number]} */ (tensor.dims);
  const data = /** @type {Float32Array} */ (tensor.data);
  if (length === 1) return data;
  const last = new Float32Array(batch * width);
  for (let row = 0; row < batch; row += 1) {
    const end = (row + 1) * length * width;
    last.set(data.subarray(end - width, end), row * width);
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

/**
 * @param {number[]} some
 * @param {number[]} others
 */
function isEqual(some, others) {
  return some.length === others.length && some.every((value, i) => value === others[i]);
}

/** @param {Record<string, Tensor>} tensors */
function disposeAll(tensors) {
  for (const tensor of Object.values(tensors)) tensor.dispose();
}

/**
 * @template T, U
 * @param {Record<string, T>} record
 * @param {(value: T, key: string) => U} map
 * @returns {Record<string, U>}
 */
function mapValues(record, map) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
