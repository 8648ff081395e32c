// @ts-check
/** web/api/worker_link.mjs against a worker made of paper: the queue, the watchdog, and replacement. */

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

const { WorkerLink } = await import("../../../web/api/worker_link.mjs");

/** @type {PaperWorker[]} */
let workers = [];

class PaperWorker {
  /** @type {any[]} what the page sent */
  inbox = [];
  isTerminated = false;
  /** @type {(event: { data: any }) => void} */
  onmessage = () => {};
  /** @type {(event: { message: string, preventDefault: () => void }) => void} */
  onerror = () => {};

  constructor() {
    workers.push(this);
  }

  /** @param {any} message */
  postMessage(message) {
    this.inbox.push(structuredClone(message));
  }

  terminate() {
    this.isTerminated = true;
  }

  /**
   * @param {number} id
   * @param {string} kind
   * @param {any} [payload]
   */
  send(id, kind, payload = {}) {
    this.onmessage({ data: { v: 1, id, kind, payload } });
    return settle();
  }

  /**
   * @param {number} id of the job that ends
   * @param {number} modelBytes
   * @param {number} pythonBytes
   * @param {boolean} [keepsModels]
   */
  async finish(id, modelBytes, pythonBytes, keepsModels = false) {
    const heaps = { model_heap_bytes: modelBytes, python_heap_bytes: pythonBytes };
    await this.send(id, "memory", { ...heaps, keeps_models: keepsModels });
    await this.send(id, "done", id);
  }

  crash() {
    this.onerror({ message: "out of memory", preventDefault() {} });
    return settle();
  }

  /** @param {string} kind */
  received(kind) {
    return this.inbox.filter((message) => message.kind === kind);
  }
}

/** Let every promise that can go on go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** @param {object} [init] */
function makeLink(init = {}) {
  return new WorkerLink({
    workerUrl: new URL("https://seesay.test/worker/captioner/boot.mjs"),
    init: { baseUrl: "https://seesay.test/", numThreads: null, hub: null, lowMemory: null, model: "starter", ...init },
    deadlines: { boot: 8000, silence: 4000, stall: 12_000 },
    onBootProgress() {},
  });
}

/**
 * @param {InstanceType<typeof WorkerLink>} link
 * @param {{ queued?: boolean, signal?: AbortSignal, name?: unknown, onEvent?: () => void,
 *   prepare?: () => Promise<any> }} [how]
 */
function ask(link, { queued = true, signal, name = "job", onEvent = () => {}, prepare } = {}) {
  prepare ??= async () => ({ payload: { name } });
  const promise = link.request({ kind: "caption", prepare, queued, signal, onEvent });
  return promise.then(
    (value) => ({ value }),
    (error) => ({ code: error.name === "SeesayError" ? error.code : error.name }),
  );
}

const last = () => /** @type {PaperWorker} */ (workers.at(-1));

beforeEach(() => {
  workers = [];
  mock.timers.reset();
  mock.timers.enable({ apis: ["setInterval"] });
  Object.assign(globalThis, { Worker: PaperWorker });
});

test("jobs wait for the boot, and two at a time are sent", async () => {
  const link = makeLink();
  const ends = [ask(link), ask(link), ask(link)];
  await settle();
  assert.equal(last().received("caption").length, 0);
  await last().send(0, "done");
  assert.deepEqual(last().received("caption").map((message) => message.id), [1, 2]);
  await last().send(1, "done", { caption: "a dog" });
  assert.deepEqual(last().received("caption").map((message) => message.id), [1, 2, 3]);
  assert.deepEqual(await ends[0], { value: { caption: "a dog" } });
  link.close();
  assert.deepEqual(await Promise.all(ends.slice(1)), [{ code: "AbortError" }, { code: "AbortError" }]);
  assert.ok(last().isTerminated);
});

test("a failed boot rejects all that wait, and is tried once more with one thread", async () => {
  const link = makeLink();
  const ends = [ask(link), ask(link)];
  const failure = { code: "environment", message: "No.", detail: "" };
  await last().send(0, "error", failure);
  assert.equal(workers.length, 2);
  assert.equal(last().received("init")[0].payload.numThreads, 1);
  await last().send(0, "error", failure);
  assert.deepEqual(await Promise.all(ends), [{ code: "environment" }, { code: "environment" }]);
  await assert.rejects(link.ready, { code: "environment" });
  ask(link);
  assert.equal(workers.length, 3, "the next call tries again");
  link.close();
});

test("a boot without progress is given up, one with progress is not", async () => {
  const link = makeLink({ numThreads: 1 });
  const end = ask(link);
  for (let i = 0; i < 10; i += 1) {
    mock.timers.tick(7000);
    await last().send(0, "progress", { loaded: i });
    await last().send(0, "pong", {});
  }
  assert.equal(last().isTerminated, false);
  mock.timers.tick(9000);
  assert.deepEqual(await end, { code: "environment" });
});

test("a worker that ends by itself is replaced at once: it lets go of the lock that it held", async () => {
  /** @type {Record<string, () => void>} by name, what holds the lock next */
  const wanted = {};
  const locks = { request: async (/** @type {string} */ name, /** @type {() => void} */ hold) => (wanted[name] = hold) };
  Object.defineProperty(globalThis, "navigator", { value: { locks }, configurable: true });
  const link = makeLink();
  const end = ask(link);
  await last().send(0, "done", { lock: "first" });
  wanted.first?.();
  assert.equal(workers.length, 2);
  await last().send(0, "done", { lock: "second" });
  await last().send(1, "done", 1);
  assert.deepEqual(await end, { value: 1 });
  wanted.second?.(); // while it has nothing to do
  assert.equal(workers.length, 2, "none is started before it is needed");
  ask(link);
  assert.equal(workers.length, 3);
  wanted.second?.(); // of one that was replaced
  assert.equal(workers.length, 3);
  link.close();
});

test("a silent worker is replaced and its jobs are asked again, in order", async () => {
  const link = makeLink();
  const ends = [ask(link, { name: "first" }), ask(link), ask(link, { name: "third" })];
  await last().send(0, "done");
  mock.timers.tick(5000);
  await settle();
  assert.equal(workers.length, 2);
  assert.ok(workers[0]?.isTerminated);
  await last().send(0, "done");
  assert.equal(last().received("caption")[0].payload.name, "first");
  await last().send(1, "done", 1);
  await last().send(2, "done", 2);
  await last().send(3, "done", 3);
  assert.deepEqual(await Promise.all(ends), [{ value: 1 }, { value: 2 }, { value: 3 }]);
  assert.equal(link.restarts, 1);
  link.close();
});

test("a busy worker that answers is alive, but its job must go on some time", async () => {
  const link = makeLink();
  ask(link);
  ask(link);
  await last().send(0, "done");
  for (let i = 0; i < 4; i += 1) {
    mock.timers.tick(3000);
    await last().send(0, "pong", {});
    await last().send(2, "progress"); // not of the job that runs
  }
  assert.equal(workers.length, 1);
  mock.timers.tick(1000);
  assert.equal(workers.length, 2, "12 seconds without progress");
  link.close();
});

test("what runs beside the queue may take as long as it likes", async () => {
  const link = makeLink();
  const end = ask(link, { queued: false });
  await last().send(0, "done");
  for (let i = 0; i < 10; i += 1) {
    mock.timers.tick(3000);
    await last().send(0, "pong", {});
  }
  await last().send(1, "done", "fetched");
  assert.deepEqual(await end, { value: "fetched" });
  assert.equal(workers.length, 1);
  link.close();
});

test("a worker that said how long it will be silent is waited for, and not longer", async () => {
  const link = makeLink();
  const end = ask(link);
  await last().send(0, "done");
  await last().send(0, "working", { patience_s: 30 });
  mock.timers.tick(30_000);
  await last().send(0, "working", { patience_s: 0 });
  mock.timers.tick(4000);
  assert.equal(workers.length, 1);
  await last().send(1, "progress");
  await last().send(0, "working", { patience_s: 30 });
  mock.timers.tick(31_000);
  assert.equal(workers.length, 2);
  await last().send(0, "done");
  mock.timers.tick(5000);
  assert.equal(workers.length, 2, "given up: no patience with the next worker");
  assert.deepEqual(await end, { code: "worker_lost" });
  link.close();
});

test("steps count as signs of life", async () => {
  const link = makeLink();
  const end = ask(link);
  await last().send(0, "done");
  for (let i = 0; i < 10; i += 1) {
    mock.timers.tick(3000);
    await last().send(1, "progress");
  }
  await last().send(1, "done", 1);
  assert.deepEqual(await end, { value: 1 });
  assert.equal(workers.length, 1);
  link.close();
});

test("a job that ends its worker twice is given up, and the next one runs", async () => {
  const link = makeLink();
  const ends = [ask(link), ask(link)];
  for (let i = 0; i < 2; i += 1) {
    await last().send(0, "done");
    await last().crash();
  }
  assert.deepEqual(await ends[0], { code: "worker_lost" });
  await last().send(0, "done");
  await last().send(2, "done", 2);
  assert.deepEqual(await ends[1], { value: 2 });
  link.close();
});

test("after a failure of the runtime the next job gets a fresh worker", async () => {
  const link = makeLink();
  const ends = [ask(link), ask(link), ask(link)];
  await last().send(0, "done");
  await last().send(1, "error", { code: "broken_image", message: "Broken.", detail: "" });
  assert.deepEqual(await ends[0], { code: "broken_image" });
  assert.equal(workers.length, 1);
  await last().send(2, "error", { code: "inference", message: "Failed.", detail: "" });
  assert.deepEqual(await ends[1], { code: "inference" });
  assert.equal(workers.length, 2);
  await last().send(0, "done");
  await last().send(3, "done", 3);
  assert.deepEqual(await ends[2], { value: 3 });
  link.close();
});

test("an aborted job rejects at once, and its place is free when it has ended", async () => {
  const link = makeLink();
  const controllers = [new AbortController(), new AbortController(), new AbortController()];
  let heard = 0;
  const ends = controllers.map(({ signal }) => ask(link, { signal, onEvent: () => (heard += 1) }));
  await last().send(0, "done");
  await last().send(1, "token");
  controllers[2]?.abort();
  controllers[0]?.abort();
  assert.deepEqual(await ends[2], { code: "AbortError" });
  assert.deepEqual(await ends[0], { code: "AbortError" });
  assert.deepEqual(last().received("cancel").map((message) => message.payload), [{ id: 1 }]);
  await last().send(1, "token");
  assert.equal(heard, 1, "the worker wrote on until it was told, and nobody wants to hear that");
  await last().send(1, "cancelled");
  await last().send(2, "done", 2);
  assert.deepEqual(await ends[1], { value: 2 });
  assert.equal(last().received("caption").length, 2);
  link.close();
});

test("a failure that is not the model runtime's costs no worker", async () => {
  const link = makeLink();
  const ends = [ask(link), ask(link)];
  await last().send(0, "done");
  await last().send(1, "error", { code: "internal", message: "Wrong.", detail: "" });
  assert.deepEqual(await ends[0], { code: "internal" });
  await last().send(2, "done", 2);
  assert.deepEqual(await ends[1], { value: 2 });
  assert.equal(workers.length, 1);
  link.close();
});

test("a call that cannot be sent ends, and the next one runs", async () => {
  const link = makeLink();
  const ends = [ask(link, { name: () => {} }), ask(link)];
  await last().send(0, "done");
  assert.deepEqual(await ends[0], { code: "configuration" });
  await last().send(2, "done", 2);
  assert.deepEqual(await ends[1], { value: 2 });
  link.close();
});

test("a job that is cancelled while its worker is replaced does not run", async () => {
  const link = makeLink();
  const controller = new AbortController();
  const ends = [ask(link, { signal: controller.signal }), ask(link)];
  await last().send(0, "done");
  await last().crash();
  controller.abort();
  assert.deepEqual(await ends[0], { code: "AbortError" });
  await last().send(0, "done");
  assert.deepEqual(last().received("caption").map((message) => message.id), [2]);
  assert.deepEqual(last().received("cancel"), []);
  await last().send(2, "done", 2);
  assert.deepEqual(await ends[1], { value: 2 });
  link.close();
});

test("nothing is read ahead of a large image, nor two images at once", async () => {
  const link = makeLink();
  /** @type {string[]} */
  const log = [];
  const image = (/** @type {string} */ name, /** @type {number} */ byteLength) => async () => {
    log.push(`reading ${name}`);
    await settle();
    log.push(`read ${name}`);
    return { payload: {}, transfer: [{ byteLength }] };
  };
  const sizes = { a: 5, b: 70_000_000, c: 5 };
  const ends = Object.entries(sizes).map(([name, size]) => ask(link, { prepare: image(name, size) }));
  await last().send(0, "done");
  for (let i = 0; i < 5; i += 1) await settle();
  assert.deepEqual(log, ["reading a", "read a", "reading b", "read b"]);
  await last().send(1, "done", 1);
  for (let i = 0; i < 5; i += 1) await settle();
  assert.equal(log.length, 4, "b is too large to have another ahead");
  await last().send(2, "done", 2);
  for (let i = 0; i < 5; i += 1) await settle();
  assert.deepEqual(log.slice(4), ["reading c", "read c"]);
  await last().send(3, "done", 3);
  assert.deepEqual(await Promise.all(ends), [{ value: 1 }, { value: 2 }, { value: 3 }]);
  link.close();
});

test("requests beside the queue do not wait for it", async () => {
  const link = makeLink();
  ask(link);
  ask(link);
  ask(link);
  await last().send(0, "done");
  ask(link, { queued: false, name: "beside" });
  await settle();
  assert.equal(last().received("caption").at(-1).payload.name, "beside");
  link.close();
});

test("a worker that has grown too large is ended when nothing is left to do", async () => {
  const link = makeLink();
  const end = ask(link);
  await last().send(0, "done");
  await last().finish(1, 300_000_000, 400_000_000);
  assert.deepEqual(await end, { value: 1 });
  assert.equal(last().isTerminated, false);
  mock.timers.tick(1000);
  assert.equal(last().isTerminated, true);
  assert.equal(workers.length, 1);
  ask(link);
  assert.equal(workers.length, 2);
  link.close();
});

test("a worker that keeps a model in its memory alone is not ended", async () => {
  const link = makeLink();
  ask(link);
  await last().send(0, "done");
  await last().finish(1, 700_000_000, 50_000_000, true);
  mock.timers.tick(1000);
  assert.equal(last().isTerminated, false);
  link.close();
});

test("amid a long list a worker that has grown too large is replaced between two jobs", async () => {
  const link = makeLink();
  const ends = Array.from({ length: 7 }, () => ask(link));
  await last().send(0, "done");
  for (let id = 1; id <= 4; id += 1) await last().finish(id, 300_000_000, 310_000_000);
  assert.equal(workers.length, 1, "job 5 was sent before that");
  assert.deepEqual(last().received("caption").map((message) => message.id), [1, 2, 3, 4, 5]);
  await last().finish(5, 300_000_000, 310_000_000);
  assert.equal(workers.length, 2);
  assert.ok(workers[0]?.isTerminated);
  await last().send(0, "done");
  assert.deepEqual(last().received("caption").map((message) => message.id), [6, 7]);
  await last().finish(6, 300_000_000, 310_000_000);
  await last().finish(7, 300_000_000, 310_000_000);
  assert.deepEqual(await Promise.all(ends), [1, 2, 3, 4, 5, 6, 7].map((value) => ({ value })));
  assert.equal(workers.length, 2, "not again so soon");
  assert.equal(link.restarts, 1);
  link.close();
});

test("a running download keeps its worker, however large, and the queue goes on", async () => {
  const link = makeLink();
  const ends = Array.from({ length: 6 }, () => ask(link));
  const download = ask(link, { queued: false });
  await last().send(0, "done");
  for (let id = 1; id <= 6; id += 1) await last().finish(id, 600_000_000, 50_000_000);
  assert.deepEqual(await Promise.all(ends), [1, 2, 3, 4, 5, 6].map((value) => ({ value })));
  await last().send(7, "done", "fetched");
  assert.deepEqual(await download, { value: "fetched" });
  assert.equal(workers.length, 1);
  link.close();
});

test("peak memory is that of the worker that held the most, ended ones included", async () => {
  const link = makeLink();
  const heaps = (/** @type {number} */ model_heap_bytes, /** @type {number} */ python_heap_bytes) => ({
    model_heap_bytes,
    python_heap_bytes,
  });
  const end = ask(link);
  await last().send(0, "done");
  await last().send(1, "memory", heaps(200, 50));
  assert.deepEqual(link.peakMemory, { model_bytes: 200, python_bytes: 50, total_bytes: 250 });
  await last().crash();
  await last().send(0, "done");
  await last().send(1, "memory", heaps(100, 60));
  await last().send(1, "done", 1);
  assert.deepEqual(await end, { value: 1 }, "and it ends nothing");
  assert.deepEqual(link.peakMemory, { model_bytes: 200, python_bytes: 50, total_bytes: 250 });
  link.close();
});
