// @ts-check
/** The memory that onnxruntime-web's wasm build makes for itself. */

/** What its glue asks for: 4 GiB in pages of 64 KiB. Pyodide asks for other figures. */
const ORT_MAXIMUM_PAGES = 65536;

/**
 * From now on, notice the memory that onnxruntime-web makes. Its glue (1.30) creates a shared
 * WebAssembly.Memory and never hands it out, and there is no other way to read its size.
 *
 * @returns {{ heapBytes: () => number, stopWatching: () => void }}
 */
export function watchSharedMemory() {
  const { Memory } = WebAssembly;
  /** @type {WebAssembly.Memory | undefined} */
  let memory;
  WebAssembly.Memory = new Proxy(Memory, {
    construct(target, [descriptor]) {
      const made = new target(descriptor);
      if (descriptor.shared && descriptor.maximum === ORT_MAXIMUM_PAGES) memory = made;
      return made;
    },
  });
  return {
    heapBytes: () => memory?.buffer.byteLength ?? 0,
    stopWatching: () => {
      WebAssembly.Memory = Memory;
    },
  };
}
