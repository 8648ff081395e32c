// @ts-check
/**
 * Drop anywhere and paste, from the first moment on: files go into the file input, as if they had
 * been chosen there, and "change" tells whoever listens. Python finds early ones waiting in it.
 * An empty choice means that something else than a file was dropped or pasted.
 */

const input = /** @type {HTMLInputElement} */ (document.getElementById("files"));

/** @param {DataTransfer | null} transfer */
function take(transfer) {
  const files = new DataTransfer();
  for (const file of transfer?.files ?? []) files.items.add(file);
  input.files = files.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

/** @param {boolean} over */
function mark(over) {
  document.body.classList.toggle("dragging", over);
}

document.addEventListener("dragover", (event) => {
  event.preventDefault();
  if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
  mark(true);
});

document.addEventListener("dragleave", (event) => {
  if (event.relatedTarget === null) mark(false);
});

document.addEventListener("drop", (event) => {
  event.preventDefault();
  mark(false);
  take(event.dataTransfer);
});

document.addEventListener("paste", (event) => {
  event.preventDefault();
  take(event.clipboardData);
});
