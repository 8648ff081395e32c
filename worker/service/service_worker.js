// @ts-check
/**
 * Seesay without a network.
 *
 * Files are kept by content: the cache's keys are SHA-256 digests, and a list that the build puts
 * into this script says which digest each address has. So a file is stored only if it is the right
 * one, versions share what they have in common and never mix, and a cut download goes on where it
 * stopped. Pages alone may be changed by the host or a proxy, as long as they name their version. The
 * boot set (the page) is fetched while this script installs, all of it or nothing; the rest (runtime,
 * starter model) follows when the page asks for it, or as it is used. What reads text is kept from
 * its first use on.
 *
 * Large models have caches of their own (worker/models/store.py), which this script never touches.
 */

/** @typedef {{ url: string, size_bytes: number, sha256: string }} Entry */
/**
 * @typedef {{ version: string, boot: Entry[], runtime: Entry[], model: Entry[], text: Entry[] }} Assets
 */

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

/** The build puts the text of assets.json here. */
const ASSETS = /** @type {Assets} */ (JSON.parse(String.raw`__SEESAY_ASSETS__`));

/** And here the headers of `_headers` by place ("" for all others), for hosts that send none. */
const HEADERS = /** @type {Record<string, Record<string, string>>} */ (
  JSON.parse(String.raw`__SEESAY_HEADERS__`)
);

const SCOPE = new URL("./", location.href);
const CACHE = `seesay-files:${SCOPE.pathname}`;
/** What is fetched unasked, so that everything but the reading of text works with no network. */
const NEEDED = [...ASSETS.boot, ...ASSETS.runtime, ...ASSETS.model];
const ENTRIES = new Map(
  [...NEEDED, ...ASSETS.text].map((entry) => [new URL(entry.url, SCOPE).pathname, entry]),
);
/** The list must be of the version that is running, so it is not fetched. */
const LIST_PATH = `${SCOPE.pathname}assets.json`;
const INDEX = /** @type {Entry} */ (ENTRIES.get(`${SCOPE.pathname}index.html`));
/** Where the operating system posts the images that people share with the installed app. */
const SHARE_PATH = `${SCOPE.pathname}share`;
/** The endpoint: see api_caption.js, which the build appends to this script. */
const API_PATH = `${SCOPE.pathname}api/`;
const SHARE_LIMIT_MS = 60_000; // for a page to start and take them
/** On the keys of what is kept: bytes, for whoever counts them (worker/browser/cache_storage.py). */
const SIZE_HEADER = "seesay-size";

/**
 * Images that were shared and that no page has taken yet; in memory alone, since nothing of an image
 * is stored unasked.
 * @type {Map<string, { files: Promise<FormDataEntryValue[]>, letGo: () => void }>}
 */
const shared = new Map();

worker.addEventListener("install", (event) => event.waitUntil(install().catch(tellRefusal)));
worker.addEventListener("activate", (event) => event.waitUntil(activate()));
worker.addEventListener("message", (event) => {
  event.waitUntil(event.data.kind === "take" ? giveShared(event) : answer(event));
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const ours = url.origin === SCOPE.origin && url.pathname.startsWith(SCOPE.pathname);
  if (ours && isCall(url)) return event.respondWith(answerCall(event, url));
  if (ours && request.method === "POST" && url.pathname === SHARE_PATH) receiveShared(event);
  if (!ours || request.method !== "GET" || request.headers.has("range")) return;
  const entry = entryFor(request, url);
  if (url.pathname === LIST_PATH) event.respondWith(Response.json(ASSETS));
  else if (entry) event.respondWith(serve(entry, request));
  else if (isDocument(request)) event.respondWith(fetch(request).then((found) => withHeaders(found, url)));
});

/** Fetch and check the whole boot set, then keep it: a cut leaves nothing behind. */
async function install() {
  const cache = await caches.open(CACHE);
  const missing = await missingOf(ASSETS.boot, cache);
  const fetched = await Promise.all(missing.map(fetchVerified));
  await Promise.all(missing.map((entry, i) => keep(entry, fetched[i], cache)));
}

/**
 * The installation failed. Where no version is installed, pages promise what cannot be, or not yet.
 * @param {unknown} error
 */
async function tellRefusal(error) {
  const isSite = error instanceof WrongFileError || error instanceof RefusedError;
  const kind = worker.registration.active ? "unprepared" : isSite ? "refused" : "incomplete";
  for (const page of await pages()) page.postMessage({ kind, reason: reasonOf(error) });
  throw error;
}

/** All windows of this app. Other apps may live on the same origin, as on github.io. */
async function pages() {
  const all = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  return all.filter(({ url }) => url.startsWith(SCOPE.href));
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
 * "fill": fetch what is missing. "prepare": the same, asked of a version that still waits, which
 * is offered once it has all.
 * "activate": let the waiting version take over, unless other tabs show the old one.
 * @param {ExtendableMessageEvent} event
 */
async function answer(event) {
  const page = /** @type {Client} */ (event.source);
  const { kind } = event.data;
  if (kind === "activate") {
    if ((await pages()).length > 1) page.postMessage({ kind: "busy" });
    else await worker.skipWaiting();
    return;
  }
  try {
    await fill();
    page.postMessage({ kind: kind === "prepare" ? "prepared" : "filled" });
  } catch (error) {
    page.postMessage({ kind: kind === "prepare" ? "unprepared" : "incomplete", reason: reasonOf(error) });
  }
}

/**
 * Take what was shared, and send the browser on to a page that asks for it by its handle.
 * @param {FetchEvent} event
 */
function receiveShared(event) {
  const handle = crypto.randomUUID();
  const form = event.request.formData().catch(() => new FormData());
  const files = form.then((fields) => fields.getAll("images"));
  const taken = new Promise((resolve) => {
    const limit = setTimeout(resolve, SHARE_LIMIT_MS);
    shared.set(handle, { files, letGo: () => resolve(clearTimeout(limit)) });
  });
  event.waitUntil(taken.then(() => shared.delete(handle)));
  const page = new URL(`?shared=${handle}`, SCOPE);
  event.respondWith(files.then(() => Response.redirect(page, 303)));
}

/**
 * Hand a page what was shared, once; null if it is gone.
 * @param {ExtendableMessageEvent} event
 */
async function giveShared({ data, ports }) {
  const share = shared.get(data.handle);
  ports[0].postMessage(share ? await share.files : null);
  share?.letGo();
}

/**
 * Fetch what is missing, one after the other: each file that arrived whole is kept, and one that
 * cannot be had keeps no other away.
 */
async function fill() {
  const cache = await caches.open(CACHE);
  const failures = [];
  for (const entry of await missingOf(NEEDED, cache)) {
    try {
      await keep(entry, await fetchVerified(entry), cache);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
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
  // A disk that is full, or broken, must not keep the page from going on.
  const cache = await caches.open(CACHE).catch(console.warn);
  let response = await cache?.match(keyOf(entry)).catch(console.warn);
  if (!response) {
    try {
      response = await fetchVerified(entry);
    } catch (error) {
      if (error instanceof RefusedError) return error.response;
      if (!(error instanceof WrongFileError)) return Response.error();
      if (request.mode === "navigate") return stepDown(request);
      return new Response(error.message, { status: 502, statusText: "Wrong file" });
    }
    if (cache) await keep(entry, response.clone(), cache).catch(console.warn);
  }
  return isDocument(request) ? withHeaders(response, new URL(request.url)) : response;
}

/**
 * The page of this version is to be had nowhere: what was kept is gone, by another app of the origin
 * that cleans up, for example, and the host has another version. Then that one is what a person
 * gets, with its own service worker; this one would answer with errors until all windows are closed.
 *
 * @param {Request} request
 */
async function stepDown(request) {
  await worker.registration.unregister();
  return Response.redirect(request.url);
}

/** Its message is a sentence for people, as that of the other. */
class WrongFileError extends Error {}

class RefusedError extends Error {
  /**
   * @param {Entry} entry
   * @param {Response} response
   */
  constructor({ url }, response) {
    super(`the server answers ${response.status} for ${url}.`);
    this.response = response;
  }
}

/** @param {unknown} error */
function reasonOf(error) {
  if (error instanceof WrongFileError || error instanceof RefusedError) return error.message;
  const isFull = error instanceof DOMException && error.name === "QuotaExceededError";
  return isFull ? "this device has no room for it." : "the connection broke off.";
}

/**
 * Fetch a file; past the HTTP cache, when that has another version.
 * @param {Entry} entry
 * @returns {Promise<Response>}
 */
async function fetchVerified(entry) {
  // Some hosts redirect index.html to its folder.
  const url = entry === INDEX ? SCOPE : new URL(entry.url, SCOPE);
  let response = Response.error();
  for (const mode of /** @type {RequestCache[]} */ (["no-cache", "reload"])) {
    response = await fetch(url, { cache: mode });
    if (response.status !== 200 || response.type !== "basic") continue;
    const bytes = await response.clone().arrayBuffer();
    if (!(await isRight(entry, bytes))) continue;
    // A navigation must not be answered with a redirected response.
    return response.redirected ? new Response(bytes, { headers: response.headers }) : response;
  }
  if (response.status >= 400) throw new RefusedError(entry, response);
  const why = "the host or a proxy changes it, or the site is being updated";
  throw new WrongFileError(`${entry.url} is not the file that was built: ${why}.`);
}

/**
 * @param {Entry} entry
 * @param {ArrayBuffer} bytes
 */
async function isRight({ url, sha256: digest }, bytes) {
  if ((await sha256(bytes)) === digest) return true;
  // What the host serves is what a person gets; a page of another version would be mixed in.
  return url.endsWith(".html") && new TextDecoder().decode(bytes).includes(ASSETS.version);
}

/**
 * Give a page or a worker the headers that its host did not send.
 * @param {Response} response
 * @param {URL} url
 * @returns {Response}
 */
function withHeaders(response, url) {
  const wanted = HEADERS[url.pathname.slice(SCOPE.pathname.length)] ?? HEADERS[""] ?? {};
  const missing = Object.entries(wanted).filter(([name]) => !response.headers.has(name));
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
 * @param {Entry} entry
 * @param {Response} response
 * @param {Cache} cache
 */
function keep(entry, response, cache) {
  const headers = { [SIZE_HEADER]: String(entry.size_bytes) };
  return cache.put(new Request(keyOf(entry), { headers }), response);
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
