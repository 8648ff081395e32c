// @ts-check
/** The lock that the tab holds which has the library: one at a time. */

export class OwnLock {
  #name;
  /** @type {() => void} */
  #letGo = () => {};

  /** @param {string} name */
  constructor(name) {
    this.#name = name;
  }

  /**
   * @param {boolean} isPatient waits until no other tab has it
   * @returns {Promise<boolean | null>} whether this tab has it now; null where the browser lends no
   *   locks, as at an address that is not secure, or where it keeps nothing for this site: there
   *   are no files either
   */
  acquire(isPatient) {
    if (!navigator.locks) return Promise.resolve(null);
    return new Promise((resolve, reject) => {
      const hold = (/** @type {Lock | null} */ lock) => {
        resolve(lock !== null);
        if (lock) return new Promise((release) => (this.#letGo = () => release(undefined)));
      };
      navigator.locks
        .request(this.#name, { ifAvailable: !isPatient }, hold)
        .catch((error) => (error.name === "SecurityError" ? resolve(null) : reject(error)));
    });
  }

  /** Lets another tab have it; harmless where this one has it not. */
  release() {
    this.#letGo();
  }
}
