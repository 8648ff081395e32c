// @ts-check
/**
 * Drop anywhere, paste and choose, share and "open with", from the first moment on: what is handed
 * in waits here, and "handed-in" at the file input tells whoever listens. Python finds early ones
 * waiting.
 * An empty choice means that something else than a file was dropped or pasted.
 */

import { handedIn, tidy, transferred } from "./list/handed_in.mjs";
import { launched, takeShared } from "./list/from_system.mjs";

/** @typedef {import("./list/handed_in.mjs").HandedIn} HandedIn */

const input = /** @type {HTMLInputElement} */ (document.getElementById("files"));

/** @type {HandedIn[][]} what nobody has taken yet */
const waiting = [];

/** @returns {HandedIn[] | null} what was handed in together, first things first; null: no more */
export function take() {
  return waiting.shift() ?? null;
}

/** @param {HandedIn[]} found */
function hand(found) {
  waiting.push(tidy(found));
  input.dispatchEvent(new Event("handed-in"));
}

function handChosen() {
  const chosen = [...(input.files ?? [])].map(handedIn);
  input.value = ""; // so that choosing the same file again is a change, too
  hand(chosen);
}

input.addEventListener("change", handChosen);
if (input.files?.length) handChosen();

/** @param {DataTransfer | null} transfer */
async function handTransferred(transfer) {
  const found = transfer ? transferred(transfer) : [];
  // At once where that is possible: choices keep their order.
  hand(Array.isArray(found) ? found : await found);
}

/** @param {boolean} over */
function mark(over) {
  document.body.classList.toggle("dragging", over);
}

/** Whether a part of this page is being dragged: a word, a link, the picture. No concern of ours. */
let isOurs = false;
const forget = () => {
  isOurs = false;
};

document.addEventListener("dragstart", () => {
  isOurs = true;
  // Pointers are silent while something is dragged; "dragend" is lost with an element that is gone.
  document.addEventListener("pointermove", forget, { once: true });
});
document.addEventListener("dragend", forget);

document.addEventListener("dragover", (event) => {
  if (isOurs) return;
  event.preventDefault();
  if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
  mark(true);
});

document.addEventListener("dragleave", (event) => {
  if (event.relatedTarget === null) mark(false);
});

document.addEventListener("drop", (event) => {
  mark(false);
  if (isOurs) return;
  event.preventDefault();
  handTransferred(event.dataTransfer);
});

/** @param {EventTarget | null} target whether text is being edited there */
function isEdited(target) {
  const fields = "textarea:not([readonly]), input:not([type=file]), [contenteditable]";
  return target instanceof Element && target.closest(fields) !== null;
}

document.addEventListener("paste", (event) => {
  if (isEdited(event.target)) return;
  event.preventDefault();
  handTransferred(event.clipboardData);
});

// What the operating system has for the installed app.
takeShared().then((found) => found && hand(found));
launched((found) => hand(found));
