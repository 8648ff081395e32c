// @ts-check
/**
 * Seesay in a page of another origin: `connectSeesay` opens the site's frame, embed.html, and speaks
 * with it. One file that needs nothing else, so that it may be copied. See embed.d.ts.
 */

const VERSION = 1;
/** From the frame's load on: it is ready by then, or not allowed. */
const GRACE_MS = 3000;
/** For the frame to load. */
const LOAD_LIMIT_MS = 60_000;
/** How often the frame is asked whether it is there, while calls wait. */
const BEAT_MS = 5000;
/** Beats without any word of a frame that answers pings; counted, because a device that sleeps stops both. */
const MOST_SILENT_BEATS = 6;
const MUST_BE =
  "An image must be a Blob, an ArrayBuffer or a view of one, a canvas, an ImageBitmap, ImageData, an <img>, or " +
  "an address.";
const FOREIGN = "The pixels of that image cannot be read: a part of it is from a site that does not allow it.";
const LOST = "Seesay's frame is gone: it was removed, reloaded, or crashed. Connect again.";

/**
 * @typedef {import("./embed.d.ts").EmbedOptions} EmbedOptions
 * @typedef {import("./embed.d.ts").EmbeddedCaptioner} EmbeddedCaptioner
 * @typedef {import("./embed.d.ts").EmbedImage} EmbedImage
 * @typedef {HTMLCanvasElement | OffscreenCanvas | ImageBitmap | ImageData} Drawn pixels rather than a file
 */

/** What goes wrong; codes as in seesay.d.ts, and "not_allowed", "busy", "frame_lost". */
export class EmbedError extends Error {
  /**
   * @param {string} code
   * @param {string} message a sentence for people
   */
  constructor(code, message) {
    super(message);
    this.name = "EmbedError";
    this.code = code;
  }
}

/**
 * @param {EmbedOptions} [options]
 * @returns {Promise<EmbeddedCaptioner>}
 */
export async function connectSeesay({ site, model, hub, credentialless = false } = {}) {
  const folder = new URL(site ?? ".", site ? document.baseURI : import.meta.url);
  if (!folder.pathname.endsWith("/")) folder.pathname += "/";
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.title = "Seesay";
  frame.allow = "cross-origin-isolated"; // for threads, where this page has them
  if (credentialless) Reflect.set(frame, "credentialless", true);
  frame.src = new URL("embed.html", folder).href;
  try {
    const port = await open(frame, folder.origin, {
      ...(model !== undefined && { model }),
      ...(hub !== undefined && { hub: new URL(hub, document.baseURI).href }),
    });
    return speak(frame, port);
  } catch (error) {
    frame.remove();
    throw error;
  }
}

/**
 * @param {HTMLIFrameElement} frame
 * @param {string} origin of the site
 * @param {object} options
 * @returns {Promise<MessagePort>}
 */
function open(frame, origin, options) {
  const done = new AbortController();
  const { signal } = done;
  /** @type {Promise<MessagePort>} */
  const opened = new Promise((resolve, reject) => {
    const refuse = () => {
      const message =
        `Seesay's frame on ${origin} does not answer. Either it cannot be reached, or its owner has not ` +
        `listed this page's origin: build.py site --embed-origin ${location.origin}`;
      reject(new EmbedError("not_allowed", message));
    };
    const limit = setTimeout(refuse, LOAD_LIMIT_MS);
    let grace = 0;
    signal.addEventListener("abort", () => {
      clearTimeout(limit);
      clearTimeout(grace);
    });
    frame.addEventListener("load", () => (grace = Number(setTimeout(refuse, GRACE_MS))), { signal });
    /** @param {MessageEvent} event any window may send one */
    const onMessage = ({ data, origin: from, source }) => {
      if (source !== frame.contentWindow || from !== origin || data?.kind !== "ready") return;
      if (data.seesay !== VERSION) {
        return reject(new EmbedError("protocol", "This page has another version of Seesay's embed.mjs."));
      }
      const { port1: port, port2 } = new MessageChannel();
      port.onmessage = ({ data: { kind, error } }) => {
        if (kind === "connected") resolve(port);
        else if (error) reject(new EmbedError(error.code, error.message));
      };
      frame.contentWindow?.postMessage({ seesay: VERSION, kind: "connect", options }, origin, [port2]);
    };
    addEventListener("message", onMessage, { signal });
    document.body.append(frame);
  });
  return opened.finally(() => done.abort());
}

/**
 * @param {HTMLIFrameElement} frame
 * @param {MessagePort} port
 * @returns {EmbeddedCaptioner}
 */
function speak(frame, port) {
  /** @type {Map<number, { take: (message: any) => void, reject: (reason: unknown) => void }>} */
  const waiting = new Map();
  let ids = 0;
  let silentBeats = 0;
  let answersPings = false; // frames of older builds do not, and are no less there
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let beat;
  /** @type {Error | null} why there is no frame any more */
  let ended = null;

  const end = (/** @type {Error} */ reason) => {
    if (ended) return;
    ended = reason;
    clearInterval(beat);
    port.close();
    frame.remove();
    for (const { reject } of waiting.values()) reject(reason);
  };
  const lose = () => end(new EmbedError("frame_lost", LOST));

  port.onmessage = ({ data }) => {
    silentBeats = 0;
    if (data.kind === "pong") answersPings = true;
    else if (data.kind === "closed") lose();
    else waiting.get(data.id)?.take(data);
  };
  port.addEventListener("close", lose); // not every browser tells it, so the frame is asked, too

  const ping = () => port.postMessage({ id: 0, kind: "ping" });
  const watch = () => {
    silentBeats = 0;
    beat = setInterval(() => {
      if (answersPings && ++silentBeats > MOST_SILENT_BEATS) lose();
      else ping();
    }, BEAT_MS);
  };
  ping();

  /**
   * @param {object} order
   * @param {{ signal?: AbortSignal | undefined, onProgress?: ((progress: any) => void) | undefined, onToken?: ((event: any) => void) | undefined }} job
   * @returns {Promise<any>}
   */
  const work = async (order, { signal, onProgress, onToken }) => {
    const id = ++ids;
    const forget = new AbortController();
    try {
      return await new Promise((resolve, reject) => {
        if (ended) return reject(ended);
        const take = (/** @type {any} */ { kind, result, error, progress, text }) => {
          if (kind === "progress") onProgress?.(progress);
          else if (kind === "token") onToken?.({ text });
          else if (kind === "done") resolve(result);
          else if (kind === "error") reject(new EmbedError(error.code, error.message));
        };
        if (waiting.size === 0) watch();
        waiting.set(id, { take, reject });
        const cancel = () => {
          port.postMessage({ id, kind: "cancel" });
          reject(signal?.reason);
        };
        if (signal?.aborted) return reject(signal.reason);
        signal?.addEventListener("abort", cancel, { signal: forget.signal });
        port.postMessage({ id, ...order });
      });
    } finally {
      forget.abort();
      waiting.delete(id);
      if (waiting.size === 0) clearInterval(beat);
    }
  };

  return {
    async caption(image, { signal, onProgress, onToken, ...options } = {}) {
      signal?.throwIfAborted();
      const order = { kind: "caption", image: await bytesOf(image, signal), options };
      return work(order, { signal, onProgress, onToken });
    },

    download: (model, job = {}) => work({ kind: "download", model }, job),

    close: () => end(new DOMException("The frame was closed.", "AbortError")),
  };
}

/**
 * What a page shows it can read, too, if the image's server lets it: so it is read here, and Seesay
 * itself asks nobody.
 *
 * @param {EmbedImage} image
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<Blob | ArrayBuffer>}
 */
async function bytesOf(image, signal) {
  if (image instanceof Blob || image instanceof ArrayBuffer) return image;
  if (ArrayBuffer.isView(image)) {
    return new Uint8Array(new Uint8Array(image.buffer, image.byteOffset, image.byteLength)).buffer;
  }
  if (isDrawn(image)) return encode(image);
  const isAddress = typeof image === "string" || image instanceof URL;
  if (!isAddress && !isOf(image, "HTMLImageElement")) throw new EmbedError("input", MUST_BE);
  const address = isAddress ? image : image.currentSrc || image.src;
  if (!address) throw new EmbedError("input", "That is not an address of an image."); // it would be this page's
  try {
    const response = await fetch(address, { signal: signal ?? null });
    if (response.ok) return await response.blob();
    throw new EmbedError("network", `The image could not be fetched: the server answered ${response.status}.`);
  } catch (error) {
    if (error instanceof EmbedError || signal?.aborted) throw error;
    const message = "The image could not be fetched: its server does not let this page read it, or is down.";
    throw new EmbedError("network", message);
  }
}

/**
 * By name, since not every browser has all of them.
 *
 * @param {unknown} value
 * @param {string} name of a class
 */
function isOf(value, name) {
  const kind = Reflect.get(globalThis, name);
  return kind !== undefined && value instanceof kind;
}

/**
 * @param {unknown} image
 * @returns {image is Drawn}
 */
function isDrawn(image) {
  return ["HTMLCanvasElement", "OffscreenCanvas", "ImageBitmap", "ImageData"].some((name) => isOf(image, name));
}

/**
 * As PNG, which loses nothing.
 *
 * @param {Drawn} image
 * @returns {Promise<Blob>}
 */
async function encode(image) {
  const { width, height } = image;
  if (!width || !height) throw new EmbedError("input", "That image has no pixels: it is empty, or was closed.");
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (!context) throw new EmbedError("input", unreadable(width, height));
  if (image instanceof ImageData) context.putImageData(image, 0, 0);
  else context.drawImage(image, 0, 0);
  try {
    return await canvas.convertToBlob();
  } catch (error) {
    const isForeign = /** @type {DOMException} */ (error).name === "SecurityError";
    throw new EmbedError("input", isForeign ? FOREIGN : unreadable(width, height));
  }
}

/**
 * @param {number} width
 * @param {number} height
 */
function unreadable(width, height) {
  return `The browser cannot read the pixels of that image: ${width} x ${height} may be too many.`;
}
