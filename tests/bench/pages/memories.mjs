// @ts-check
/** The memories that a foreign onnxruntime-web makes: shared ones of 4 GiB at most, never handed out. */

const ORT_MAXIMUM_PAGES = 65536;

/** @returns {() => number} how large they are together, in bytes */
export function watchMemories() {
  /** @type {WebAssembly.Memory[]} */
  const memories = [];
  WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
    construct(target, [descriptor]) {
      const memory = new target(descriptor);
      if (descriptor.maximum === ORT_MAXIMUM_PAGES) memories.push(memory);
      return memory;
    },
  });
  return () => memories.reduce((total, memory) => total + memory.buffer.byteLength, 0);
}
