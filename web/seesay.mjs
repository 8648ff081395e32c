// @ts-check
/** Seesay's public JavaScript API; what it promises is written in seesay.d.ts. */

import { captionAll } from "./api/caption_all.mjs";
import { readImage } from "./api/image_input.mjs";
import { openDocuments } from "./api/open_documents.mjs";
import { SeesayError } from "./api/seesay_error.mjs";
import { wordMethods } from "./api/words.mjs";
import { WorkerLink } from "./api/worker_link.mjs";

export { SeesayError };

/** @typedef {import("./seesay.d.ts").JobOptions} JobOptions */

const GENERATION_OPTIONS = new Set([
  "maxNewTokens",
  "minNewTokens",
  "numBeams",
  "numReturnSequences",
  "lengthPenalty",
  "earlyStopping",
  "noRepeatNgramSize",
  "repetitionPenalty",
  "badWords",
  "prefix",
  "doSample",
  "temperature",
  "topK",
  "topP",
  "seed",
  "attentions",
  "keywords",
  "text",
  "textLanguage",
  "tasks",
]);
const JOB_OPTIONS = ["signal", "onProgress"];
const CAPTIONER_OPTIONS = ["model", "onProgress", "numThreads", "hub", "lowMemory", "baseUrl", "deadlines"];
/** Each image in a batch takes 15 MB of the model's memory (ViT-GPT2). */
const MAX_BATCH_SIZE = 8;
const DEFAULT_DEADLINES = { boot: 120_000, silence: 60_000, stall: 180_000 };

/**
 * @param {import("./seesay.d.ts").CaptionerOptions} [options]
 * @returns {import("./seesay.d.ts").Captioner}
 */
export function createCaptioner(options = {}) {
  refuseUnknown(options, CAPTIONER_OPTIONS);
  const { onProgress, numThreads = null, hub = null, lowMemory = null } = options;
  const defaultModel = options.model ?? "starter";
  checkThreads(numThreads);
  checkFunctions(options, ["onProgress"]);
  if (lowMemory !== null && typeof lowMemory !== "boolean") {
    throw new SeesayError("configuration", "lowMemory must be true or false.");
  }
  const deadlines = { ...DEFAULT_DEADLINES, ...options.deadlines };
  refuseUnknown(deadlines, Object.keys(DEFAULT_DEADLINES));
  const baseUrl = folderUrl(options.baseUrl ?? new URL(".", import.meta.url));
  const link = new WorkerLink({
    workerUrl: new URL("worker/captioner/boot.mjs", baseUrl),
    init: {
      baseUrl: baseUrl.href,
      numThreads,
      hub: hub && folderUrl(hub).href,
      lowMemory,
      model: defaultModel,
    },
    deadlines,
    onBootProgress: (payload) => call(onProgress, payload),
  });

  /**
   * @template {import("./api/pending_request.mjs").Kind} K
   * @param {K} kind
   * @param {import("./api/protocol.d.ts").Requests[K]} payload
   * @param {JobOptions} [jobOptions]
   * @param {{ queued?: boolean }} [how]
   */
  const request = (kind, payload, jobOptions = {}, { queued = false } = {}) => {
    refuseUnknown(jobOptions, JOB_OPTIONS);
    checkFunctions(jobOptions, ["onProgress"]);
    return link.request({
      kind,
      prepare: async () => ({ payload }),
      queued,
      signal: jobOptions.signal,
      onEvent: (_, progress) => {
        call(jobOptions.onProgress, progress);
        call(onProgress, progress);
      },
    });
  };

  return {
    ready: link.ready,

    async caption(image, captionOptions = {}) {
      const { signal, model = defaultModel, onToken, onProgress: onOwn, ...rest } = captionOptions;
      refuseUnknown(rest, [...GENERATION_OPTIONS]);
      checkFunctions(captionOptions, ["onToken", "onProgress"]);
      return link.request({
        kind: "caption",
        prepare: async () => {
          const bytes = await readImage(image, signal);
          return { payload: { image: bytes, model, options: toSnakeCase(rest) }, transfer: [bytes] };
        },
        queued: true,
        signal,
        onEvent: (kind, payload) => {
          /** @param {import("./seesay.d.ts").Progress} progress */
          const report = (progress) => {
            call(onOwn, progress);
            call(onProgress, progress);
          };
          if (kind === "progress") report(payload);
          if (kind !== "token") return;
          const { text, token, loaded, total } = payload;
          report({ stage: "decode", loaded, total, unit: "steps" });
          call(onToken, { text, token });
        },
      });
    },

    captionAll(images, options = {}) {
      const { signal, model = defaultModel, batchSize = 4, onProgress: onOwn, ...rest } = options;
      refuseUnknown(rest, [...GENERATION_OPTIONS]);
      checkFunctions(options, ["onProgress"]);
      checkWholeNumber("batchSize", batchSize, MAX_BATCH_SIZE);
      if (typeof images === "string" || typeof images?.[Symbol.iterator] !== "function") {
        throw new SeesayError("configuration", "captionAll takes a list of images.");
      }
      return captionAll([...images], batchSize, {
        link,
        model,
        options: toSnakeCase(rest),
        signal,
        onProgress: (payload) => {
          call(onOwn, payload);
          call(onProgress, payload);
        },
      });
    },

    async load(model = defaultModel, jobOptions) {
      return request("load", { model }, jobOptions, { queued: true });
    },

    models: {
      list: async () => request("model.list", {}),
      status: async (model) => request("model.status", { model }),
      download: async (model, jobOptions) => {
        askToKeep();
        return request("model.download", { model }, jobOptions);
      },
      pause: async (model) => request("model.pause", { model }),
      remove: async (model) => request("model.remove", { model }),
      import: async (model, files, jobOptions) => {
        askToKeep();
        return request("model.import", { model, files: [...files] }, jobOptions);
      },
      export: async (model, jobOptions) => {
        const { name, blob } = await request("model.export", { model }, jobOptions);
        return new File([blob], name, { type: blob.type });
      },
    },

    ...wordMethods(link),

    documents: {
      open: (files) => openDocuments([...files], link),
    },

    rules: {
      read: async (text) => /** @type {any} */ ((await request("rules.read", { text })).rules),
      run: async (rules, images) => request("rules.run", { rules: [...rules], images: [...images] }),
    },

    endpoint: {
      read: async ({ method, target }, jobOptions) => request("endpoint.read", { method, target }, jobOptions),
      answer: async ({ method, target }, image, { signal, contentType, model = defaultModel } = {}) =>
        link.request({
          kind: "endpoint.answer",
          prepare: async () => {
            const bytes = await readImage(image, signal);
            const type = contentType || "application/octet-stream";
            return { payload: { method, target, image: bytes, contentType: type, model }, transfer: [bytes] };
          },
          queued: true,
          signal,
        }),
    },

    async diagnostics() {
      const answer = await request("diagnostics", {});
      return { ...answer, worker_restarts: link.restarts, peak_memory: link.peakMemory };
    },

    close: () => link.close(),
  };
}

/**
 * @param {object} options
 * @param {string[]} known
 */
function refuseUnknown(options, known) {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new SeesayError("configuration", `There is no option named ${unknown}.`);
  }
}

/**
 * @param {Record<string, any>} options
 * @param {string[]} names
 */
function checkFunctions(options, names) {
  for (const name of names) {
    if (options[name] !== undefined && typeof options[name] !== "function") {
      throw new SeesayError("configuration", `${name} must be a function.`);
    }
  }
}

/** @param {unknown} numThreads */
function checkThreads(numThreads) {
  if (numThreads === null) return;
  checkWholeNumber("numThreads", numThreads, 64);
  if (Number(numThreads) > 1 && !globalThis.crossOriginIsolated) {
    const message = "More than one thread needs a cross-origin isolated page (COOP and COEP headers).";
    throw new SeesayError("configuration", message);
  }
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {number} most
 */
function checkWholeNumber(name, value, most) {
  if (!Number.isInteger(value) || Number(value) < 1 || Number(value) > most) {
    throw new SeesayError("configuration", `${name} must be a whole number from 1 to ${most}.`);
  }
}

/**
 * @param {string | URL} url
 * @returns {URL} ending in a slash, so that paths can be resolved against it
 */
function folderUrl(url) {
  const folder = new URL(url, document.baseURI);
  if (!folder.pathname.endsWith("/")) folder.pathname += "/";
  return folder;
}

/** Ask the browser not to evict what is stored: only pages may (WebKitGTK has nothing to ask). */
function askToKeep() {
  navigator.storage?.persist?.().catch(() => false); // a refusal changes nothing here
}

/** @param {Record<string, unknown>} options without those that are undefined */
function toSnakeCase(options) {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const snake = (/** @type {string} */ name) => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
  return Object.fromEntries(given.map(([name, value]) => [snake(name), value]));
}

/**
 * Call a listener of the caller's; its errors are its own, and must not stop the queue.
 *
 * @param {((argument: any) => void) | undefined} listener
 * @param {any} argument
 */
function call(listener, argument) {
  try {
    listener?.(argument);
  } catch (error) {
    reportError(error);
  }
}
