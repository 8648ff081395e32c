// @ts-check
/**
 * Drop anywhere and paste, from the first moment on: files go into the file input, as if they had
 * been chosen there, and "change" tells whoever listens. Python finds early ones waiting in it.
 * An empty choice means that something else than a file was dropped or pasted.
 */

const input = /** @type {HTMLInputElement} */ (document.getElementById("files"));

/** @param {Iterable<File>} files */
function take(files) {
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  input.files = transfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

/**
 * The files in a folder and in the folders inside it.
 * @param {FileSystemEntry} entry
 * @returns {Promise<File[]>}
 */
async function filesIn(entry) {
  if (entry.isFile) {
    const { file } = /** @type {FileSystemFileEntry} */ (entry);
    return [await new Promise((resolve, reject) => file.call(entry, resolve, reject))];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  const files = [];
  for (;;) {
    // At most 100 at a time, then none.
    const batch = /** @type {FileSystemEntry[]} */ (
      await new Promise((resolve, reject) => reader.readEntries(resolve, reject))
    );
    if (batch.length === 0) return files;
    for (const inner of batch) files.push(...(await filesIn(inner)));
  }
}

/** @param {DataTransfer} transfer */
function takeDropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (!entries.some((entry) => entry?.isDirectory)) return take(transfer.files);
  const files = Promise.all(entries.map((entry) => (entry ? filesIn(entry) : [])));
  files.then((found) => take(found.flat())).catch(() => take([]));
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
  if (event.dataTransfer) takeDropped(event.dataTransfer);
});

document.addEventListener("paste", (event) => {
  event.preventDefault();
  take(event.clipboardData?.files ?? []);
});
