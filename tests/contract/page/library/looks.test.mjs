// @ts-check
/** web/page/library/link/looks.mjs: where the model looked, packed for the library and unpacked again. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { packed, unpacked } from "../../../../web/page/library/link/looks.mjs";

/** @param {string} text @param {number[][]} weights of each word, 3 x 3 cells */
function candidate(text, weights) {
  const words = text.split(" ").map((word, i) => ({ text: word, weights: weights[i] }));
  return /** @type {any} */ ({ text, attention: { height: 3, width: 3, words } });
}

const TOP = [0.5, 0.25, 0.25, 0, 0, 0, 0, 0, 0];
const EVEN = Array(9).fill(1 / 9);

test("a map takes half a byte a cell and comes back as it looks", () => {
  const kept = packed(candidate("a red dog", [EVEN, TOP, TOP]), [0, 0, 1, 0.5]);
  assert.ok(kept);
  assert.equal(kept.levels.length, 14); // of 27 cells
  const back = unpacked(/** @type {any} */ (kept));
  assert.ok(back);
  assert.deepEqual([back.height, back.width, back.seen], [3, 3, [0, 0, 1, 0.5]]);
  assert.deepEqual(back.words.map(({ text }) => text), ["a", "red", "dog"]);
  assert.deepEqual(back.words[0].weights, Array(9).fill(0));
  assert.deepEqual(back.words[1].weights, [15, 8, 8, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual(back.words[2].weights, back.words[1].weights);
});

test("a model that does not tell leaves nothing to keep", () => {
  assert.equal(packed(undefined, [0, 0, 1, 1]), null);
  assert.equal(packed(/** @type {any} */ ({ text: "a dog" }), [0, 0, 1, 1]), null);
});

test("a map of other words is none", () => {
  const kept = /** @type {any} */ (packed(candidate("a dog", [TOP, TOP]), [0, 0, 1, 1]));
  assert.equal(unpacked({ ...kept, text: "a dog barks" }), null);
});
