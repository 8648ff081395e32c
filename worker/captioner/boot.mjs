// @ts-check
/**
 * The captioning worker: boots Pyodide and onnxruntime-web side by side, then hands over to
 * worker/captioner/main.py. Everything after the boot is decided in Python; this file only answers pings,
 * so that a page can tell a busy worker from a dead one.
 */

import { browserDecoder } from "../browser/image_decoder.mjs";
import { BootError, explain, refusal } from "./boot_failure.mjs";
import { EarlyFetch } from "./early_fetch.mjs";
import { installPromptTimers, isSmallDevice, isWebKit } from "../browser/browser_quirks.mjs";
import { OrtRuntime } from "../inference/runtime.mjs";
import { TextReader } from "../text_recognition/text_reader.mjs";
import { inflate, layOutBeforePython } from "./python_files.mjs";
import { readBytes } from "../browser/read_bytes.mjs";

const PROTOCOL_VERSION = 1;
/** The model whose files come with the site. */
const BUILT_IN = "starter";
const BUILT_IN_FOLDER = "models/starter/";
/** Tells it drawings from photographs. */
const ROUTER = "models/photo/router.json";
/** The large files of the boot; the rest is less than a tenth. */
const LARGE_FILES = [
  "runtime/pyodide/pyodide.asm.wasm",
  "runtime/ort/ort-wasm-simd-threaded.wasm",
  "runtime/python.pack",
];
/** The first of each is imported here, and imports the second once it has run. */
const PYTHON_SCRIPTS = ["runtime/pyodide/pyodide.mjs", "runtime/pyodide/pyodide.asm.mjs"];
const ORT_SCRIPTS = ["runtime/ort/ort.wasm.min.mjs", "runtime/ort/ort-wasm-simd-threaded.mjs"];

/**
 * @typedef {import("../../web/api/protocol.d.ts").FromPage} FromPage
 * @typedef {import("../../web/api/protocol.d.ts").FromWorker} FromWorker
 */

/**
 * @template {FromWorker["kind"]} K
 * @param {number} id
 * @param {K} kind
 * @param {Extract<FromWorker, { kind: K }>["payload"]} payload
 */
function post(id, kind, payload) {
  self.postMessage({ v: PROTOCOL_VERSION, id, kind, payload });
}

/**
 * @param {string} baseUrl
 * @param {string} path
 * @returns {Promise<Response>}
 */
async function fetchFile(baseUrl, path) {
  const response = await fetch(baseUrl + path);
  const fault = refusal(baseUrl, baseUrl + path, response);
  if (fault) throw fault;
  return response;
}

/**
 * @param {string} baseUrl
 * @param {string} path
 * @returns {Promise<any>}
 */
async function readJson(baseUrl, path) {
  const list = fetchFile(baseUrl, path).then((response) => response.json());
  return explain(path, list, baseUrl);
}

/**
 * @param {string} baseUrl
 * @param {EarlyFetch} early is told how many bytes to expect
 * @param {string} model that will be asked for first
 */
async function readAssets(baseUrl, early, model) {
  const assets = await readJson(baseUrl, "assets.json");
  /** @type {{ url: string, size_bytes: number }[]} */
  const files = [...assets.boot, ...assets.runtime];
  const large = files.filter(({ url }) => LARGE_FILES.includes(url));
  early.expect(large.reduce((total, { size_bytes: size }) => total + size, 0));
  /** @type {{ url: string }[]} */
  const models = assets.model;
  // Not the models for photographs: they come when the first photograph does.
  const starter = models.filter(({ url }) => url.startsWith(BUILT_IN_FOLDER) || url === ROUTER);
  if (model === BUILT_IN) early.startNext(starter.map(({ url }) => baseUrl + url));
  return assets;
}

/** @param {string} baseUrl */
async function startPython(baseUrl) {
  const indexURL = `${baseUrl}runtime/pyodide/`;
  const archive = fetchFile(baseUrl, "runtime/python.pack").then(inflate);
  archive.catch(() => {}); // awaited below; the script may fail first
  /** @type {typeof import("pyodide")} */
  const { loadPyodide } = await import(`${indexURL}pyodide.mjs`);
  const starting = loadPyodide({ indexURL, fsInit: layOutBeforePython(archive) });
  const [pyodide] = await Promise.all([starting, archive]);
  return { pyodide, main: pyodide.pyimport("worker.captioner.main") };
}

/**
 * @param {string} baseUrl
 * @param {number | null} numThreads
 * @param {EarlyFetch} early
 */
function startRuntime(baseUrl, numThreads, early) {
  const folder = `${baseUrl}runtime/ort/`;
  const arrival = early.arrival(`${folder}ort-wasm-simd-threaded.wasm`);
  return OrtRuntime.start(folder, numThreads, arrival, (seconds) =>
    post(0, "working", { patience_s: seconds }),
  );
}

/**
 * @param {import("../../web/api/protocol.d.ts").Init} init
 * @returns {Promise<(message: FromPage) => void>} what takes the messages from now on
 */
async function boot({ baseUrl, numThreads, hub, lowMemory, model }) {
  const early = new EarlyFetch(baseUrl, (loaded, total) =>
    post(0, "progress", { stage: "runtime", loaded, total, unit: "bytes" }),
  );
  early.start(LARGE_FILES.map((path) => baseUrl + path));
  for (const [, late] of [PYTHON_SCRIPTS, ORT_SCRIPTS]) {
    import(baseUrl + late).catch(() => {}); // met again when used
  }
  if (isWebKit) installPromptTimers();
  try {
    const parts = Promise.all([
      readAssets(baseUrl, early, model),
      readJson(baseUrl, "site.json"),
      explain("Python", startPython(baseUrl), baseUrl, PYTHON_SCRIPTS),
      explain("The model runtime", startRuntime(baseUrl, numThreads, early), baseUrl, ORT_SCRIPTS),
      early.arrivals(), // so that the last report says that all is here
    ]);
    const [assets, site, { pyodide, main }, runtime] = await Promise.race([parts, early.failure]);
    const receive = main.start({
      post: (/** @type {FromWorker} */ message) => self.postMessage(message),
      runtime,
      browserDecoder,
      textReader: new TextReader(`${baseUrl}runtime/tesseract/`),
      /** @type {(url: string, size: number, count: (size: number) => void) => Promise<any>} */
      readBytes: (url, size, count) => readBytes(early.fetch(url), size, count),
      fetchAhead: (/** @type {string} */ url) => early.begin(url),
      baseUrl,
      hub,
      isLowMemory: lowMemory ?? isSmallDevice,
      assets,
      site,
      pyodideVersion: pyodide.version,
      // Not public, but there is no other way to see it (Pyodide 314).
      pythonHeapBytes: () => /** @type {any} */ (pyodide)._module.HEAPU8.length,
    });
    main.destroy();
    return receive;
  } finally {
    early.stop();
  }
}

/**
 * Holds a lock as long as this worker lives: so the page learns of it when it ends by itself.
 *
 * @returns {Promise<{ lock?: string }>} its name; none where the browser lends no locks
 */
async function holdLock() {
  try {
    const lock = `seesay-worker-${crypto.randomUUID()}`;
    await new Promise((hold, refuse) => {
      const forGood = () => new Promise(() => hold(undefined));
      navigator.locks.request(lock, forGood).catch(refuse);
    });
    return { lock };
  } catch {
    return {}; // an address that is not secure, or a browser that keeps nothing for this site
  }
}

/** @type {Promise<(message: FromPage) => void> | undefined} */
let booted;

self.onmessage = async (/** @type {MessageEvent<FromPage>} */ { data }) => {
  if (data.kind === "ping") {
    post(data.id, "pong", {});
  } else if (booted) {
    const receive = await booted;
    try {
      receive(data);
    } catch (error) {
      // Python itself has failed, for want of memory most often, and answers nothing any more: what
      // is thrown outside of promises tells the page that this worker is lost.
      setTimeout(() => {
        throw error;
      });
    }
  } else if (data.kind === "init") {
    const lock = holdLock();
    booted = boot(data.payload);
    try {
      await booted;
      post(data.id, "done", await lock);
    } catch (error) {
      const { code, message, cause } =
        error instanceof BootError
          ? error
          : new BootError("environment", "Seesay did not start in this browser.", error);
      post(data.id, "error", { code, message, detail: String(cause ?? "") });
    }
  }
};
