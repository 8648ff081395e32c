// @ts-check
/**
 * The frame embed.html: a captioner for pages of other origins, which the site's owner has listed.
 *
 * It tells its parent, if that is on the list, that it is ready; the first "connect" from there brings
 * the port of a MessageChannel, and from then on windows are not listened to any more. Who may ask is
 * decided by origin AND source: any window may send messages to any other.
 */

import { createCaptioner, SeesayError } from "../seesay.mjs";
import { FramePort, VERSION } from "./frame_port.mjs";

const setting = document.querySelector('meta[name="seesay-embed-origins"]')?.getAttribute("content") ?? "";
const allowed = new Set([location.origin, ...setting.split(" ").filter(Boolean)]);
const LONGEST_TEXT = 200;

/**
 * @param {MessageEvent} event
 */
function onMessage({ data, origin, source, ports: [port] }) {
  if (source !== parent || !allowed.has(origin) || !port) return;
  if (data?.seesay !== VERSION || data.kind !== "connect") return;
  removeEventListener("message", onMessage);
  try {
    const captioner = createCaptioner(optionsOf(data.options, origin));
    const framePort = new FramePort(port, captioner);
    // Not where the whole page goes into the browser's memory of pages, from which it may come back.
    addEventListener("pagehide", ({ persisted }) => persisted || framePort.close());
    captioner.ready.then(keepOffline, () => {}); // each caption is told
  } catch (error) {
    const { code, message } = /** @type {SeesayError} */ (error);
    port.postMessage({ id: 0, kind: "refused", error: { code, message } });
  }
}

/**
 * @param {any} options as they came
 * @param {string} origin of the page that embeds this one
 * @returns {import("../seesay.d.ts").CaptionerOptions}
 */
function optionsOf(options, origin) {
  const { model, hub, ...others } = options ?? {};
  const isText = (/** @type {unknown} */ value) =>
    value === undefined || (typeof value === "string" && value.length <= LONGEST_TEXT);
  if (Object.keys(others).length > 0 || !isText(model) || !isText(hub)) {
    throw new SeesayError("configuration", "A frame takes the options model and hub, which are texts.");
  }
  if (hub !== undefined && originOf(hub) !== origin) {
    throw new SeesayError("configuration", "hub must be an address on the page's own origin.");
  }
  return { ...(model && { model }), ...(hub && { hub }) };
}

/**
 * @param {string} address
 * @returns {string} "" for what is none
 */
function originOf(address) {
  try {
    return new URL(address).origin;
  } catch {
    return "";
  }
}

/** The service worker keeps the files, and sends headers for hosts that do not; none is no harm. */
function keepOffline() {
  navigator.serviceWorker?.register("service_worker.js").catch(() => {});
}

if (parent !== self) {
  addEventListener("message", onMessage);
  // Firefox does not say who embeds a page: each one that may is told, and no other hears it.
  const ancestor = location.ancestorOrigins?.[0];
  const told = ancestor === undefined ? allowed : [ancestor].filter((origin) => allowed.has(origin));
  for (const origin of told) parent.postMessage({ seesay: VERSION, kind: "ready" }, origin);
}
