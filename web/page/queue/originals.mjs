// @ts-check
/**
 * The files of the library's images: for as long as the page is open by themselves, and for another
 * visit by their handles, where the browser has those (Chrome, Edge), or else by copies in the
 * origin's private files, which go once their captions are there.
 */

import { handedIn, tidy } from "../list/handed_in.mjs";
import { handleOf, noteHandle } from "../words/file_handles.mjs";
import { eraseHandles, getHandle, putHandle } from "./handle_store.mjs";

/** @typedef {import("../list/handed_in.mjs").HandedIn} HandedIn */
/** @typedef {{ sha256: string, width: number, height: number, thumbnail: Blob | null, isCopied: boolean }} TakenIn */

const FOLDER = "seesay-originals";
const SIDE = 384; // as in ../library/small_picture.mjs
/** Of the copies; and never more than a quarter of what the browser has left for this site. */
const BUDGET_BYTES = 1_000_000_000;

/** @type {Map<string, File>} by hash: those of this visit */
const files = new Map();
/** @type {Worker | null} */
let worker = null;
/** @type {Promise<unknown>} */
let last = Promise.resolve();
/** @type {Promise<number> | null} how much room the copies take */
let copied = null;

/**
 * @param {string} sha256
 * @param {File} file
 */
export function remember(sha256, file) {
  files.set(sha256, file);
}

/**
 * @param {string} sha256
 * @returns {File | undefined} the file, if it was handed in since the page was opened
 */
export function ofThisVisit(sha256) {
  return files.get(sha256);
}

/**
 * Takes a file in, one after the other, and sees to it that another visit finds it.
 *
 * @param {File} file
 * @returns {Promise<{ facts: string, picture: object | null } | null>} facts as JSON: {sha256, width,
 *   height, isFoundAgain}; the picture as `set_thumbnail` takes it; null where it cannot be read
 */
export function take(file) {
  return inTurn(() => takeIn(file));
}

/**
 * What is taken in, and what takes all away, one after the other: nothing is left over.
 *
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
function inTurn(work) {
  const done = last.then(work);
  last = done.catch(() => {});
  return done;
}

/** @param {File} file */
async function takeIn(file) {
  const handle = await handleOf(file);
  const isToBeCopied = !handle && (await hasRoom(file.size));
  const found = await ask(file, isToBeCopied ? FOLDER : "");
  if (!found) return null;
  const { sha256, width, height, thumbnail, isCopied } = found;
  remember(sha256, file);
  if (isCopied && copied) copied = copied.then((bytes) => bytes + file.size); // else they are counted anew
  const isFoundAgain = isCopied || (handle !== null && (await putHandle(sha256, handle)));
  const picture = thumbnail && {
    sha256,
    thumbnail: new Uint8Array(await thumbnail.arrayBuffer()),
    thumbnail_type: thumbnail.type,
  };
  return { facts: JSON.stringify({ sha256, width, height, isFoundAgain }), picture };
}

/**
 * @param {File} file
 * @param {string} folder
 * @returns {Promise<TakenIn | null>}
 */
function ask(file, folder) {
  const used = (worker ??= new Worker(new URL("intake_worker.mjs", import.meta.url), { type: "module" }));
  return new Promise((resolve) => {
    used.onmessage = ({ data }) => resolve(data);
    used.onerror = (event) => {
      event.preventDefault();
      used.terminate();
      worker = null; // the next file starts another
      resolve(null);
    };
    used.postMessage({ file, side: SIDE, folder });
  });
}

/** @returns {Promise<any>} FileSystemDirectoryHandle of the copies, or null while there are none */
async function folder() {
  const root = await navigator.storage?.getDirectory?.().catch(() => null);
  return (await root?.getDirectoryHandle(FOLDER).catch(() => null)) ?? null;
}

/** @param {number} bytes */
async function hasRoom(bytes) {
  if (!navigator.storage?.getDirectory) return false;
  copied ??= countCopies();
  const { quota = 0, usage = 0 } = (await navigator.storage.estimate?.()) ?? {}; // Safari 16 has none
  const used = await copied;
  return used + bytes <= Math.min(BUDGET_BYTES, used + Math.max(0, quota - usage) / 4);
}

async function countCopies() {
  let bytes = 0;
  const there = await folder();
  for await (const entry of there?.values() ?? []) bytes += (await entry.getFile()).size;
  return bytes;
}

/**
 * The file of an image, wherever it is at hand without asking anybody.
 *
 * @param {string} sha256
 * @returns {Promise<File | null>}
 */
export async function find(sha256) {
  return files.get(sha256) ?? (await byHandle(sha256)) ?? (await byCopy(sha256));
}

/** @param {string} sha256 */
async function byHandle(sha256) {
  try {
    const handle = await getHandle(sha256);
    if ((await handle?.queryPermission({ mode: "read" })) !== "granted") return null;
    const file = await handle.getFile();
    noteHandle(file, handle); // so that words can be saved into it
    return file;
  } catch {
    return null; // it was moved, or deleted
  }
}

/**
 * @param {string} sha256
 * @returns {Promise<boolean>} whether the file is at hand once the person lets the page read it again
 */
export async function isToBeAsked(sha256) {
  const handle = await getHandle(sha256);
  return (await handle?.queryPermission({ mode: "read" }).catch(() => "")) === "prompt";
}

/** @param {string} sha256 */
async function byCopy(sha256) {
  try {
    return (await (await folder())?.getFileHandle(sha256))?.getFile() ?? null;
  } catch {
    return null;
  }
}

/**
 * Asks the person for files of another visit; must follow a click closely. Browsers ask once for all.
 *
 * @param {string} hashes JSON: of images that wait
 */
export async function allow(hashes) {
  for (const sha256 of JSON.parse(hashes)) {
    const handle = await getHandle(sha256);
    if (!handle || files.has(sha256)) continue;
    try {
      if ((await handle.queryPermission({ mode: "read" })) !== "prompt") continue;
      await handle.requestPermission({ mode: "read" });
    } catch {
      // The click was too long ago: what is not at hand is asked for by name.
    }
    return;
  }
}

/**
 * An image has its caption: its copy is needed no more.
 *
 * @param {string} sha256
 */
export async function release(sha256) {
  const there = await folder();
  if (!there) return;
  await there.removeEntry(sha256).catch(() => {}); // there was none
  copied = null;
}

/** Takes all copies away: nothing waits any more. */
export function releaseAll() {
  return inTurn(removeCopies);
}

async function removeCopies() {
  copied = null;
  const root = await navigator.storage?.getDirectory?.().catch(() => null);
  await root?.removeEntry(FOLDER, { recursive: true }).catch(() => {}); // there was none
}

/** Takes all copies and all handles away. */
export function erase() {
  return inTurn(async () => {
    files.clear();
    await eraseHandles();
    await removeCopies();
  });
}

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
 * @returns {Promise<HandedIn[]>}
 */
async function within(there, path) {
  /** @type {Promise<HandedIn | HandedIn[]>[]} */
  const found = [];
  for await (const entry of there.values()) {
    const name = `${path}/${entry.name}`;
    found.push(entry.kind === "file" ? opened(entry, name) : within(entry, name));
  }
  return (await Promise.all(found)).flat();
}
