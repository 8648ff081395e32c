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

/**
 * What holds for one visit of one tab: a reload and "back" find it again.
 *
 * @param {string} name
 * @returns {string} "" for nothing
 */
export function readVisit(name) {
  try {
    return sessionStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

/**
 * @param {string} name
 * @param {string} text "" for nothing
 */
export function writeVisit(name, text) {
  try {
    if (text) sessionStorage.setItem(name, text);
    else sessionStorage.removeItem(name);
  } catch {
    // A browser that keeps nothing for this site.
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
