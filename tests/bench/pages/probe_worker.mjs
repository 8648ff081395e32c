// @ts-check
/**
 * Seesay's worker code up to the logits: the same Python and the same onnxruntime-web as on the
 * site, steered by probe.py, which can also choose the decoder's layout and the graph optimisation.
 */

import { OrtRuntime } from "../worker/inference/runtime.mjs";
import { answerCalls } from "./answer_calls.mjs";
import { inflate, layOutBeforePython } from "../worker/captioner/python_files.mjs";

const runtimeUrl = new URL("../runtime/", self.location.href);

/** @param {string | URL} url */
async function fetchBytes(url) {
  const response = await fetch(new URL(url, runtimeUrl));
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function startPython() {
  const { loadPyodide } = await import(new URL("pyodide/pyodide.mjs", runtimeUrl).href);
  const archive = fetch(new URL("python.pack", runtimeUrl)).then(inflate);
  const fsInit = layOutBeforePython(archive);
  const starting = loadPyodide({ indexURL: new URL("pyodide/", runtimeUrl).href, fsInit });
  const [pyodide] = await Promise.all([starting, archive]);
  pyodide.FS.writeFile("probe.py", await fetchBytes("../bench/probe.py")); // beside Python's home
  return pyodide;
}

/** @type {any} */
let probe;
/** @type {OrtRuntime} */
let runtime;

const calls = {
  /** @param {{ folder: string, numThreads: number }} settings folder: beside lab.html */
  async start({ folder, numThreads }) {
    const base = new URL(`${folder}/`, self.location.href);
    const read = (/** @type {string} */ path) => fetchBytes(new URL(path, base));
    const here = Promise.resolve(); // its files are on this machine; nothing to wait for
    runtime = await OrtRuntime.start(new URL("ort/", runtimeUrl).href, numThreads, here, () => {});
    const pyodide = await startPython();
    probe = pyodide.pyimport("probe").Probe(runtime, {
      encoder: await read("onnx/encoder_model_quantized.onnx"),
      decoder: await read("onnx/decoder_model_merged_quantized.onnx"),
      config: await read("config.json"),
      preprocessor: await read("preprocessor_config.json"),
    });
  },

  /** @param {{ layout: string, optimization: "all" | "disabled" }} way */
  async open({ layout, optimization }) {
    const { createSession } = OrtRuntime.prototype;
    runtime.createSession = (model, externalData) =>
      createSession.call(runtime, model, externalData, optimization);
    await probe.open(layout);
  },

  async describe() {
    return probe.describe().toJs({ dict_converter: Object.fromEntries });
  },

  /** @param {{ image: Blob }} job */
  async prepare({ image }) {
    return probe.prepare(new Uint8Array(await image.arrayBuffer())).toJs();
  },

  /** @param {{ image: Blob, tokens: number }} job */
  async record({ image, tokens }) {
    const bytes = new Uint8Array(await image.arrayBuffer());
    const { ids, logits } = (await probe.record(bytes, tokens)).toJs({
      dict_converter: Object.fromEntries,
    });
    return { ids, logits: logits.map((/** @type {any} */ row) => new Float32Array(row)) };
  },
};

answerCalls(calls);
