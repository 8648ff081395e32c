// @ts-check
/** Files that the page hands out, and what it learns of those that come in. */

/** How long an address must stay valid after the click: the browser reads it in its own time. */
const KEPT_MS = 60_000;

/**
 * @param {Blob} blob
 * @param {string} name
 */
export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}

/** @type {{ blob: Blob, name: string, url: string } | null} */
let dragged = null;

/**
 * Let a file be dragged by an element to wherever it shall go: out of the browser in Chromium alone.
 *
 * @param {HTMLElement} element
 * @param {Blob | null} blob null: no more
 * @param {string} name
 */
export function offerDrag(element, blob, name) {
  if (dragged) URL.revokeObjectURL(dragged.url);
  dragged = blob && { blob, name, url: URL.createObjectURL(blob) };
  element.draggable = Boolean(blob);
  element.ondragstart = startDrag;
}

/** @param {DragEvent} event */
function startDrag({ dataTransfer }) {
  if (!dragged || !dataTransfer) return;
  const { blob, name, url } = dragged;
  dataTransfer.effectAllowed = "copy";
  const type = blob.type || "application/octet-stream";
  dataTransfer.setData("DownloadURL", `${type}:${name.replaceAll(":", "_")}:${url}`);
}

/**
 * @param {string} text
 * @param {string} name
 * @param {string} type
 */
export function downloadText(text, name, type) {
  download(new Blob([text], { type }), name);
}

/**
 * When a file was last changed; in MicroPython the number would wrap.
 *
 * @param {File | null} file
 * @returns {string} ISO 8601, or ""
 */
export function dateOf(file) {
  return file ? new Date(file.lastModified).toISOString() : "";
}

/** @returns {string} now, ISO 8601 */
export function now() {
  return new Date().toISOString();
}

const PIECE_BYTES = 4 << 20;

/**
 * Whether a file has one of some texts in it, as it stands: a quick look before others read it in earnest.
 *
 * @param {Blob} file
 * @param {...string} texts ASCII
 */
export async function mentions(file, ...texts) {
  const decoder = new TextDecoder("latin1");
  const overlap = Math.max(...texts.map((text) => text.length));
  for (let start = 0; start < file.size; start += PIECE_BYTES) {
    const piece = file.slice(start, start + PIECE_BYTES + overlap);
    try {
      const content = decoder.decode(await piece.arrayBuffer());
      if (texts.some((text) => content.includes(text))) return true;
    } catch {
      return false; // gone since; whoever needs the file will say so
    }
  }
  return false;
}

/** Let the page answer before what comes next. */
export function pause() {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
