// @ts-check
/** Asks a person, once for each site, whether images may be fetched from there. */

import { grantSite, hasSite } from "./grants.mjs";

/**
 * @typedef {object} Question
 * @property {Promise<boolean>} answer
 * @property {number} waiting requests
 * @property {AbortController} end takes it off the screen
 */

/** @type {Map<string, Question>} what was asked in this window, by site */
const asked = new Map();
/** One question at a time. */
let last = Promise.resolve(false);

/**
 * @param {string} site an origin
 * @param {AbortSignal} signal of whoever waits; the question goes when nobody waits any more
 * @returns {Promise<boolean>} a no holds until the window is reloaded, or the site is granted
 */
export async function consented(site, signal) {
  if (await hasSite(site).catch(() => false)) return true;
  if (signal.aborted) return false;
  const question = asked.get(site) ?? put(site);
  question.waiting += 1;
  const gone = new Promise((resolve) => signal.addEventListener("abort", () => resolve(null)));
  const answer = await Promise.race([question.answer, gone]);
  question.waiting -= 1;
  if (answer === null && question.waiting === 0) {
    asked.delete(site); // it was no answer: the next request asks again
    question.end.abort();
  }
  return answer === true;
}

/**
 * @param {string} site
 * @returns {Question}
 */
function put(site) {
  const end = new AbortController();
  const answer = last.then(() => !end.signal.aborted && ask(site, end.signal));
  const question = { answer, waiting: 0, end };
  last = answer;
  asked.set(site, question);
  // What is kept counts from now on, so that revoking it asks again.
  answer.then((yes) => yes && grantSite(site).then(() => asked.delete(site), () => {}));
  return question;
}

/**
 * @param {string} site
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>}
 */
function ask(site, signal) {
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
    signal.addEventListener("abort", () => dialog.close());
    dialog.showModal();
  });
}
