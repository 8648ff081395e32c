// @ts-check
/** worker/text_recognition/text_reader.mjs: one worker for a language, however often it is asked for. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { TextReader } from "../../../worker/text_recognition/text_reader.mjs";

/** Answers when the test says so. */
class PaperWorker {
  /** @type {any[]} */
  asked = [];
  isEnded = false;
  /** @type {(event: { data: object }) => void} */
  onmessage = () => {};
  /** @param {object} message */
  postMessage(message) {
    this.asked.push(message);
  }
  terminate() {
    this.isEnded = true;
  }
}

function makeReader() {
  /** @type {PaperWorker[]} */
  const workers = [];
  const make = () => /** @type {any} */ (workers[workers.push(new PaperWorker()) - 1]);
  return { workers, reader: new TextReader("tesseract/", make) };
}

test("a worker that is on its way is waited for, and then asked", async () => {
  const { workers, reader } = makeReader();
  const first = reader.open("eng");
  const second = reader.open("eng");
  assert.deepEqual(workers[0].asked, [{ folder: "tesseract/", language: "eng" }]);
  workers[0].onmessage({ data: { ready: true } });
  assert.deepEqual(await Promise.all([first, second]), ["", ""]);
  const lines = reader.read(new Uint8ClampedArray(4), 1, 1);
  workers[0].onmessage({ data: { lines: [] } });
  assert.deepEqual(await lines, []);
  assert.equal(workers.length, 1);
});

test("all who wait hear why it did not start; the next one has another started", async () => {
  const { workers, reader } = makeReader();
  const waiting = [reader.open("eng"), reader.open("eng")];
  workers[0].onmessage({ data: { error: "eng.pack: HTTP 404" } });
  assert.deepEqual(await Promise.all(waiting), ["eng.pack: HTTP 404", "eng.pack: HTTP 404"]);
  assert.ok(workers[0].isEnded);
  const next = reader.open("eng");
  workers[1].onmessage({ data: { ready: true } });
  assert.equal(await next, "");
});

test("another language ends the worker of the one before", async () => {
  const { workers, reader } = makeReader();
  const first = reader.open("eng");
  workers[0].onmessage({ data: { ready: true } });
  await first;
  const second = reader.open("deu");
  assert.ok(workers[0].isEnded);
  workers[1].onmessage({ data: { ready: true } });
  assert.equal(await second, "");
  assert.equal(workers[1].asked[0].language, "deu");
});
