// @ts-check
/** web/page/words/file_handles.mjs: files are swapped whole or stay as they were. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { isAllowed, isWritable, noteHandles, replaceFile } from "../../web/page/words/file_handles.mjs";

const OLD = new File(["old"], "dog.jpg", { lastModified: 1 });
const BLOB = new Blob(["new words"]);

/** A file on a disk, and what happens to it. */
class Handle {
  file = OLD;
  /** @type {string[]} */
  log = [];
  fault = "";
  permission = "granted";

  async getFile() {
    return this.file;
  }

  async requestPermission() {
    return this.permission;
  }

  async createWritable() {
    return {
      write: async (/** @type {Blob} */ blob) => {
        if (this.fault) throw new Error(this.fault);
        this.log.push(`write ${blob.size}`);
      },
      close: async () => {
        this.log.push("close");
        this.file = new File([BLOB], "dog.jpg", { lastModified: 2 });
      },
      abort: async () => void this.log.push("abort"),
    };
  }
}

/** @param {Handle} handle */
function dropped(handle) {
  const file = new File(["old"], "dog.jpg", { lastModified: 1 });
  const items = [
    { kind: "string" },
    { kind: "file", getAsFileSystemHandle: async () => handle },
  ];
  noteHandles(items, [file]);
  return file;
}

test("a file is written beside and swapped; the new one can be written again", async () => {
  const handle = new Handle();
  const file = dropped(handle);
  assert.equal(await isWritable(file), true);
  assert.equal(await isAllowed(file), true);
  const { file: fresh, problem } = await replaceFile(file, BLOB);
  assert.deepEqual(handle.log, ["write 9", "close"]);
  assert.equal(problem, "");
  assert.equal(fresh?.size, 9);
  assert.equal(await isWritable(/** @type {File} */ (fresh)), true);
});

test("a file that others have changed is left alone", async () => {
  const handle = new Handle();
  const file = dropped(handle);
  handle.file = new File(["old"], "dog.jpg", { lastModified: 5 });
  assert.deepEqual(await replaceFile(file, BLOB), { file: null, problem: "changed" });
  assert.deepEqual(handle.log, []);
});

test("what fails halfway is given up", async () => {
  const handle = new Handle();
  handle.fault = "disk full";
  const file = dropped(handle);
  assert.deepEqual(await replaceFile(file, BLOB), { file: null, problem: "failed" });
  assert.deepEqual(handle.log, ["abort"]);
});

test("without a handle, or without permission, nothing is written in place", async () => {
  const handle = new Handle();
  handle.permission = "denied";
  assert.equal(await isAllowed(dropped(handle)), false);
  assert.equal(await isWritable(OLD), false);
  const file = new File([], "x");
  noteHandles([{ kind: "file", getAsFileSystemHandle: () => Promise.reject(new Error("no")) }], [file]);
  assert.equal(await isWritable(file), false);
  noteHandles([{ kind: "file" }], [OLD]); // Firefox and Safari
  assert.equal(await isWritable(OLD), false);
});
