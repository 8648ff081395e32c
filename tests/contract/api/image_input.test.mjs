// @ts-check
/** web/api/image_input.mjs: a file that is too large is refused before it is read. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

// As the build writes it.
const source = await readFile(new URL("../../../web/api/image_input.mjs", import.meta.url), "utf-8");
const folder = new URL("../../../web/api/", import.meta.url);
const limits = "data:text/javascript,export const MAX_FILE_BYTES = 2_000_000;";
const built = source
  .replace('"./limits.mjs"', JSON.stringify(limits))
  .replace(/"\.\/(\w+\.mjs)"/g, (_, file) => JSON.stringify(new URL(file, folder).href));
const { readImage } = await import(`data:text/javascript,${encodeURIComponent(built)}`);

/** @param {number} size */
function blob(size) {
  let isRead = false;
  const one = new Blob([new Uint8Array(size)]);
  one.arrayBuffer = async () => {
    isRead = true;
    return new ArrayBuffer(size);
  };
  return { one, wasRead: () => isRead };
}

test("a file over the limit is not read", async () => {
  const { one, wasRead } = blob(3_000_000);
  await assert.rejects(readImage(one, undefined), {
    code: "image_too_large",
    message: "That file has 3 MB; the limit is 2 MB. Make it smaller and try again.",
  });
  assert.equal(wasRead(), false);
});

test("one at the limit is", async () => {
  const { one } = blob(2_000_000);
  assert.equal((await readImage(one, undefined)).byteLength, 2_000_000);
});
