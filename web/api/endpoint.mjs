// @ts-check
/** Requests to the site's endpoint: a part of the public API. */

import { readImage } from "./image_input.mjs";

/**
 * @param {import("./worker_link.mjs").WorkerLink} link
 * @param {string} defaultModel
 * @returns {import("../seesay.d.ts").Endpoint}
 */
export function endpointMethods(link, defaultModel) {
  return {
    read: ({ method, target }, { signal } = {}) =>
      link.request({
        kind: "endpoint.read",
        prepare: async () => ({ payload: { method, target } }),
        queued: false,
        signal,
      }),

    answer: ({ method, target }, image, { signal, contentType, model = defaultModel } = {}) =>
      link.request({
        kind: "endpoint.answer",
        prepare: async () => {
          const bytes = await readImage(image, signal);
          const type = contentType || "application/octet-stream";
          return { payload: { method, target, image: bytes, contentType: type, model }, transfer: [bytes] };
        },
        queued: true,
        signal,
      }),
  };
}
