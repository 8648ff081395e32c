// @ts-check
/** Settings that stay on this device, where the browser keeps any. */

/**
 * @param {string} name
 * @returns {string} "" where nothing is kept
 */
export function read(name) {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return ""; // a browser that keeps nothing for this site
  }
}

/**
 * @param {string} name
 * @param {string} text
 */
export function write(name, text) {
  try {
    localStorage.setItem(name, text);
  } catch {
    // Likewise, or it is full: the settings hold until the page is left.
  }
}

/** @param {string} name */
export function remove(name) {
  try {
    localStorage.removeItem(name);
  } catch {
    // Nothing is kept.
  }
}
