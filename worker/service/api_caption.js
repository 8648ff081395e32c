// @ts-check
/*
 * The endpoint `api/[TASK/...]caption/SOURCE` (docs/openapi.json). A service worker cannot start a
 * worker, so an open Seesay window answers: this part of service_worker.js says who may ask, bounds
 * what is asked, and finds the window. The grammar is the window's concern.
 */

/** The build writes the number of pycore/images/limits.py here; a form has little more than its image. */
const MOST_BODY_BYTES = Number("__SEESAY_MAX_FILE_BYTES__") + 2 ** 16;
/** Requests that are worked on or wait; one more is told to come later. */
const MOST_CALLS = 8;
/** For one request, its body and the waiting included. */
const CALL_LIMIT_MS = 120_000;
/** A window that is still starting takes a moment; one that is frozen never answers. */
const READY_LIMIT_MS = 10_000;
/** How often is looked whether the window that works, and the program that waits, are still open. */
const LOOK_MS = 1000;
const RETRY_AFTER_S = 5;

let callCount = 0;

class CallRefused extends Error {
  /**
   * @param {number} status of HTTP
   * @param {string} code see docs/openapi.json
   * @param {string} message a sentence for people
   */
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/**
 * The JavaScript API has its modules in a folder of the same name.
 * @param {URL} url of this site
 */
function isCall({ pathname }) {
  return pathname.startsWith(API_PATH) && !ENTRIES.has(pathname);
}

/**
 * @param {FetchEvent} event
 * @param {URL} url
 * @returns {Promise<Response>}
 */
async function answerCall(event, url) {
  const stop = new AbortController();
  const limit = setTimeout(() => stop.abort(), CALL_LIMIT_MS);
  // Who has gone hears nothing; the window, and a person whom it asks, need not go on. Chromium 156 does
  // not tell that a request was aborted, and nobody that a page was closed.
  event.request.signal.addEventListener("abort", () => stop.abort());
  const looking = setInterval(async () => {
    if (!(await worker.clients.get(event.clientId))) stop.abort();
  }, LOOK_MS);
  callCount += 1;
  try {
    await checkWhoAsks(event);
    if (callCount > MOST_CALLS) {
      throw new CallRefused(503, "busy", `${MOST_CALLS} requests wait already. Come again in a moment.`);
    }
    const { client, port } = await findWindow();
    try {
      return apiResponse(await askWindow(event.request, url, client, port, stop.signal));
    } finally {
      port.postMessage({ kind: "stop" }); // harmless where it has ended
      port.close();
    }
  } catch (error) {
    const { status, code, message } =
      error instanceof CallRefused
        ? error
        : new CallRefused(500, "internal", "Something went wrong inside Seesay.");
    return apiResponse({ status, body: JSON.stringify({ error: { code, message } }), headers: {} });
  } finally {
    callCount -= 1;
    clearTimeout(limit);
    clearInterval(looking);
  }
}

/**
 * Programs of this site's pages may ask. Requests of other origins never come here; their links,
 * frames, forms and pictures do.
 * @param {FetchEvent} event
 */
async function checkWhoAsks({ request, clientId }) {
  const client = clientId ? await worker.clients.get(clientId) : undefined;
  const isOwn = client !== undefined && new URL(client.url).origin === SCOPE.origin;
  // What else the headers Sec-Fetch-Mode, -Dest and -Site would say: service workers do not see them.
  if (request.mode === "navigate" || request.destination !== "" || !isOwn) {
    throw new CallRefused(403, "forbidden", "A page's program may ask for captions; a link may not.");
  }
}

/**
 * A window that is open and answers: the one that was used last, if it does.
 * @returns {Promise<{ client: WindowClient, port: MessagePort }>}
 */
async function findWindow() {
  const own = [SCOPE.pathname, `${SCOPE.pathname}index.html`];
  for (const client of await pages()) {
    if (!own.includes(new URL(client.url).pathname)) continue;
    const { port1: port, port2 } = new MessageChannel();
    const ready = new Promise((resolve) => {
      const limit = setTimeout(() => resolve(false), READY_LIMIT_MS);
      port.onmessage = () => {
        clearTimeout(limit);
        resolve(true);
      };
    });
    client.postMessage({ kind: "endpoint" }, [port2]);
    if (await ready) return { client: /** @type {WindowClient} */ (client), port };
    port.close();
  }
  const message = "No Seesay window is open, and only a window can caption. Open one and ask again.";
  throw new CallRefused(503, "no_window", message);
}

/**
 * @param {Request} request
 * @param {URL} url
 * @param {WindowClient} client
 * @param {MessagePort} port
 * @param {AbortSignal} signal
 * @returns {Promise<{ status: number, body: string, headers: Record<string, string> }>}
 */
async function askWindow(request, url, client, port, signal) {
  const late = new Promise((_, reject) => {
    const message = `The caption took longer than ${CALL_LIMIT_MS / 1000} seconds.`;
    signal.addEventListener("abort", () => reject(new CallRefused(504, "timeout", message)));
  });
  late.catch(() => {}); // where the answer came first
  const body = await Promise.race([readBody(request, signal), late]);
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let looking;
  const closed = new Promise((_, reject) => {
    looking = setInterval(async () => {
      if (await worker.clients.get(client.id)) return;
      reject(new CallRefused(503, "no_window", "The Seesay window was closed. Open one and ask again."));
    }, LOOK_MS);
  });
  const answered = new Promise((resolve) => {
    port.onmessage = ({ data }) => resolve(data);
  });
  try {
    const target = url.pathname.slice(SCOPE.pathname.length) + url.search;
    const contentType = request.headers.get("content-type") ?? "";
    port.postMessage({ kind: "call", call: { method: request.method, target, contentType, body } });
    return await Promise.race([answered, late, closed]);
  } finally {
    clearInterval(looking);
  }
}

/**
 * @param {Request} request
 * @param {AbortSignal} signal
 * @returns {Promise<Blob>}
 */
async function readBody(request, signal) {
  const { body } = request;
  if (body === undefined) return request.blob(); // Firefox reads it as a whole
  if (!body) return new Blob([]);
  const reader = /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (body).getReader();
  signal.addEventListener("abort", () => reader.cancel().catch(() => {}));
  const chunks = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new CallRefused(400, "body", "The body of the request ends too early.");
    });
    if (done) return new Blob(chunks);
    size += value.byteLength;
    if (size > MOST_BODY_BYTES) {
      reader.cancel().catch(() => {});
      const most = Math.round(MOST_BODY_BYTES / 1e6);
      const message = `That image has more than ${most} MB, the limit. Make it smaller and try again.`;
      throw new CallRefused(413, "image_too_large", message);
    }
    chunks.push(value);
  }
}

/** @param {{ status: number, body: string, headers: Record<string, string> }} answer */
function apiResponse({ status, body, headers }) {
  return new Response(body, {
    status,
    headers: {
      "Content-Type": "application/json; charset=utf-8",
      "Cache-Control": "no-store",
      "Cross-Origin-Resource-Policy": "same-origin",
      "X-Content-Type-Options": "nosniff",
      ...(status === 503 && { "Retry-After": String(RETRY_AFTER_S) }),
      ...headers,
    },
  });
}
