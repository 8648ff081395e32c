// @ts-check
/** web/page/list/shrunken.mjs: small pictures are small in browsers, too, that write no WebP. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { shrunken } from "../../../../web/page/list/shrunken.mjs";

let isWebKit = false;
/** @type {any[]} what was painted below the picture */
const painted = [];

Object.assign(globalThis, {
  createImageBitmap: async () => ({ width: 1000, height: 500, close() {} }),
  OffscreenCanvas: class {
    /**
     * @param {number} width
     * @param {number} height
     */
    constructor(width, height) {
      Object.assign(this, { width, height });
    }
    getContext() {
      return {
        drawImage() {},
        /** @param {number[]} area */
        fillRect(...area) {
          const { globalCompositeOperation: how, fillStyle: colour } = /** @type {any} */ (this);
          painted.push([how, colour, ...area]);
        },
      };
    }
    /** @param {{ type: string }} how */
    async convertToBlob({ type }) {
      return new Blob(["x"], { type: type === "image/webp" && isWebKit ? "image/png" : type });
    }
  },
});

test("a small picture is WebP, or else JPEG on white: PNG takes ten times the room", async () => {
  const { blob, width, height } = await shrunken(new Blob([]), 384, true);
  assert.deepEqual([blob.type, width, height, painted], ["image/webp", 1000, 500, []]);
  const ofPhotograph = await shrunken(new Blob([], { type: "image/jpeg" }), 384, true);
  assert.equal(ofPhotograph.blob.type, "image/jpeg");
  isWebKit = true;
  assert.equal((await shrunken(new Blob([]), 384, true)).blob.type, "image/jpeg");
  assert.deepEqual(painted, [["destination-over", "white", 0, 0, 384, 192]]);
});
