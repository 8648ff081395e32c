// @ts-check
/** The endpoint in the service worker: who may ask, which window answers, and what is too much. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { beforeEach, mock, test } from "node:test";
import { runInThisContext } from "node:vm";

const SCOPE = "https://host.test/seesay/";
const MOST_BYTES = 1000;
const FILE = { url: "api/words.mjs", size_bytes: 4, sha256: "ab" };
const ASSETS = { version: "1", boot: [FILE], runtime: [], model: [], text: [] };

/** @typedef {{ id: string, url: string, postMessage: (message: any, ports: MessagePort[]) => void }} Window_ */

/** @type {Window_[]} */
let windows = [];
/** @type {((event: any) => void)} */
let onFetch = () => {};

let isProgramOpen = true;

beforeEach(async () => {
  windows = [];
  isProgramOpen = true;
  const clients = {
    matchAll: async () => windows,
    get: async (/** @type {string} */ id) =>
      id === "program" && isProgramOpen ? { url: `${SCOPE}own.html` } : windows.find((one) => one.id === id),
  };
  Object.assign(globalThis, {
    self: globalThis,
    location: new URL("service_worker.js", SCOPE),
    registration: { active: null },
    clients,
    addEventListener: (/** @type {string} */ kind, /** @type {any} */ listener) => {
      if (kind === "fetch") onFetch = listener;
    },
  });
  const files = ["service_worker.js", "api_caption.js"];
  const folder = new URL("../../../../worker/service/", import.meta.url);
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, folder), "utf-8")));
  const script = texts
    .join("")
    .replace("__SEESAY_ASSETS__", JSON.stringify(ASSETS))
    .replace("__SEESAY_HEADERS__", "{}")
    .replace("__SEESAY_MAX_FILE_BYTES__", String(MOST_BYTES));
  runInThisContext(`(() => {${script}})()`);
});

/**
 * A Seesay window.
 * @param {string} id
 * @param {(call: any) => any} answer undefined: never
 * @param {string} [path]
 */
function openWindow(id, answer, path = "") {
  windows.push({
    id,
    url: SCOPE + path,
    postMessage({ kind }, [port]) {
      assert.equal(kind, "endpoint");
      const { onmessage, ready } = listening(port, answer);
      port.onmessage = onmessage;
      ready();
    },
  });
}

/**
 * @param {MessagePort} port
 * @param {(call: any) => any} answer
 */
function listening(port, answer) {
  return {
    ready: () => port.postMessage({ kind: "ready" }),
    onmessage: async (/** @type {any} */ { data: { kind, call } }) => {
      if (kind === "stop") return port.close();
      const found = await answer(call);
      if (found) port.postMessage(found);
    },
  };
}

/**
 * @param {string} target
 * @param {any} [options] of the request; those of the event
 */
async function ask(target, { mode = "cors", destination = "", clientId = "program", ...options } = {}) {
  const request = new Request(SCOPE + target, { duplex: "half", ...options });
  Object.defineProperties(request, { mode: { value: mode }, destination: { value: destination } });
  /** @type {Promise<Response> | undefined} */
  let answered;
  onFetch({ request, clientId, respondWith: (/** @type {any} */ given) => (answered = given) });
  const response = /** @type {Response} */ (await answered);
  return { status: response.status, headers: response.headers, answer: await response.json() };
}

const bee = (/** @type {any} */ _call) => ({ status: 200, body: '{"caption": "a bee"}', headers: {} });

test("a window gets the request, and its answer goes back", async () => {
  /** @type {any[]} */
  const calls = [];
  openWindow("window", async (call) => (calls.push({ ...call, body: await call.body.text() }), bee(call)));
  const options = { method: "POST", body: "image", headers: { "Content-Type": "image/png" } };
  const { status, headers, answer } = await ask("api/flip/caption?full=1", options);
  assert.deepEqual([status, answer], [200, { caption: "a bee" }]);
  assert.equal(headers.get("content-type"), "application/json; charset=utf-8");
  assert.equal(headers.get("cache-control"), "no-store");
  const target = "api/flip/caption?full=1";
  assert.deepEqual(calls, [{ method: "POST", target, contentType: "image/png", body: "image" }]);
});

test("links, frames, pictures and nobody may not ask", async () => {
  openWindow("window", bee);
  const wrongs = [
    { mode: "navigate", destination: "document" },
    { mode: "navigate", destination: "iframe" },
    { mode: "no-cors", destination: "image" },
    { mode: "no-cors", destination: "script" },
    { clientId: "" },
    { clientId: "gone" },
  ];
  for (const wrong of wrongs) {
    const { status, answer } = await ask("api/caption/x", wrong);
    assert.deepEqual([status, answer.error.code], [403, "forbidden"]);
  }
});

test("files in the folder of the same name are files", async () => {
  Object.assign(globalThis, { caches: { open: async () => ({ match: async () => Response.json("file") }) } });
  const { status, answer } = await ask("api/words.mjs", { destination: "script" });
  assert.deepEqual([status, answer], [200, "file"]);
});

test("with no window, or only other pages, there is none to caption", async () => {
  openWindow("other", bee, "licences.html");
  openWindow("frame", bee, "embed.html");
  const { status, headers, answer } = await ask("api/caption/x");
  assert.deepEqual([status, answer.error.code], [503, "no_window"]);
  assert.match(headers.get("retry-after") ?? "", /^\d+$/);
});

test("what a window cannot do now may be asked again", async () => {
  openWindow("window", () => ({ status: 503, body: '{"error": {"code": "asset"}}', headers: {} }));
  const { status, headers } = await ask("api/caption/x");
  assert.equal(status, 503);
  assert.match(headers.get("retry-after") ?? "", /^\d+$/);
});

test("a frozen window is passed over", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const reached = new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
      windows.push({ id: "frozen", url: SCOPE, postMessage: () => resolve() });
    });
    openWindow("window", bee);
    const asked = ask("api/caption/x");
    await reached;
    mock.timers.tick(10_000);
    assert.equal((await asked).status, 200);
  } finally {
    mock.timers.reset();
  }
});

test("a window that is closed while it works", async () => {
  mock.timers.enable({ apis: ["setInterval"] });
  try {
    const works = new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
      openWindow("window", () => resolve());
    });
    const asked = ask("api/caption/x");
    await works;
    windows = [];
    mock.timers.tick(1000);
    const { status, answer } = await asked;
    assert.deepEqual([status, answer.error.code], [503, "no_window"]);
  } finally {
    mock.timers.reset();
  }
});

test("a caption that takes too long ends", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const works = new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
      openWindow("window", () => resolve());
    });
    const asked = ask("api/caption/x");
    await works;
    mock.timers.tick(120_000);
    const { status, answer } = await asked;
    assert.deepEqual([status, answer.error.code], [504, "timeout"]);
  } finally {
    mock.timers.reset();
  }
});

/**
 * A program that goes while a window works for it.
 * @param {() => void} go
 */
async function leaving(go, options = {}) {
  windows = [];
  const stopped = new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
    windows.push({
      id: "window",
      url: SCOPE,
      postMessage(_, [port]) {
        port.onmessage = ({ data: { kind } }) => {
          if (kind === "call") go();
          else resolve(port.close());
        };
        port.postMessage({ kind: "ready" });
      },
    });
  });
  const asked = ask("api/caption/x", options);
  await stopped;
  assert.equal((await asked).status, 504); // which nobody reads
}

test("a program that has gone is not worked for", async () => {
  const program = new AbortController();
  await leaving(() => program.abort(), { signal: program.signal });
  mock.timers.enable({ apis: ["setInterval"] });
  try {
    await leaving(() => {
      isProgramOpen = false;
      mock.timers.tick(1000);
    });
  } finally {
    mock.timers.reset();
  }
});

test("a body without end is not read to it", async () => {
  openWindow("window", bee);
  let chunks = 0;
  const body = new ReadableStream({
    pull(controller) {
      chunks += 1;
      controller.enqueue(new Uint8Array(10_000));
    },
  });
  const { status, answer } = await ask("api/caption", { method: "POST", body });
  assert.deepEqual([status, answer.error.code], [413, "image_too_large"]);
  assert.ok(chunks < 20);
});

test("the queue is bounded, and goes on", async () => {
  /** @type {(() => void)[]} */
  const waiting = [];
  const full = new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
    openWindow("window", (call) => {
      const answered = new Promise((/** @type {(value?: unknown) => void} */ go) => waiting.push(() => go()));
      if (waiting.length === 8) resolve();
      return answered.then(() => bee(call));
    });
  });
  const asked = Array.from({ length: 8 }, () => ask("api/caption/x"));
  await full;
  const { status, answer } = await ask("api/caption/x");
  assert.deepEqual([status, answer.error.code], [503, "busy"]);
  for (const go of waiting) go();
  const statuses = (await Promise.all(asked)).map((one) => one.status);
  assert.deepEqual(new Set(statuses), new Set([200]));
});
