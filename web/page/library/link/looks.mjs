// @ts-check
/**
 * Where the model looked, as the library keeps it: four bits a cell. What is shown is scaled from a
 * word's weakest cell to its strongest anyway (../../image/heat_canvas.mjs), and smoothed.
 *
 * The format: pycore/library/schema/0003_looks.sql.
 */

/**
 * @typedef {import("../../../seesay.d.ts").AttentionMap} AttentionMap
 * @typedef {import("../../../seesay.d.ts").CaptionResult} CaptionResult
 * @typedef {AttentionMap & { seen: [number, number, number, number] }} Look
 */

const MOST = 15;

/**
 * Where a model looked for the words of a caption, as `set_look` takes it.
 *
 * @param {CaptionResult["candidates"][0] | undefined} candidate the caption
 * @param {ArrayLike<number>} seen as in CaptionResult
 * @returns {Record<string, any> | null} null where the model did not tell
 */
export function packed(candidate, seen) {
  const map = candidate?.attention;
  if (!map) return null;
  const cells = map.words.flatMap(({ weights }) => levels(weights));
  const bytes = Uint8Array.from({ length: Math.ceil(cells.length / 2) }, (_, i) => {
    return ((cells[2 * i] ?? 0) << 4) | (cells[2 * i + 1] ?? 0);
  });
  const { height, width } = map;
  return { text: candidate.text, height, width, seen: JSON.stringify(Array.from(seen)), levels: bytes };
}

/** @param {number[]} weights */
function levels(weights) {
  const low = Math.min(...weights);
  const range = Math.max(...weights) - low;
  return weights.map((weight) => (range > 0 ? Math.round(((weight - low) / range) * MOST) : 0));
}

/**
 * @param {{ text: string, height: number, width: number, seen: string, levels: Uint8Array }} row
 * @returns {Look | null} null where the map is of other words
 */
export function unpacked({ text, height, width, seen, levels: bytes }) {
  const words = text.split(/\s+/).filter(Boolean);
  const count = height * width;
  if (bytes.length !== Math.ceil((words.length * count) / 2)) return null;
  const cell = (/** @type {number} */ i) => ((bytes[i >> 1] ?? 0) >> (i % 2 ? 0 : 4)) & MOST;
  const maps = words.map((word, nth) => ({
    text: word,
    weights: Array.from({ length: count }, (_, i) => cell(nth * count + i)),
  }));
  return { height, width, words: maps, seen: JSON.parse(seen) };
}
