// @ts-check
/** What differs between browser engines. */

/** Safari and everything on iOS; Chromium's user agent names AppleWebKit too. */
export const isWebKit =
  /AppleWebKit/.test(navigator.userAgent) && !/Chrom(e|ium)\//.test(navigator.userAgent);

/**
 * Whether memory is scarce: where the browser tells, at most 4 GB; and in WebKit, which does not
 * tell, and ends pages on phones that use a few hundred megabytes.
 */
export const isSmallDevice =
  isWebKit || (/** @type {{ deviceMemory?: number }} */ (navigator).deviceMemory ?? 8) <= 4;

/**
 * Give this worker a setTimeout(0) that does not wait.
 *
 * In WebKit, Pyodide's event loop falls back to setTimeout(0), which the browser clamps to 4 ms
 * and more, so that each await in Python costs 5 ms; a MessageChannel costs 0.6 ms. (Measured with
 * Pyodide 314 in WebKitGTK 2.50.) Must run before Pyodide starts.
 */
export function installPromptTimers() {
  const slowSetTimeout = self.setTimeout;
  const slowClearTimeout = self.clearTimeout;
  const channel = new MessageChannel();
  /** @type {Map<number, () => void>} */
  const prompt = new Map();
  let lastId = 0;
  channel.port1.onmessage = ({ data: id }) => {
    const callback = prompt.get(id);
    prompt.delete(id);
    callback?.();
  };
  const setTimeout = (
    /** @type {TimerHandler} */ handler,
    /** @type {number | undefined} */ delay,
    /** @type {any[]} */ ...args
  ) => {
    if (delay || typeof handler !== "function") return slowSetTimeout(handler, delay, ...args);
    lastId -= 1; // negative, so that it is never the id of a slow timer
    prompt.set(lastId, () => handler(...args));
    channel.port2.postMessage(lastId);
    return lastId;
  };
  const clearTimeout = (/** @type {number | undefined} */ id) => {
    if (id === undefined || !prompt.delete(id)) slowClearTimeout(id);
  };
  Object.assign(self, { setTimeout, clearTimeout });
}
