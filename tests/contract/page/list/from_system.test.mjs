// @ts-check
/** web/page/list/from_system.mjs: what a page does with images that the operating system has. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { launched, takeShared } from "../../../../web/page/list/from_system.mjs";

/** Node's own copies no File from port to port, as browsers do. */
class PaperChannel {
  port1 = { onmessage: (/** @type {{ data: any }} */ _event) => {} };
  port2 = { postMessage: (/** @type {any} */ data) => this.port1.onmessage({ data }) };
}

/** @type {string[]} addresses that replaced the page's */
let replaced = [];

/**
 * A page that was opened with an address, under a service worker.
 * @param {string} address
 * @param {any} [answer] of the service worker; undefined: there is none
 */
function openPage(address, answer) {
  const controller = answer === undefined ? null : {
    postMessage: (/** @type {any} */ { kind, handle }, /** @type {PaperChannel["port2"][]} */ [port]) => {
      assert.deepEqual([kind, handle], ["take", "7"]);
      port.postMessage(answer);
    },
  };
  const globals = {
    MessageChannel: PaperChannel,
    location: new URL(address),
    navigator: { serviceWorker: { controller } },
    history: { state: null, replaceState: (/** @type {any} */ _state, _title = "", url = "") => replaced.push(`${url}`) },
  };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true });
  }
}

beforeEach(() => {
  replaced = [];
});

test("a page that was opened for nothing special asks nobody", async () => {
  openPage("https://host.test/seesay/?model=starter");
  assert.equal(await takeShared(), null);
  assert.deepEqual(replaced, []);
});

test("shared images come once, and a reload does not ask again", async () => {
  openPage("https://host.test/seesay/?shared=7#library", [new File(["x"], "cat.jpg"), "a text"]);
  const found = await takeShared();
  assert.deepEqual(found?.map(({ name, file }) => [name, file instanceof File]), [["cat.jpg", true]]);
  assert.deepEqual(replaced, ["https://host.test/seesay/#library"]);
});

test("a share that is gone is said, with or without a service worker", async () => {
  for (const answer of [null, undefined]) {
    openPage("https://host.test/seesay/?shared=7", answer);
    const found = await takeShared();
    assert.deepEqual(found?.map(({ name, file }) => [name, file]), [["The shared image", null]]);
  }
});

test("files opened with the app are handed in together; one that is gone takes no other along", async () => {
  /** @type {any} */
  let consume;
  Object.assign(globalThis, { launchQueue: { setConsumer: (/** @type {any} */ given) => (consume = given) } });
  /** @type {any[]} */
  const handed = [];
  launched((found) => handed.push(found));
  await consume({ files: [] });
  await consume({
    files: [
      { name: "cat.jpg", getFile: async () => new File(["x"], "cat.jpg") },
      { name: "gone.jpg", getFile: () => Promise.reject(new DOMException("gone", "NotFoundError")) },
    ],
  });
  assert.deepEqual(
    handed.map((found) => found.map((/** @type {any} */ { name, file }) => [name, file !== null])),
    [[["cat.jpg", true], ["gone.jpg", false]]],
  );
});
