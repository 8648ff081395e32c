// @ts-check
/**
 * Hands pictures to the worker that reads, one at a time, and gives up on it in time.
 *
 * @typedef {import("./engine.mjs").Line} Line
 * @typedef {{ lines: Line[] } | { error: string } | { ready: true }} Answer
 */

export class TextReader {
  #folder;
  #makeWorker;
  /** @type {Worker | null} */
  #worker = null;
  #language = "";
  /** @type {Promise<string>} what went wrong with the worker's start */
  #start = Promise.resolve("");

  /**
   * @param {string} folder address of Tesseract's files
   * @param {() => Worker} [makeWorker]
   */
  constructor(folder, makeWorker = startWorker) {
    this.#folder = folder;
    this.#makeWorker = makeWorker;
  }

  /**
   * Start the worker for a language; harmless when it is there, or on its way, already.
   *
   * @param {string} language Tesseract's name of it: eng, deu, fra, spa
   * @returns {Promise<string>} what went wrong; empty: nothing
   */
  open(language) {
    if (!this.#worker || this.#language !== language) this.#start = this.#begin(language);
    return this.#start;
  }

  /**
   * @param {string} language
   * @returns {Promise<string>}
   */
  async #begin(language) {
    this.close();
    this.#worker = this.#makeWorker();
    this.#language = language;
    const answer = await this.#ask({ folder: this.#folder, language }, []);
    if (!("error" in answer)) return "";
    this.close();
    return answer.error;
  }

  /**
   * @param {Uint8ClampedArray<ArrayBuffer>} data RGBA; it is given away
   * @param {number} width
   * @param {number} height
   * @returns {Promise<Line[] | string>} the lines, or what went wrong
   */
  async read(data, width, height) {
    if (!this.#worker) return "the reader is closed";
    const answer = await this.#ask({ data, width, height }, [data.buffer]);
    if ("lines" in answer) return answer.lines;
    this.close(); // a worker that failed once may fail from then on
    return "error" in answer ? answer.error : "an answer that does not fit";
  }

  /** End the worker, and with it whatever it is doing; what waits for it is told. */
  close() {
    this.#worker?.terminate();
    this.#worker = null;
    this.#giveUp("closed");
  }

  /** @type {(why: string) => void} */
  #giveUp = () => {};

  /**
   * @param {object} message
   * @param {Transferable[]} transfer
   * @returns {Promise<Answer>}
   */
  #ask(message, transfer) {
    const worker = this.#worker;
    if (!worker) return Promise.resolve({ error: "closed" });
    return new Promise((resolve) => {
      this.#giveUp = (why) => resolve({ error: why });
      worker.onmessage = ({ data }) => resolve(data);
      worker.onmessageerror = () => resolve({ error: "a message could not be read" });
      worker.onerror = (event) => {
        event.preventDefault();
        resolve({ error: event.message || "the reader's script failed" });
      };
      worker.postMessage(message, transfer);
    });
  }
}

function startWorker() {
  const url = new URL("./reader_worker.mjs", import.meta.url);
  return new Worker(url, { type: "module", name: "seesay-reader" });
}
