// @ts-check
/**
 * Counts how long somebody has been quiet. Beats are counted rather than time measured: a sleeping
 * device stops both page and worker.
 */

export class Watchdog {
  #beatMs;
  #onBeat;
  #quietMs = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /**
   * @param {number} beatMs milliseconds between beats
   * @param {(quietMs: number) => void} onBeat told at each beat how long it has been quiet
   */
  constructor(beatMs, onBeat) {
    this.#beatMs = beatMs;
    this.#onBeat = onBeat;
  }

  /** Begin to beat; harmless when it beats already. */
  start() {
    if (this.#timer !== undefined) return;
    this.#quietMs = 0;
    this.#timer = setInterval(() => {
      this.#quietMs += this.#beatMs;
      this.#onBeat(this.#quietMs);
    }, this.#beatMs);
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** There was a sign of life. */
  hear() {
    this.#quietMs = 0;
  }
}
