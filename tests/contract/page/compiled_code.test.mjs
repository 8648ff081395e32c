// @ts-check
/** web/page/shared_captioner.mjs: whose visit asks for the modules again once all files are kept. */

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

mock.timers.enable({ apis: ["setInterval", "setTimeout"] }); // the captioner watches its worker

/** @type {string[]} */
let compiled = [];

/** @type {Record<string, any>} */
const navigator = { userAgentData: {} };
Object.defineProperty(globalThis, "navigator", { value: navigator });
Object.assign(globalThis, {
  document: { querySelectorAll: () => [] },
  Worker: class extends EventTarget {
    postMessage() {}
    terminate() {}
  },
  fetch: async (/** @type {URL} */ url) => url,
  WebAssembly: {
    compileStreaming: async (/** @type {Promise<any>} */ answer) => compiled.push((await answer).pathname),
  },
});

/**
 * A visit, until the service worker has said something.
 *
 * @param {{ controller: object | null, said: string, name: string }} how
 */
async function visit({ controller, said, name }) {
  navigator.serviceWorker = Object.assign(new EventTarget(), { controller });
  await import(`../../../web/page/shared_captioner.mjs?${name}`);
  const message = Object.assign(new Event("message"), { data: { kind: said }, ports: [] });
  navigator.serviceWorker.dispatchEvent(message);
  await import("../../../web/page/compiled_code.mjs"); // as the page may have begun to do
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  return compiled.map((path) => path.replace(/^.*\/web\//, ""));
}

beforeEach(() => (compiled = []));

test("a first visit asks for both modules again once their files are kept", async () => {
  const seen = await visit({ controller: null, said: "filled", name: "first" });
  assert.deepEqual(seen, [
    "runtime/ort/ort-wasm-simd-threaded.wasm",
    "runtime/pyodide/pyodide.asm.wasm",
  ]);
});

test("not before they are kept", async () => {
  assert.deepEqual(await visit({ controller: null, said: "incomplete", name: "incomplete" }), []);
});

test("a later visit has had them from the service worker", async () => {
  assert.deepEqual(await visit({ controller: {}, said: "filled", name: "later" }), []);
});

test("browsers that would compile them anew are spared it", async () => {
  delete navigator.userAgentData;
  const seen = await visit({ controller: null, said: "filled", name: "other" });
  navigator.userAgentData = {};
  assert.deepEqual(seen, []);
});
