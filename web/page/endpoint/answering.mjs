// @ts-check
/** Answers requests to the endpoint that the service worker hands to this window. */

import { SeesayError } from "../../seesay.mjs";
import { Refusal } from "./refusal.mjs";
import { imageAt, note, wordsOf } from "./sources.mjs";

/**
 * @typedef {import("../../seesay.d.ts").Captioner} Captioner
 * @typedef {import("../../seesay.d.ts").EndpointAnswer} Answer
 * @typedef {{ method: string, target: string, contentType: string, body: Blob }} Call
 */

/**
 * Of errors that end a request before the worker's Python can answer; all others are 500.
 * @type {Record<string, number>}
 */
const STATUSES = { image_too_large: 413, input: 422, environment: 503, worker_lost: 503, protocol: 503 };

/** The one of the page's models that is chosen. */
const CHOSEN = '#model-choices input[name="model"]:checked';

/**
 * Say that this window is there, and answer the one request that follows.
 *
 * @param {MessagePort} port of the service worker
 * @param {() => Captioner} captioner
 */
export function serve(port, captioner) {
  const stop = new AbortController();
  port.onmessage = async ({ data: { kind, call } }) => {
    if (kind === "stop") stop.abort();
    else if (kind === "call") port.postMessage(await answer(call, captioner(), stop.signal));
  };
  port.postMessage({ kind: "ready" });
}

/**
 * @param {Call} call
 * @param {Captioner} captioner
 * @param {AbortSignal} signal
 * @returns {Promise<Answer>}
 */
export async function answer(call, { endpoint }, signal) {
  try {
    const { source, answer: refusal } = await endpoint.read(call, { signal });
    if (!source) return /** @type {Answer} */ (refusal);
    if (source.kind === "handle" && source.takes_kept) {
      const caption = await wordsOf(source.value);
      if (caption) return { status: 200, body: JSON.stringify({ caption }), headers: {} };
    }
    const isBody = source.kind === "body";
    const image = isBody ? call.body : await imageAt(source, signal);
    const options = { signal, model: chosenModel(), ...(isBody && { contentType: call.contentType }) };
    const found = await endpoint.answer(call, image, options);
    // A form is not the image in it.
    if (found.status === 200 && !/^multipart\//i.test(options.contentType ?? "")) await note(image);
    return found;
  } catch (error) {
    return refusalFor(error, signal).answer;
  }
}

/** The model that is chosen in this window. */
function chosenModel() {
  const chosen = /** @type {HTMLInputElement | null} */ (document.querySelector(CHOSEN));
  return chosen?.value || "starter";
}

/**
 * @param {unknown} error
 * @param {AbortSignal} signal
 */
function refusalFor(error, signal) {
  if (error instanceof Refusal) return error;
  if (signal.aborted) return new Refusal(504, "timeout", "The caption took too long.");
  if (error instanceof SeesayError) {
    return new Refusal(STATUSES[error.code] ?? 500, error.code, error.message);
  }
  console.error(error);
  return new Refusal(500, "internal", "Something went wrong inside Seesay.");
}
