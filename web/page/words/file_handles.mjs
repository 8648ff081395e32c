// @ts-check
/**
 * Saving in place: what was dropped may be written to, where the browser lets a page do that
 * (Chrome and Edge) and the person says yes.
 */

/** @type {WeakMap<File, Promise<any>>} by the file that was handed in; resolve with null for none */
const handles = new WeakMap();

/**
 * Note what stands behind files. Called while the event lasts: afterwards nothing is told.
 *
 * @param {Iterable<any>} items of a DataTransfer
 * @param {File[]} files the same ones, in the same order
 */
export function noteHandles(items, files) {
  const ofFiles = [...items].filter(({ kind }) => kind === "file");
  files.forEach((file, i) => {
    const asked = ofFiles[i]?.getAsFileSystemHandle?.();
    if (asked) handles.set(file, Promise.resolve(asked).catch(() => null));
  });
}

/**
 * @param {File} file
 * @param {any} handle FileSystemFileHandle
 */
export function noteHandle(file, handle) {
  handles.set(file, Promise.resolve(handle));
}

/**
 * @param {File} file
 * @returns {Promise<any>} FileSystemFileHandle, or null where the browser told of none
 */
export async function handleOf(file) {
  const handle = await handles.get(file);
  return handle?.kind === "file" ? handle : null;
}

/**
 * @param {File} file
 * @returns {Promise<boolean>} whether it can be written to, should the person allow it
 */
export async function isWritable(file) {
  const handle = await handles.get(file);
  return typeof handle?.createWritable === "function";
}

/**
 * Ask the person; must follow a click closely.
 *
 * @param {File} file
 */
export async function isAllowed(file) {
  const handle = await handles.get(file);
  const access = { mode: "readwrite" };
  try {
    return (await handle.requestPermission(access)) === "granted";
  } catch {
    return false; // no click, or the browser's settings forbid it
  }
}

/**
 * Write a file anew. The browser writes beside it and swaps when all is there, so that the old one
 * stays whole if anything fails.
 *
 * @param {File} file as it was handed in
 * @param {Blob} blob its new content
 * @returns {Promise<{ file: File | null, problem: "" | "changed" | "failed" }>} the new file; changed:
 *   somebody else has written to it meanwhile, and nothing was done
 */
export async function replaceFile(file, blob) {
  const handle = await handles.get(file);
  try {
    const now = await handle.getFile();
    if (now.size !== file.size || now.lastModified !== file.lastModified) {
      return { file: null, problem: "changed" };
    }
    const writable = await handle.createWritable();
    try {
      await writable.write(blob);
      await writable.close();
    } catch (error) {
      await writable.abort?.().catch(() => {}); // what failed first is what counts
      throw error;
    }
    const fresh = await handle.getFile();
    handles.set(fresh, Promise.resolve(handle));
    return { file: fresh, problem: "" };
  } catch {
    return { file: null, problem: "failed" };
  }
}
