// @ts-check
/** web/api/caption_all.mjs on a link made of paper: order, faults of one and of all, and leaving. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { captionAll } from "../../../web/api/caption_all.mjs";
import { SeesayError } from "../../../web/api/seesay_error.mjs";

/** @type {string[][]} what was asked of the worker */
let asked = [];
/** @type {any[]} */
let progress = [];
/** @type {AbortSignal[]} */
let signals = [];

const image = (/** @type {string} */ name) => /** @type {any} */ (new TextEncoder().encode(name).buffer);
const nameOf = (/** @type {ArrayBuffer} */ bytes) => new TextDecoder().decode(bytes);

/**
 * A link whose worker captions an image with its own bytes, but for some names.
 *
 * @param {{ signal: AbortSignal, prepare: () => Promise<any>, onEvent: Function }} request
 */
async function answer({ signal, prepare, onEvent }) {
  signals.push(signal);
  const { payload } = await prepare();
  const names = payload.images.map(nameOf);
  asked.push(names);
  if (names.includes("option")) throw new SeesayError("configuration", "No such option.");
  if (names.includes("forget")) return {};
  for (const [index, name] of names.entries()) {
    onEvent("progress", { stage: "decode" });
    if (name === "poison") throw new SeesayError("inference", "The model failed.");
    if (name === "hang") await new Promise((_, reject) => (signal.onabort = () => reject(signal.reason)));
    if (name === "broken") onEvent("result", { index, error: { code: "broken_image", message: "Broken." } });
    else onEvent("result", { index, result: { caption: name } });
  }
  return {};
}

/**
 * @param {any[]} images
 * @param {{ batchSize?: number, signal?: AbortSignal, request?: Function }} [how]
 */
function start(images, { batchSize = 2, signal, request = answer } = {}) {
  const link = /** @type {any} */ ({ request });
  const onProgress = (/** @type {any} */ event) => progress.push(event);
  const names = images.map((name) => (typeof name === "string" ? image(name) : name));
  return captionAll(names, batchSize, { link, model: "m", options: {}, signal, onProgress });
}

/** @param {AsyncIterable<any>} ends */
async function collect(ends) {
  const seen = [];
  for await (const { index, result, error } of ends) seen.push([index, result?.caption ?? error.code]);
  return seen;
}

beforeEach(() => {
  asked = [];
  progress = [];
  signals = [];
});

test("ends come in the order of the images, in groups, two groups ahead", async () => {
  const ends = start(["a", "b", "c", "d", "e", "f", "g"]);
  await ends.next();
  assert.deepEqual(asked, [["a", "b"], ["c", "d"]]);
  assert.deepEqual(await collect(ends), ["b", "c", "d", "e", "f", "g"].map((name, i) => [i + 1, name]));
  assert.deepEqual(asked.at(-1), ["g"]);
  const counts = progress.filter(({ stage }) => stage === "images");
  assert.deepEqual(counts.map(({ loaded }) => loaded), [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.ok(counts.every(({ total, unit }) => total === 7 && unit === "images"));
  assert.ok(progress.some(({ stage }) => stage === "decode"));
});

test("a group has no more bytes than fit into memory with comfort", async () => {
  /** @param {string} name @param {number} size */
  const large = (name, size) => {
    const blob = new Blob([name]);
    Object.defineProperty(blob, "size", { value: size });
    return blob;
  };
  const images = [large("a", 200e6), large("b", 200e6), large("c", 30e6), large("d", 30e6), large("e", 9e6)];
  const seen = await collect(start(images, { batchSize: 8 }));
  assert.deepEqual(asked, [["a"], ["b"], ["c", "d"], ["e"]]);
  assert.deepEqual(seen.map(([index]) => index), [0, 1, 2, 3, 4]);
});

test("no image is no work", async () => {
  assert.deepEqual(await collect(start([])), []);
  assert.deepEqual(asked, []);
});

test("an image that cannot be read or decoded ends in its own error", async () => {
  const seen = await collect(start(["a", 5, "broken", "b"], { batchSize: 4 }));
  assert.deepEqual(seen, [[0, "a"], [1, "input"], [2, "broken_image"], [3, "b"]]);
  assert.deepEqual(asked, [["a", "broken", "b"]]);
});

test("when a group fails, those who have not ended are tried by themselves", async () => {
  const seen = await collect(start(["a", "poison", "b", "c"], { batchSize: 4 }));
  assert.deepEqual(seen, [[0, "a"], [1, "inference"], [2, "b"], [3, "c"]]);
  assert.deepEqual(asked, [["a", "poison", "b", "c"], ["poison"], ["b"], ["c"]]);
});

test("what concerns all images is thrown, after the ends before it", async () => {
  const ends = start(["a", "b", "option", "c"]);
  assert.equal((await ends.next()).value?.index, 0);
  await ends.next();
  await assert.rejects(ends.next(), { code: "configuration" });
  assert.deepEqual(await ends.next(), { done: true, value: undefined });
  assert.ok(signals.every((signal) => signal.aborted));
});

test("an image that the worker forgets is an error, not an endless wait", async () => {
  await assert.rejects(collect(start(["a", "forget"])), { code: "protocol" });
});

test("a second attempt after a lost worker asks only for what has not ended", async () => {
  const request = async (/** @type {any} */ job) => {
    const { payload } = await job.prepare();
    asked.push(payload.images.map(nameOf));
    job.onEvent("result", { index: 0, result: { caption: "first" } });
    return answer(job);
  };
  const seen = await collect(start(["a", "b", "c"], { batchSize: 3, request }));
  assert.deepEqual(asked, [["a", "b", "c"], ["b", "c"]]);
  assert.deepEqual(seen, [[0, "first"], [1, "b"], [2, "c"]]);
});

test("aborting throws the signal's reason", async () => {
  const controller = new AbortController();
  const ends = start(["a", "hang", "b"], { signal: controller.signal });
  await ends.next();
  const next = ends.next();
  const reason = new Error("enough");
  controller.abort(reason);
  await assert.rejects(next, reason);
});

test("leaving the loop stops the work", async () => {
  for await (const { index } of start(["a", "hang", "b", "c"])) {
    assert.equal(index, 0);
    break;
  }
  assert.ok(signals.length === 2 && signals.every((signal) => signal.aborted));
});
