// @ts-check
/** worker/inference/decoder_steps.mjs on a session made of paper: each row goes on with its own past and image. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Steps } from "../../../../worker/inference/decoder_steps.mjs";

class Tensor {
  /**
   * @param {string} type
   * @param {any} data
   * @param {number[]} dims
   */
  constructor(type, data, dims) {
    this.type = type;
    this.data = data;
    this.dims = dims;
    this.size = data.length;
    this.isDisposed = false;
  }

  dispose() {
    this.isDisposed = true;
  }
}

const CACHES = [0, 1].map((i) => ({ past: `past.${i}`, present: `present.${i}`, heads: 2, dim: 3 }));
const LAYOUT = {
  tokenInput: "ids",
  logits: "logits",
  useCacheBranch: null,
  sharesContext: false,
  caches: CACHES,
};

/**
 * A session whose caches are the ids that each row has read, and whose logits are its newest id and
 * its context.
 *
 * @param {any[]} fed what each run was given
 */
function paperSession(fed) {
  const run = async (/** @type {Record<string, Tensor>} */ feeds) => {
    fed.push(feeds);
    const ids = Array.from(feeds.ids.data, Number);
    const [batch, length] = feeds.ids.dims;
    const logits = ids.map((id, at) => [id, feeds.context.data[Math.floor(at / length)]]).flat();
    /** @type {Record<string, Tensor>} */
    const outputs = { logits: new Tensor("float32", Float32Array.from(logits), [batch, length, 2]) };
    for (const { past, present, heads, dim } of CACHES) {
      const before = feeds[past].dims[2];
      const rows = Array.from({ length: batch }, (_, row) => {
        const old = history(feeds[past], row);
        return [...old, ...ids.slice(row * length, (row + 1) * length)];
      });
      const data = rows.flatMap((row) => Array(heads).fill(row.flatMap((id) => Array(dim).fill(id))));
      const dims = [batch, heads, before + length, dim];
      outputs[present] = new Tensor("float32", Float32Array.from(data.flat()), dims);
    }
    return outputs;
  };
  return /** @type {any} */ ({ run });
}

/**
 * @param {Tensor} cache
 * @param {number} row
 * @returns {number[]} the ids that a row of a cache has read, the same for all heads and numbers
 */
function history(cache, row) {
  const [batch, heads, length, dim] = cache.dims;
  const size = cache.data.length / batch;
  const own = Array.from(cache.data.slice(row * size, (row + 1) * size));
  const ids = own.filter((_, at) => at % dim === 0).slice(0, length);
  const expected = Array(heads).fill(ids.flatMap((id) => Array(dim).fill(id))).flat();
  assert.deepEqual(own, expected);
  return ids;
}

/** @param {number} images */
function start(images) {
  /** @type {Record<string, Tensor>[]} */
  const fed = [];
  const contexts = Array.from({ length: images }, (_, image) => ({
    context: new Tensor("float32", Float32Array.of(100 + image), [1, 1]),
  }));
  const ort = /** @type {any} */ ({ Tensor });
  const meter = { steps: 0, runMs: 0 };
  const steps = new Steps(ort, paperSession(fed), LAYOUT, /** @type {any} */ (contexts), meter);
  const step = async (/** @type {number[]} */ ids, /** @type {number[]} */ ...rows) => {
    const input = BigInt64Array.from(ids.map(BigInt));
    const [logits] = await steps.step(input, ids.length, rows.length ? rows : undefined);
    const feeds = /** @type {Record<string, Tensor>} */ (fed.at(-1));
    const pasts = CACHES.map(({ past }) => ids.map((_, row) => history(feeds[past], row)));
    assert.deepEqual(pasts[0], pasts[1]);
    return { pasts: pasts[0], logits: Array.from(logits) };
  };
  return { steps, step, fed };
}

test("rows that move take their past along, whatever takes their place", async () => {
  const { step } = start(1);
  await step([1]);
  assert.deepEqual((await step([10, 11, 12, 13], 0, 0, 0, 0)).pasts, [[1], [1], [1], [1]]);
  const cross = await step([20, 21, 22, 23], 1, 0, 0, 3);
  assert.deepEqual(cross.pasts, [[1, 11], [1, 10], [1, 10], [1, 13]]);
  const ring = await step([30, 31, 32, 33], 3, 0, 1, 2);
  assert.deepEqual(ring.pasts, [[1, 13, 23], [1, 11, 20], [1, 10, 21], [1, 10, 22]]);
  const still = await step([40, 41, 42, 43], 0, 1, 2, 3);
  assert.deepEqual(still.pasts[3], [1, 10, 22, 33]);
  const fewer = await step([50, 51], 2, 2);
  assert.deepEqual(fewer.pasts, [[1, 10, 21, 32, 42], [1, 10, 21, 32, 42]]);
});

test("rows follow their image", async () => {
  const { step } = start(2);
  assert.deepEqual((await step([1, 2])).logits, [1, 100, 2, 101]);
  const beams = await step([10, 11, 20, 21], 0, 0, 1, 1);
  assert.deepEqual(beams.logits, [10, 100, 11, 100, 20, 101, 21, 101]);
  const left = await step([30, 31], 3, 2);
  assert.deepEqual(left.logits, [30, 101, 31, 101]);
  assert.deepEqual(left.pasts, [[2, 21], [2, 20]]);
});

test("what is no longer needed is given back", async () => {
  const { steps, step, fed } = start(1);
  await step([1]);
  await step([10, 11], 0, 0);
  await step([20, 21], 1, 0);
  steps.release();
  for (const feeds of fed) {
    for (const { past } of CACHES) assert.ok(feeds[past]?.isDisposed);
    assert.ok(feeds.context?.isDisposed);
  }
});

test("tokens go in as embeddings, and a mask of int64 follows its image", async () => {
  /** @type {Record<string, Tensor>[]} */
  const fed = [];
  const run = async (/** @type {Record<string, Tensor>} */ feeds) => {
    fed.push(feeds);
    const [batch] = feeds.embeds.dims;
    const cache = () => new Tensor("float32", new Float32Array(batch * 6), [batch, 2, 1, 3]);
    const presents = CACHES.map(({ present }) => [present, cache()]);
    const logits = new Tensor("float32", new Float32Array(batch * 2), [batch, 1, 2]);
    return { logits, ...Object.fromEntries(presents) };
  };
  const contexts = [1n, 2n].map((value) => ({
    mask: new Tensor("int64", BigInt64Array.of(value, value), [1, 2]),
  }));
  const layout = { ...LAYOUT, tokenInput: "embeds", tokenWidth: 3 };
  const steps = new Steps(
    /** @type {any} */ ({ Tensor }),
    /** @type {any} */ ({ run }),
    layout,
    /** @type {any} */ (contexts),
    { steps: 0, runMs: 0 },
  );
  await steps.step(Float32Array.of(1, 2, 3, 4, 5, 6), 2, undefined);
  await steps.step(new Float32Array(9), 3, [1, 1, 0]);
  assert.deepEqual([fed[0].embeds.type, fed[0].embeds.dims], ["float32", [2, 1, 3]]);
  assert.deepEqual([fed[0].mask.type, ...fed[0].mask.data], ["int64", 1n, 1n, 2n, 2n]);
  assert.deepEqual([fed[1].mask.type, ...fed[1].mask.data], ["int64", 2n, 2n, 2n, 2n, 1n, 1n]);
});
