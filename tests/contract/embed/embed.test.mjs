// @ts-check
/** web/embed.mjs: what a page is told when its frame goes, whichever way that is learnt. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

const SITE = "https://seesay.example";
const BEAT_MS = 5000;

/** The frame's side of the port. @type {MessagePort} */
let port;
let isInPage = false;
/** As those of builds before there were pings. */
let isOldFrame = false;
/** What the frame got and no test has looked at. @type {any[]} */
let inbox = [];
let onNews = () => {};
let onToken = (/** @type {any} */ _) => {};

/** An iframe that answers as soon as it is in the page. */
function makeFrame() {
  const contentWindow = {
    postMessage: (/** @type {any} */ _, /** @type {string} */ origin, /** @type {MessagePort[]} */ [given]) => {
      assert.equal(origin, SITE);
      const own = /** @type {MessagePort} */ (given);
      port = own;
      /** @type {any[]} */
      const messages = (inbox = []); // what comes late belongs to the test before
      own.onmessage = ({ data: first }) => {
        assert.deepEqual(first, { id: 0, kind: "ping" }); // at once: from here on silence means something
        if (!isOldFrame) own.postMessage({ id: 0, kind: "pong" });
        own.onmessage = ({ data }) => (messages.push(data), onNews());
      };
      own.postMessage({ id: 0, kind: "connected" });
    },
  };
  return Object.assign(new EventTarget(), { contentWindow, remove: () => (isInPage = false) });
}

const page = new EventTarget();
Object.assign(globalThis, {
  addEventListener: page.addEventListener.bind(page),
  location: { origin: "https://blog.example" },
  document: {
    baseURI: "https://blog.example/",
    createElement: makeFrame,
    body: {
      append: (/** @type {any} */ { contentWindow }) => {
        isInPage = true;
        const ready = { source: contentWindow, origin: SITE, data: { seesay: 1, kind: "ready" } };
        page.dispatchEvent(Object.assign(new Event("message"), ready));
      },
    },
  },
});
const { connectSeesay } = await import("../../../web/embed.mjs");

/** @param {Promise<unknown>} call */
const codeOf = (call) =>
  call.then(
    () => "done",
    ({ code, name }) => code ?? name,
  );

/** @type {Awaited<ReturnType<typeof connectSeesay>>} */
let seesay;
beforeEach(async () => {
  isOldFrame = false;
  mock.timers.enable({ apis: ["setInterval"] });
  seesay = await connectSeesay({ site: SITE });
});
afterEach(() => {
  port.close();
  mock.timers.reset();
});

/** The next message that the frame gets. @returns {Promise<any>} */
async function heard() {
  while (inbox.length === 0) await new Promise((resolve) => (onNews = () => resolve(undefined)));
  return inbox.shift();
}

/** Say a word of the first caption, behind all else that the frame has said, and wait until the page has it. */
async function sayWord() {
  const told = new Promise((resolve) => (onToken = resolve));
  port.postMessage({ id: 1, kind: "token", text: "a" });
  await told;
}

/** Ask for two captions, and wait until the frame has both, and the page all that was said. */
async function askTwice() {
  const ask = () => codeOf(seesay.caption(new ArrayBuffer(1), { onToken: (event) => onToken(event) }));
  const calls = [ask(), ask()];
  assert.deepEqual([(await heard()).id, (await heard()).id], [1, 2]);
  await sayWord();
  return calls;
}

test("a frame that says goodbye: what waits is told, and what comes later", async () => {
  const calls = await askTwice();
  assert.ok(isInPage);
  port.postMessage({ id: 0, kind: "closed" });
  assert.deepEqual(await Promise.all(calls), ["frame_lost", "frame_lost"]);
  assert.equal(await codeOf(seesay.download("vit-gpt2")), "frame_lost");
  assert.equal(isInPage, false);
});

test("a port that is closed at the other end", async () => {
  const calls = await askTwice();
  port.close();
  assert.deepEqual(await Promise.all(calls), ["frame_lost", "frame_lost"]);
});

test("a frame that is silent is asked, and given up in the end", async () => {
  const calls = await askTwice();
  mock.timers.tick(BEAT_MS);
  assert.deepEqual(await heard(), { id: 0, kind: "ping" });
  mock.timers.tick(6 * BEAT_MS);
  assert.deepEqual(await Promise.all(calls), ["frame_lost", "frame_lost"]);
});

test("a frame of an older build, which answers no pings, is waited for", async () => {
  seesay.close();
  isOldFrame = true;
  seesay = await connectSeesay({ site: SITE });
  const calls = await askTwice();
  for (let beat = 0; beat < 20; beat++) {
    mock.timers.tick(BEAT_MS);
    assert.equal((await heard()).kind, "ping");
  }
  for (const id of [1, 2]) port.postMessage({ id, kind: "done", result: {} });
  assert.deepEqual(await Promise.all(calls), ["done", "done"]);
});

test("a frame that answers may take its time, and one with nothing to do is left alone", async () => {
  const calls = await askTwice();
  for (let beat = 0; beat < 20; beat++) {
    mock.timers.tick(BEAT_MS);
    assert.equal((await heard()).kind, "ping");
    port.postMessage({ id: 0, kind: "pong" });
    await sayWord();
  }
  for (const id of [1, 2]) port.postMessage({ id, kind: "done", result: {} });
  assert.deepEqual(await Promise.all(calls), ["done", "done"]);
  mock.timers.tick(100 * BEAT_MS);
  const last = codeOf(seesay.caption(new ArrayBuffer(1)));
  const { id, kind } = await heard();
  assert.equal(kind, "caption"); // and no ping before
  port.postMessage({ id, kind: "done", result: {} });
  assert.equal(await last, "done");
});

test("what is no image is refused here", async () => {
  for (const wrong of [7, null, {}, new Date(), ""]) {
    assert.equal(await codeOf(seesay.caption(/** @type {any} */ (wrong))), "input");
  }
});

test("a page that closes it knows why", async () => {
  const calls = await askTwice();
  seesay.close();
  assert.deepEqual(await Promise.all(calls), [20, 20]); // of an AbortError
  assert.equal(await codeOf(seesay.caption(new ArrayBuffer(1))), 20);
  assert.equal(isInPage, false);
});
