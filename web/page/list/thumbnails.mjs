// @ts-check
/** Small pictures for the rows of the list, made one at a time in a worker of their own. */

const SIDE = 208; // pixels: 6.5rem on a screen of double density

/**
 * @typedef {{ url: string, width: number, height: number }} Thumbnail its address, "" where the
 *   browser cannot show it, and the size of the whole image, 0 where it is not known
 * @typedef {{ file: File, resolve: (made: Thumbnail | null) => void }} Order
 */

/** @type {Worker | null} there while there is a list */
let worker = null;
/** @type {Order[]} the latest is made first: its row has just come into view */
const waiting = [];
/** @type {Order | null} */
let current = null;
/** @type {Set<string>} */
const urls = new Set();

/**
 * @param {File} file
 * @returns {Promise<Thumbnail | null>} null: it was dropped before it was made
 */
export function make(file) {
  // Without a canvas for workers the picture itself must do; only rows in view show theirs.
  if (!("OffscreenCanvas" in globalThis)) return Promise.resolve(keep(file, 0, 0));
  return new Promise((resolve) => {
    waiting.push({ file, resolve });
    pump();
  });
}

/**
 * The row of this file is out of view: nobody waits for its picture any more.
 *
 * @param {File} file
 */
export function drop(file) {
  const index = waiting.findIndex((order) => order.file === file);
  if (index >= 0) waiting.splice(index, 1)[0]?.resolve(null);
}

/** There is no list any more: give all memory back. */
export function clear() {
  worker?.terminate();
  worker = null;
  for (const order of waiting.splice(0)) order.resolve(null);
  current?.resolve(null);
  current = null;
  const old = [...urls];
  urls.clear();
  // In a task of its own: images that are still loading them have been let go by then.
  setTimeout(() => old.forEach((url) => URL.revokeObjectURL(url)));
}

/**
 * @param {Blob} blob
 * @param {number} width
 * @param {number} height
 * @returns {Thumbnail}
 */
function keep(blob, width, height) {
  const url = URL.createObjectURL(blob);
  urls.add(url);
  return { url, width, height };
}

function pump() {
  if (current) return;
  current = waiting.pop() ?? null;
  if (!current) return;
  worker ??= start();
  worker.postMessage({ file: current.file, side: SIDE, isWhole: false });
}

function start() {
  const started = new Worker(new URL("thumbnail_worker.mjs", import.meta.url), { type: "module" });
  /** @param {{ blob: Blob, width: number, height: number } | null} made */
  const end = (made) => {
    const order = current;
    current = null;
    const missing = { url: "", width: 0, height: 0 };
    order?.resolve(made ? keep(made.blob, made.width, made.height) : missing);
    pump();
  };
  started.onmessage = ({ data }) => {
    if (worker === started) end(data); // else of a list that is gone
  };
  started.onerror = (event) => {
    event.preventDefault();
    if (worker !== started) return;
    worker = null; // the next picture starts another
    started.terminate();
    end(null);
  };
  return started;
}
