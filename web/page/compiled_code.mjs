// @ts-check
/**
 * On a first visit the captioning worker fetches its modules before there is a service worker, and
 * Chromium keeps the machine code that it makes of a module with the answer that the module came in:
 * the second visit, whose answers are the service worker's, would find none and compile everything
 * anew. Once the files are kept, the modules are asked for once more. The browser has them in memory
 * (equal bytes are one module to it) and compiles nothing; the code that it makes from then on, it
 * keeps with the files, together with all that it made before.
 */

const MODULES = [
  "runtime/ort/ort-wasm-simd-threaded.wasm",
  "runtime/pyodide/pyodide.asm.wasm",
];

/** Others might compile them a second time. */
const isChromium = () => "userAgentData" in navigator;

export async function keepCompiledCode() {
  if (!isChromium()) return;
  for (const url of MODULES) {
    const answer = fetch(new URL(`../${url}`, import.meta.url));
    await WebAssembly.compileStreaming(answer).catch(console.warn);
  }
}
