// @ts-check
/**
 * The files of the library's images: for as long as the page is open by themselves, and for another
 * visit by their handles, where the browser has those (Chrome, Edge), or else by copies in the
 * origin's private files. Copies go once their captions are there; handles, by which images are shown
 * large and words are saved into them, when their images leave the library.
 */

import { handleOf, noteHandle } from "../words/file_handles.mjs";
import { eraseHandles, getHandle, handleKeys, putHandle, removeHandles } from "./handle_store.mjs";
import { ask } from "./intake_workers.mjs";
import { Taken, groups, known } from "./known_files.mjs";

export { canPick, chosen, pick } from "./file_pickers.mjs";
export { heads } from "./known_files.mjs";

/** @typedef {{ width: number, height: number, thumbnail: Blob | null, isCopied: boolean }} Pictured */

const FOLDER = "seesay-originals";
const SIDE = 384; // as in ../library/link/small_picture.mjs
/** Of the copies; and never more than a quarter of what the browser has left for this site. */
const BUDGET_BYTES = 1_000_000_000;

/** @type {Map<string, File>} by hash: those of this visit */
const files = new Map();
/** @type {Map<string, any>} handles of files that were taken in, by hash, until they are settled */
const unsettled = new Map();
/** @type {Set<string>} hashes of files that have their captions: they need no copies */
const captioned = new Set();
/** @type {Promise<unknown>} the last that takes something away */
let last = Promise.resolve();
/** @type {Set<Promise<unknown>>} what is being taken in */
const taking = new Set();
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
 * A file was written anew: it is found by its new hash, in another visit, too.
 *
 * @param {string} former its hash before
 * @param {string} sha256
 * @param {File} file
 */
export async function follow(former, sha256, file) {
  files.delete(former);
  remember(sha256, file);
  const handle = await getHandle(former);
  if (handle && (await putHandle(sha256, handle))) await removeHandles([former]);
}

/**
 * @param {string} sha256
 * @returns {File | undefined} the file, if it was handed in since the page was opened
 */
export function ofThisVisit(sha256) {
  return files.get(sha256);
}

/** Lets the page show what is new, and hear people. Timers would fire once a second in the background. */
export function breath() {
  const { port1, port2 } = new MessageChannel();
  return new Promise((/** @type {(_: void) => void} */ resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/**
 * Takes files in: they are at hand from now on, and their handles are kept once they are settled.
 *
 * @param {File[]} taken
 * @param {number} headBytes how much of each is wanted
 * @returns {Promise<Taken>}
 */
export async function take(taken, headBytes) {
  const found = groups(taken).map(async (some) => {
    return (await noted(know(some, headBytes))) ?? some.map(() => null);
  });
  return new Taken((await Promise.all(found)).flat());
}

/**
 * Makes small pictures of images that were taken in, and copies of those that could not be found again
 * otherwise.
 *
 * @param {string} hashes JSON: of the files
 * @param {boolean} isCopying whether copies are wanted
 * @returns {Promise<{ facts: string, pictures: object[] }>} facts as JSON: of each {width, height,
 *   isFoundAgain}; the pictures as `set_thumbnail` takes them, of those of which there is one
 */
export async function picture(hashes, isCopying) {
  /** @type {string[]} */
  const wanted = JSON.parse(hashes);
  const made = await Promise.all(wanted.map((sha256) => noted(pictureOf(sha256, isCopying))));
  const facts = made.map((one) => one?.facts ?? { width: 0, height: 0, isFoundAgain: false });
  return { facts: JSON.stringify(facts), pictures: made.flatMap((one) => one?.picture ?? []) };
}

/**
 * @template T
 * @param {Promise<T>} work on files, which what takes something away waits for
 * @returns {Promise<T | null>} null where it fails
 */
function noted(work) {
  const done = work.catch(() => null);
  taking.add(done);
  done.then(() => taking.delete(done));
  return done;
}

/**
 * What takes something away waits for what is being taken in, and what is taken in later for it:
 * nothing is left over.
 *
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
function inTurn(work) {
  const done = Promise.all([last, ...taking]).then(work);
  last = done.catch(() => {});
  return done;
}

/**
 * Images whose files were taken in are in the library now: their handles are kept.
 *
 * @param {string} hashes JSON
 * @returns {Promise<number>} of how many files that failed, though they have handles
 */
export async function settle(hashes) {
  const found = JSON.parse(hashes).filter((/** @type {string} */ sha256) => unsettled.has(sha256));
  const kept = await Promise.all(
    found.map((/** @type {string} */ sha256) => putHandle(sha256, unsettled.get(sha256))),
  );
  for (const sha256 of found) unsettled.delete(sha256);
  return kept.filter((isKept) => !isKept).length;
}

/**
 * @param {File[]} some
 * @param {number} headBytes
 */
async function know(some, headBytes) {
  await last;
  const found = await known(some, headBytes);
  await Promise.all(some.map((file, i) => found[i] && takeIn(file, found[i].sha256)));
  return found;
}

/**
 * @param {File} file
 * @param {string} sha256
 */
async function takeIn(file, sha256) {
  remember(sha256, file);
  captioned.delete(sha256);
  const handle = await handleOf(file);
  if (handle) unsettled.set(sha256, handle);
}

/**
 * @param {string} sha256
 * @param {boolean} isCopying
 */
async function pictureOf(sha256, isCopying) {
  await last;
  const file = files.get(sha256);
  if (!file) return null; // it left the library meanwhile
  const isKept = captioned.has(sha256) || (await handleOf(file)) !== null;
  const isToBeCopied = isCopying && !isKept && (await hasRoom(file.size));
  /** @type {Pictured | null} */
  const made = await ask({ kind: "picture", file, sha256, side: SIDE, folder: isToBeCopied ? FOLDER : "" });
  const { width = 0, height = 0, thumbnail = null, isCopied = false } = made ?? {};
  if (isToBeCopied && !isCopied) copied = null; // they are counted anew
  if (isCopied && captioned.has(sha256)) await release(sha256); // while it was made
  const facts = { width, height, isFoundAgain: isKept || isCopied };
  if (!thumbnail) return { facts, picture: null };
  const bytes = new Uint8Array(await thumbnail.arrayBuffer());
  return { facts, picture: { sha256, thumbnail: bytes, thumbnail_type: thumbnail.type } };
}

/** @returns {Promise<any>} FileSystemDirectoryHandle of the copies, or null while there are none */
async function folder() {
  const root = await navigator.storage?.getDirectory?.().catch(() => null);
  return (await root?.getDirectoryHandle(FOLDER).catch(() => null)) ?? null;
}

/**
 * @param {number} bytes
 * @returns {Promise<boolean>} whether there is room for so much; then it is taken
 */
async function hasRoom(bytes) {
  if (!navigator.storage?.getDirectory) return false;
  const { quota = 0, usage = 0 } = (await navigator.storage.estimate?.().catch(() => null)) ?? {}; // Safari 16 has none
  let isEnough = false;
  await (copied = (copied ?? countCopies().catch(() => 0)).then((used) => {
    isEnough = used + bytes <= Math.min(BUDGET_BYTES, used + Math.max(0, quota - usage) / 4);
    return isEnough ? used + bytes : used;
  }));
  return isEnough;
}

async function countCopies() {
  let bytes = 0;
  const there = await folder();
  const sizeOf = (/** @type {any} */ entry) => entry.getFile().then((/** @type {File} */ file) => file.size);
  for await (const entry of there?.values() ?? []) bytes += await sizeOf(entry).catch(() => 0); // it went meanwhile
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
  captioned.add(sha256);
  const there = await folder();
  if (!there) return;
  await there.removeEntry(sha256).catch(() => {}); // there was none
  copied = null;
}

/** Takes all copies away: nothing waits any more, and what has not joined the library will not. */
export function releaseAll() {
  return inTurn(removeCopies);
}

async function removeCopies() {
  unsettled.clear();
  copied = null;
  const root = await navigator.storage?.getDirectory?.().catch(() => null);
  await root?.removeEntry(FOLDER, { recursive: true }).catch(() => {}); // there was none
}

/**
 * Images have left the library: nothing of their files is kept.
 *
 * @param {string[]} hashes
 */
export function forget(hashes) {
  return inTurn(() => letGo(hashes));
}

/**
 * The library has another content: nothing is kept of files that are not in it.
 *
 * @param {string[]} hashes of its images
 */
export function keepOnly(hashes) {
  return inTurn(async () => {
    const kept = new Set(hashes);
    const known = [...files.keys(), ...unsettled.keys(), ...(await handleKeys())];
    for await (const { name } of (await folder())?.values() ?? []) known.push(name);
    await letGo(known.filter((sha256) => !kept.has(sha256)));
  });
}

/** @param {string[]} hashes */
async function letGo(hashes) {
  for (const sha256 of hashes) {
    files.delete(sha256);
    unsettled.delete(sha256);
  }
  await removeHandles(hashes);
  const there = await folder();
  for (const sha256 of there ? hashes : []) await there.removeEntry(sha256).catch(() => {}); // there was none
  copied = null;
}

/** Takes all copies and all handles away. */
export function erase() {
  return inTurn(async () => {
    files.clear();
    await eraseHandles();
    await removeCopies();
  });
}
