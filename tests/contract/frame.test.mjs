// @ts-check
/** web/embed/frame.mjs: who may connect. */

import assert from "node:assert/strict";
import { test } from "node:test";

const EMBEDDER = "https://embedder.example";
const SITE = "https://seesay.example";

/** @type {[any, string][]} */
const told = [];
const parent = { postMessage: (/** @type {any} */ data, /** @type {string} */ to) => told.push([data, to]) };
/** @type {((event: any) => void) | null} */
let listener = null;
/** @type {any[]} */
const workers = [];

Object.assign(globalThis, {
  self: globalThis,
  parent,
  location: { origin: SITE, href: `${SITE}/embed.html`, ancestorOrigins: undefined },
  document: {
    baseURI: `${SITE}/embed.html`,
    querySelector: () => ({ getAttribute: () => `${EMBEDDER} https://other.example` }),
  },
  addEventListener: (/** @type {string} */ _, /** @type {any} */ given) => (listener = given),
  removeEventListener: () => (listener = null),
  Worker: class {
    /** @type {any[]} */
    inbox = [];
    constructor() {
      workers.push(this);
    }
    /** @param {any} message */
    postMessage(message) {
      this.inbox.push(message);
    }
    terminate() {}
  },
});
await import("../../web/embed/frame.mjs");

/** @param {object} changes */
function connect(changes) {
  const { port1, port2 } = new MessageChannel();
  const first = new Promise((/** @type {(message: any) => void} */ resolve) => {
    port1.onmessage = ({ data }) => (port1.close(), resolve(data));
  });
  const data = { seesay: 1, kind: "connect", options: {} };
  listener?.({ data, origin: EMBEDDER, source: parent, ports: [port2], ...changes });
  return { first, port: port1 };
}

test("those on the list are told that the frame is ready, and nobody else", () => {
  assert.deepEqual(told.map(([, to]) => to), [SITE, EMBEDDER, "https://other.example"]);
  assert.deepEqual(told[0]?.[0], { seesay: 1, kind: "ready" });
});

test("origin and source must both be right, and the message, too", () => {
  const wrongs = [
    { origin: "https://stranger.example" },
    { origin: "null" },
    { source: globalThis }, // another frame of an allowed origin
    { ports: [] },
    { data: null },
    { data: { seesay: 2, kind: "connect" } },
    { data: { seesay: 1, kind: "hello" } },
  ];
  for (const wrong of wrongs) connect(wrong).port.close();
  assert.equal(workers.length, 0);
  assert.ok(listener);
});

test("the first who may is connected, and then no window is heard", async () => {
  const data = { seesay: 1, kind: "connect", options: { model: "vit-gpt2", hub: `${EMBEDDER}/models/` } };
  assert.deepEqual(await connect({ data }).first, { id: 0, kind: "connected" });
  assert.equal(workers.length, 1);
  const { model, hub } = workers[0].inbox[0].payload;
  assert.deepEqual([model, hub], ["vit-gpt2", `${EMBEDDER}/models/`]);
  assert.equal(listener, null);
  workers[0].onmessage({ data: { v: 1, id: 0, kind: "error", payload: { code: "internal", message: "", detail: "" } } });
});
