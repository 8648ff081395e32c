// @ts-check
/** Why the worker cannot start, in sentences for people. */

/** What the service worker answers where a file is not the one that the build listed. */
const WRONG_FILE = "Wrong file";
const RELOAD = "Reload the page; if it stays like this, tell whoever runs this site.";

/** A failure of the boot that a person can be told about. */
export class BootError extends Error {
  /**
   * @param {"network" | "environment"} code
   * @param {string} message
   * @param {unknown} cause
   */
  constructor(code, message, cause) {
    super(message, { cause });
    this.code = code;
  }
}

/**
 * What is wrong with an answer; null for nothing.
 *
 * @param {string} baseUrl of the site
 * @param {string} url
 * @param {Response} response
 */
export function refusal(baseUrl, url, response) {
  const name = nameOf(baseUrl, url);
  const { ok, status, statusText } = response;
  const type = response.headers.get("content-type") ?? "no type";
  if (statusText === WRONG_FILE) {
    return fileError(`${name} is not the file that this version of Seesay has. ${RELOAD}`, url);
  }
  if (!ok) {
    return fileError(`${name} could not be loaded: the server answers ${status}. ${RELOAD}`, url);
  }
  if (/\.m?js$/.test(name) && !/(java|ecma)script/i.test(type)) {
    const said = type.split(";")[0];
    const message = `${name} could not be used: the server sends it as ${said}, not as text/javascript.`;
    return fileError(`${message} Whoever runs this site can set that.`, url);
  }
  return null;
}

/**
 * @param {string} baseUrl of the site
 * @param {string} url
 * @param {unknown} error of fetch
 */
export function lost(baseUrl, url, error) {
  const name = nameOf(baseUrl, url);
  const message = `${name} could not be loaded. Check the connection, then reload the page.`;
  return new BootError("network", message, error);
}

/**
 * @template T
 * @param {string} what is being started
 * @param {Promise<T>} promise
 * @param {string} baseUrl of the site
 * @param {string[]} [scripts] that are imported for it
 * @returns {Promise<T>} rejects with BootErrors alone
 */
export async function explain(what, promise, baseUrl, scripts = []) {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof BootError) throw error;
    if (!(error instanceof TypeError && /fetch|load|import|network/i.test(error.message))) {
      throw new BootError("environment", `${what} did not start in this browser.`, error);
    }
    throw (await faultOfScripts(baseUrl, scripts)) ?? lost("", what, error);
  }
}

/**
 * What keeps a script from being imported: browsers do not say.
 *
 * @param {string} baseUrl of the site
 * @param {string[]} paths of scripts
 * @returns {Promise<BootError | null>} null when there is nothing wrong with any
 */
async function faultOfScripts(baseUrl, paths) {
  for (const path of paths) {
    const url = baseUrl + path;
    try {
      const fault = refusal(baseUrl, url, await fetch(url));
      if (fault) return fault;
    } catch (error) {
      return lost(baseUrl, url, error);
    }
  }
  return null;
}

/**
 * @param {string} message
 * @param {string} url
 */
function fileError(message, url) {
  return new BootError("network", message, url);
}

/**
 * @param {string} baseUrl
 * @param {string} url
 */
function nameOf(baseUrl, url) {
  return url.startsWith(baseUrl) ? url.slice(baseUrl.length) : url;
}
