// @ts-check
/** Calls into a worker that answers `{id, call, argument}` with `{id, value}` or `{id, error}`. */

export class WorkerCalls {
  #worker;
  #lastId = 0;
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void }>} */
  #waiting = new Map();
  /** @type {Promise<void>} */
  #ready;

  /** @param {string} file beside this one; it posts `{id: 0}` when it listens */
  constructor(file) {
    this.#worker = new Worker(new URL(file, import.meta.url), { type: "module" });
    this.#ready = this.#answer(0);
    this.#worker.onmessage = ({ data: { id, value, error } }) => {
      const { resolve, reject } = this.#waiting.get(id) ?? {};
      this.#waiting.delete(id);
      if (error === undefined) resolve?.(value);
      else reject?.(new Error(error));
    };
    this.#worker.onerror = ({ message }) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${file}: ${message}`));
    };
  }

  /**
   * @param {string} call
   * @param {object} [argument]
   */
  async call(call, argument = {}) {
    await this.#ready;
    this.#lastId += 1;
    const answer = this.#answer(this.#lastId);
    this.#worker.postMessage({ id: this.#lastId, call, argument });
    return answer;
  }

  close() {
    this.#worker.terminate();
  }

  /** @param {number} id */
  #answer(id) {
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }
}
