// @ts-check
/** Asks a person, once for each site, whether images may be fetched from there. */

import { grantSite, hasSite } from "./grants.mjs";

/** @type {Map<string, Promise<boolean>>} what was asked in this window, by site */
const asked = new Map();
/** One question at a time. */
let last = Promise.resolve(false);

/**
 * @param {string} site an origin
 * @param {AbortSignal} signal of whoever waits; the question stays
 * @returns {Promise<boolean>} a no holds until the window is reloaded, or the site is granted
 */
export async function consented(site, signal) {
  if (await hasSite(site).catch(() => false)) return true;
  let answer = asked.get(site);
  if (!answer) {
    answer = last.then(() => ask(site));
    last = answer;
    asked.set(site, answer);
    // What is kept counts from now on, so that revoking it asks again.
    answer.then((yes) => yes && grantSite(site).then(() => asked.delete(site), () => {}));
  }
  const gone = new Promise((resolve) => signal.addEventListener("abort", () => resolve(false)));
  return /** @type {Promise<boolean>} */ (Promise.race([answer, gone]));
}

/**
 * @param {string} site
 * @returns {Promise<boolean>}
 */
function ask(site) {
  const dialog = document.createElement("dialog");
  dialog.className = "confirm";
  const question = document.createElement("p");
  question.id = "consent-question";
  question.textContent =
    `A program on this site wants captions for images from ${site}. Fetching them tells that site ` +
    "this device's address, and nothing else. Allow it?";
  dialog.setAttribute("aria-labelledby", question.id);
  const buttons = document.createElement("div");
  buttons.className = "buttons";
  for (const [value, text] of [["", "Refuse"], ["yes", "Allow this site"]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = value ? "button primary" : "button";
    button.textContent = text;
    button.onclick = () => dialog.close(value);
    buttons.append(button);
  }
  dialog.append(question, buttons);
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.onclose = () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    };
    dialog.showModal();
  });
}
