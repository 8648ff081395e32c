// @ts-check
/** Why the worker's scripts do not run: the error event of a worker does not say. */

import { SeesayError } from "./seesay_error.mjs";

const RELOAD = "Reload the page; if it stays like this, tell whoever runs this site.";

/**
 * @param {string} baseUrl of the site
 * @returns {Promise<SeesayError | null>} null when there is nothing wrong with any of its files
 */
export async function workerFault(baseUrl) {
  try {
    const assets = await (await fetch(`${baseUrl}assets.json`)).json();
    /** @type {{ url: string }[]} */
    const files = [...assets.boot, ...assets.runtime];
    for (const { url } of files.filter(({ url }) => /^worker\/.*\.mjs$/.test(url))) {
      const fault = await faultOf(baseUrl, url);
      if (fault) return fault;
    }
  } catch {
    // No list, no cause.
  }
  return null;
}

/**
 * @param {string} baseUrl
 * @param {string} path of a script
 */
async function faultOf(baseUrl, path) {
  try {
    const { ok, status, headers } = await fetch(baseUrl + path);
    const sent = headers.get("content-type") ?? "no type";
    if (!ok) return fault(`${path} could not be loaded: the server answers ${status}. ${RELOAD}`);
    if (/(java|ecma)script/i.test(sent)) return null;
    return fault(`${path} could not be used: the server sends it as ${sent}. ${RELOAD}`);
  } catch (error) {
    const message = `${path} could not be loaded. Check the connection, then reload the page.`;
    return fault(message, String(error));
  }
}

/**
 * @param {string} message
 * @param {string} [detail]
 */
function fault(message, detail) {
  return new SeesayError("network", message, detail);
}
