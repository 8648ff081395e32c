// @ts-check
/** Boots that fail for a file: which one, and what the server said; and no second boot for it. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const BASE = "https://seesay.test/app/";

/** @type {Record<string, () => Response>} by path; everything else is a good script */
let answers = {};
let boots = 0;

class PaperWorker {
  constructor() {
    boots += 1;
    setImmediate(() => this.onerror({ message: "", preventDefault() {} })); // a script did not come
  }

  /** @type {(event: { message: string, preventDefault: () => void }) => void} */
  onerror = () => {};
  postMessage() {}
  terminate() {}
}

const script = () => new Response("", { headers: { "content-type": "text/javascript" } });
const forbidden = () => new Response("", { status: 403 });
const files = (/** @type {string[]} */ ...urls) => () =>
  Response.json({ boot: [], runtime: urls.map((url) => ({ url })), model: [] });
/** @type {(url: string) => Promise<Response>} */
const fetch = async (url) => (answers[url.slice(BASE.length)] ?? script)();

Object.assign(globalThis, { Worker: PaperWorker, fetch, self: { fetch, location: new URL(BASE) } });
const { WorkerLink } = await import("../../../../web/api/worker_link.mjs");
const { EarlyFetch } = await import("../../../../worker/captioner/early_fetch.mjs");
const { explain } = await import("../../../../worker/captioner/boot_failure.mjs");

beforeEach(() => {
  answers = {};
  boots = 0;
});

function ready() {
  const link = new WorkerLink({
    workerUrl: new URL("worker/captioner/boot.mjs", BASE),
    init: { baseUrl: BASE, numThreads: null, hub: null, lowMemory: null, model: "starter" },
    deadlines: { boot: 8000, silence: 4000 },
    onBootProgress() {},
  });
  return link.ready;
}

test("a script of the worker that is refused is named, and there is no second boot", async () => {
  answers = { "assets.json": files("worker/a.mjs", "runtime/x.wasm", "worker/b/c.mjs"), "worker/b/c.mjs": forbidden };
  const message = /^worker\/b\/c\.mjs could not be loaded: the server answers 403\. Reload/;
  await assert.rejects(ready(), { code: "network", message });
  assert.equal(boots, 1);
});

test("a worker that fails with all its scripts there is booted once more without threads", async () => {
  answers = { "assets.json": files("worker/a.mjs") };
  await assert.rejects(ready(), { code: "environment" });
  assert.equal(boots, 2);
});

test("a file of the boot that is refused ends the boot at once", async () => {
  answers = { "runtime/big.wasm": forbidden };
  const early = new EarlyFetch(BASE, () => {});
  early.start([`${BASE}runtime/big.wasm`]);
  const message = /^runtime\/big\.wasm could not be loaded: the server answers 403\./;
  await assert.rejects(early.failure, { code: "network", message });
});

test("a file that is asked for later, is of another version, or does not come", async () => {
  const cases = {
    403: forbidden,
    "not the file that this version": () => new Response("", { status: 502, statusText: "Wrong file" }),
    "Check the connection": () => {
      throw new TypeError("Failed to fetch");
    },
  };
  for (const [said, answer] of Object.entries(cases)) {
    answers = { "runtime/lock.json": answer };
    const early = new EarlyFetch(BASE, () => {});
    early.fetch(`${BASE}runtime/lock.json`).catch(() => {});
    await assert.rejects(early.failure, { code: "network", message: new RegExp(`^runtime/lock.json .*${said}`) });
  }
});

test("what is fetched ahead is handed over once, its failure too, and fetched again after that", async () => {
  const url = `${BASE}models/photo/names.json`;
  let asked = 0;
  answers = {
    "models/photo/names.json": () => {
      asked += 1;
      if (asked === 1) throw new TypeError("Failed to fetch");
      return new Response(`${asked}`);
    },
  };
  const early = new EarlyFetch(BASE, () => {});
  early.begin(url);
  await assert.rejects(early.fetch(url), TypeError);
  early.begin(url);
  assert.equal(asked, 2);
  assert.equal(await (await early.fetch(url)).text(), "2");
  assert.equal(await (await early.fetch(url)).text(), "3");
});

test("what failed before anybody wanted it is fetched again when it is wanted", async () => {
  for (const fail of [() => Promise.reject(new TypeError("Failed to fetch")), forbidden]) {
    /** @type {(() => any)[]} */
    const turns = [fail, () => new Response("here")];
    answers = { "models/starter/a.json": () => turns.shift()?.() };
    const early = new EarlyFetch(BASE, () => {});
    early.begin(`${BASE}models/starter/a.json`);
    await new Promise(setImmediate);
    assert.equal(await (await early.fetch(`${BASE}models/starter/a.json`)).text(), "here");
  }
});

test("a script that cannot be imported is looked at: browsers do not say why", async () => {
  const failure = () => Promise.reject(new TypeError("Failed to fetch dynamically imported module"));
  answers = { "runtime/b.mjs": forbidden };
  const both = ["runtime/a.mjs", "runtime/b.mjs"];
  await assert.rejects(explain("Python", failure(), BASE, both), { code: "network", message: /^runtime\/b\.mjs .* 403/ });
  answers = { "runtime/a.mjs": () => new Response("", { headers: { "content-type": "application/octet-stream" } }) };
  const message = /^runtime\/a\.mjs .* sends it as application\/octet-stream, not as text\/javascript\./;
  await assert.rejects(explain("Python", failure(), BASE, both), { code: "network", message });
  await assert.rejects(explain("Python", Promise.reject(new Error("trap")), BASE, both), { code: "environment" });
});
