// @ts-check
/**
 * Whether captions are kept on this device: the one word that Seesay writes down unasked for is
 * "off", so that nobody is asked twice. And the view that the address names, before Python is up.
 */

import { read, write } from "../words/settings_store.mjs";

const KEY = "seesay-library";
let chosen = ""; // here; holds until the page is left, where the browser keeps nothing

/** @returns {string} "on", "off", or "" while nobody was asked; another tab may choose, too */
export const choice = () => read(KEY) || chosen;

/** @param {"on" | "off"} value */
export function choose(value) {
  chosen = value;
  write(KEY, value);
  // So that the browser does not clear the library to make room; it may ask, or say no.
  if (value === "on") navigator.storage?.persist?.().catch(() => {});
}

/**
 * Whether a tab has the library open; see LOCK in worker/library/boot.mjs.
 *
 * @returns {Promise<boolean>} false where the browser cannot tell
 */
export async function isOpenInATab() {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return held.some(({ name }) => name === "seesay-library");
}

document.documentElement.dataset.view = /^#(library|documents|rules)(\/|$)/.exec(location.hash)?.[1] ?? "captions";
