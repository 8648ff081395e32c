// @ts-check
/**
 * Read a picture as the site does, in Node; prints the lines as JSON.
 *
 * usage: node read_text.mjs TESSERACT_DIR LANGUAGE.gz PIXELS WIDTH HEIGHT (PIXELS: RGBA, raw)
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { TextEngine, unpack } from "../../../worker/text_recognition/engine.mjs";

const [tesseract, language, pixels, width, height] = process.argv.slice(2);
console.warn = () => {}; // Tesseract remarks on the resolution

const library = await import(pathToFileURL(path.join(tesseract, "lib.js")).href);
const wasm = readFileSync(path.join(tesseract, "tesseract-core.wasm"));
const model = await unpack(new Response(readFileSync(language)));
const engine = await TextEngine.create(library, wasm, model);
const data = new Uint8ClampedArray(readFileSync(pixels));
const picture = { data, width: Number(width), height: Number(height) };
console.log(JSON.stringify([engine.read(picture), engine.read(picture)]));
