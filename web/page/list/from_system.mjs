// @ts-check
/** Images from the operating system: shared with the installed app, or opened with it. */

import { noteHandle } from "../words/file_handles.mjs";
import { handedIn } from "./handed_in.mjs";

/** @typedef {import("./handed_in.mjs").HandedIn} HandedIn */

/** @param {string} name of what did not come */
const lost = (name) => ({ file: null, name, path: name });

/**
 * What was shared with the app that this page was opened for: the service worker holds it, and the
 * page's address says under which handle.
 *
 * @returns {Promise<HandedIn[] | null>} null: this page was not opened for that
 */
export async function takeShared() {
  const address = new URL(location.href);
  const handle = address.searchParams.get("shared");
  if (handle === null) return null;
  address.searchParams.delete("shared");
  history.replaceState(history.state, "", address); // so that a reload does not ask again
  const { controller } = navigator.serviceWorker ?? {};
  if (!controller) return [lost("The shared image")];
  const { port1, port2 } = new MessageChannel();
  /** @type {Promise<(File | string)[] | null>} */
  const answer = new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data);
  });
  controller.postMessage({ kind: "take", handle }, [port2]);
  const shared = await answer;
  if (shared === null) return [lost("The shared image")];
  return shared.flatMap((value) => (value instanceof File ? [handedIn(value)] : []));
}

/**
 * Hear of files that a person opens with the app.
 *
 * @param {(found: HandedIn[]) => void} hand
 */
export function launched(hand) {
  /** @type {{ setConsumer(consumer: (launch: { files: readonly FileSystemFileHandle[] }) => void): void } | undefined} */
  const queue = Reflect.get(globalThis, "launchQueue");
  queue?.setConsumer(async ({ files }) => {
    if (files.length === 0) return; // the app was started, and nothing with it
    hand(await Promise.all(files.map(opened)));
  });
}

/** @param {FileSystemFileHandle} handle */
function opened(handle) {
  return handle.getFile().then(
    (file) => {
      noteHandle(file, handle); // so that it can be saved in place
      return handedIn(file);
    },
    () => lost(handle.name),
  );
}
