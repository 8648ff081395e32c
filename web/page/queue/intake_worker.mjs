// @ts-check
/**
 * Takes files in, off the page, step by step: a file joins the library by the first two, which take
 * some milliseconds; the third, which takes far longer, may come when all have joined.
 *
 * {kind: "heads", files, count} is answered as `heads` of handed_in.mjs does.
 * {kind: "know", files, headBytes} with a list, of each file {sha256, size, head}: its hash, its size and
 * its first bytes.
 * {kind: "picture", file, sha256, side, folder} with {width, height, thumbnail, isCopied}: its size in
 * pixels, a small picture of it, and whether there is a copy in the origin's private files, in `folder`,
 * named by the hash; "" makes none. Width and height are 0 and there is no thumbnail where the browser
 * does not decode it.
 * Where a file cannot be read, null stands for it.
 */

import { heads, hexadecimal } from "../list/handed_in.mjs";
import { shrunken } from "../list/shrunken.mjs";

/**
 * @typedef {object} Question
 * @property {"heads" | "know" | "picture"} kind
 * @property {File[]} files
 * @property {File} file
 * @property {number} [count]
 * @property {number} [headBytes]
 * @property {string} [sha256]
 * @property {number} [side] the most that the small picture is wide or high, in pixels
 * @property {string} [folder]
 */

/** @param {Question} question */
async function know({ files, headBytes = 0 }) {
  const found = [];
  for (const file of files) found.push(await known(file, headBytes).catch(() => null)); // one in memory at a time
  return found;
}

/**
 * @param {File} file
 * @param {number} headBytes
 */
async function known(file, headBytes) {
  const bytes = await file.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return { sha256: hexadecimal(digest), size: bytes.byteLength, head: new Uint8Array(bytes.slice(0, headBytes)) };
}

/** @param {Question} question */
async function picture({ file, sha256 = "", side = 0, folder = "" }) {
  const bytes = await file.arrayBuffer();
  const made = await shrunken(new Blob([bytes], { type: file.type }), side, true).catch(() => null);
  const isCopied = folder !== "" && (await copy(folder, sha256, bytes));
  const { width = 0, height = 0, blob: thumbnail = null } = made ?? {};
  return { width, height, thumbnail, isCopied };
}

/**
 * @param {string} folder
 * @param {string} name
 * @param {ArrayBuffer} bytes
 * @returns {Promise<boolean>} whether there is a copy now: there may be no room
 */
async function copy(folder, name, bytes) {
  /** @type {FileSystemDirectoryHandle | undefined} */
  let there;
  try {
    const root = await navigator.storage.getDirectory();
    there = await root.getDirectoryHandle(folder, { create: true });
    /** @type {any} the declarations of pages lack what workers can do */
    const entry = await there.getFileHandle(name, { create: true });
    const access = await entry.createSyncAccessHandle();
    try {
      access.truncate(0);
      access.write(bytes, { at: 0 });
      access.flush();
    } finally {
      access.close();
    }
    return true;
  } catch (error) {
    // The same bytes are being copied beside this one, and must stay.
    if (/** @type {Error} */ (error).name === "NoModificationAllowedError") return true;
    await there?.removeEntry(name).catch(() => {}); // half a copy takes room, and is none
    return false;
  }
}

/** @type {Record<Question["kind"], (question: Question) => Promise<any>>} */
const answers = { heads: ({ files, count = 0 }) => heads(files, count), know, picture };

self.onmessage = async (/** @type {MessageEvent<Question>} */ { data }) => {
  self.postMessage(await answers[data.kind](data).catch(() => null));
};
