// @ts-check
/**
 * Saving in place: what was dropped may be written to, where the browser lets a page do that
 * (Chrome and Edge) and the person says yes.
 */

/** @typedef {import("../list/handed_in.mjs").HandedIn} HandedIn */

/** @type {WeakMap<File, Promise<any>>} by the file that was handed in; resolve with null for none */
const handles = new WeakMap();

/** @type {WeakMap<File, { root: Promise<any>, path: string[] }>} files of folders, asked when needed */
const places = new WeakMap();

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
 * Note a folder, or a file, that was dropped together with folders.
 *
 * @param {Promise<any> | undefined} asked its handle, where the browser has such
 * @param {HandedIn[]} found what is in it; paths begin with its name
 */
export function noteFolder(asked, found) {
  if (!asked) return;
  const root = asked.catch(() => null);
  for (const { file, path } of found) if (file) places.set(file, { root, path: path.split("/") });
}

/**
 * @param {File} file
 * @returns {Promise<any>} FileSystemFileHandle, or null where the browser told of none
 */
export async function handleOf(file) {
  const place = places.get(file);
  let handle = handles.has(file) ? await handles.get(file) : await place?.root;
  try {
    if (handle?.kind === "directory" && place) {
      for (const name of place.path.slice(1, -1)) handle = await handle.getDirectoryHandle(name);
      handle = await handle.getFileHandle(place.path.at(-1));
    }
  } catch {
    return null; // renamed or gone since
  }
  return handle?.kind === "file" ? handle : null;
}

/**
 * @param {File} file
 * @returns {Promise<boolean>} whether it can be written to, should the person allow it
 */
export async function isWritable(file) {
  const handle = await handleOf(file);
  return typeof handle?.createWritable === "function";
}

/**
 * Ask the person; must follow a click closely.
 *
 * @param {File} file
 * @returns {Promise<boolean>}
 */
export async function isAllowed(file) {
  return (await whichAllowed([file]))[0];
}

/**
 * Which of several files may be written to. All questions are asked while the click still counts:
 * one for each file, or for the folder that files were dropped in.
 *
 * @param {File[]} files
 * @returns {Promise<boolean[]>}
 */
export async function whichAllowed(files) {
  const writable = await Promise.all(files.map(isWritable));
  const roots = await Promise.all(files.map((file) => handles.get(file) ?? places.get(file)?.root));
  /** @type {Map<any, Promise<boolean>>} */
  const answers = new Map();
  for (const root of roots) if (!answers.has(root)) answers.set(root, ask(root));
  return Promise.all(roots.map(async (root, i) => writable[i] && (await answers.get(root)) === true));
}

/** @param {any} root FileSystemHandle, or null */
async function ask(root) {
  try {
    return (await root.requestPermission({ mode: "readwrite" })) === "granted";
  } catch {
    return false; // no click, or the browser's settings forbid it
  }
}

/** @returns {boolean} whether a person can name the folder that files are in */
export function canChooseFolder() {
  return typeof Reflect.get(globalThis, "showDirectoryPicker") === "function";
}

/** Files of a chosen folder that are looked at, so that choosing a whole disk ends. */
const MOST_FILES = 50_000;

/**
 * Let the person name the folder that files are in; must follow a click closely. Files are known
 * again by name, size and time, and by their paths where several are alike.
 *
 * @param {HandedIn[]} wanted
 * @returns {Promise<boolean>} false: no folder was chosen
 */
export async function chooseFolder(wanted) {
  /** @type {any} */
  let folder;
  try {
    folder = await Reflect.get(globalThis, "showDirectoryPicker")({ mode: "readwrite" });
  } catch {
    return false;
  }
  /** @type {Map<string, { path: string, handle: any }[]>} by name */
  const found = new Map();
  await walk(folder, "", found, { left: MOST_FILES }).catch(() => {}); // a folder went: the others count
  for (const { file, path } of wanted) {
    if (!file) continue;
    const alike = [];
    for (const one of found.get(file.name) ?? []) {
      const now = await one.handle.getFile().catch(() => null);
      if (now && isLike(now, file)) alike.push(one);
    }
    const one = alike.length > 1 ? placed(alike, path) : alike[0];
    if (one) handles.set(file, Promise.resolve(one.handle));
  }
  return true;
}

/**
 * Which of several copies a path names; none where it does not say so: the wrong one must not change.
 *
 * @param {{ path: string, handle: any }[]} alike
 * @param {string} path
 */
function placed(alike, path) {
  const fitting = alike.filter((one) => path.includes("/") && `/${path}`.endsWith(one.path));
  return fitting.sort((a, b) => b.path.length - a.path.length).at(0);
}

/**
 * @param {any} folder
 * @param {string} path
 * @param {Map<string, { path: string, handle: any }[]>} found
 * @param {{ left: number }} room
 */
async function walk(folder, path, found, room) {
  for await (const handle of folder.values()) {
    if (room.left-- <= 0) return;
    const below = `${path}/${handle.name}`;
    if (handle.kind === "directory") await walk(handle, below, found, room);
    else found.set(handle.name, [...(found.get(handle.name) ?? []), { path: below, handle }]);
  }
}

/**
 * @param {File} now
 * @param {File} file
 */
function isLike(now, file) {
  return now.size === file.size && now.lastModified === file.lastModified;
}

/**
 * Write a file anew. The browser writes beside it and swaps when all is there, so that the old one
 * stays whole if anything fails.
 *
 * @param {File} file as it was handed in
 * @param {Blob} blob its new content
 * @returns {Promise<{ file: File | null, sha256: string, problem: "" | "changed" | "failed" }>} the new
 *   file, and its hash; changed: somebody else has written to it meanwhile, and nothing was done
 */
export async function replaceFile(file, blob) {
  const handle = await handleOf(file);
  try {
    const sha256 = await hashOf(blob); // what may fail comes before the file is touched
    const now = await handle.getFile();
    if (!isLike(now, file)) return { file: null, sha256: "", problem: "changed" };
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
    return { file: fresh, sha256, problem: "" };
  } catch {
    return { file: null, sha256: "", problem: "failed" };
  }
}

/** @param {Blob} blob */
async function hashOf(blob) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
