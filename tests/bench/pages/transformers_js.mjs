// @ts-check
/** Transformers.js as an app would set it up for wasm: with its own caches, and our copy of it. */

/**
 * @param {any} env of the library
 * @param {string} models address of the folder with the models
 * @param {number} numThreads
 */
export function setUp(env, models, numThreads) {
  env.allowLocalModels = false; // local files would not be kept in its cache
  env.remoteHost = models;
  env.remotePathTemplate = "{model}/";
  const vendor = new URL("./vendor/ort/", self.location.href).href;
  const { wasm } = env.backends.onnx;
  wasm.numThreads = numThreads;
  wasm.wasmPaths = {
    mjs: `${vendor}ort-wasm-simd-threaded.asyncify.mjs`,
    wasm: `${vendor}ort-wasm-simd-threaded.asyncify.wasm`,
  };
}
