// @ts-check
/** The workers that read and decode files for the library: see intake_worker.mjs. */

/** At work at a time: a photograph of 100 megapixels takes 400 MB in each. */
const WORKERS = 2;
/** @type {Worker[]} those that have nothing to do */
const idle = [];
let workers = 0;
/** @type {((worker: Worker) => void)[]} the next first */
const waiting = [];

/**
 * Asks the next worker that has nothing to do.
 *
 * @param {object} question
 * @param {boolean} [isUrgent] before all that waits
 * @returns {Promise<any>} its answer; null where the worker fails
 */
export async function ask(question, isUrgent = false) {
  const used = await free(isUrgent);
  return new Promise((resolve) => {
    used.onmessage = ({ data }) => {
      goOn(used);
      resolve(data);
    };
    used.onerror = (event) => {
      event.preventDefault();
      used.terminate();
      workers -= 1;
      if (idle.includes(used)) idle.splice(idle.indexOf(used), 1); // it had answered before
      if (waiting.length) goOn(start());
      resolve(null);
    };
    used.postMessage(question);
  });
}

/**
 * @param {boolean} isUrgent
 * @returns {Promise<Worker>} one that has nothing to do
 */
async function free(isUrgent) {
  const one = idle.pop();
  if (one) return one;
  if (workers < WORKERS) return start();
  return new Promise((resolve) => (isUrgent ? waiting.unshift(resolve) : waiting.push(resolve)));
}

/** @returns {Worker} */
function start() {
  workers += 1;
  return new Worker(new URL("intake_worker.mjs", import.meta.url), { type: "module" });
}

/** @param {Worker} worker has nothing to do */
function goOn(worker) {
  const next = waiting.shift();
  if (next) next(worker);
  else idle.push(worker);
}
