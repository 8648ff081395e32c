// @ts-check
/** worker/service/image_fetch.mjs: one image from another site, or a reason why not. */

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

Object.assign(globalThis, { self: globalThis });
const { fetchImage } = await import("../../../../worker/service/image_fetch.mjs");
const real = globalThis.fetch;
const URL_ = new URL("https://images.example/a.png");

afterEach(() => Object.assign(globalThis, { fetch: real }));

/**
 * @param {() => Promise<any> | any} answer
 * @returns {Promise<any>}
 */
function fetched(answer) {
  Object.assign(globalThis, {
    fetch: async (/** @type {URL} */ url, /** @type {RequestInit} */ options) => {
      assert.equal(url, URL_);
      const { credentials, mode, redirect, referrerPolicy } = options;
      assert.deepEqual([credentials, mode, redirect, referrerPolicy], ["omit", "cors", "manual", "no-referrer"]);
      return answer();
    },
  });
  return fetchImage(URL_, 1000);
}

test("an image", async () => {
  const { image } = await fetched(() => new Response("bytes"));
  assert.equal(await image.text(), "bytes");
});

test("redirects are not followed", async () => {
  const { status, code } = await fetched(() => ({ type: "opaqueredirect" }));
  assert.deepEqual([status, code], [403, "forbidden"]);
});

test("a server that refuses, and one that cannot be reached or does not share", async () => {
  const refused = await fetched(() => new Response("", { status: 404 }));
  assert.deepEqual([refused.status, refused.code], [502, "network"]);
  assert.match(refused.message, /images\.example answered 404/);
  const unreached = await fetched(() => Promise.reject(new TypeError("Failed to fetch")));
  assert.deepEqual([unreached.status, unreached.code], [502, "network"]);
});

test("an answer without end is not read to it", async () => {
  let chunks = 0;
  const body = new ReadableStream({
    pull(controller) {
      chunks += 1;
      controller.enqueue(new Uint8Array(400));
    },
  });
  const { status, code } = await fetched(() => new Response(body));
  assert.deepEqual([status, code], [413, "image_too_large"]);
  assert.ok(chunks < 6);
});
