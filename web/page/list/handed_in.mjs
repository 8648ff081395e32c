// @ts-check
/** Files as people hand them in: folders with all that is inside, and what is no file at all. */

import { readDataUrl } from "../../api/data_url.mjs";
import { MAX_FILE_BYTES } from "../../api/limits.mjs";
import { noteFolder, noteHandles } from "../words/file_handles.mjs";

/**
 * One file that was handed in.
 *
 * @typedef {object} HandedIn
 * @property {File | null} file null: the browser cannot read it
 * @property {string} name
 * @property {string} path folders and name, as far as the browser tells them
 * @property {File} [sidecar] the file beside it, `photo.xmp` or `photo.jpg.xmp`, that has words for it
 */

/** What file managers leave in folders, in lower case. */
const LITTER = new Set([".ds_store", ".localized", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"]);

/** In the place of the first bytes of a file that is too large for Seesay. */
const LARGE = "large";

/** Of each byte: to write digits takes half a millisecond for each file, to look them up nothing. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

const COLLATOR = new Intl.Collator(undefined, { numeric: true });

/**
 * @param {File} file
 * @returns {HandedIn}
 */
export function handedIn(file) {
  return { file, name: file.name, path: file.webkitRelativePath || file.name };
}

/**
 * The files sorted by their paths, folder by folder, numbers as numbers: disks have orders of
 * their own. What nobody put there on purpose is left out; sidecars go with their images.
 *
 * @param {HandedIn[]} found
 * @returns {HandedIn[]}
 */
export function tidy(found) {
  const wanted = withSidecars(found.filter(({ name }) => !isLitter(name)));
  const keyed = wanted.map((one) => ({ one, path: one.path.split("/") }));
  return keyed.sort((a, b) => compare(a.path, b.path)).map(({ one }) => one);
}

/**
 * Sidecars are put to their images: `photo.xmp` is what Adobe's programs write, `photo.jpg.xmp`
 * darktable and Seesay. One whose image is not there stays.
 *
 * @param {HandedIn[]} found
 * @returns {HandedIn[]} the others
 */
function withSidecars(found) {
  const sidecars = new Map(
    found.filter(({ name, file }) => file && /\.xmp$/i.test(name)).map((one) => [one.path.toLowerCase(), one]),
  );
  if (sidecars.size === 0) return found;
  const taken = new Set();
  for (const one of found) {
    const path = one.path.toLowerCase();
    const beside = sidecars.get(`${path}.xmp`) ?? sidecars.get(path.replace(/\.[^./]*$/, ".xmp"));
    if (!beside?.file || beside === one) continue;
    one.sidecar = beside.file;
    taken.add(beside);
  }
  return found.filter((one) => !taken.has(one));
}

/** @param {string} name "._photo.jpg" is what macOS keeps beside photo.jpg on foreign disks */
function isLitter(name) {
  return name.startsWith("._") || LITTER.has(name.toLowerCase());
}

/**
 * @param {string[]} one
 * @param {string[]} other
 */
function compare(one, other) {
  const depth = Math.min(one.length, other.length);
  for (let i = 0; i < depth; i += 1) {
    const order = COLLATOR.compare(String(one[i]), String(other[i]));
    if (order) return order;
  }
  return one.length - other.length;
}

/**
 * The files in a folder and in the folders inside it. What cannot be read, a file or a folder,
 * comes without its file.
 *
 * @param {FileSystemEntry} entry
 * @returns {Promise<HandedIn[]>}
 */
export async function filesIn(entry) {
  const path = entry.fullPath.replace(/^\//, "");
  const unreadable = { file: null, name: entry.name, path };
  if (entry.isFile) {
    const single = /** @type {FileSystemFileEntry} */ (entry);
    return new Promise((resolve) => {
      single.file(
        (file) => resolve([{ file, name: file.name, path }]),
        () => resolve([unreadable]),
      );
    });
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  /** @type {HandedIn[]} */
  const found = [];
  for (;;) {
    // At most 100 at a time, then none.
    /** @type {FileSystemEntry[] | null} */
    const batch = await new Promise((resolve) => reader.readEntries(resolve, () => resolve(null)));
    if (batch === null) return [...found, unreadable];
    if (batch.length === 0) return found;
    found.push(...(await Promise.all(batch.map(filesIn))).flat());
  }
}

/**
 * What a drop or a paste brings: files, or else the pictures that are part of its HTML, as office
 * programs write it. All of it is read at once, as it is gone when the event is over.
 *
 * @param {DataTransfer} transfer
 * @returns {HandedIn[] | Promise<HandedIn[]>}
 */
export function transferred(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (entries.some((entry) => entry?.isDirectory)) {
    // Like the entries they are asked for at once; one that fails is none, however long the files take.
    const handles = [...transfer.items].map((item) =>
      Reflect.get(item, "getAsFileSystemHandle")?.call(item).catch(() => null),
    );
    const all = entries.map(async (entry, i) => {
      const found = entry ? await filesIn(entry) : [];
      noteFolder(handles[i], found);
      return found;
    });
    return Promise.all(all).then((found) => found.flat());
  }
  noteHandles(transfer.items, [...transfer.files]);
  const files = [...transfer.files].map(handedIn);
  return files.length > 0 ? files : picturesIn(transfer.getData("text/html"));
}

/** @param {string} html */
function picturesIn(html) {
  const { images } = new DOMParser().parseFromString(html, "text/html"); // fetches nothing
  return [...images].flatMap(({ src }) => {
    const found = src.startsWith("data:image/") ? readDataUrl(src) : null;
    if (!found) return [];
    const ending = found.type.replace(/^image\/(x-)?/, "").replace(/\+.*/, "");
    return [handedIn(new File([found.bytes], `image.${ending}`, { type: found.type }))];
  });
}

/**
 * The first bytes of files, all read at once: one after the other, a thousand take three times as long.
 *
 * @param {File[]} files
 * @param {number} count of the bytes
 * @returns {Promise<string>} JSON: of each file hexadecimal digits, "large", or null where it cannot be
 *   read
 */
export async function heads(files, count) {
  return JSON.stringify(await Promise.all(files.map((file) => head(file, count))));
}

/**
 * @param {File} file
 * @param {number} count
 */
async function head(file, count) {
  if (file.size > MAX_FILE_BYTES) return LARGE;
  try {
    return hexadecimal(new Uint8Array(await file.slice(0, count).arrayBuffer()));
  } catch {
    return null; // NotFoundError or NotReadableError: a folder, or gone
  }
}

/** @param {Iterable<number>} bytes */
export function hexadecimal(bytes) {
  let digits = "";
  for (const byte of bytes) digits += HEX[byte];
  return digits;
}
