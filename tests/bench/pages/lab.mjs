// @ts-check
/**
 * Seesay and Transformers.js in one page, each in a worker of its own; driven from outside through
 * `globalThis.lab`. Both captioners have the same calls: start, caption, heap, close.
 */

import { createCaptioner } from "../seesay.mjs";
import { Logits } from "./compare_logits.mjs";
import { WorkerCalls } from "./worker_calls.mjs";

/** @typedef {{ tokens: number | null, beams?: number, keywords?: boolean }} Job tokens: forced number; null: any */

/** @type {Map<string, Blob>} */
const images = new Map();

/** @param {string} name of a file in images/ */
async function readImage(name) {
  const known = images.get(name);
  if (known) return known;
  const response = await fetch(new URL(`images/${name}`, import.meta.url));
  if (!response.ok) throw new Error(`there is no image ${name}`);
  const blob = await response.blob();
  images.set(name, blob);
  return blob;
}

class Seesay {
  /** @type {any} */
  #captioner;

  /** @param {{ model: string, hub: string | null, numThreads: number }} settings */
  async start({ model, hub, numThreads }) {
    this.#captioner = createCaptioner({ model, numThreads, ...(hub && { hub }) });
    await this.#captioner.ready;
  }

  /** @param {string} model */
  async download(model) {
    const began = performance.now();
    await this.#captioner.models.download(model);
    return performance.now() - began;
  }

  /** @param {string} model */
  async remove(model) {
    await this.#captioner.models.remove(model);
  }

  async load() {
    const began = performance.now();
    await this.#captioner.load();
    return performance.now() - began;
  }

  /**
   * @param {string} name
   * @param {Job} job
   */
  async caption(name, { tokens, beams = 1, keywords = false }) {
    const image = await readImage(name);
    const before = await this.#captioner.diagnostics();
    const length = tokens === null ? {} : { minNewTokens: tokens, maxNewTokens: tokens };
    const began = performance.now();
    const result = await this.#captioner.caption(image, { numBeams: beams, keywords, ...length });
    const total = performance.now() - began;
    const after = await this.#captioner.diagnostics();
    const { timings } = result;
    return {
      total_ms: total,
      prepare_ms: timings.decode_ms + timings.preprocess_ms,
      encode_ms: timings.encode_ms,
      token_ms: timings.token_ms,
      steps: after.decoder_steps - before.decoder_steps,
      run_ms: after.decoder_run_ms - before.decoder_run_ms,
      caption: result.caption,
      ids: result.candidates[0].tokens.map((/** @type {{ id: number }} */ { id }) => id),
      decoder: after.decoder,
      notes: after.notes,
    };
  }

  /**
   * Several images, greedy.
   *
   * @param {string[]} names
   * @param {{ tokens: number, batchSize: number | null }} how null: one call after the other
   */
  async captionAll(names, { tokens, batchSize }) {
    const files = await Promise.all(names.map(readImage));
    const length = { numBeams: 1, minNewTokens: tokens, maxNewTokens: tokens };
    const results = [];
    const began = performance.now();
    if (batchSize === null) {
      for (const file of files) results.push(await this.#captioner.caption(file, length));
    } else {
      for await (const { result, error } of this.#captioner.captionAll(files, { batchSize, ...length })) {
        if (error) throw error;
        results.push(result);
      }
    }
    const total = performance.now() - began;
    const sum = (/** @type {(timings: any) => number} */ pick) =>
      results.reduce((ms, { timings }) => ms + pick(timings), 0);
    return {
      total_ms: total,
      prepare_ms: sum(({ decode_ms: decode, preprocess_ms: preprocess }) => decode + preprocess),
      encode_ms: sum(({ encode_ms: encode }) => encode),
      ids: results.map(({ candidates }) => candidates[0].tokens.map((/** @type {any} */ { id }) => id)),
    };
  }

  /**
   * Several questions about one image, as Florence-2 answers them.
   *
   * @param {string} name
   * @param {{ tokens: number, tasks: string[], beams?: number }} job
   */
  async answer(name, { tokens, tasks, beams = 1 }) {
    const image = await readImage(name);
    const options = { tasks, numBeams: beams, numReturnSequences: 1, minNewTokens: tokens, maxNewTokens: tokens };
    const began = performance.now();
    const { answers } = await this.#captioner.caption(image, options);
    const total = performance.now() - began;
    const { notes } = await this.#captioner.diagnostics();
    return { total_ms: total, timings: tasks.map((task) => answers[task].timings), notes };
  }

  async heap() {
    const diagnostics = await this.#captioner.diagnostics();
    return { model: diagnostics.model_heap_bytes, python: diagnostics.python_heap_bytes };
  }

  close() {
    this.#captioner.close();
  }
}

class Rival {
  /** @type {any} */
  #worker;
  #file;

  /** @param {string} file of its worker */
  constructor(file) {
    this.#file = file;
  }

  /** @param {{ folder: string, numThreads: number, optimization?: string }} settings */
  async start({ folder, numThreads, optimization = "all" }) {
    this.#worker = new WorkerCalls(this.#file);
    const url = new URL(folder, import.meta.url);
    const model = url.pathname.split("/").at(-1);
    const models = new URL(".", url).href;
    return this.#worker.call("start", { models, model, numThreads, optimization });
  }

  /**
   * @param {string} name
   * @param {Job} job
   */
  async caption(name, { tokens }) {
    const image = await readImage(name);
    const began = performance.now();
    const result = await this.#worker.call("caption", { image, tokens });
    return { ...result, total_ms: performance.now() - began };
  }

  /**
   * @param {string} name
   * @param {{ tokens: number, prompts: string[] }} job
   */
  async answer(name, job) {
    return this.#worker.call("caption", { image: await readImage(name), ...job });
  }

  /** @param {string} name */
  async look(name) {
    return this.#worker.call("look", { image: await readImage(name) });
  }

  /** @param {{ pixelValues: Float32Array, size: number, tokens: number }} job */
  async record(job) {
    return this.#worker.call("record", job);
  }

  async heap() {
    return { model: await this.#worker.call("heap"), python: 0 };
  }

  close() {
    this.#worker.close();
  }
}

/**
 * Worker start to first token: the model is on this device already.
 *
 * @param {Seesay | Rival} captioner closed; a new worker is started
 * @param {any} settings
 * @param {string} name
 */
async function readyAgain(captioner, settings, name) {
  await readImage(name);
  const began = performance.now();
  await captioner.start(settings);
  await captioner.caption(name, { tokens: 1 });
  return performance.now() - began;
}

/** Seesay's worker code with its logits in view. */
class Probe {
  #worker = new WorkerCalls("probe_worker.mjs");

  /** @param {{ folder: string, numThreads: number }} settings */
  async start(settings) {
    return this.#worker.call("start", settings);
  }

  /** @param {{ layout: string, optimization: string }} way */
  async open(way) {
    return this.#worker.call("open", way);
  }

  /** How the decoder runs, once an image has been read. */
  async describe() {
    return this.#worker.call("describe");
  }

  /** @param {string} name */
  async prepare(name) {
    return this.#worker.call("prepare", { image: await readImage(name) });
  }

  /**
   * @param {string} name
   * @param {number} tokens
   */
  async record(name, tokens) {
    return this.#worker.call("record", { image: await readImage(name), tokens });
  }

  close() {
    this.#worker.close();
  }
}

Object.assign(globalThis, {
  lab: {
    seesay: new Seesay(),
    quick: new Seesay(),
    rival: new Rival("rival_worker.mjs"),
    florenceRival: new Rival("florence_rival_worker.mjs"),
    logits: new Logits(),
    Probe,
    readyAgain,
  },
});
