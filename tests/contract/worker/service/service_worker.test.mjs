// @ts-check
/** worker/service/service_worker.js in a browser made of paper: what it keeps, and what it says. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { beforeEach, test } from "node:test";
import { runInThisContext } from "node:vm";

const SCOPE = "https://host.test/seesay/";
const VERSION = "1.0+abc";
const FILES = {
  "index.html": `<meta name="generator" content="Seesay ${VERSION}"></body>`,
  "page/app.py": "app",
  "runtime/python.pack": "python",
  "runtime/ort.wasm": "ort",
};
const digest = (/** @type {string} */ text) => createHash("sha256").update(text).digest("hex");
const entries = (/** @type {string} */ start) =>
  Object.entries(FILES)
    .filter(([url]) => url.startsWith("runtime/") === (start === "runtime/"))
    .map(([url, text]) => ({ url, size_bytes: text.length, sha256: digest(text) }));
const ASSETS = { version: VERSION, boot: entries(""), runtime: entries("runtime/"), model: [], text: [] };

/** As the build writes them: by file, and for all others. */
const HEADERS = { "": { "X-Policy": "strict" }, "embed.html": { "X-Policy": "for frames" } };

/** @type {Record<string, () => Response>} answers of the host by path, where they are not the file */
let answers = {};
/** @type {Map<string, { request: Request, text: string }>} */
let kept = new Map();
/** @type {{ url: string, inbox: any[], postMessage: (message: any) => void }[]} */
let windows = [];
/** @type {Record<string, (event: any) => void>} */
let listeners = {};
let hasTakenOver = false;
let isRegistered = true;

const cache = {
  keys: async () => [...kept.values()].map(({ request }) => request),
  put: async (/** @type {Request} */ request, /** @type {Response} */ response) => {
    kept.set(request.url, { request, text: await response.text() });
  },
  match: async (/** @type {string} */ url) => kept.has(url) ? new Response(kept.get(url)?.text) : undefined,
  delete: async () => true,
};

/** @param {string} url */
function openWindow(url) {
  /** @type {any[]} */
  const inbox = [];
  const client = { url, inbox, postMessage: (/** @type {any} */ message) => inbox.push(message) };
  windows.push(client);
  return client;
}

/** @param {URL | Request} asked */
async function fetch(asked) {
  const url = asked instanceof URL ? asked : new URL(asked.url);
  const path = url.href.slice(SCOPE.length) || "index.html";
  const answer = answers[path]?.() ?? new Response(FILES[/** @type {keyof FILES} */ (path)]);
  return Object.defineProperty(answer, "type", { value: "basic" });
}

/**
 * Have an event and wait for all that the service worker does about it.
 * @param {string} kind
 * @param {object} [details]
 */
async function happen(kind, details = {}) {
  let work = Promise.resolve();
  listeners[kind]?.({ ...details, waitUntil: (/** @type {Promise<void>} */ given) => (work = given) });
  await work;
}

beforeEach(async () => {
  [answers, kept, windows, listeners, hasTakenOver, isRegistered] = [{}, new Map(), [], {}, false, true];
  Object.assign(globalThis, {
    self: globalThis,
    location: new URL("service_worker.js", SCOPE),
    caches: { open: async () => cache },
    fetch,
    registration: { active: null, unregister: async () => (isRegistered = false) },
    clients: { matchAll: async () => windows, claim() {} },
    skipWaiting: async () => (hasTakenOver = true),
    addEventListener: (/** @type {string} */ kind, /** @type {any} */ listener) => (listeners[kind] = listener),
  });
  const folder = new URL("../../../../worker/service/", import.meta.url);
  const parts = ["service_worker.js", "api_caption.js"]; // as the build joins them
  const texts = await Promise.all(parts.map((part) => readFile(new URL(part, folder), "utf-8")));
  const script = texts
    .join("")
    .replace("__SEESAY_ASSETS__", JSON.stringify(ASSETS))
    .replace("__SEESAY_HEADERS__", JSON.stringify(HEADERS));
  runInThisContext(`(() => {${script}})()`);
});

const textsKept = () => [...kept.values()].map(({ text }) => text);

test("a page that the host adds to is kept as the host serves it", async () => {
  const changed = FILES["index.html"].replace("</body>", "<script src=/host.js></script></body>");
  answers = { "index.html": () => new Response(changed) };
  await happen("install");
  assert.deepEqual(textsKept().sort(), [changed, "app"].sort());
});

test("a page of another version is not mixed in, and the first visit hears of it", async () => {
  const page = openWindow(`${SCOPE}?from=elsewhere`);
  const other = openWindow("https://host.test/other/");
  answers = { "index.html": () => new Response(FILES["index.html"].replace(VERSION, "0.9")) };
  await assert.rejects(happen("install"));
  assert.deepEqual(textsKept(), []);
  assert.equal(page.inbox[0].kind, "refused");
  assert.match(page.inbox[0].reason, /^index\.html is not the file that was built: the host or a proxy/);
  assert.deepEqual(other.inbox, []);
});

test("a connection that broke off puts offline use off, and not out: the next visit tries again", async () => {
  const page = openWindow(SCOPE);
  answers = {
    "page/app.py": () => {
      throw new TypeError("Failed to fetch");
    },
  };
  await assert.rejects(happen("install"));
  assert.deepEqual(page.inbox, [{ kind: "incomplete", reason: "the connection broke off." }]);
});

test("a script that arrives changed, or not, keeps it from installing, by its name", async () => {
  const page = openWindow(SCOPE);
  answers = { "page/app.py": () => new Response("app # changed") };
  await assert.rejects(happen("install"));
  answers = { "page/app.py": () => new Response("", { status: 403 }) };
  await assert.rejects(happen("install"));
  assert.deepEqual(
    page.inbox.map(({ reason }) => reason.split(":")[0]),
    ["page/app.py is not the file that was built", "the server answers 403 for page/app.py."],
  );
});

test("an update that cannot be installed takes nothing back", async () => {
  const page = openWindow(SCOPE);
  Object.assign(globalThis, { registration: { active: {} } });
  answers = { "page/app.py": () => new Response("", { status: 403 }) };
  await assert.rejects(happen("install"));
  assert.deepEqual(page.inbox, [
    { kind: "unprepared", reason: "the server answers 403 for page/app.py." },
  ]);
});

test("an update that does not come whole is told of", async () => {
  const page = openWindow(SCOPE);
  await happen("install");
  answers = { "runtime/python.pack": () => new Response("", { status: 404 }) };
  await happen("message", { data: { kind: "prepare" }, source: page });
  assert.deepEqual(page.inbox, [
    { kind: "unprepared", reason: "the server answers 404 for runtime/python.pack." },
  ]);
});

test("one file that cannot be had keeps no other away, and is named", async () => {
  const page = openWindow(SCOPE);
  answers = { "runtime/python.pack": () => new Response("", { status: 404 }) };
  await happen("install");
  await happen("message", { data: { kind: "fill" }, source: page });
  assert.ok(textsKept().includes("ort"));
  assert.deepEqual(page.inbox, [
    { kind: "incomplete", reason: "the server answers 404 for runtime/python.pack." },
  ]);
  answers = {};
  await happen("message", { data: { kind: "fill" }, source: page });
  assert.equal(page.inbox[1].kind, "filled");
});

test("what is kept says how large it is", async () => {
  await happen("install");
  const sizes = [...kept.values()].map(({ request, text }) => [request.headers.get("seesay-size"), text]);
  assert.deepEqual(sizes, sizes.map(([, text]) => [String(text?.length), text]));
});

test("an update waits for windows of this app alone", async () => {
  const page = openWindow(SCOPE);
  openWindow("https://host.test/other/");
  openWindow("https://host.test/");
  await happen("message", { data: { kind: "activate" }, source: page });
  assert.ok(hasTakenOver);
  hasTakenOver = false;
  openWindow(`${SCOPE}?model=starter`);
  await happen("message", { data: { kind: "activate" }, source: page });
  assert.equal(hasTakenOver, false);
  assert.deepEqual(page.inbox, [{ kind: "busy" }]);
});

/**
 * @param {string} path
 * @param {RequestMode} [mode]
 * @returns {Promise<Response>}
 */
async function get(path, mode = "cors") {
  /** @type {Promise<Response>} */
  let response = Promise.resolve(Response.error());
  const request = Object.defineProperty(new Request(SCOPE + path), "mode", { value: mode });
  await happen("fetch", { request, respondWith: (/** @type {Promise<Response>} */ given) => (response = given) });
  return response;
}

test("a file that the server refuses is refused, not called wrong", async () => {
  answers = { "runtime/ort.wasm": () => new Response("", { status: 403 }) };
  assert.equal((await get("runtime/ort.wasm")).status, 403);
  answers = { "runtime/ort.wasm": () => new Response("wrong") };
  const { status, statusText } = await get("runtime/ort.wasm");
  assert.deepEqual([status, statusText], [502, "Wrong file"]);
});

test("a version whose page is to be had nowhere any more makes way for the host's", async () => {
  const newer = { "index.html": () => new Response(FILES["index.html"].replace(VERSION, "1.1")) };
  await happen("install");
  answers = newer;
  assert.equal(await (await get("", "navigate")).text(), FILES["index.html"]); // it is kept
  assert.ok(isRegistered);
  kept.clear(); // by another app of the origin
  const found = await get("?shared=1", "navigate");
  assert.deepEqual([found.status, found.headers.get("location")], [302, `${SCOPE}?shared=1`]);
  assert.equal(isRegistered, false);
});

test("a browser whose storage is broken gets everything from the host", async (t) => {
  t.mock.method(console, "warn", () => {});
  const broken = () => Promise.reject(new DOMException("", "UnknownError"));
  for (const caches of [{ open: broken }, { open: async () => ({ match: broken, put: broken }) }]) {
    Object.assign(globalThis, { caches });
    assert.equal(await (await get("page/app.py")).text(), "app");
    assert.equal(await (await get("", "navigate")).text(), FILES["index.html"]);
  }
});

test("hosts without headers get those of the file, where they count", async () => {
  const visit = async (/** @type {string} */ path, /** @type {string} */ mode, /** @type {Response} */ sent) => {
    answers = { [path]: () => sent };
    const request = Object.defineProperty(new Request(SCOPE + path), "mode", { value: mode });
    /** @type {Promise<Response> | undefined} */
    let response;
    const respondWith = (/** @type {Promise<Response>} */ given) => (response = given);
    await happen("fetch", { request, respondWith });
    return (await response)?.headers.get("x-policy");
  };
  assert.equal(await visit("embed.html", "navigate", new Response("")), "for frames");
  assert.equal(await visit("other.html", "navigate", new Response("")), "strict");
  const own = new Response("", { headers: { "X-Policy": "the host's" } });
  assert.equal(await visit("embed.html", "navigate", own), "the host's");
  assert.equal(await visit("other.mjs", "cors", new Response("")), undefined);
});

/**
 * Post a form to the service worker.
 * @param {string} path
 * @param {BodyInit} body
 */
async function post(path, body) {
  /** @type {Response | undefined} */
  let response;
  const request = new Request(new URL(path, SCOPE), { method: "POST", body });
  let held = false;
  listeners.fetch({
    request,
    respondWith: (/** @type {Promise<Response>} */ given) => (response = /** @type {any} */ (given)),
    waitUntil: (/** @type {Promise<void>} */ work) => {
      held = true;
      work.then(() => (held = false));
    },
  });
  return { response: await response, isHeld: () => held };
}

/** @param {string} handle */
async function take(handle) {
  /** @type {any[]} */
  const answers = [];
  const ports = [{ postMessage: (/** @type {any} */ answer) => answers.push(answer) }];
  await happen("message", { data: { kind: "take", handle }, ports });
  return answers[0];
}

test("shared images wait in memory for the one page that is sent to take them", async () => {
  const form = new FormData();
  form.append("title", "no image");
  form.append("images", new File(["one"], "one.png", { type: "image/png" }));
  form.append("images", new File(["two"], "two.jpg", { type: "image/jpeg" }));
  const { response, isHeld } = await post("share", form);
  assert.equal(response?.status, 303);
  const page = new URL(response?.headers.get("location") ?? "");
  assert.equal(page.origin + page.pathname, SCOPE);
  assert.ok(isHeld());
  const handle = page.searchParams.get("shared") ?? "";
  const files = await take(handle);
  assert.deepEqual(files.map((/** @type {File} */ { name }) => name), ["one.png", "two.jpg"]);
  assert.equal(await take(handle), null); // once
  assert.ok(!isHeld());
  assert.deepEqual(textsKept(), []);
});

test("a share that is no form has no images, and other posts are the host's", async () => {
  const { response } = await post("share", "not a form");
  assert.equal(response?.status, 303);
  const handle = new URL(response?.headers.get("location") ?? "").searchParams.get("shared") ?? "";
  assert.deepEqual(await take(handle), []);
  assert.equal((await post("elsewhere", "x")).response, undefined);
});
