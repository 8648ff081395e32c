// @ts-check
/**
 * Florence-2 on Transformers.js as an app would run it in wasm: in a module worker, quantised, by the
 * calls of its own example. What each session takes is read off its runs.
 */

import { watchMemories } from "./memories.mjs";

const heapBytes = watchMemories();

const { AutoProcessor, Florence2ForConditionalGeneration, RawImage, env } = await import(
  "./vendor/transformers/transformers.min.js"
);

/** @type {any} */
let model;
/** @type {any} */
let processor;
/** @type {Record<string, number[]>} milliseconds of each run, by session */
let runs = {};

/**
 * @param {string} name
 * @param {any} session
 */
function time(name, session) {
  const run = session.run.bind(session);
  session.run = async (/** @type {any[]} */ ...feeds) => {
    const began = performance.now();
    const outputs = await run(...feeds);
    (runs[name] ??= []).push(performance.now() - began);
    return outputs;
  };
}

const calls = {
  /** @param {{ models: string, model: string, numThreads: number }} settings */
  async start({ models, model: name, numThreads }) {
    env.allowLocalModels = false; // local files would not be kept in its cache
    env.remoteHost = models;
    env.remotePathTemplate = "{model}/";
    const vendor = new URL("./vendor/ort/", self.location.href).href;
    const { wasm } = env.backends.onnx;
    wasm.numThreads = numThreads;
    wasm.wasmPaths = {
      mjs: `${vendor}ort-wasm-simd-threaded.asyncify.mjs`,
      wasm: `${vendor}ort-wasm-simd-threaded.asyncify.wasm`,
    };
    model = await Florence2ForConditionalGeneration.from_pretrained(name, { dtype: "q8", device: "wasm" });
    processor = await AutoProcessor.from_pretrained(name);
    for (const [session, value] of Object.entries(model.sessions)) time(session, value);
    return { version: env.version };
  },

  /**
   * @param {{ image: Blob, tokens: number, prompts: string[] }} job each prompt is a look of its own:
   *   the library has no other way
   */
  async caption({ image, tokens, prompts }) {
    runs = {};
    const began = performance.now();
    const picture = await RawImage.fromBlob(image);
    const ids = [];
    for (const prompt of prompts) {
      const inputs = await processor(picture, prompt);
      const length = { min_new_tokens: tokens, max_new_tokens: tokens };
      const output = await model.generate({ ...inputs, ...length, num_beams: 1 });
      ids.push(output.tolist()[0].map(Number));
    }
    return { total_ms: performance.now() - began, runs, ids };
  },

  async heap() {
    return heapBytes();
  },
};

self.onmessage = async ({ data: { id, call, argument } }) => {
  try {
    const value = await calls[/** @type {keyof typeof calls} */ (call)](argument);
    self.postMessage({ id, value });
  } catch (error) {
    self.postMessage({ id, error: String(/** @type {Error} */ (error).stack ?? error) });
  }
};
self.postMessage({ id: 0 }); // imports at the top take time: until now, messages were lost
