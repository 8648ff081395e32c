// @ts-check
/** Paints where the model looked, smoothly, over an image of any shape. */

/**
 * @typedef {import("../../seesay.d.ts").AttentionMap} AttentionMap
 */

const LONG_SIDE = 320; // pixels; the browser scales the rest of the way

/** From cold to hot: red, green, blue, opacity. What is cold is dimmed, what is hot glows. */
const COLOURS = [
  [10, 18, 28, 0.66],
  [46, 22, 60, 0.6],
  [150, 40, 52, 0.5],
  [232, 92, 40, 0.44],
  [255, 196, 72, 0.4],
];

const RAMP = Array.from({ length: 256 }, (_, i) => colour(i / 255));

/**
 * Fill a canvas of the image's shape with the heat of one word.
 *
 * The grid covers all that the model saw, whatever its shape: it saw it squeezed to a square.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {number} imageWidth in pixels
 * @param {number} imageHeight in pixels
 * @param {AttentionMap} map
 * @param {number} word which of the map's words
 * @param {[number, number, number, number]} seen left, top, right and bottom, as shares of the image
 */
export function paintHeat(canvas, imageWidth, imageHeight, map, word, [left, top, right, bottom]) {
  const weights = map.words[word]?.weights;
  const context = canvas.getContext("2d");
  if (!weights || !context) return;
  const scale = LONG_SIDE / Math.max(imageWidth, imageHeight);
  canvas.width = Math.max(1, Math.round(imageWidth * scale));
  canvas.height = Math.max(1, Math.round(imageHeight * scale));
  const wide = Math.max(1, Math.round(canvas.width * (right - left)));
  const tall = Math.max(1, Math.round(canvas.height * (bottom - top)));
  const heat = enlarge(weights, map.height, map.width, tall, wide);
  const low = heat.reduce((a, b) => Math.min(a, b));
  const high = heat.reduce((a, b) => Math.max(a, b));
  const image = context.createImageData(wide, tall);
  const scaleUp = high > low ? (RAMP.length - 1) / (high - low) : 0;
  heat.forEach((value, i) => image.data.set(at(RAMP, Math.round((value - low) * scaleUp)), 4 * i));
  context.putImageData(image, Math.round(canvas.width * left), Math.round(canvas.height * top));
}

/**
 * Enlarge a grid with cubic B-splines, which neither overshoot nor show the grid.
 *
 * @param {number[]} grid row by row
 * @param {number} height
 * @param {number} width
 * @param {number} tall
 * @param {number} wide
 */
function enlarge(grid, height, width, tall, wide) {
  const rows = spline(height, tall);
  const columns = spline(width, wide);
  const heat = new Float32Array(tall * wide);
  for (let y = 0; y < tall; y += 1) {
    const line = new Float32Array(width);
    for (const [row, share] of at(rows, y)) {
      for (let i = 0; i < width; i += 1) line[i] = at(line, i) + share * at(grid, row * width + i);
    }
    for (let x = 0; x < wide; x += 1) {
      heat[y * wide + x] = at(columns, x).reduce((sum, [i, share]) => sum + share * at(line, i), 0);
    }
  }
  return heat;
}

/**
 * @param {number} cells
 * @param {number} size
 * @returns {[number, number][][]} for each of `size` places: cells, and their shares
 */
function spline(cells, size) {
  return Array.from({ length: size }, (_, place) => {
    const position = ((place + 0.5) / size) * cells - 0.5;
    const first = Math.floor(position);
    const t = position - first;
    const shares = [(1 - t) ** 3, inner(t), inner(1 - t), t ** 3];
    return shares.map((share, i) => [Math.min(cells - 1, Math.max(0, first - 1 + i)), share / 6]);
  });
}

/** @param {number} t distance from the cell, 0 to 1 */
function inner(t) {
  return 3 * t ** 3 - 6 * t ** 2 + 4;
}

/** @param {number} value 0 to 1 */
function colour(value) {
  const place = value * (COLOURS.length - 1);
  const low = at(COLOURS, Math.floor(place));
  const high = at(COLOURS, Math.ceil(place));
  const mix = low.map((part, i) => part + (at(high, i) - part) * (place % 1));
  mix[3] = at(mix, 3) * 255;
  return mix;
}

/**
 * @template T
 * @param {ArrayLike<T>} values
 * @param {number} index of one that is there
 */
function at(values, index) {
  return /** @type {T} */ (values[index]);
}
