// @ts-check
/**
 * onnxruntime-web as worker/inference/sessions.py uses it: started once, with its memory in view.
 * `ort.env` is read only at the first session, so threads and memory are settled here.
 */

import { isWebKit } from "../browser/browser_quirks.mjs";
import { Steps } from "./decoder_steps.mjs";
import { holdSharedMemory } from "./wasm_memory.mjs";

/** The smallest ONNX model: one Identity node (ir_version 8, opset 13). */
const IDENTITY_MODEL =
  "CAg6NwoQCgF4EgF5IghJZGVudGl0eRIBZ1oPCgF4EgoKCAgBEgQKAggBYg8KAXkSCgoICAESBAoCCAFCBAoAEA0=";
const START_TIMEOUT_MS = 30_000;
/** Creating a session, or a run of a large encoder, blocks the worker's thread, on a slow phone for minutes. */
const PATIENCE_S = 300;
const MAX_DEFAULT_THREADS = 4;

/** @param {number | null} wanted */
function chooseThreads(wanted) {
  if (wanted !== null) return wanted;
  // WebKit: one thread, because its threads run out of memory on phones (onnxruntime-web 1.30).
  if (!self.crossOriginIsolated || isWebKit) return 1;
  return Math.min(MAX_DEFAULT_THREADS, navigator.hardwareConcurrency || 1);
}

export class OrtRuntime {
  /** Since the worker started, to tell the model's time from the bridge's. */
  meter = { steps: 0, runMs: 0 };
  #announce;

  /**
   * @param {typeof import("onnxruntime-web")} ort
   * @param {number} threads
   * @param {() => number} heapBytes
   * @param {(seconds: number) => void} announce told before the thread is blocked for at most so
   *   many seconds, and with 0 after that
   */
  constructor(ort, threads, heapBytes, announce) {
    this.ort = ort;
    this.threads = threads;
    this.heapBytes = heapBytes;
    this.#announce = announce;
    this.version = ort.env.versions.web ?? ort.env.versions.common;
    this.isIsolated = self.crossOriginIsolated;
  }

  /**
   * Load onnxruntime-web and make its first session, beside Pyodide's start: it is quicker, and in
   * Firefox a first session with threads made after Pyodide's start sometimes never ends.
   *
   * @param {string} folder URL of the folder with onnxruntime-web's files
   * @param {number | null} numThreads null: as many as are safe
   * @param {Promise<void>} arrival of the wasm file: from then on the start is timed
   * @param {(seconds: number) => void} announce told before the thread is blocked for long
   */
  static async start(folder, numThreads, arrival, announce) {
    const threads = chooseThreads(numThreads);
    const { heapBytes, stopWatching } = holdSharedMemory();
    try {
      /** @type {typeof import("onnxruntime-web")} */
      const ort = await import(`${folder}ort.wasm.min.mjs`);
      ort.env.wasm.wasmPaths = folder;
      ort.env.wasm.numThreads = threads;
      const runtime = new OrtRuntime(ort, threads, heapBytes, announce);
      const model = Uint8Array.from(atob(IDENTITY_MODEL), (char) => char.charCodeAt(0));
      const session = await inTime(runtime.createSession(model, []), arrival);
      await session.release();
      return runtime;
    } finally {
      stopWatching();
    }
  }

  /**
   * @param {Uint8Array} model
   * @param {{ path: string, data: Uint8Array }[]} externalData files that the model's weights are in
   * @param {"all" | "disabled"} graphOptimizationLevel
   */
  async createSession(model, externalData, graphOptimizationLevel = "all") {
    this.#announce(PATIENCE_S);
    try {
      return await this.ort.InferenceSession.create(model, {
        executionProviders: ["wasm"],
        graphOptimizationLevel,
        externalData,
      });
    } finally {
      this.#announce(0);
    }
  }

  /**
   * Run a graph that takes long.
   *
   * @param {import("onnxruntime-web").InferenceSession} session
   * @param {Record<string, import("onnxruntime-web").Tensor>} feeds
   */
  async runLong(session, feeds) {
    this.#announce(PATIENCE_S);
    try {
      return await session.run(feeds);
    } finally {
      this.#announce(0);
    }
  }

  /**
   * @param {import("onnxruntime-web").InferenceSession} session
   * @param {import("./decoder_steps.mjs").Layout} layout
   * @param {Record<string, import("onnxruntime-web").Tensor>[]} contexts of each image
   */
  createSteps(session, layout, contexts) {
    return new Steps(this.ort, session, layout, contexts, this.meter);
  }
}

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {Promise<void>} beginning of the time that it has
 * @returns {Promise<T>}
 */
async function inTime(promise, beginning) {
  let timer = 0;
  let isOver = false;
  /** @type {Promise<never>} */
  const late = new Promise((_, reject) => {
    const error = new Error(`no session after ${START_TIMEOUT_MS} ms`);
    beginning.then(() => {
      if (!isOver) timer = self.setTimeout(reject, START_TIMEOUT_MS, error);
    });
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    isOver = true;
    self.clearTimeout(timer);
  }
}
