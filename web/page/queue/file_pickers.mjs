// @ts-check
/** Files and folders that a person chooses for the library. */

import { handedIn, tidy } from "../list/handed_in.mjs";
import { noteHandle } from "../words/file_handles.mjs";

/** @typedef {import("../list/handed_in.mjs").HandedIn} HandedIn */

/**
 * @param {HTMLInputElement} input of files
 * @returns {HandedIn[]} what was chosen, in order; the input is empty again
 */
export function chosen(input) {
  const found = [...(input.files ?? [])].map(handedIn);
  input.value = ""; // so that choosing the same file again is a change, too
  return tidy(found);
}

/** Whether the browser's own choosers tell which files they are of, so that they are found again. */
export const canPick = "showOpenFilePicker" in globalThis;

/**
 * Lets a person choose files by the browser's own chooser; must follow a click closely.
 *
 * @param {boolean} isFolder
 * @returns {Promise<HandedIn[]>} none where they changed their mind
 */
export async function pick(isFolder) {
  /** @type {any} not declared everywhere */
  const browser = globalThis;
  try {
    if (!isFolder) {
      const handles = await browser.showOpenFilePicker({ multiple: true });
      return tidy(await Promise.all(handles.map((/** @type {any} */ one) => opened(one, one.name))));
    }
    const root = await browser.showDirectoryPicker();
    return tidy(await within(root, root.name));
  } catch {
    return [];
  }
}

/**
 * @param {any} handle FileSystemFileHandle
 * @param {string} path
 * @returns {Promise<HandedIn>}
 */
async function opened(handle, path) {
  try {
    const file = await handle.getFile();
    noteHandle(file, handle);
    return { file, name: file.name, path };
  } catch {
    return { file: null, name: handle.name, path };
  }
}

/**
 * @param {any} there FileSystemDirectoryHandle
 * @param {string} path
 * @returns {Promise<HandedIn[]>} a folder that cannot be read comes without its file
 */
async function within(there, path) {
  /** @type {(HandedIn | Promise<HandedIn | HandedIn[]>)[]} */
  const found = [];
  try {
    for await (const entry of there.values()) {
      const name = `${path}/${entry.name}`;
      found.push(entry.kind === "file" ? opened(entry, name) : within(entry, name));
    }
  } catch {
    found.push({ file: null, name: there.name, path });
  }
  return (await Promise.all(found)).flat();
}
