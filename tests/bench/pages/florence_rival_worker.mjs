// @ts-check
/**
 * Florence-2 on Transformers.js as an app would run it in wasm: in a module worker, quantised, by the
 * calls of its own example. What each session takes is read off its runs.
 */

import { answerCalls } from "./answer_calls.mjs";
import { watchMemories } from "./memories.mjs";
import { setUp } from "./transformers_js.mjs";

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
    setUp(env, models, numThreads);
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

  /**
   * What it sees before it is asked anything.
   *
   * @param {{ image: Blob }} job
   */
  async look({ image }) {
    const inputs = await processor(await RawImage.fromBlob(image), "");
    const features = await model.encode_image(inputs);
    return { pixels: [...inputs.pixel_values.data], features: [...features.data] };
  },

  async heap() {
    return heapBytes();
  },
};

answerCalls(calls);
