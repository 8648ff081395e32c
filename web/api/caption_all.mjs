// @ts-check
/**
 * Captions for many images: groups of them are sent to the worker, two groups ahead, so that the
 * next files are read while others are captioned.
 */

import { readImage } from "./image_input.mjs";
import { SeesayError } from "./seesay_error.mjs";

/** Groups asked for at the same time: one at work, one ready. */
const GROUPS_AHEAD = 2;
/** What spoils a whole group, though one image may be to blame: each is tried by itself then. */
const SHARED_FAULTS = new Set(["inference", "internal", "worker_lost"]);
/** A group is in memory as a whole, so it has no more bytes than this, or a single image. */
const MAX_GROUP_BYTES = 64_000_000;
/** What is assumed of an image at an address. */
const USUAL_BYTES = 8_000_000;

/**
 * @typedef {import("../seesay.d.ts").ImageInput} ImageInput
 * @typedef {import("../seesay.d.ts").CaptionResult} CaptionResult
 * @typedef {{ result: CaptionResult } | { error: SeesayError }} Outcome
 *
 * @typedef {object} Run
 * @property {import("./worker_link.mjs").WorkerLink} link
 * @property {string} model
 * @property {Record<string, unknown>} options of generation, in snake_case
 * @property {AbortSignal | undefined} signal
 * @property {(progress: object) => void} onProgress
 */

/**
 * @param {ImageInput[]} images
 * @param {number} batchSize
 * @param {Run} job
 * @returns {AsyncGenerator<{ index: number } & Outcome, void, void>} in the order of the images
 */
export async function* captionAll(images, batchSize, job) {
  const leaving = new AbortController();
  const { signal } = leaving;
  const stop = () => leaving.abort(job.signal?.reason);
  if (job.signal?.aborted) stop();
  job.signal?.addEventListener("abort", stop, { signal });
  const count = (/** @type {number} */ loaded) =>
    job.onProgress({ stage: "images", loaded, total: images.length, unit: "images" });
  /** @type {Promise<Outcome>[][]} */
  const groups = [];
  let next = 0;
  const ask = () => {
    if (next >= images.length) return;
    const group = groupAt(images, next, batchSize);
    groups.push(captionGroup(group, { ...job, signal }));
    next += group.length;
  };
  try {
    for (let i = 0; i < GROUPS_AHEAD; i += 1) ask();
    let index = 0;
    count(index);
    for (let group = groups.shift(); group; group = groups.shift()) {
      for (const end of group) {
        signal.throwIfAborted();
        const outcome = await end;
        count(index + 1);
        yield { index, ...outcome };
        index += 1;
      }
      ask();
    }
  } finally {
    leaving.abort(); // whoever leaves the loop early wants no more
  }
}

/**
 * @param {ImageInput[]} images
 * @param {number} start of the group
 * @param {number} batchSize the most images
 */
function groupAt(images, start, batchSize) {
  let end = start;
  let sizeBytes = 0;
  do {
    sizeBytes += sizeOf(images[end]);
    end += 1;
  } while (end < start + batchSize && sizeBytes + sizeOf(images[end]) <= MAX_GROUP_BYTES);
  return images.slice(start, end);
}

/** @param {ImageInput | undefined} image */
function sizeOf(image) {
  if (image instanceof Blob) return image.size;
  const isBytes = image instanceof ArrayBuffer || ArrayBuffer.isView(image);
  return isBytes ? image.byteLength : USUAL_BYTES;
}

/**
 * @param {ImageInput[]} images
 * @param {Run} job
 * @returns {Promise<Outcome>[]} one for each image; they reject with what concerns all images
 */
function captionGroup(images, job) {
  /** @type {{ resolve: (end: Outcome | Promise<Outcome>) => void, reject: (why: any) => void }[]} */
  const settle = [];
  const ends = images.map((_, i) => {
    const end = new Promise((resolve, reject) => {
      settle[i] = { resolve, reject };
    });
    end.catch(() => {}); // met again when it is its turn
    return end;
  });
  /** @type {Set<number>} */
  const waiting = new Set(images.keys());
  /**
   * @param {number} i
   * @param {Outcome | Promise<Outcome>} end
   */
  const resolve = (i, end) => {
    waiting.delete(i);
    settle[i]?.resolve(end);
  };
  askWorker(images, waiting, job, resolve).catch((error) => {
    for (const i of waiting) {
      if (!SHARED_FAULTS.has(error.code)) settle[i]?.reject(error);
      else if (images.length === 1) resolve(i, { error });
      else resolve(i, /** @type {Promise<Outcome>} */ (captionGroup(images.slice(i, i + 1), job)[0]));
    }
  });
  return ends;
}

/**
 * @param {ImageInput[]} images
 * @param {ReadonlySet<number>} waiting positions of the images that have not ended
 * @param {Run} job
 * @param {(i: number, end: Outcome) => void} resolve
 */
async function askWorker(images, waiting, { link, model, options, signal, onProgress }, resolve) {
  /** @type {number[]} positions of the images that were sent */
  let sent = [];
  await link.request({
    kind: "caption.batch",
    prepare: async () => {
      /** @param {number} i */
      const read = async (i) => {
        try {
          const image = /** @type {ImageInput} */ (images[i]);
          return [{ i, bytes: await readImage(image, signal) }];
        } catch (error) {
          if (!(error instanceof SeesayError)) throw error; // aborted
          resolve(i, { error });
          return [];
        }
      };
      const files = (await Promise.all([...waiting].map(read))).flat();
      sent = files.map(({ i }) => i);
      const bytes = files.map((file) => file.bytes);
      return { payload: { images: bytes, model, options }, transfer: bytes };
    },
    queued: true,
    signal,
    onEvent: (kind, payload) => {
      if (kind !== "result") return onProgress(payload);
      const { index, result, error } = payload;
      const i = /** @type {number} */ (sent[index]);
      if (result) resolve(i, { result });
      else if (error) resolve(i, { error: SeesayError.from(error) });
    },
  });
  if (waiting.size > 0) throw new SeesayError("protocol", "Seesay's worker forgot an image.");
}
