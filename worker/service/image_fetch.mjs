// @ts-check
/**
 * Fetches one image from another site, which a person has allowed. A worker of its own, because it is
 * the only place of Seesay whose policy lets it connect to any site: it is sent one address, and knows
 * nothing else.
 */

/** @typedef {{ image: Blob } | { status: number, code: string, message: string }} Outcome */

/** @param {MessageEvent<{ url: string, most: number }>} event */
self.onmessage = async ({ data: { url, most } }) => {
  self.postMessage(await fetchImage(new URL(url), most));
};

/**
 * @param {URL} url
 * @param {number} most bytes
 * @returns {Promise<Outcome>}
 */
export async function fetchImage(url, most) {
  const { host } = url;
  /** @type {RequestInit} */
  const request = {
    mode: "cors",
    credentials: "omit",
    referrerPolicy: "no-referrer",
    redirect: "manual", // where it would lead is not told, so it is not followed
    headers: { Accept: "image/*" },
  };
  try {
    const response = await fetch(url, request);
    if (response.type === "opaqueredirect") {
      const message = `${host} leads on to another address, which is not followed. Ask for that one.`;
      return { status: 403, code: "forbidden", message };
    }
    if (!response.ok) {
      const message = `The image could not be fetched: ${host} answered ${response.status}.`;
      return { status: 502, code: "network", message };
    }
    const image = await read(response, most);
    const message = `The image on ${host} has more than ${Math.round(most / 1e6)} MB, the limit.`;
    return image ? { image } : { status: 413, code: "image_too_large", message };
  } catch {
    const message =
      `The image could not be fetched: ${host} cannot be reached, broke off, or does not allow other ` +
      "sites to read its images (CORS).";
    return { status: 502, code: "network", message };
  }
}

/**
 * @param {Response} response
 * @param {number} most bytes
 * @returns {Promise<Blob | null>} null: it is larger
 */
async function read({ body }, most) {
  const reader = /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (body).getReader();
  const chunks = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Blob(chunks);
    size += value.byteLength;
    if (size > most) {
      await reader.cancel();
      return null;
    }
    chunks.push(value);
  }
}
