// @ts-check
/** Documents whose images lack words, opened in the worker. */

import { contentOf } from "./image_input.mjs";
import { SeesayError } from "./seesay_error.mjs";

/** @typedef {import("./worker_link.mjs").WorkerLink} WorkerLink */
/** @typedef {import("./pending_request.mjs").Kind} Kind */

/** Files that are read for what stands in them; all others may be pictures of theirs. */
const DOCUMENT = /\.(md|markdown|mdown|mkd|html?|xhtml?|zip|epub|docx)$/i;
const MAX_BYTES = 512 * 1024 * 1024;

/**
 * @param {import("../seesay.d.ts").DocumentFile[]} files
 * @param {WorkerLink} link
 * @returns {Promise<import("../seesay.d.ts").DocumentSet>}
 */
export async function openDocuments(files, link) {
  const all = files.map((one) => (one instanceof File ? { file: one, path: pathOf(one) } : one));
  const documents = all.filter(({ path }) => DOCUMENT.test(path));
  const pictures = new Map(all.filter((one) => !documents.includes(one)).map((one) => [one.path, one.file]));
  const sizeBytes = documents.reduce((total, { file }) => total + file.size, 0);
  if (!documents.length) {
    const message = "There is no document: HTML, Markdown, EPUB, Word, or a zip of them.";
    throw new SeesayError("document", message);
  }
  if (sizeBytes > MAX_BYTES) {
    const message = `The documents have ${Math.round(sizeBytes / 1e6)} MB; the limit is ${Math.round(MAX_BYTES / 1e6)} MB.`;
    throw new SeesayError("document", message);
  }

  /**
   * @template {Kind} K
   * @param {K} kind
   * @param {import("./pending_request.mjs").Request<K>["prepare"]} prepare
   */
  const request = (kind, prepare) => link.request({ kind, prepare, queued: false, onEvent: () => {} });

  const open = () =>
    request("documents.open", async () => {
      const contents = await Promise.all(documents.map(({ file }) => contentOf(file)));
      const names = [...documents.map(({ path }) => path), ...pictures.keys()];
      return { payload: { names, files: contents }, transfer: contents };
    });

  let opened = await open();

  /**
   * A worker that was replaced knows nothing of the documents: they are opened again, once.
   *
   * @template T
   * @param {() => Promise<T>} ask
   * @returns {Promise<T>}
   */
  const asking = async (ask) => {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof SeesayError) || error.detail !== "not open") throw error;
      opened = await open();
      return ask();
    }
  };

  return {
    images: opened.images,
    imageCount: opened.image_count,
    notes: opened.notes,

    async picture(index) {
      const { picture, is_embedded: isEmbedded } = opened.images[index];
      const beside = picture === undefined ? undefined : pictures.get(picture);
      if (beside) return beside;
      if (picture === undefined && !isEmbedded) return null;
      const { data } = await asking(() =>
        request("documents.picture", async () => ({ payload: { documents: opened.documents, index } })),
      );
      // Without its type the browser shows no SVG.
      const type = /\.svg$/i.test(picture ?? "") ? "image/svg+xml" : "";
      return new Blob([data], { type });
    },

    async write(words) {
      const listed = Object.entries(words).map(([index, text]) => [Number(index), text]);
      const { name, data } = await asking(() =>
        request("documents.write", async () => ({ payload: { documents: opened.documents, words: listed } })),
      );
      return new File([data], name);
    },

    async close() {
      await request("documents.close", async () => ({ payload: { documents: opened.documents } }));
    },
  };
}

/** @param {File} file */
function pathOf(file) {
  return file.webkitRelativePath || file.name;
}
