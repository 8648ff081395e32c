// @ts-check
/** web/page/queue/intake_worker.mjs: what is kept of a file, and what is left where there is no room. */

import assert from "node:assert/strict";
import { test } from "node:test";

/** @type {Map<string, number>} bytes by name */
const copies = new Map();
let room = 100;
let isBusy = false;

const folder = {
  async getFileHandle(/** @type {string} */ name) {
    if (!copies.has(name)) copies.set(name, 0);
    return {
      async createSyncAccessHandle() {
        if (isBusy) throw new DOMException("", "NoModificationAllowedError");
        return {
          truncate() {},
          write(/** @type {ArrayBuffer} */ bytes) {
            if (bytes.byteLength > room) throw new DOMException("", "QuotaExceededError");
            copies.set(name, bytes.byteLength);
          },
          flush() {},
          close() {},
        };
      },
    };
  },
  removeEntry: async (/** @type {string} */ name) => void copies.delete(name),
};
const storage = { getDirectory: async () => ({ getDirectoryHandle: async () => folder }) };
Object.defineProperty(globalThis, "navigator", { value: { storage }, configurable: true });
/** @type {(answer: any) => void} */
let answered = () => {};
Object.assign(globalThis, { self: { postMessage: (/** @type {any} */ answer) => answered(answer) } });
await import("../../../../web/page/queue/intake_worker.mjs");

/** @param {object} data */
const ask = (data) =>
  new Promise((/** @type {(answer: any) => void} */ resolve) => {
    answered = resolve;
    /** @type {any} */ (self).onmessage({ data });
  });
const ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

test("a file is known by its hash and its first bytes", async () => {
  const gone = { arrayBuffer: () => Promise.reject(new DOMException("", "NotFoundError")) };
  const found = await ask({ kind: "know", files: [gone, new Blob(["abc"])], headBytes: 2 });
  assert.deepEqual(found, [null, { sha256: ABC, size: 3, head: new TextEncoder().encode("ab") }]);
  assert.equal(await ask({ kind: "heads", files: [new Blob(["abc"])], count: 2 }), '["6162"]');
});

test("a copy is made where it is wanted, and nothing is left of one that has no room", async () => {
  const wanted = { kind: "picture", file: new Blob(["abc"]), sha256: ABC, side: 384 };
  const told = { width: 0, height: 0, thumbnail: null };
  assert.deepEqual(await ask({ ...wanted, folder: "" }), { ...told, isCopied: false });
  assert.equal(copies.size, 0);
  assert.deepEqual(await ask({ ...wanted, folder: "here" }), { ...told, isCopied: true });
  assert.deepEqual([...copies], [[ABC, 3]]);
  room = 0;
  assert.deepEqual(await ask({ ...wanted, folder: "here" }), { ...told, isCopied: false });
  assert.equal(copies.size, 0);
});

test("the same bytes, when they are copied by another worker, are left to it", async () => {
  [isBusy, room] = [true, 100];
  copies.set(ABC, 1);
  const wanted = { kind: "picture", file: new Blob(["abc"]), sha256: ABC, side: 384, folder: "here" };
  assert.equal((await ask(wanted)).isCopied, true);
  assert.deepEqual([...copies], [[ABC, 1]]);
});
