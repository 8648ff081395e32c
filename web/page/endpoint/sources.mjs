// @ts-check
/** Where the images of requests come from: seen before, in a granted folder, on a granted site. */

import { MAX_FILE_BYTES } from "../../api/limits.mjs";
import { choice } from "../library/choice.mjs";
import { fileOf, kept } from "../library/link/library_link.mjs";
import { consented } from "./consent.mjs";
import { folder, isReadable } from "./grants.mjs";
import { Refusal } from "./refusal.mjs";

/** @typedef {import("../../api/protocol.d.ts").EndpointSource} Source */

const FETCHER = new URL("../../image_fetch.mjs", import.meta.url);
/** For one image from another site, from asking to the last byte. */
const FETCH_LIMIT_MS = 20_000;
/** Of images that are kept for requests by their handles. */
const MOST_SEEN_BYTES = 128 * 2 ** 20;

/** @type {Map<string, Blob>} by handle, the oldest first */
const seen = new Map();

/**
 * Keep an image for requests by its handle, while the page is open.
 *
 * @param {Blob} image
 */
export async function note(image) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await image.arrayBuffer()));
  const handle = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  seen.delete(handle);
  seen.set(handle, image);
  const size = () => [...seen.values()].reduce((total, one) => total + one.size, 0);
  while (size() > MOST_SEEN_BYTES) seen.delete(/** @type {string} */ (seen.keys().next().value));
}

/**
 * @param {Source} source
 * @param {AbortSignal} signal
 * @returns {Promise<Blob>}
 * @throws {Refusal} it cannot be had
 */
export async function imageAt({ kind, value, alias, host }, signal) {
  if (kind === "alias") return fileIn(alias, value);
  if (kind === "url") return fetched(value, host, signal);
  const found = seen.get(value) ?? fileOf(value);
  if (found) return found;
  const message = "No image of that handle is at hand in this window. Send it with POST, or open it there.";
  throw new Refusal(404, "not_found", message);
}

/**
 * The words that the library has for an image: a person's, or else a model's.
 *
 * @param {string} handle
 * @returns {Promise<string | null>}
 */
export async function wordsOf(handle) {
  if (choice() !== "on") return null;
  return kept(handle).catch(() => null); // a library that cannot be opened keeps no image away
}

/**
 * @param {string} alias
 * @param {string} path
 * @returns {Promise<File>}
 */
async function fileIn(alias, path) {
  const granted = await folder(alias).catch(() => undefined);
  if (!granted) throw new Refusal(404, "not_found", `No folder was granted under the name ${alias}.`);
  if (!(await isReadable(alias))) {
    const message = `The folder ${alias} must be allowed again: in Seesay's window, under “Captions for programs”.`;
    throw new Refusal(403, "forbidden", message);
  }
  const names = path.split("/");
  const last = /** @type {string} */ (names.pop());
  try {
    let place = granted.handle;
    for (const name of names) place = await place.getDirectoryHandle(name);
    const file = await (await place.getFileHandle(last)).getFile();
    if (file.size > MAX_FILE_BYTES) throw tooLarge();
    return file;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(404, "not_found", "There is no such file in that folder.");
  }
}

/**
 * @param {string} url
 * @param {string} host as the worker's Python reads it from the address
 * @param {AbortSignal} signal
 * @returns {Promise<Blob>}
 */
async function fetched(url, host, signal) {
  const { origin, hostname } = new URL(url);
  // Two readers that disagree about an address are how private networks are reached.
  if (hostname !== host) throw new Refusal(403, "forbidden", `${hostname} may be in a private network.`);
  if (!(await consented(origin, signal))) {
    throw new Refusal(403, "forbidden", `Images from ${origin} were not allowed in Seesay's window.`);
  }
  // A worker of its own: it alone may connect to other sites, and ending it ends endless answers.
  const worker = new Worker(FETCHER, { type: "module" });
  try {
    return await new Promise((resolve, reject) => {
      const stop = () => {
        const message = `${host} took longer than ${FETCH_LIMIT_MS / 1000} seconds.`;
        reject(new Refusal(502, "network", message));
      };
      for (const limit of [signal, AbortSignal.timeout(FETCH_LIMIT_MS)]) {
        limit.addEventListener("abort", stop);
        if (limit.aborted) stop();
      }
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Refusal(502, "network", "What fetches images did not start. Reload Seesay's window."));
      };
      worker.onmessage = ({ data: { image, status, code, message } }) =>
        image ? resolve(image) : reject(new Refusal(status, code, message));
      worker.postMessage({ url, most: MAX_FILE_BYTES });
    });
  } finally {
    worker.terminate();
  }
}

function tooLarge() {
  const message = `That image has more than ${Math.round(MAX_FILE_BYTES / 1e6)} MB, the limit.`;
  return new Refusal(413, "image_too_large", message);
}
