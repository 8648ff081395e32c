// @ts-check
/**
 * Judges whether a worker still lives, and whether its work goes on. That it answers pings says
 * that its thread is not stuck; that its job makes progress, that it does not wait for something
 * that never comes.
 *
 * Beats are counted rather than time measured: a sleeping device stops both page and worker.
 */

/**
 * @typedef {object} Deadlines in milliseconds
 * @property {number} boot without progress while it starts
 * @property {number} silence without any sign of life
 * @property {number} stall without progress of the job that runs
 */

export class Watchdog {
  #deadlines;
  #onBeat;
  #beatMs;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  #quietMs = 0;
  #stalledMs = 0;
  /** For how long the worker has said that it may be unable to answer. */
  #patienceMs = 0;

  /**
   * @param {Deadlines} deadlines
   * @param {() => void} onBeat
   */
  constructor(deadlines, onBeat) {
    this.#deadlines = deadlines;
    this.#onBeat = onBeat;
    this.#beatMs = Math.min(5000, ...Object.values(deadlines).map((deadline) => deadline / 4));
  }

  /** Begin to beat; harmless when it beats already. */
  start() {
    if (this.#timer !== undefined) return;
    this.noteProgress();
    this.#timer = setInterval(() => {
      this.#quietMs += this.#beatMs;
      this.#stalledMs += this.#beatMs;
      this.#onBeat();
    }, this.#beatMs);
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#patienceMs = 0;
  }

  /** There was a sign of life. */
  hear() {
    this.#quietMs = 0;
  }

  /** The work went on, or other work was begun. */
  noteProgress() {
    this.#quietMs = 0;
    this.#stalledMs = 0;
  }

  /**
   * A long piece of work begins that lets the worker answer nothing; 0 when it is over.
   *
   * @param {number} patienceMs
   */
  bePatient(patienceMs) {
    this.#patienceMs = patienceMs;
    this.noteProgress();
  }

  /**
   * @param {"booting" | "running" | "beside"} work what the worker does; "beside": nothing but what
   *   runs beside the queue, and may wait for long
   * @returns {string} what is wrong with the worker; empty when nothing is
   */
  complaint(work) {
    const { boot, silence, stall } = this.#deadlines;
    if (work === "booting") {
      return this.#quietMs > boot ? `no progress of its start for ${this.#quietMs} ms` : "";
    }
    if (this.#quietMs > Math.max(silence, this.#patienceMs)) {
      return `no sign of life for ${this.#quietMs} ms`;
    }
    const isStalled = work === "running" && this.#stalledMs > Math.max(stall, this.#patienceMs);
    return isStalled ? `no progress for ${this.#stalledMs} ms` : "";
  }
}
