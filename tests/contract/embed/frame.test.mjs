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
/** @type {(event: any) => void} */
let onPageHide = () => assert.fail();
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
  addEventListener: (/** @type {string} */ kind, /** @type {any} */ given) => {
    if (kind === "message") listener = given;
    else onPageHide = given;
  },
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
await import("../../../web/embed/frame.mjs");

/** @param {MessagePort} port @returns {Promise<any>} */
const next = (port) => new Promise((resolve) => (port.onmessage = ({ data }) => resolve(data)));

/** @param {object} changes */
function connect(changes) {
  const { port1, port2 } = new MessageChannel();
  const first = next(port1);
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
  const { first, port } = connect({ data });
  assert.deepEqual(await first, { id: 0, kind: "connected" });
  assert.equal(workers.length, 1);
  const { model, hub } = workers[0].inbox[0].payload;
  assert.deepEqual([model, hub], ["vit-gpt2", `${EMBEDDER}/models/`]);
  assert.equal(listener, null);
  workers[0].onmessage({ data: { v: 1, id: 0, kind: "error", payload: { code: "internal", message: "", detail: "" } } });
  const told = next(port);
  onPageHide({ persisted: true }); // the whole page was left, and may come back
  port.postMessage({ id: 0, kind: "ping" });
  assert.deepEqual(await told, { id: 0, kind: "pong" });
  const last = next(port);
  onPageHide({ persisted: false });
  assert.deepEqual(await last, { id: 0, kind: "closed" });
  port.close();
});
