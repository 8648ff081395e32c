// @ts-check
/** The addresses of the small pictures that tiles show: those of some screens full stay in memory. */

const MAX_PICTURES = 300;

/** @type {Map<number, string>} by the image's id, the one least recently shown first */
const pictures = new Map();

/**
 * @param {number[]} ids of images
 * @returns {number[]} those without an address here
 */
export function missing(ids) {
  return ids.filter((id) => !pictures.has(id));
}

/**
 * Takes small pictures in, and lets go of those shown longest ago.
 *
 * @param {{ image_id: number, media_type: string, data: Uint8Array<ArrayBuffer> }[]} rows of the
 *   statement `thumbnails`
 * @param {number[]} shown ids of images: what is shown now
 * @returns {Record<number, string>} addresses by id, "" for none
 */
export function show(rows, shown) {
  for (const { image_id, media_type, data } of rows) {
    if (pictures.has(image_id)) continue;
    pictures.set(image_id, URL.createObjectURL(new Blob([data], { type: media_type })));
  }
  for (const id of shown) touch(id);
  for (const id of [...pictures.keys()].slice(0, Math.max(0, pictures.size - MAX_PICTURES))) {
    if (!shown.includes(id)) forget(id);
  }
  return Object.fromEntries(shown.map((id) => [id, pictures.get(id) ?? ""]));
}

/** Lets go of all: an id may be another image's by now. */
export function forgetAll() {
  [...pictures.keys()].forEach(forget);
}

/** @param {number} id becomes the newest */
function touch(id) {
  const url = pictures.get(id);
  if (!url) return;
  pictures.delete(id);
  pictures.set(id, url);
}

/** @param {number} id */
function forget(id) {
  URL.revokeObjectURL(pictures.get(id) ?? "");
  pictures.delete(id);
}
