// @ts-check
/**
 * What a page of another origin may ask of the frame, through a MessagePort.
 *
 * To the frame:   {id, kind: "caption", image: Blob or ArrayBuffer, options}, {id, kind: "download",
 *   model}, {id, kind: "cancel"}, {id: 0, kind: "ping"}
 * From the frame: {id: 0, kind: "connected"}, then for each job any number of {id, kind: "progress",
 *   progress} and {id, kind: "token", text}, and one end: {id, kind: "done", result} or
 *   {id, kind: "error", error: {code, message}}; none for what was cancelled. {id: 0, kind: "pong"}
 *   for each ping, and {id: 0, kind: "closed"} when the frame goes.
 *
 * Whatever else comes is ignored. What comes in floods, is too large or malformed is refused: whoever
 * asked waits for an end.
 */

import { MAX_FILE_BYTES } from "../api/limits.mjs";
import { SeesayError } from "../seesay.mjs";

export const VERSION = 1;
/** Jobs that are worked on or wait. */
export const MOST_OPEN = 16;
/** Of the images that wait, together: they are in memory. */
const MOST_OPEN_BYTES = 2 ** 29;
/** As JSON. */
const LONGEST_OPTIONS = 4000;
const LONGEST_NAME = 200;
/** Those of Captioner.caption that cannot travel. */
const LISTENERS = ["signal", "onProgress", "onToken"];

/**
 * @typedef {import("../seesay.d.ts").Captioner} Captioner
 * @typedef {object} Listeners
 * @property {AbortSignal} signal
 * @property {(progress: import("../seesay.d.ts").Progress) => void} onProgress
 * @property {(event: { text: string }) => void} onToken
 */

export class FramePort {
  #port;
  #captioner;
  /** @type {Map<number, { stop: AbortController, sizeBytes: number }>} by id */
  #open = new Map();

  /**
   * @param {MessagePort} port
   * @param {{ caption: Captioner["caption"], models: Pick<Captioner["models"], "download"> }} captioner
   */
  constructor(port, captioner) {
    this.#port = port;
    this.#captioner = captioner;
    port.onmessage = ({ data }) => this.#receive(data);
    port.postMessage({ id: 0, kind: "connected" });
  }

  /** Say that the frame goes, and everything with it. */
  close() {
    this.#port.postMessage({ id: 0, kind: "closed" });
  }

  /** @param {any} message */
  #receive(message) {
    const { id, kind, image, model, options = {} } = message ?? {};
    if (kind === "ping") this.#port.postMessage({ id: 0, kind: "pong" });
    if (!Number.isSafeInteger(id) || id < 1) return;
    if (kind === "cancel") {
      this.#open.get(id)?.stop.abort();
      return;
    }
    if (this.#open.has(id)) return;
    const sizeBytes = image instanceof Blob ? image.size : image instanceof ArrayBuffer ? image.byteLength : -1;
    if (kind === "caption" && sizeBytes >= 0 && isPlain(options)) {
      this.#work(id, sizeBytes, (listeners) => this.#captioner.caption(image, { ...options, ...listeners }));
    } else if (kind === "download" && typeof model === "string" && model.length <= LONGEST_NAME) {
      this.#work(id, 0, ({ onToken: _, ...job }) => this.#captioner.models.download(model, job));
    } else if (kind === "caption" || kind === "download") {
      this.#fail(id, "configuration", "The frame takes no such image, model or options.");
    }
  }

  /**
   * @param {number} id
   * @param {number} sizeBytes of the image
   * @param {(listeners: Listeners) => Promise<unknown>} run
   */
  async #work(id, sizeBytes, run) {
    const waitingBytes = [...this.#open.values()].reduce((total, one) => total + one.sizeBytes, 0);
    if (this.#open.size >= MOST_OPEN || waitingBytes + sizeBytes > MOST_OPEN_BYTES) {
      return this.#fail(id, "busy", `${this.#open.size} jobs wait already. Ask again when one is done.`);
    }
    if (sizeBytes > MAX_FILE_BYTES) {
      const most = Math.round(MAX_FILE_BYTES / 1e6);
      return this.#fail(id, "image_too_large", `That image has more than ${most} MB, the limit.`);
    }
    const stop = new AbortController();
    this.#open.set(id, { stop, sizeBytes });
    try {
      const result = await run({
        signal: stop.signal,
        onProgress: (progress) => this.#port.postMessage({ id, kind: "progress", progress }),
        onToken: ({ text }) => this.#port.postMessage({ id, kind: "token", text }),
      });
      this.#port.postMessage({ id, kind: "done", result });
    } catch (error) {
      const { code, message } =
        error instanceof SeesayError ? error : { code: "internal", message: String(error) };
      if (!stop.signal.aborted) this.#fail(id, code, message);
    } finally {
      this.#open.delete(id);
    }
  }

  /**
   * @param {number} id
   * @param {string} code
   * @param {string} message
   */
  #fail(id, code, message) {
    this.#port.postMessage({ id, kind: "error", error: { code, message } });
  }
}

/** @param {unknown} options whether they may be handed on; their values are checked there */
function isPlain(options) {
  if (typeof options !== "object" || options === null || Array.isArray(options)) return false;
  if (LISTENERS.some((name) => name in options)) return false;
  try {
    return JSON.stringify(options).length <= LONGEST_OPTIONS;
  } catch {
    return false; // circles, and whole numbers beyond JSON
  }
}
