// @ts-check
/**
 * The page's captioner. Its worker takes longer to start than the page and needs nothing of it, so
 * where the files are on this device already it starts before PyScript is there to ask for it.
 * On a first visit the page's own files come first; it starts once they are here, for PyScript has
 * yet to run then.
 *
 * It also answers the site's endpoint: the service worker asks this window for each request.
 */

import { createCaptioner } from "../seesay.mjs";

/** @typedef {import("../seesay.d.ts").Progress} Progress */

/** @type {(event: Progress) => void} */
let listener = () => {};

const make = () => createCaptioner({ onProgress: (event) => listener(event) });

let made = navigator.serviceWorker?.controller ? make() : null;
const isFirstVisit = !made;
if (isFirstVisit) pageArrived().then(() => (made ??= make()));

/** Resolves once the files are here that index.html announces for PyScript; never, if one is not. */
async function pageArrived() {
  /** @type {NodeListOf<HTMLLinkElement>} */
  const links = document.querySelectorAll("link[rel=preload]");
  const arrivals = [...links].map((link) => {
    if (performance.getEntriesByName(link.href).length > 0) return null;
    return new Promise((resolve) => link.addEventListener("load", resolve));
  });
  await Promise.all(arrivals);
}

/** @param {(event: Progress) => void} onProgress */
export function captioner(onProgress) {
  listener = onProgress;
  return (made ??= make());
}

navigator.serviceWorker?.addEventListener("message", async ({ data, ports: [port] }) => {
  // What these need is not imported before it is needed.
  if (data?.kind === "filled" && isFirstVisit) {
    const { keepCompiledCode } = await import("./compiled_code.mjs");
    await keepCompiledCode();
  } else if (data?.kind === "endpoint" && port) {
    const { serve } = await import("./endpoint/answering.mjs");
    serve(port, () => (made ??= make()));
  }
});
