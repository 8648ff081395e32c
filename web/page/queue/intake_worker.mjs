// @ts-check
/**
 * Takes a file in, off the page: its hash, its size in pixels, a small picture of it, and, where it
 * could not be found again otherwise, a copy in the origin's private files.
 *
 * A message {file, side, folder} is answered with {sha256, width, height, thumbnail, isCopied}; with
 * null where the file cannot be read. Width and height are 0 and there is no thumbnail where the
 * browser does not decode it. The copy is made in `folder`, named by the hash; "" makes none.
 */

import { shrunken } from "../list/shrunken.mjs";

/**
 * @param {File} file
 * @param {number} side the most that the small picture is wide or high, in pixels
 * @param {string} folder
 */
async function takeIn(file, side, folder) {
  const bytes = await file.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const picture = await shrunken(new Blob([bytes], { type: file.type }), side, true).catch(() => null);
  const isCopied = folder !== "" && (await copy(folder, sha256, bytes));
  const { width = 0, height = 0, blob: thumbnail = null } = picture ?? {};
  return { sha256, width, height, thumbnail, isCopied };
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

self.onmessage = async ({ data: { file, side, folder } }) => {
  self.postMessage(await takeIn(file, side, folder).catch(() => null));
};
