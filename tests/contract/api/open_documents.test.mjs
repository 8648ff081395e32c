// @ts-check
/** web/api/open_documents.mjs: a document that cannot be read any more is told of as such. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { openDocuments } from "../../../web/api/open_documents.mjs";

test("a document that was moved or changed since is not called a fault of Seesay's", async () => {
  const file = new File(["![](dog.jpg)"], "trip.md");
  file.arrayBuffer = async () => {
    throw new DOMException("", "NotReadableError");
  };
  const link = /** @type {any} */ ({ request: (/** @type {any} */ { prepare }) => prepare() });
  await assert.rejects(openDocuments([file], link), { name: "SeesayError", code: "input" });
});
