// @ts-check
/**
 * The worker that reads: a page full of words takes seconds in which nothing else can run, and its
 * memory is given back only by the end of the worker.
 *
 * Takes ``{ folder, language }`` once, then pictures; answers ``{ ready }``, ``{ lines }``
 * or ``{ error }``, one for each.
 */
import { TextEngine, unpack } from "./engine.mjs";

console.warn = () => {}; // Tesseract remarks on the resolution of each picture

/** @type {TextEngine | undefined} */
let engine;

/** @param {string} url */
async function fetchFile(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url.slice(url.lastIndexOf("/") + 1)}: HTTP ${response.status}`);
  return response;
}

/** @param {{ folder: string, language: string }} where */
async function open({ folder, language }) {
  const [library, wasm, model] = await Promise.all([
    import(`${folder}tesseract.mjs`),
    fetchFile(`${folder}tesseract-core.wasm`).then((response) => response.arrayBuffer()),
    fetchFile(`${folder}${language}.pack`).then(unpack),
  ]);
  engine = await TextEngine.create(library, wasm, model);
}

self.onmessage = async ({ data }) => {
  try {
    if (data.folder) {
      await open(data);
      self.postMessage({ ready: true });
    } else {
      self.postMessage({ lines: engine?.read(data) ?? [] });
    }
  } catch (error) {
    self.postMessage({ error: String(error) });
  }
};
