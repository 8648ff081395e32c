// @ts-check
/**
 * Seesay without a network.
 *
 * Files are kept by content: the cache's keys are SHA-256 digests, and a list that the build puts
 * into this script says which digest each address has. So a file is stored only if it is the right
 * one, versions share what they have in common and never mix, and a cut download goes on where it
 * stopped. The boot set (the page) is fetched while this script installs, all of it or nothing; the
 * rest (runtime, starter model) follows when the page asks for it, or as it is used.
 *
 * Large models have caches of their own (worker/models/store.py), which this script never touches.
 */

/** @typedef {{ url: string, size_bytes: number, sha256: string }} Entry */
/** @typedef {{ version: string, boot: Entry[], runtime: Entry[], model: Entry[] }} Assets */

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

/** The build puts the text of assets.json here. */
const ASSETS = /** @type {Assets} */ (JSON.parse(String.raw`__SEESAY_ASSETS__`));

/** And here the headers of `_headers`, for hosts that send none. */
const HEADERS = /** @type {Record<string, string>} */ (JSON.parse(String.raw`__SEESAY_HEADERS__`));

const SCOPE = new URL("./", location.href);
const CACHE = `seesay-files:${SCOPE.pathname}`;
const ENTRIES = new Map(
  [...ASSETS.boot, ...ASSETS.runtime, ...ASSETS.model].map((entry) => [
    new URL(entry.url, SCOPE).pathname,
    entry,
  ]),
);
/** The list must be of the version that is running, so it is not fetched. */
const LIST_PATH = `${SCOPE.pathname}assets.json`;
const INDEX = /** @type {Entry} */ (ENTRIES.get(`${SCOPE.pathname}index.html`));

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(activate()));
worker.addEventListener("message", (event) => event.waitUntil(answer(event)));

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const ours = url.origin === SCOPE.origin && url.pathname.startsWith(SCOPE.pathname);
  if (!ours || request.method !== "GET" || request.headers.has("range")) return;
  const entry = entryFor(request, url);
  if (url.pathname === LIST_PATH) event.respondWith(Response.json(ASSETS));
  else if (entry) event.respondWith(serve(entry, request));
  else if (isDocument(request)) event.respondWith(fetch(request).then(withHeaders));
});

/** Fetch and check the whole boot set, then keep it: a cut leaves nothing behind. */
async function install() {
  const cache = await caches.open(CACHE);
  const missing = await missingOf(ASSETS.boot, cache);
  const fetched = await Promise.all(missing.map(fetchVerified));
  await Promise.all(missing.map((entry, i) => cache.put(keyOf(entry), fetched[i])));
}

/** Old versions have no page left: forget what only they used. */
async function activate() {
  const cache = await caches.open(CACHE);
  const used = new Set([...ENTRIES.values()].map(keyOf));
  const unused = (await cache.keys()).filter((key) => !used.has(key.url));
  await Promise.all(unused.map((key) => cache.delete(key)));
  await worker.clients.claim();
}

/**
 * "fill": fetch what is missing. "prepare": the same, asked of a version that still waits.
 * "activate": let the waiting version take over, unless other tabs show the old one.
 * @param {ExtendableMessageEvent} event
 */
async function answer(event) {
  const page = /** @type {Client} */ (event.source);
  const { kind } = event.data;
  if (kind === "activate") {
    const pages = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
    if (pages.length > 1) page.postMessage({ kind: "busy" });
    else await worker.skipWaiting();
    return;
  }
  try {
    await fill();
    page.postMessage({ kind: kind === "prepare" ? "prepared" : "filled" });
  } catch (error) {
    page.postMessage({ kind: "incomplete", detail: String(error) });
  }
}

/** Fetch what is missing, one after the other: each file that arrived whole is kept. */
async function fill() {
  const cache = await caches.open(CACHE);
  for (const entry of await missingOf([...ENTRIES.values()], cache)) {
    await cache.put(keyOf(entry), await fetchVerified(entry));
  }
}

/**
 * @param {Request} request
 * @param {URL} url
 * @returns {Entry | undefined}
 */
function entryFor(request, url) {
  if (request.mode === "navigate" && url.pathname === SCOPE.pathname) return INDEX;
  if (url.search && request.mode !== "navigate") return undefined;
  return ENTRIES.get(url.pathname);
}

/**
 * Answer with the kept file, or fetch, check and keep it.
 * @param {Entry} entry
 * @param {Request} request
 * @returns {Promise<Response>}
 */
async function serve(entry, request) {
  const cache = await caches.open(CACHE);
  let response = await cache.match(keyOf(entry));
  if (!response) {
    try {
      response = await fetchVerified(entry);
    } catch (error) {
      return error instanceof WrongFileError
        ? new Response(error.message, { status: 502, statusText: "Wrong file" })
        : Response.error();
    }
    // A full disk must not keep the page from going on.
    await cache.put(keyOf(entry), response.clone()).catch(console.warn);
  }
  return isDocument(request) ? withHeaders(response) : response;
}

class WrongFileError extends Error {}

/**
 * Fetch a file; past the HTTP cache, when that has another version.
 * @param {Entry} entry
 * @returns {Promise<Response>}
 */
async function fetchVerified(entry) {
  // Some hosts redirect index.html to its folder.
  const url = entry === INDEX ? SCOPE : new URL(entry.url, SCOPE);
  for (const mode of /** @type {RequestCache[]} */ (["no-cache", "reload"])) {
    const response = await fetch(url, { cache: mode });
    if (response.status !== 200 || response.type !== "basic") continue;
    const bytes = await response.clone().arrayBuffer();
    if ((await sha256(bytes)) !== entry.sha256) continue;
    // A navigation must not be answered with a redirected response.
    return response.redirected ? new Response(bytes, { headers: response.headers }) : response;
  }
  throw new WrongFileError(`${entry.url} is not the file that version ${ASSETS.version} has.`);
}

/**
 * Give a page or a worker the headers that its host did not send.
 * @param {Response} response
 * @returns {Response}
 */
function withHeaders(response) {
  const missing = Object.entries(HEADERS).filter(([name]) => !response.headers.has(name));
  if (missing.length === 0 || response.status === 0) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of missing) headers.set(name, value);
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}

/**
 * Pages and worker scripts: the only responses whose headers decide about isolation.
 * @param {Request} request
 */
function isDocument(request) {
  return request.mode === "navigate" || request.destination === "worker";
}

/**
 * @param {Entry[]} entries
 * @param {Cache} cache
 * @returns {Promise<Entry[]>}
 */
async function missingOf(entries, cache) {
  const kept = new Set((await cache.keys()).map((key) => key.url));
  return entries.filter((entry) => !kept.has(keyOf(entry)));
}

/**
 * The cache's key for a file: its digest, as an address that no file has.
 * @param {Entry} entry
 */
function keyOf(entry) {
  return new URL(`~/${entry.sha256}`, SCOPE).href;
}

/**
 * @param {ArrayBuffer} bytes
 * @returns {Promise<string>} in hexadecimal
 */
async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
