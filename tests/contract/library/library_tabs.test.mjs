// @ts-check
/** worker/library/other_tabs.mjs: what a tab hands over to the one that has the library. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { OtherTabs } from "../../../worker/library/other_tabs.mjs";
import { OwnLock } from "../../../worker/library/own_lock.mjs";

const LOCK = "library";
let holder = "writer";
const locks = {
  query: async () => ({ held: holder ? [{ name: "another lock" }, { name: LOCK, clientId: holder }] : [] }),
};
Object.defineProperty(globalThis, "navigator", { value: { locks }, configurable: true });

/** @type {BroadcastChannel[]} */
const channels = [];
globalThis.BroadcastChannel = class extends BroadcastChannel {
  /** @param {string} name */
  constructor(name) {
    super(name);
    channels.push(this);
  }
};
after(() => channels.forEach((channel) => channel.close()));

/** A tab, and what it hears of the others. */
class Tab {
  /** @type {string[]} */
  heard = [];
  /** @type {string[]} what was run here */
  ran = [];
  hasIt = false;
  tabs = new OtherTabs(LOCK, {
    onChanged: () => this.heard.push("changed"),
    onLetGo: () => this.heard.push("let go"),
    onQuestion: (calls, answer, from) => {
      if (!this.hasIt) return;
      this.ran.push(...calls.map(({ sql }) => sql));
      answer({ results: [[{ id: 7 }]] });
      if (calls.some(({ sql }) => !sql.startsWith("SELECT"))) this.tabs.tellChanged(from);
    },
  });
}

const [writer, other, third] = [new Tab(), new Tab(), new Tab()];
writer.hasIt = true;
const call = (/** @type {string} */ sql) => [{ sql, parameters: {} }];

test("what writes is handed over only on purpose, and all but who asked are told", async () => {
  await assert.rejects(other.tabs.run(call("DELETE FROM image"), false), { message: /only be read here/ });
  assert.deepEqual(await other.tabs.run(call("SELECT 1"), false), [[{ id: 7 }]]);
  const told = new Promise((resolve) => (third.heard.push = (...news) => resolve(news)));
  assert.deepEqual(await other.tabs.run(call("INSERT INTO image"), true), [[{ id: 7 }]]);
  assert.deepEqual(await told, ["changed"]);
  assert.deepEqual(writer.ran, ["SELECT 1", "INSERT INTO image"]);
  writer.tabs.askToLetGo(); // comes after the news, had there been any
  while (!other.heard.length) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(other.heard, ["let go"]);
});

test("a tab that is gone is told of", async () => {
  [writer.hasIt, holder] = [false, ""];
  await assert.rejects(other.tabs.run(call("INSERT INTO image"), true), { message: /was closed/ });
});

test("one that is gone is told of though the next has the library by then", async () => {
  holder = "writer";
  const told = assert.rejects(other.tabs.run(call("INSERT INTO image"), true), { message: /was closed/ });
  await new Promise((resolve) => setImmediate(resolve)); // it has been asked
  holder = "third";
  await told;
});

/** @param {any} [request] */
const locksWith = (request) => Object.defineProperty(globalThis, "navigator", { value: { locks: request && { request } } });

test("a browser that keeps nothing for this site lends no lock: that is no failure, and no other tab", async () => {
  const refused = (/** @type {string} */ name) => locksWith(async () => Promise.reject(new DOMException("", name)));
  locksWith();
  assert.equal(await new OwnLock(LOCK).acquire(false), null);
  refused("SecurityError");
  assert.equal(await new OwnLock(LOCK).acquire(true), null);
  refused("InvalidStateError");
  await assert.rejects(new OwnLock(LOCK).acquire(false), { name: "InvalidStateError" });
  /** @type {Promise<unknown> | undefined} */
  let held;
  locksWith(async (/** @type {any} */ _name, /** @type {any} */ _how, /** @type {any} */ hold) => (held = hold({})));
  const lock = new OwnLock(LOCK);
  assert.equal(await lock.acquire(false), true);
  lock.release();
  await held;
  locksWith(async (/** @type {any} */ _name, /** @type {any} */ _how, /** @type {any} */ hold) => hold(null));
  assert.equal(await new OwnLock(LOCK).acquire(false), false);
});
