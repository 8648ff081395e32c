// @ts-check
/** web/embed/frame_port.mjs: what a page of another origin may ask of the frame, and what is ignored. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { afterEach, test } from "node:test";

const MOST_BYTES = 1000;
const folder = new URL("../../../web/embed/", import.meta.url);
const limits = `data:text/javascript,export const MAX_FILE_BYTES = ${MOST_BYTES};`;
const source = (await readFile(new URL("frame_port.mjs", folder), "utf-8")) // as the build writes it
  .replace('"../api/limits.mjs"', JSON.stringify(limits))
  .replace('"../seesay.mjs"', JSON.stringify(new URL("../seesay.mjs", folder).href));
const { FramePort, MOST_OPEN } = await import(`data:text/javascript,${encodeURIComponent(source)}`);
const { SeesayError } = await import("../../../web/seesay.mjs");

/** @type {MessagePort[]} */
let ports = [];
afterEach(() => ports.forEach((port) => port.close()));

/**
 * A frame, as its parent sees it.
 * @param {(image: any, options: any) => Promise<any>} caption
 * @param {(model: string, job: any) => Promise<any>} [download]
 */
function frame(caption, download = async () => ({})) {
  const { port1, port2 } = new MessageChannel();
  ports = [port1, port2];
  new FramePort(port2, { caption, models: { download } });
  /** @type {any[]} */
  const said = [];
  /** @type {((message: any) => void)[]} */
  const hearing = [];
  port1.onmessage = ({ data }) => {
    said.push(data);
    for (const hear of hearing) hear(data);
  };
  const end = (/** @type {number} */ id) =>
    new Promise((/** @type {(message: any) => void} */ resolve) => {
      hearing.push((data) => data.id === id && ["done", "error"].includes(data.kind) && resolve(data));
    });
  const ask = (/** @type {any} */ message) => {
    const ended = end(message.id);
    port1.postMessage({ kind: "caption", image: new ArrayBuffer(8), ...message });
    return ended;
  };
  return { port: port1, said, ask };
}

const bee = async () => ({ caption: "a bee" });

test("a caption, with all that is told on the way", async () => {
  const { ask, said } = frame(async (image, { numBeams, onProgress, onToken }) => {
    onProgress({ stage: "image" });
    onToken({ text: "a", token: {} });
    return { caption: `${image.byteLength} bytes, ${numBeams} beams` };
  });
  assert.deepEqual(await ask({ id: 1, options: { numBeams: 4 } }), {
    id: 1,
    kind: "done",
    result: { caption: "8 bytes, 4 beams" },
  });
  assert.deepEqual(said.map(({ kind }) => kind), ["connected", "progress", "token", "done"]);
});

test("errors are told by code and sentence", async () => {
  const { ask } = frame(async () => {
    throw new SeesayError("broken_image", "That image is damaged.", "a detail");
  });
  const { error } = await ask({ id: 1 });
  assert.deepEqual(error, { code: "broken_image", message: "That image is damaged." });
});

test("a model is downloaded", async () => {
  const { ask } = frame(bee, async (model) => ({ model }));
  assert.deepEqual((await ask({ id: 1, kind: "download", model: "vit-gpt2" })).result, { model: "vit-gpt2" });
});

test("what is no request is ignored, what is malformed is refused, and what is right goes on", async () => {
  let calls = 0;
  const { port, ask, said } = frame(async () => (calls++, { caption: "a bee" }));
  const image = new ArrayBuffer(8);
  /** @type {any[]} */
  const noise = [
    null, 1, "caption", [], {}, { id: 1 }, { id: "1", kind: "caption", image }, { id: -1, kind: "caption", image },
    { id: 1.5, kind: "caption", image }, { id: 1, kind: "sing", image }, { id: 9, kind: "cancel" },
  ];
  for (const wrong of noise) port.postMessage(wrong);
  /** @type {any[]} */
  const wrongs = [
    { image: undefined }, { image: "https://elsewhere.example" }, { options: null }, { options: [] },
    { options: { signal: 1 } }, { options: { prefix: "a".repeat(5000) } }, { options: { seed: 1n } },
    { kind: "download", model: 7 }, { kind: "download", model: "a".repeat(300) },
  ];
  const refused = await Promise.all(wrongs.map((wrong, i) => ask({ id: 10 + i, ...wrong })));
  assert.deepEqual(new Set(refused.map(({ error }) => error.code)), new Set(["configuration"]));
  assert.equal((await ask({ id: 2 })).kind, "done");
  assert.equal(calls, 1);
  assert.deepEqual(said.map(({ id }) => id), [0, ...wrongs.map((_, i) => 10 + i), 2]);
});

test("floods are bounded", async () => {
  /** @type {((result: any) => void)[]} */
  const waiting = [];
  const { ask } = frame(() => new Promise((resolve) => waiting.push(resolve)));
  const asked = Array.from({ length: MOST_OPEN }, (_, i) => ask({ id: i + 1 }));
  const refused = await Promise.all([100, 101, 102].map((id) => ask({ id })));
  assert.deepEqual(refused.map(({ error }) => error.code), ["busy", "busy", "busy"]);
  assert.equal(waiting.length, MOST_OPEN);
  for (const resolve of waiting) resolve({});
  await Promise.all(asked);
  const after = ask({ id: 200 });
  while (waiting.length === MOST_OPEN) await new Promise((resolve) => setImmediate(resolve));
  waiting.at(-1)?.({});
  assert.equal((await after).kind, "done");
});

test("an image that is too large is refused, one that is cancelled ends unheard", async () => {
  /** @type {(signal: AbortSignal) => void} */
  let begin = () => {};
  const begun = new Promise((/** @type {(signal: AbortSignal) => void} */ resolve) => (begin = resolve));
  const { port, ask, said } = frame((_, { signal }) => {
    begin(signal);
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });
  const { error } = await ask({ id: 1, image: new ArrayBuffer(MOST_BYTES + 1) });
  assert.equal(error.code, "image_too_large");
  ask({ id: 2 });
  const signal = await begun;
  port.postMessage({ id: 2, kind: "cancel" });
  assert.equal((await ask({ id: 3, image: new ArrayBuffer(MOST_BYTES + 1) })).kind, "error");
  assert.ok(signal.aborted);
  assert.ok(!said.some(({ id }) => id === 2));
});
