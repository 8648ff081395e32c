// @ts-check
/**
 * What the page asks the library's worker for.
 *
 * Calls and rows travel as JSON text, because whole numbers from JavaScript wrap beyond 32 bits in
 * the page's MicroPython. What is large stays on this side: lists of ids, pictures, files.
 */

import * as originals from "../../queue/originals.mjs";
import { download } from "../../words/downloads.mjs";
import * as libraryWorker from "./library_worker.mjs";
import { packed, unpacked } from "./looks.mjs";
import { smallPicture } from "./small_picture.mjs";
import * as tilePictures from "./tile_pictures.mjs";

export { open } from "./library_worker.mjs";
export { originals };

const { ask } = libraryWorker;
/** @type {(kind: string) => void} */
let listener = () => {};
let shown = "";

libraryWorker.listen((kind) => {
  tilePictures.forgetAll();
  listener(kind);
});

/** @param {(kind: string) => void} onEvent told "changed" and "taken" of other tabs */
export function listen(onEvent) {
  listener = onEvent;
}

/**
 * Runs named statements as one transaction.
 *
 * @param {string} calls JSON: a list of {name, parameters}
 * @param {boolean} handsOver the tab that has the library may be asked to write; else what writes
 *   is refused here
 * @returns {Promise<string>} JSON: for each a list of rows
 */
export async function run(calls, handsOver) {
  const { results } = await ask("run", { calls: JSON.parse(calls), handsOver });
  return JSON.stringify(results);
}

/**
 * Adds many images as one transaction. The page does something else meanwhile, and is told of a failure
 * when it waits for the end.
 *
 * @param {string} names JSON: of statements
 * @param {string} images JSON: what each of them takes
 * @param {boolean} handsOver as for `run`
 * @returns {Promise<string>} JSON: the rows of the last one
 */
export function addImages(names, images, handsOver) {
  const calls = JSON.parse(names).map((/** @type {string} */ name) => ({ name, parameters: { images } }));
  const told = ask("run", { calls, handsOver }).then(({ results }) => JSON.stringify(results.at(-1)));
  told.catch(() => {});
  return told;
}

/** Of the last `Ids`. */
let newest = { rows: "", version: 0 };

/** The ids that a statement finds, in order, on this side. */
class Ids {
  #ids;

  /**
   * @param {Int32Array} found
   * @param {any[]} others
   */
  constructor(found, others) {
    this.#ids = found;
    this.length = found.length;
    /** JSON: the rows of the calls behind the first one. */
    this.rows = JSON.stringify(others);
    if (this.rows !== newest.rows) newest = { rows: this.rows, version: newest.version + 1 };
    /** Another number for other rows: they need not be fetched to be compared. */
    this.version = newest.version;
  }

  /**
   * @param {number} from
   * @param {number} to
   * @returns {string} JSON
   */
  part(from, to) {
    return JSON.stringify([...this.#ids.subarray(from, to)]);
  }

  /**
   * @param {string} wanted JSON: ids
   * @param {number} count
   * @returns {string} JSON: so many of them, in order; fewer where the others are not among these
   */
  firstOf(wanted, count) {
    const sought = new Set(JSON.parse(wanted));
    const found = [];
    for (const id of this.#ids) {
      if (found.length >= Math.min(count, sought.size)) break;
      if (sought.has(id)) found.push(id);
    }
    return JSON.stringify(found);
  }

  /** @param {number} place */
  at(place) {
    return this.#ids[place];
  }

  /** @param {number} id */
  place(id) {
    return this.#ids.indexOf(id);
  }

  /**
   * @param {string} wanted JSON: ids
   * @returns {number} how many of these are listed
   */
  listed(wanted) {
    const there = new Set(this.#ids);
    return JSON.parse(wanted).filter((/** @type {number} */ id) => there.has(id)).length;
  }
}

/**
 * @param {string} calls JSON, as for `run`; the first one finds the ids
 * @returns {Promise<Ids>}
 */
export async function find(calls) {
  const [first, ...following] = JSON.parse(calls);
  const { results } = await ask("run", { calls: [{ ...first, isNumbers: true }, ...following] });
  const [found, ...others] = results;
  return new Ids(found, others);
}

/**
 * Keeps an image, in whatever tab has the library: runs the calls, and puts a small picture to it.
 *
 * @param {string} calls JSON, as for `run`
 * @param {string} handle SHA-256 of the file
 * @param {File} file
 * @returns {Promise<string>} JSON: the rows of the calls
 */
export async function keep(calls, handle, file) {
  const all = JSON.parse(calls);
  const picture = await smallPicture(file);
  if (picture) {
    const thumbnail = new Uint8Array(await picture.arrayBuffer());
    const parameters = { sha256: handle, thumbnail, thumbnail_type: picture.type };
    all.push({ name: "set_thumbnail", parameters });
  }
  const { results } = await ask("run", { calls: all, handsOver: true });
  originals.remember(handle, file);
  return JSON.stringify(results);
}

/**
 * Runs named statements as one transaction, and puts to an image's current caption at its end where
 * the model looked, if it told.
 *
 * @param {string} calls JSON, as for `run`
 * @param {number} image_id
 * @param {any} candidate of CaptionResult: the caption
 * @param {number[]} seen likewise
 * @param {boolean} handsOver as for `run`
 * @returns {Promise<string>} JSON: the rows of the calls
 */
export async function runWithLook(calls, image_id, candidate, seen, handsOver) {
  const all = JSON.parse(calls);
  const look = packed(candidate, seen);
  if (look) all.push({ name: "set_look", parameters: { image_id, ...look } });
  const { results } = await ask("run", { calls: all, handsOver });
  return JSON.stringify(results);
}

/**
 * @param {number} image_id
 * @returns {Promise<import("./looks.mjs").Look | null>} where the model looked for the words of the
 *   image's current caption; null where that is not kept
 */
export async function look(image_id) {
  const { results } = await ask("run", { calls: [{ name: "get_look", parameters: { image_id } }] });
  return results[0][0] ? unpacked(results[0][0]) : null;
}

/**
 * Runs named statements as one transaction, and puts small pictures to images at its end.
 *
 * @param {string} calls JSON, as for `run`
 * @param {object[]} pictures parameters of `set_thumbnail`
 * @returns {Promise<string>} JSON: the rows of the calls
 */
export async function add(calls, pictures) {
  const all = JSON.parse(calls);
  all.push(...pictures.map((parameters) => ({ name: "set_thumbnail", parameters })));
  const { results } = await ask("run", { calls: all });
  return JSON.stringify(results);
}

/**
 * @param {string} wanted JSON: ids of images
 * @returns {Promise<string>} JSON: {rows, pictures}: rows of `tiles_of_ids`, and the
 *   addresses of their small pictures by id, "" for none
 */
export async function tiles(wanted) {
  /** @type {number[]} */
  const asked = JSON.parse(wanted);
  const missing = tilePictures.missing(asked);
  const calls = [
    { name: "tiles_of_ids", parameters: { ids: wanted } },
    { name: "thumbnails", parameters: { ids: JSON.stringify(missing) } },
  ];
  const { results } = await ask("run", { calls });
  return JSON.stringify({ rows: results[0], pictures: tilePictures.show(results[1], asked) });
}

/**
 * @param {string} wanted JSON: ids of images
 * @returns {Promise<object[]>} what an export says of them: ExportRecord of seesay.d.ts
 */
export async function wordsToExport(wanted) {
  const { results } = await ask("run", { calls: [{ name: "words_to_export", parameters: { ids: wanted } }] });
  return results[0].map((/** @type {any} */ row) => ({
    ...row,
    keywords: JSON.parse(row.keywords),
    reviewed: Boolean(row.reviewed),
    earlier: JSON.parse(row.earlier),
    by_person: JSON.parse(row.by_person),
    fields: JSON.parse(row.fields),
  }));
}

/**
 * The image itself, where its file is at hand; one at a time.
 *
 * @param {string} handle
 * @returns {Promise<string>} its address, or ""
 */
export async function original(handle) {
  const file = await originals.find(handle);
  const old = shown;
  if (old) setTimeout(() => URL.revokeObjectURL(old)); // what shows it has let go of it by then
  shown = file ? URL.createObjectURL(file) : "";
  return shown;
}

/**
 * @param {string} handle
 * @returns {File | undefined} the image itself, where its file is at hand
 */
export function fileOf(handle) {
  return originals.ofThisVisit(handle);
}

/**
 * The words that the library has for an image, another tab's included.
 *
 * @param {string} handle
 * @returns {Promise<string | null>}
 */
export async function kept(handle) {
  await libraryWorker.open(false);
  const { results } = await ask("run", { calls: [{ name: "get_image", parameters: { sha256: handle } }] });
  return results[0][0]?.text || null;
}

/**
 * Runs named statements that delete images, as one transaction, and lets go of the images' files.
 *
 * @param {string} calls JSON, as for `run`
 * @param {string} ids JSON: of the images
 */
export async function remove(calls, ids) {
  const all = [{ name: "handles_of", parameters: { ids } }, ...JSON.parse(calls)];
  const { results } = await ask("run", { calls: all });
  await originals.forget(hashesOf(results[0]));
}

/** @param {any[]} rows */
const hashesOf = (rows) => rows.map(({ sha256 }) => sha256);

/**
 * Hands the whole library to the person as a file.
 *
 * @param {string} name
 */
export async function save(name) {
  const { bytes } = await ask("export");
  download(new Blob([bytes], { type: "application/vnd.sqlite3" }), name);
}

/**
 * Puts a library from a file in the place of the one that is here.
 *
 * @param {File} file
 * @param {(stage: string, percent: number) => void} onProgress
 */
export async function replace(file, onProgress) {
  let told = "";
  await ask("import", { file }, ({ stage, share }) => {
    const percent = Math.floor(100 * share);
    const news = `${stage} ${percent}`;
    if (news === told) return;
    told = news;
    onProgress(stage, percent);
  });
  tilePictures.forgetAll();
  const { results } = await ask("run", { calls: [{ name: "all_handles" }] });
  await originals.keepOnly(hashesOf(results[0]));
}

/** Takes everything away; nothing is left on this device. */
export async function erase() {
  if (!libraryWorker.isHere()) await libraryWorker.open(true);
  await ask("erase");
  tilePictures.forgetAll();
  await originals.erase();
  libraryWorker.stop("The library was deleted."); // also to what was asked meanwhile
}
