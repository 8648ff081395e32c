// @ts-check
/** web/page/image/heat_canvas.mjs on a canvas of paper. */

import assert from "node:assert/strict";
import { test } from "node:test";

const { paintHeat } = await import("../../../../web/page/image/heat_canvas.mjs");

const MAP = { height: 1, width: 1, words: [{ text: "a", weights: [1] }] };

/** @param {[number, number, number, number]} seen */
function painted(seen) {
  /** @type {any} */
  let put;
  const context = {
    createImageData: (/** @type {number} */ width, /** @type {number} */ height) => ({
      width,
      height,
      data: new Uint8ClampedArray(4 * width * height),
    }),
    putImageData: (/** @type {any} */ { width, height }, /** @type {number} */ x, /** @type {number} */ y) => {
      put = { x, y, width, height };
    },
  };
  const canvas = /** @type {any} */ ({ width: 0, height: 0, getContext: () => context });
  paintHeat(canvas, 640, 480, MAP, 0, seen);
  return { canvas: [canvas.width, canvas.height], ...put };
}

test("a map covers the whole image", () => {
  assert.deepEqual(painted([0, 0, 1, 1]), { canvas: [320, 240], x: 0, y: 0, width: 320, height: 240 });
});

test("of a cut image it covers what the model saw", () => {
  assert.deepEqual(painted([0, 0, 1, 0.5]), { canvas: [320, 240], x: 0, y: 0, width: 320, height: 120 });
  assert.deepEqual(painted([0.25, 0, 1, 1]), { canvas: [320, 240], x: 80, y: 0, width: 240, height: 240 });
});
