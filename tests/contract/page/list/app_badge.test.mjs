// @ts-check
/** web/page/list/app_badge.mjs: a notification comes where it was asked for and nobody looks. */

import assert from "node:assert/strict";
import { test } from "node:test";

/** @type {{ title: string, body: string }[]} */
const shown = [];

class Notification {
  static permission = "default";
  static answer = "granted";

  static async requestPermission() {
    Notification.permission = Notification.answer;
    return Notification.answer;
  }

  /**
   * @param {string} title
   * @param {{ body: string }} options
   */
  constructor(title, { body }) {
    shown.push({ title, body });
  }
}

const page = { visibilityState: "hidden" };
Object.assign(globalThis, { document: page });
const badge = await import("../../../../web/page/list/app_badge.mjs");

test("a browser without notifications is asked for none", () => {
  assert.equal(badge.canAsk(), false);
  badge.tell("Done.");
});

test("one that refuses is asked once", async () => {
  Object.assign(globalThis, { Notification });
  Notification.answer = "denied";
  assert.equal(badge.canAsk(), true);
  assert.equal(await badge.ask(), false);
  assert.equal(badge.canAsk(), false);
  badge.tell("Done.");
  assert.deepEqual(shown, []);
});

test("a person who looks needs none, and one who does not gets it", async () => {
  Notification.answer = Notification.permission = "granted";
  assert.equal(await badge.ask(), true);
  assert.equal(badge.canAsk(), false);
  page.visibilityState = "visible";
  badge.tell("Done: 2 captions.");
  assert.deepEqual(shown, []);
  page.visibilityState = "hidden";
  badge.tell("Done: 3 captions.");
  assert.deepEqual(shown, [{ title: "Seesay", body: "Done: 3 captions." }]);
});
