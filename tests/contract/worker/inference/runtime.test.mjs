// @ts-check
/** worker/inference/runtime.mjs: before the thread is blocked for long, the page is told. */

import assert from "node:assert/strict";
import { test } from "node:test";

Object.defineProperty(globalThis, "navigator", { value: { userAgent: "", hardwareConcurrency: 2 } });
Object.assign(globalThis, { self: globalThis });
const { OrtRuntime } = await import("../../../../worker/inference/runtime.mjs");

/** @param {() => Promise<unknown>} create */
function makeRuntime(create) {
  /** @type {(number | string)[]} */
  const log = [];
  const ort = /** @type {any} */ ({
    env: { versions: { web: "1" } },
    InferenceSession: { create: () => (log.push("create"), create()) },
  });
  return { log, runtime: new OrtRuntime(ort, 1, () => 0, (seconds) => log.push(seconds)) };
}

test("creating a session is announced, and so is its end", async () => {
  const { log, runtime } = makeRuntime(async () => "session");
  assert.equal(await runtime.createSession(new Uint8Array(), []), "session");
  assert.deepEqual(log, [300, "create", 0]);
});

test("so is the end of one that fails", async () => {
  const { log, runtime } = makeRuntime(() => Promise.reject(new Error("no memory")));
  await assert.rejects(runtime.createSession(new Uint8Array(), []), /no memory/);
  assert.deepEqual(log, [300, "create", 0]);
});
