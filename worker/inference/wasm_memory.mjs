// @ts-check
/**
 * The memory that onnxruntime-web's wasm build makes for itself: seen, capped, and grown sparingly.
 *
 * Its glue (1.30, by Emscripten) creates one shared WebAssembly.Memory, never hands it out, and has
 * no setting for any of this.
 */

/** What the glue asks for: 4 GiB in pages of 64 KiB. Pyodide asks for other figures. */
const ORT_MAXIMUM_PAGES = 65536;
/**
 * 1 GiB. iOS refuses to reserve 4 GiB; the largest model needs a third of this. A memory may have a
 * smaller maximum than the module that imports it declares.
 */
const CAP_PAGES = 16384;
/**
 * For each growth, Emscripten tries 20, 10 and 5 % more than there is, in this order, until the
 * browser agrees, and never less than it needs. Wasm memory is never given back, so the first two
 * are declined.
 */
const ATTEMPTS_OF_A_GROWTH = 3;

/**
 * From now on, take hold of the memory that onnxruntime-web makes.
 *
 * @returns {{ heapBytes: () => number, stopWatching: () => void }}
 */
export function holdSharedMemory() {
  const { Memory } = WebAssembly;
  /** @type {WebAssembly.Memory | undefined} */
  let memory;
  WebAssembly.Memory = new Proxy(Memory, {
    construct(target, [descriptor]) {
      if (!descriptor.shared || descriptor.maximum !== ORT_MAXIMUM_PAGES) {
        return new target(descriptor);
      }
      memory = new target({ ...descriptor, maximum: CAP_PAGES });
      growSparingly(memory);
      return memory;
    },
  });
  return {
    heapBytes: () => memory?.buffer.byteLength ?? 0,
    stopWatching: () => {
      WebAssembly.Memory = Memory;
    },
  };
}

/** @param {WebAssembly.Memory} memory */
function growSparingly(memory) {
  const grow = memory.grow.bind(memory);
  let attempts = 0;
  memory.grow = (pages) => {
    attempts += 1;
    if (attempts % ATTEMPTS_OF_A_GROWTH !== 0) throw new RangeError("a smaller growth will do");
    return grow(pages);
  };
}
