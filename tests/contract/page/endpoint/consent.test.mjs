// @ts-check
/** web/page/endpoint/consent.mjs: a question stays as long as a request waits for its answer. */

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

/** Dialogs on the screen. @type {any[]} */
let shown = [];

/** @param {string} name */
function element(name) {
  const made = Object.assign(new EventTarget(), {
    name,
    returnValue: "",
    onclose: () => {},
    setAttribute: () => {},
    append: () => {},
    showModal: () => shown.push(made),
    remove: () => (shown = shown.filter((one) => one !== made)),
    close: (/** @type {string} */ value = "") => {
      made.returnValue = value;
      queueMicrotask(() => made.onclose()); // browsers tell it later, too
    },
  });
  return made;
}
// Nothing is kept here: a browser that keeps no site data, where a yes holds for this window.
Object.assign(globalThis, {
  document: { createElement: element, body: { append: () => {} } },
  indexedDB: { open: () => { throw new Error("no site data"); } },
});
const { consented } = await import("../../../../web/page/endpoint/consent.mjs");

const settled = () => new Promise((resolve) => setImmediate(resolve));
afterEach(() => assert.equal(shown.length, 0));

test("a question goes with the last request that waits, and is asked again by the next", async () => {
  const [first, second] = [new AbortController(), new AbortController()];
  const site = "https://one.example";
  const answers = [consented(site, first.signal), consented(site, second.signal)];
  await settled();
  assert.equal(shown.length, 1);
  first.abort();
  assert.equal(await answers[0], false);
  await settled();
  assert.equal(shown.length, 1);
  second.abort();
  assert.equal(await answers[1], false);
  await settled();
  assert.equal(shown.length, 0);

  const again = consented(site, new AbortController().signal);
  await settled();
  shown[0].close("yes");
  assert.equal(await again, true);
  const done = new AbortController();
  assert.equal(await consented(site, done.signal), true);
  done.abort(); // as each request is, at its end
  assert.equal(await consented(site, new AbortController().signal), true);
});

test("a question whose turn has not come is never shown, once nobody waits for it", async () => {
  const gone = new AbortController();
  const shownFirst = consented("https://two.example", new AbortController().signal);
  const waiting = consented("https://three.example", gone.signal);
  await settled();
  gone.abort();
  assert.equal(await waiting, false);
  await settled();
  shown[0].close();
  assert.equal(await shownFirst, false);
  await settled();
  assert.equal(shown.length, 0);
  assert.equal(await consented("https://two.example", new AbortController().signal), false); // a no holds
});

test("who has gone already is not asked for", async () => {
  assert.equal(await consented("https://four.example", AbortSignal.abort()), false);
});
