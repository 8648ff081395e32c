// @ts-check
/** web/page/endpoint/: what a window answers, with a captioner and a library made of paper. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { beforeEach, test } from "node:test";

const HANDLE = "ab".repeat(32);
/** @type {Record<string, string>} */
let kept = {};
/** @type {Record<string, string>} */
const settings = {};

const page = await readFile(new URL("../../../../web/index.html", import.meta.url), "utf-8");

/** @param {string} selector of what the page has, or it finds nothing there either */
function chosen(selector) {
  for (const [, name] of selector.matchAll(/[#"]([a-z-]+)/g)) assert.ok(page.includes(`="${name}"`), name);
  return { value: "vit-gpt2" };
}

Object.assign(globalThis, {
  document: { documentElement: { dataset: {} }, querySelector: chosen },
  location: { hash: "" },
  localStorage: {
    getItem: (/** @type {string} */ name) => settings[name] ?? null,
    setItem: (/** @type {string} */ name, /** @type {string} */ text) => (settings[name] = text),
  },
  /** The library's worker. */
  Worker: class {
    onmessage = (/** @type {any} */ _) => {};
    /** @param {any} message */
    postMessage({ id, kind, payload }) {
      const rows = () => payload.calls.map((/** @type {any} */ { parameters }) => {
        const text = kept[parameters.sha256];
        return text ? [{ text }] : [];
      });
      const answer = kind === "open" ? { where: "device" } : { results: rows() };
      queueMicrotask(() => this.onmessage({ data: { id, kind: "done", payload: answer } }));
    }
    terminate() {}
  },
});
const { answer } = await import("../../../../web/page/endpoint/answering.mjs");
const { SeesayError } = await import("../../../../web/seesay.mjs");

/** @type {any[]} */
let asked = [];

/** @param {object} [source] none: the worker refuses the request itself */
function captioner(source) {
  const refusal = { status: 400, body: '{"error": {"code": "configuration", "message": "No."}}', headers: {} };
  return /** @type {any} */ ({
    endpoint: {
      read: async () => (source ? { source } : { answer: refusal }),
      answer: async (/** @type {any} */ _, /** @type {Blob} */ image, /** @type {any} */ options) => {
        asked.push({ text: await image.text(), ...options });
        return { status: 200, body: '{"caption": "a bee"}', headers: {} };
      },
    },
  });
}

/**
 * @param {any} speaker
 * @param {AbortSignal} [signal]
 */
async function ask(speaker, signal = new AbortController().signal) {
  const call = { method: "POST", target: "api/caption", contentType: "image/png", body: new Blob(["bee"]) };
  const { status, body } = await answer(call, speaker, signal);
  const { error, caption } = JSON.parse(body);
  return [status, caption ?? error.code];
}

const byHandle = { kind: "handle", value: HANDLE, alias: "", host: "", takes_kept: true };

beforeEach(() => {
  asked = [];
  kept = { [HANDLE]: "Our bee, on the street" };
  settings["seesay-library"] = "on";
});

test("an image in the body is captioned by the model that is chosen in the window", async () => {
  assert.deepEqual(await ask(captioner({ ...byHandle, kind: "body", value: "" })), [200, "a bee"]);
  const [{ text, model, contentType }] = asked;
  assert.deepEqual([text, model, contentType], ["bee", "vit-gpt2", "image/png"]);
});

test("what the worker refuses is refused", async () => {
  assert.deepEqual(await ask(captioner()), [400, "configuration"]);
});

test("the library's words are the answer, where nothing else is asked for", async () => {
  assert.deepEqual(await ask(captioner(byHandle)), [200, "Our bee, on the street"]);
  assert.deepEqual(await ask(captioner({ ...byHandle, takes_kept: false })), [404, "not_found"]);
  assert.deepEqual(await ask(captioner({ ...byHandle, value: "cd".repeat(32) })), [404, "not_found"]);
  settings["seesay-library"] = "off";
  assert.deepEqual(await ask(captioner(byHandle)), [404, "not_found"]);
});

test("an image that came along is found by its handle from then on", async () => {
  await ask(captioner({ ...byHandle, kind: "body", value: "" }));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode("bee")));
  const value = Buffer.from(digest).toString("hex");
  assert.deepEqual(await ask(captioner({ ...byHandle, value, takes_kept: false })), [200, "a bee"]);
});

test("folders that were not granted, and addresses that readers understand differently", async () => {
  const folder = { ...byHandle, kind: "alias", alias: "photos", value: "a.png" };
  assert.deepEqual(await ask(captioner(folder)), [404, "not_found"]);
  const url = { ...byHandle, kind: "url", value: "http://0x7f.1/a.png", host: "0x7f.1" };
  assert.deepEqual(await ask(captioner(url)), [403, "forbidden"]);
});

test("a worker that is lost, a request that took too long, and what nobody expected", async () => {
  const failing = (/** @type {unknown} */ error) =>
    /** @type {any} */ ({ endpoint: { read: () => Promise.reject(error) } });
  const lost = new SeesayError("worker_lost", "It stopped twice.");
  assert.deepEqual(await ask(failing(lost)), [503, "worker_lost"]);
  assert.deepEqual(await ask(failing(new SeesayError("inference", "No memory."))), [500, "inference"]);
  assert.deepEqual(await ask(failing("stopped"), AbortSignal.abort()), [504, "timeout"]);
  const { error } = console;
  console.error = () => {};
  try {
    assert.deepEqual(await ask(failing(new TypeError("?"))), [500, "internal"]);
  } finally {
    console.error = error;
  }
});
