// @ts-check
/**
 * Transformers.js as an app would run it: in a module worker, quantised, on wasm, with its own
 * caches. Its image-to-text pipeline's three calls are made one by one here, because the pipeline
 * gives no token ids and no times.
 */

import { answerCalls } from "./answer_calls.mjs";
import { watchMemories } from "./memories.mjs";
import { setUp } from "./transformers_js.mjs";

const heapBytes = watchMemories();

const { BaseStreamer, LogitsProcessor, LogitsProcessorList, RawImage, Tensor, env, pipeline } =
  await import("./vendor/transformers/transformers.min.js");

/** When each token came; the first call hands over the start tokens. */
class Stopwatch extends BaseStreamer {
  /** @type {number[]} */
  marks = [];

  put() {
    this.marks.push(performance.now());
  }

  end() {}
}

/** Keeps each step's logits as the model gave them. */
class Recorder extends LogitsProcessor {
  /** @type {Float32Array[]} */
  steps = [];

  /**
   * @param {bigint[][]} _ids
   * @param {any} logits
   */
  _call(_ids, logits) {
    this.steps.push(logits.data.slice());
    return logits;
  }
}

/** @type {any} */
let captioner;

const calls = {
  /**
   * @param {{ models: string, model: string, numThreads: number, optimization: string,
   *   decoder: string | null }} settings models: the folder's address; decoder: another file
   */
  async start({ models, model, numThreads, optimization }) {
    setUp(env, models, numThreads);
    captioner = await pipeline("image-to-text", model, {
      dtype: "q8",
      device: "wasm",
      session_options: { graphOptimizationLevel: optimization },
    });
    return { version: env.version };
  },

  /**
   * @param {{ image: Blob, tokens: number | null }} job null: to the end of the caption
   */
  async caption({ image, tokens }) {
    const began = performance.now();
    const { pixel_values: pixelValues } = await captioner.processor(await RawImage.fromBlob(image));
    const prepared = performance.now();
    const streamer = new Stopwatch();
    const length = tokens === null ? {} : { min_new_tokens: tokens, max_new_tokens: tokens };
    const output = await captioner.model.generate({ inputs: pixelValues, streamer, ...length });
    const [text] = captioner.tokenizer.batch_decode(output, { skip_special_tokens: true });
    const ids = output.tolist()[0].slice(1).map(Number);
    const [start = prepared, ...marks] = streamer.marks;
    return {
      total_ms: performance.now() - began,
      prepare_ms: prepared - began,
      encode_ms: start - prepared,
      token_ms: marks.map((mark, i) => mark - (marks[i - 1] ?? start)),
      caption: text.trim(),
      ids,
    };
  },

  /**
   * Greedy search from given pixel values, with every step's logits.
   *
   * @param {{ pixelValues: Float32Array, size: number, tokens: number }} job
   */
  async record({ pixelValues, size, tokens }) {
    const inputs = new Tensor("float32", pixelValues, [1, 3, size, size]);
    const recorder = new Recorder();
    const processors = new LogitsProcessorList();
    processors.push(recorder);
    const output = await captioner.model.generate({
      inputs,
      logits_processor: processors,
      max_new_tokens: tokens,
    });
    const ids = output.tolist()[0].slice(1).map(Number);
    return { ids, logits: recorder.steps };
  },

  async heap() {
    return heapBytes();
  },
};

answerCalls(calls);
