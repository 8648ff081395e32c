// @ts-check
/** The small pictures that the library keeps: one at a time, in a worker of their own. */

const SIDE = 384; // pixels, the longer side: large enough to review by, about 15 KB

/** @type {Worker | null} */
let worker = null;
/** @type {Promise<unknown>} */
let last = Promise.resolve();

/**
 * @param {File} file
 * @returns {Promise<Blob | null>} null where the browser cannot decode it
 */
export function smallPicture(file) {
  if (!("OffscreenCanvas" in globalThis)) return Promise.resolve(null);
  const made = last.then(() => make(file));
  last = made;
  return made;
}

/**
 * @param {File} file
 * @returns {Promise<Blob | null>}
 */
function make(file) {
  const address = new URL("../../list/thumbnail_worker.mjs", import.meta.url);
  const used = (worker ??= new Worker(address, { type: "module" }));
  return new Promise((resolve) => {
    used.onmessage = ({ data }) => resolve(data?.blob ?? null);
    used.onerror = (event) => {
      event.preventDefault();
      used.terminate();
      worker = null; // the next picture starts another
      resolve(null);
    };
    used.postMessage({ file, side: SIDE, isWhole: true });
  });
}
