// @ts-check
/** worker/browser/image_decoder.mjs in a browser of paper: sizes, order, and failures that stay inside. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const { browserDecoder } = await import("../../../../worker/browser/image_decoder.mjs");

/** @type {{ width: number, height: number, isClosed: boolean, close: () => void }[]} */
let bitmaps = [];
/** @type {[number, number]} */
let fileSize = [4000, 3000];
/** @type {() => Promise<void>} */
let onDecode = async () => {};
let canvasFails = false;

Object.assign(globalThis, {
  createImageBitmap: async () => {
    await onDecode();
    const [width, height] = fileSize;
    const bitmap = {
      width,
      height,
      isClosed: false,
      close: () => {
        bitmap.isClosed = true;
      },
    };
    bitmaps.push(bitmap);
    return bitmap;
  },
  OffscreenCanvas: class {
    getContext() {
      if (canvasFails) throw new DOMException("too large", "IndexSizeError");
      return {
        drawImage: () => {},
        getImageData: (/** @type {any} */ _x, /** @type {any} */ _y, /** @type {number} */ w, /** @type {number} */ h) => ({
          data: new Uint8ClampedArray(4 * w * h),
        }),
      };
    }
  },
});

beforeEach(() => {
  bitmaps = [];
  fileSize = [4000, 3000];
  onDecode = async () => {};
  canvasFails = false;
});

const decode = (/** @type {number} */ width = 224, /** @type {number} */ height = 224) =>
  browserDecoder.decode(new Uint8Array(4), "image/avif", 100_000_000, width, height);

test("an image is made small: twice what the model wants, on its shorter side", async () => {
  const found = /** @type {any} */ (await decode());
  assert.deepEqual([found.width, found.height, found.fileWidth, found.fileHeight], [597, 448, 4000, 3000]);
  assert.equal(found.pixels.length, 4 * 597 * 448);
  assert.ok(bitmaps[0]?.isClosed);
});

test("a small one keeps its size, and so does any where none is wanted", async () => {
  fileSize = [300, 200];
  for (const target of [224, 0]) {
    const found = /** @type {any} */ (await decode(target, target));
    assert.deepEqual([found.width, found.height], [300, 200]);
  }
});

test("too many pixels are told, and not drawn", async () => {
  fileSize = [20_000, 10_000];
  canvasFails = true;
  assert.deepEqual(await decode(), { tooLarge: true, fileWidth: 20_000, fileHeight: 10_000 });
  assert.ok(bitmaps[0]?.isClosed);
});

test("what fails in the canvas is a refusal, not an exception", async () => {
  canvasFails = true;
  assert.equal(await decode(), undefined);
  assert.ok(bitmaps[0]?.isClosed);
});

test("one at a time, and a failed one does not stop the next", async () => {
  let running = 0;
  let most = 0;
  let calls = 0;
  onDecode = async () => {
    most = Math.max(most, (running += 1));
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    if ((calls += 1) === 1) throw new DOMException("no", "InvalidStateError");
  };
  const ends = await Promise.all([decode(), decode(), decode()]);
  assert.deepEqual(ends.map((end) => end !== undefined), [false, true, true]);
  assert.equal(most, 1);
});
