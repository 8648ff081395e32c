// @ts-check
/** Whatever form an image is handed in: its bytes. */

import { readDataUrl } from "./data_url.mjs";
import { MAX_FILE_BYTES } from "./limits.mjs";
import { SeesayError } from "./seesay_error.mjs";

/** @typedef {HTMLCanvasElement | OffscreenCanvas | ImageBitmap | ImageData} Drawn */

const MUST_BE =
  "An image must be a Blob, an ArrayBuffer or a view of one, a canvas, an ImageBitmap, ImageData, an <img>, or " +
  "an address.";

/**
 * @param {import("../seesay.d.ts").ImageInput} image
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<ArrayBuffer>} the caller's no more: it will be transferred to the worker
 */
export async function readImage(image, signal) {
  if (image instanceof ArrayBuffer) return image.slice(0);
  if (ArrayBuffer.isView(image)) return bytesOf(image);
  if (image instanceof Blob) return readBlob(image);
  if (isDrawn(image)) return encode(image);
  if (isOf(image, "HTMLImageElement")) return download(image.currentSrc || image.src, signal);
  if (image instanceof URL || typeof image === "string") return download(image, signal);
  throw new SeesayError("input", MUST_BE);
}

/** @param {ArrayBufferView} view of a part of its buffer, which may be shared among threads */
function bytesOf({ buffer, byteOffset, byteLength }) {
  return new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength)).buffer;
}

/**
 * Pixels rather than a file.
 *
 * @param {unknown} image
 * @returns {image is Drawn}
 */
function isDrawn(image) {
  const names = /** @type {const} */ (["HTMLCanvasElement", "OffscreenCanvas", "ImageBitmap", "ImageData"]);
  return names.some((name) => isOf(image, name));
}

/**
 * By name, since not every place that runs this has all of them.
 *
 * @template {"HTMLCanvasElement" | "OffscreenCanvas" | "ImageBitmap" | "ImageData" | "HTMLImageElement"} Name
 * @param {unknown} value
 * @param {Name} name of a class
 * @returns {value is InstanceType<typeof globalThis[Name]>}
 */
function isOf(value, name) {
  return value instanceof (Reflect.get(globalThis, name) ?? Never);
}

class Never {}

/**
 * As PNG, which loses nothing.
 *
 * @param {Drawn} image
 */
async function encode(image) {
  const { width, height } = image;
  if (!width || !height) {
    throw new SeesayError("input", "That image has no pixels: it is empty, or it was closed.");
  }
  const canvas = new OffscreenCanvas(width, height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  if (image instanceof ImageData) context.putImageData(image, 0, 0);
  else context.drawImage(image, 0, 0);
  try {
    return await (await canvas.convertToBlob()).arrayBuffer();
  } catch (error) {
    const message =
      "The pixels of that image cannot be read. A part of it comes from another site, which does not allow that.";
    throw new SeesayError("input", message, String(error));
  }
}

/** @param {Blob} blob */
async function readBlob(blob) {
  if (blob.size > MAX_FILE_BYTES) throw tooLarge(blob.size);
  return contentOf(blob);
}

/**
 * @param {Blob} blob of any size
 * @returns {Promise<ArrayBuffer>}
 */
export async function contentOf(blob) {
  try {
    return await blob.arrayBuffer();
  } catch (error) {
    const message = "That file could not be read. It may have been moved or changed; choose it again.";
    throw new SeesayError("input", message, String(error));
  }
}

/**
 * Refused before it is read: the worker, which has the same limit, would first need it in memory.
 *
 * @param {number} size in bytes
 */
function tooLarge(size) {
  const message =
    `That file has ${Math.round(size / 1e6)} MB; the limit is ${Math.round(MAX_FILE_BYTES / 1e6)} MB. ` +
    "Make it smaller and try again.";
  return new SeesayError("image_too_large", message);
}

/**
 * @param {URL | string} address
 * @param {AbortSignal | undefined} signal
 */
async function download(address, signal) {
  const url = parsed(address);
  if (url.protocol === "data:") return readAddressItself(url);
  /** @type {RequestInit} */
  const request = { credentials: "omit", referrerPolicy: "no-referrer", signal: signal ?? null };
  try {
    const response = await fetch(url, request);
    if (response.ok) return await readBlob(await response.blob());
    const message = `The image could not be fetched: ${url.host} answered ${response.status}.`;
    throw new SeesayError("network", message, url.href);
  } catch (error) {
    if (error instanceof SeesayError) throw error;
    if (signal?.aborted) throw signal.reason;
    if (url.protocol === "blob:") {
      const message =
        "The image behind a blob: address could not be read. The address may have been revoked, or " +
        "this page's policy forbids it (connect-src without blob:): hand in the Blob itself.";
      throw new SeesayError("input", message, String(error));
    }
    const message =
      `The image could not be fetched from ${url.host || url.protocol}. The connection may be ` +
      "down, or that site does not allow other pages to read its images: save it and choose the file.";
    throw new SeesayError("network", message, String(error));
  }
}

/** @param {URL | string} address */
function parsed(address) {
  try {
    if (address) return new URL(address, document.baseURI); // an empty one would be this page's
  } catch {
    // told below
  }
  throw new SeesayError("input", "That is not an address of an image.", String(address));
}

/** @param {URL} url of a data: address; the policy of a page may forbid to fetch it */
function readAddressItself(url) {
  const found = readDataUrl(url.href);
  if (found) return found.bytes.buffer;
  throw new SeesayError("input", "That data: address is damaged: its data could not be decoded.");
}
