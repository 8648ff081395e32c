// @ts-check
/**
 * Files of the origin's private file system that are written in few calls. A call takes half a
 * millisecond, however little it writes, and SQLite makes four for each page of a transaction: 1,000
 * files that were added spent seven seconds in them.
 *
 * What is written waits until it is to be safe (`flush`), or something else is asked of the file.
 * SQLite relies on no more: what it wrote may be lost until then, as a system's own cache may lose it
 * when the power fails, and its journal is safe before it writes what the journal can take back.
 */

/** So much waits at the most. */
const MAX_BYTES = 8_000_000;

let fullCount = 0;

/** How often there was no room: SQLite learns only that something failed. */
export const timesWithoutRoom = () => fullCount;

/**
 * @typedef {object} Handle what SQLite uses of a FileSystemSyncAccessHandle
 * @property {(bytes: ArrayBufferView, where: { at: number }) => number} read
 * @property {(bytes: Uint8Array, where: { at: number }) => number} write
 * @property {() => void} flush
 * @property {(size: number) => void} truncate
 * @property {() => number} getSize
 * @property {() => void} close
 */

export class BufferedFile {
  #handle;
  /** @type {{ at: number, size: number, parts: Uint8Array[] }[]} in the order in which it was written */
  #runs = [];
  #waiting = 0; // bytes

  /** @param {Handle} handle belongs to this from now on */
  constructor(handle) {
    this.#handle = handle;
  }

  /**
   * @param {ArrayBufferView} view of what is to be written; SQLite's pool has some of whole numbers
   * @param {{ at: number }} where
   * @returns {number} how many bytes were taken: all
   */
  write({ buffer, byteOffset, byteLength }, { at }) {
    const part = new Uint8Array(buffer, byteOffset, byteLength).slice(); // SQLite writes on in its memory
    const last = this.#runs.at(-1);
    if (last && last.at + last.size === at) {
      last.parts.push(part);
      last.size += part.length;
    } else {
      this.#runs.push({ at, size: part.length, parts: [part] });
    }
    this.#waiting += part.length;
    if (this.#waiting > MAX_BYTES) this.#writeOut();
    return part.length;
  }

  /**
   * @param {ArrayBufferView} bytes
   * @param {{ at: number }} where
   */
  read(bytes, where) {
    this.#writeOut();
    return this.#handle.read(bytes, where);
  }

  flush() {
    this.#writeOut();
    return this.#handle.flush();
  }

  /** @param {number} size */
  truncate(size) {
    this.#writeOut();
    return this.#handle.truncate(size);
  }

  getSize() {
    this.#writeOut();
    return this.#handle.getSize();
  }

  close() {
    try {
      this.#writeOut();
    } finally {
      this.#handle.close();
    }
  }

  /** Where that fails, nothing waits any more: SQLite takes back what it wanted to write. */
  #writeOut() {
    const runs = this.#runs;
    this.#runs = [];
    this.#waiting = 0;
    for (const { at, size, parts } of runs) {
      let written = 0;
      try {
        written = this.#handle.write(joined(parts, size), { at });
      } finally {
        if (written !== size) fullCount += 1; // Chromium says less than 0 then, Firefox throws
      }
      if (written !== size) throw new Error(`only ${written} of ${size} bytes could be written`);
    }
  }
}

/**
 * @param {Uint8Array[]} parts
 * @param {number} size
 */
function joined(parts, size) {
  if (parts.length === 1) return /** @type {Uint8Array} */ (parts[0]);
  const all = new Uint8Array(size);
  let place = 0;
  for (const part of parts) {
    all.set(part, place);
    place += part.length;
  }
  return all;
}

/** From now on all such files of this worker are written so; SQLite opens them itself. */
export function bufferFiles() {
  const kind = globalThis.FileSystemFileHandle?.prototype;
  const create = Reflect.get(kind ?? {}, "createSyncAccessHandle");
  if (!create) return;
  Object.assign(kind, {
    /** @this {FileSystemFileHandle} */
    async createSyncAccessHandle() {
      return new BufferedFile(await create.call(this));
    },
  });
}
