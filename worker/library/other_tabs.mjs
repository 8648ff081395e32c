// @ts-check
/**
 * The library's workers of other tabs. One of them has the file; it answers what the others ask,
 * keeps what they hand over, and tells all of them what changes.
 */

import { LibraryError } from "./sqlite_database.mjs";

/**
 * @typedef {import("./sqlite_database.mjs").Call} Call
 * @typedef {import("./sqlite_database.mjs").Row} Row
 * @typedef {{ results?: Row[][], problem?: string }} Answer
 * @typedef {object} Listener
 * @property {() => void} onChanged another tab wrote
 * @property {() => void} onLetGo another tab wants the library
 * @property {(calls: Call[], answer: (told: Answer) => void, from: string) => void} onQuestion from: which tab
 */

const LOOK_MS = 1000; // how often it is looked whether the tab that was asked is still there
const ONLY_READS = /^\s*SELECT\b/i;
const GONE = "The tab that had the library was closed. Use it here instead.";
const READING = "The library is open in another tab, so that it can only be read here.";

export class OtherTabs {
  #channel;
  #lock;
  #me = crypto.randomUUID?.() ?? String(Math.random()); // at an address that is not secure
  #count = 0;
  /** @type {Map<string, (told: Answer) => void>} */
  #questions = new Map();

  /**
   * @param {string} lock that the tab holds which has the library
   * @param {Listener} listener
   */
  constructor(lock, { onChanged, onLetGo, onQuestion }) {
    this.#lock = lock;
    this.#channel = new BroadcastChannel(lock);
    this.#channel.onmessage = ({ data }) => {
      if (data === "let go") onLetGo();
      else if (data.changedBy) data.changedBy === this.#me || onChanged();
      else if (data.calls) this.#ask(onQuestion, data);
      else this.#questions.get(data.key)?.(data.told);
    };
  }

  /**
   * @param {Listener["onQuestion"]} onQuestion
   * @param {{ key: string, calls: Call[] }} question
   */
  #ask(onQuestion, { key, calls }) {
    onQuestion(calls, (told) => this.#channel.postMessage({ key, told }), key.split(" ")[0] ?? "");
  }

  /** @param {string} [changedBy] the tab that had it done, which knows; else this one */
  tellChanged(changedBy = this.#me) {
    this.#channel.postMessage({ changedBy });
  }

  askToLetGo() {
    this.#channel.postMessage("let go");
  }

  /** @returns {Promise<string | null>} who has the library, as the browser calls them */
  async #holder() {
    const { held = [] } = await navigator.locks.query();
    return held.find(({ name }) => name === this.#lock)?.clientId ?? null;
  }

  /**
   * Has the tab that has the library run calls.
   *
   * @param {Call[]} calls
   * @param {boolean} handsOver they may write; else they only read
   * @returns {Promise<Row[][]>}
   */
  async run(calls, handsOver) {
    if (!handsOver && !calls.every(({ sql }) => ONLY_READS.test(sql))) throw new LibraryError("library", READING);
    const key = `${this.#me} ${++this.#count}`;
    const asked = await this.#holder();
    /** @type {number | undefined} */
    let timer;
    /** @type {Answer} */
    const { results, problem } = await new Promise((resolve) => {
      this.#questions.set(key, resolve);
      // A busy tab answers late, a closed one never; and who has the library by then was not asked.
      timer = setInterval(async () => {
        const holder = await this.#holder();
        if (holder === null || holder !== asked) resolve({ problem: GONE });
      }, LOOK_MS);
      this.#channel.postMessage({ key, calls });
    });
    clearInterval(timer);
    this.#questions.delete(key);
    if (!results) throw new LibraryError("library", problem ?? GONE);
    return results;
  }
}
