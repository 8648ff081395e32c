// @ts-check
/**
 * Requests to the library's worker, which starts with the first of them. Whatever fails rejects with
 * an error "SeesayError", whose message is for people.
 */

/**
 * @typedef {object} Waiting
 * @property {(payload: any) => void} resolve
 * @property {(error: Error) => void} reject
 * @property {(payload: any) => void} onProgress
 */

const PROTOCOL_VERSION = 1;
const STOPPED = "The library stopped. Reload the page to open it again; what was kept is kept.";
const NOT_LOADED = "The library could not be loaded. Check the connection and try again; what was kept is kept.";
const WORKER = new URL("../../../worker/library/boot.mjs", import.meta.url);

/** @type {Worker | null} */
let worker = null;
let ids = 0;
/** @type {Map<number, Waiting>} */
const open_ = new Map();
/** @type {(kind: string) => void} */
let listener = () => {};
/** Where the library lies: "" while it is closed. */
let where = "";
/** @type {Promise<string> | null} */
let opening = null;

/** @param {(kind: string) => void} onEvent told "changed" and "taken" of other tabs */
export function listen(onEvent) {
  listener = onEvent;
}

/**
 * @param {string} kind
 * @param {any} [payload]
 * @param {(payload: any) => void} [onProgress]
 * @returns {Promise<any>}
 */
export function ask(kind, payload = {}, onProgress = () => {}) {
  worker ??= start();
  const id = ++ids;
  worker.postMessage({ v: PROTOCOL_VERSION, id, kind, payload });
  return new Promise((resolve, reject) => open_.set(id, { resolve, reject, onProgress }));
}

/**
 * Opens the library on this device, once.
 *
 * @param {boolean} takeOver from another tab that has it
 * @returns {Promise<string>} "device", "memory" where the browser keeps nothing, or "elsewhere"
 */
export async function open(takeOver) {
  if (opening) await opening.catch(() => {});
  if (isHere()) return where;
  opening = ask("open", { lasting: true, takeOver }).then((payload) => (where = payload.where));
  try {
    return await opening;
  } finally {
    opening = null;
  }
}

/** @returns {boolean} whether this tab has the library open */
export function isHere() {
  return where === "device" || where === "memory";
}

/** @param {string} message rejects whatever waits */
export function stop(message) {
  worker?.terminate();
  worker = null;
  where = "";
  for (const { reject } of open_.values()) reject(failure(message));
  open_.clear();
}

function start() {
  const started = new Worker(WORKER, { type: "module" });
  let isLoaded = false;
  started.onmessage = ({ data: { id, kind, payload } }) => {
    isLoaded = true;
    if (id === 0) return hear(kind, payload);
    const waiting = open_.get(id);
    if (kind === "progress") return waiting?.onProgress(payload);
    open_.delete(id);
    if (kind === "done") waiting?.resolve(payload);
    else waiting?.reject(failure(payload.message));
  };
  started.onerror = (event) => {
    event.preventDefault();
    stop(isLoaded ? STOPPED : NOT_LOADED);
  };
  return started;
}

/**
 * @param {string} kind
 * @param {any} payload
 */
function hear(kind, payload) {
  if (kind === "error") return stop(payload.message);
  if (kind === "taken") where = "elsewhere";
  if (kind !== "ready") listener(kind);
}

/** @param {string} message */
function failure(message) {
  return Object.assign(new Error(message), { name: "SeesayError" });
}
