// @ts-check
/** What test_api.py calls from outside: the API, and a hold on the workers that it starts. */

/** @type {any} */
const page = globalThis;

page.workers = [];
page.Worker = class extends Worker {
  /** @param {[string | URL, WorkerOptions?]} args */
  constructor(...args) {
    super(...args);
    page.workers.push(this);
  }
};

Object.assign(page, await import("../seesay.mjs"));

/**
 * How a promise ended, in a form that leaves the page.
 *
 * @param {Promise<any>} promise
 */
page.outcome = async (promise) => {
  try {
    return { value: await promise };
  } catch (error) {
    const { name, code, message, detail } = /** @type {any} */ (error);
    return { name, code, message, detail };
  }
};

/** An image file of the site's. */
page.picture = async () => (await fetch("../icons/icon-192.png")).blob();

/** The tiny model writes nonsense to the end, so that there is time to interrupt it. */
page.long = { minNewTokens: 60, maxNewTokens: 60 };

page.isReady = true;
