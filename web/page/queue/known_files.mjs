// @ts-check
/**
 * What is learnt of files before they are decoded: their first bytes, and their hashes.
 *
 * Some files go to a worker at a time: while the page looks at what came back, it has others to do. What
 * a browser tells of a file it asks the disk for, and who asks waits: here that is no page.
 */

import { hexadecimal } from "../list/handed_in.mjs";
import { ask } from "./intake_workers.mjs";

/** @typedef {{ sha256: string, size: number, head: Uint8Array }} Known */

/** So many files a worker gets at a time. */
const AT_ONCE = 8;

/**
 * @template T
 * @param {T[]} all
 * @returns {T[][]}
 */
export function groups(all) {
  const count = Math.ceil(all.length / AT_ONCE);
  return Array.from({ length: count }, (_, i) => all.slice(i * AT_ONCE, (i + 1) * AT_ONCE));
}

/**
 * As in ../list/handed_in.mjs, by the workers, before anything else that they are to do: the page waits.
 *
 * @param {File[]} files
 * @param {number} count of the bytes
 * @returns {Promise<string>} JSON: of each file hexadecimal digits, "large", or null
 */
export async function heads(files, count) {
  const found = groups(files).map(async (some) => {
    const told = await ask({ kind: "heads", files: some, count }, true);
    return told ? JSON.parse(told) : some.map(() => null);
  });
  return JSON.stringify((await Promise.all(found)).flat());
}

/**
 * @param {File[]} files
 * @param {number} headBytes how much of each is wanted
 * @returns {Promise<(Known | null)[]>} of each file; null where it cannot be read
 */
export async function known(files, headBytes) {
  const found = await ask({ kind: "know", files, headBytes });
  if (found || files.length < 2) return found ?? [null];
  // A worker that failed did so over one of them.
  return (await Promise.all(files.map((file) => known([file], headBytes)))).flat();
}

/** What is known of files once they were read, for the page's Python. */
export class Taken {
  #heads;

  /** @param {(Known | null)[]} found */
  constructor(found) {
    this.#heads = found.map((one) => one?.head ?? new Uint8Array());
    /** JSON: of each file its hash, or null where it cannot be read. */
    this.hashes = JSON.stringify(found.map((one) => one?.sha256 ?? null));
    /** JSON: of each file its size in bytes. */
    this.sizes = JSON.stringify(found.map((one) => one?.size ?? 0));
  }

  /**
   * @param {number} place of a file
   * @param {number} first
   * @param {number} last
   * @returns {string} those of its first bytes, in hexadecimal digits
   */
  digits(place, first, last) {
    return hexadecimal(this.#heads[place]?.subarray(first, last) ?? []);
  }
}
