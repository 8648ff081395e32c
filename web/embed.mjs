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

/**
 * @typedef {import("./embed.d.ts").EmbedOptions} EmbedOptions
 * @typedef {import("./embed.d.ts").EmbeddedCaptioner} EmbeddedCaptioner
 * @typedef {import("./embed.d.ts").EmbedImage} EmbedImage
 */

/** What goes wrong; codes as in seesay.d.ts, and "not_allowed", "busy". */
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
        else reject(new EmbedError(error.code, error.message));
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
  let isClosed = false;
  port.onmessage = ({ data }) => waiting.get(data.id)?.take(data);

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
        if (isClosed) return reject(closedError());
        const take = (/** @type {any} */ { kind, result, error, progress, text }) => {
          if (kind === "progress") onProgress?.(progress);
          else if (kind === "token") onToken?.({ text });
          else if (kind === "done") resolve(result);
          else if (kind === "error") reject(new EmbedError(error.code, error.message));
        };
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
    }
  };

  return {
    async caption(image, { signal, onProgress, onToken, ...options } = {}) {
      signal?.throwIfAborted();
      const order = { kind: "caption", image: await bytesOf(image, signal), options };
      return work(order, { signal, onProgress, onToken });
    },

    download: (model, job = {}) => work({ kind: "download", model }, job),

    close() {
      isClosed = true;
      port.close();
      frame.remove();
      for (const { reject } of waiting.values()) reject(closedError());
    },
  };
}

function closedError() {
  return new DOMException("The frame was closed.", "AbortError");
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
  if (image instanceof HTMLCanvasElement) {
    const blob = await new Promise((resolve) => image.toBlob(resolve));
    if (blob) return blob;
    throw new EmbedError("input", "That canvas has no pixels.");
  }
  const address = image instanceof HTMLImageElement ? image.currentSrc || image.src : String(image);
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
