// @ts-check
/** The other end of worker_calls.mjs, in the worker. */

/**
 * Answer calls by their name. Imports at a worker's top take time, and messages are lost until this
 * runs, so it says when it listens.
 *
 * @param {Record<string, (argument: any) => Promise<any>>} calls
 */
export function answerCalls(calls) {
  self.onmessage = async ({ data: { id, call, argument } }) => {
    try {
      self.postMessage({ id, value: await calls[call](argument) });
    } catch (error) {
      self.postMessage({ id, error: String(/** @type {Error} */ (error).stack ?? error) });
    }
  };
  self.postMessage({ id: 0 });
}
