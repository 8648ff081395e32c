// @ts-check
/** Words inside image files, and lists of them as files: a part of the public API. */

import { readImage } from "./image_input.mjs";
import { SeesayError } from "./seesay_error.mjs";

/**
 * @typedef {import("../seesay.d.ts").ImageInput} ImageInput
 * @typedef {import("../seesay.d.ts").WriteOptions} WriteOptions
 * @typedef {import("../seesay.d.ts").ExportOptions} ExportOptions
 */

const WRITE_OPTIONS = new Map([
  ["replace", "replace"],
  ["exif", "exif"],
  ["iim", "iim"],
  ["breakSignature", "break_signature"],
  ["date", "date"],
  ["remove", "remove"],
]);

/**
 * @param {import("./worker_link.mjs").WorkerLink} link
 * @returns {import("../seesay.d.ts").Words}
 */
export function wordMethods(link) {
  /**
   * @template {"metadata.plan" | "metadata.write"} K
   * @param {K} kind
   * @param {ImageInput} image
   * @param {Partial<import("../seesay.d.ts").ImageWords>} words
   * @param {WriteOptions} options
   */
  const withWords = (kind, image, words, { signal, ...rest }) =>
    link.request({
      kind,
      prepare: async () => {
        const bytes = await readImage(image, signal);
        const payload = { image: bytes, words, options: policy(rest) };
        return { payload, transfer: [bytes] };
      },
      queued: false,
      signal,
    });

  return {
    async readMetadata(image, { signal } = {}) {
      return link.request({
        kind: "metadata.read",
        prepare: async () => {
          const bytes = await readImage(image, signal);
          return { payload: { image: bytes }, transfer: [bytes] };
        },
        queued: false,
        signal,
      });
    },

    planMetadata: async (image, words, options = {}) => withWords("metadata.plan", image, words, options),

    async writeMetadata(image, words, options = {}) {
      const { blob, change } = await withWords("metadata.write", image, words, options);
      const name = image instanceof File ? image.name : "image";
      return { file: new File([blob], name, { type: blob.type }), change };
    },

    async makeSidecar(words, { signal, ...rest } = {}) {
      const payload = { words, options: policy(rest) };
      const prepare = async () => ({ payload });
      const { blob } = await link.request({ kind: "metadata.sidecar", prepare, queued: false, signal });
      return blob;
    },

    async exportWords(records, { signal, onProgress, forms, files = [], names, ...rest }) {
      const payload = {
        records: [...records],
        files: [...files],
        options: { ...policy(rest), forms: [...forms], ...(names && { names: [...names] }) },
      };
      const { name, blob, notes } = await link.request({
        kind: "export",
        prepare: async () => ({ payload }),
        queued: false,
        signal,
        onEvent: (kind, event) => {
          if (kind === "progress") onProgress?.(event);
        },
      });
      return { file: new File([blob], name, { type: blob.type }), notes };
    },

    async mergeTable(records, table, { signal } = {}) {
      return link.request({
        kind: "table.merge",
        prepare: async () => {
          const bytes = await readImage(table, signal);
          return { payload: { records: [...records], table: bytes }, transfer: [bytes] };
        },
        queued: false,
        signal,
      });
    },
  };
}

/**
 * @param {Record<string, unknown>} options
 * @returns {Record<string, unknown>} in the worker's names, with the present moment as the date
 */
function policy(options) {
  /** @type {Record<string, unknown>} */
  const given = { date: new Date().toISOString() };
  for (const [name, value] of Object.entries(options)) {
    const known = WRITE_OPTIONS.get(name);
    if (!known) throw new SeesayError("configuration", `There is no option named ${name}.`);
    if (value !== undefined) given[known] = value;
  }
  return given;
}
