// @ts-check
/** web/page/words/file_handles.mjs: files are swapped whole or stay as they were. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import {
  canChooseFolder, chooseFolder, isAllowed, isWritable, noteFolder, noteHandles, replaceFile, whichAllowed,
} from "../../../../web/page/words/file_handles.mjs";

const OLD = new File(["old"], "dog.jpg", { lastModified: 1 });
const BLOB = new Blob(["new words"]);

/** A file on a disk, and what happens to it. */
class Handle {
  kind = "file";
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
  const { file: fresh, sha256, problem } = await replaceFile(file, BLOB);
  assert.equal(sha256, createHash("sha256").update(await BLOB.arrayBuffer().then((bytes) => new Uint8Array(bytes))).digest("hex"));
  assert.deepEqual(handle.log, ["write 9", "close"]);
  assert.equal(problem, "");
  assert.equal(fresh?.size, 9);
  assert.equal(await isWritable(/** @type {File} */ (fresh)), true);
});

test("a file that others have changed is left alone", async () => {
  const handle = new Handle();
  const file = dropped(handle);
  handle.file = new File(["old"], "dog.jpg", { lastModified: 5 });
  assert.deepEqual(await replaceFile(file, BLOB), { file: null, sha256: "", problem: "changed" });
  assert.deepEqual(handle.log, []);
});

test("content that cannot be read is told of before the file is touched", async () => {
  const handle = new Handle();
  const file = dropped(handle);
  const blob = new Blob(["new words"]);
  blob.arrayBuffer = async () => Promise.reject(new Error("no memory"));
  assert.deepEqual(await replaceFile(file, blob), { file: null, sha256: "", problem: "failed" });
  assert.deepEqual(handle.log, []);
});

test("what fails halfway is given up", async () => {
  const handle = new Handle();
  handle.fault = "disk full";
  const file = dropped(handle);
  assert.deepEqual(await replaceFile(file, BLOB), { file: null, sha256: "", problem: "failed" });
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

/** @param {string} path */
const listed = (path) => {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return { file: new File(["old"], name, { lastModified: 1 }), name, path };
};

/**
 * @param {string} name
 * @param {Record<string, any>} inside handles by name
 * @returns {any} a folder
 */
const folder = (name, inside) => {
  const get = async (/** @type {string} */ one) => {
    if (!inside[one]) throw new Error("NotFoundError");
    return inside[one];
  };
  return {
    kind: "directory",
    name,
    asked: 0,
    getDirectoryHandle: get,
    getFileHandle: get,
    async *values() {
      for (const [one, handle] of Object.entries(inside)) yield Object.assign(handle, { name: one });
    },
    async requestPermission() {
      this.asked += 1;
      return "granted";
    },
  };
};

test("the files of a dropped folder can be written after one question, of the folder", async () => {
  const [one, two] = [new Handle(), new Handle()];
  const trip = folder("trip", { "a.jpg": one, sub: folder("sub", { "b.jpg": two }) });
  const found = ["trip/a.jpg", "trip/sub/b.jpg", "trip/gone.jpg"].map(listed);
  noteFolder(Promise.resolve(trip), found);
  noteFolder(undefined, [listed("x")]); // Firefox and Safari
  assert.deepEqual(await whichAllowed(found.map(({ file }) => file)), [true, true, false]);
  assert.equal(trip.asked, 1);
  assert.equal((await replaceFile(found[1].file, BLOB)).problem, "");
  assert.deepEqual([one.log, two.log], [[], ["write 9", "close"]]);
});

test("files of a chosen folder are known again, and copies by their paths alone", async () => {
  const [a, b, copy, other] = [new Handle(), new Handle(), new Handle(), new Handle()];
  other.file = new File(["old"], "c.jpg", { lastModified: 7 });
  const files = { "a.jpg": a, "c.jpg": other, "b.jpg": b, sub: folder("sub", { "b.jpg": copy }) };
  const chosen = folder("trip", files);
  assert.equal(canChooseFolder(), false);
  Reflect.set(globalThis, "showDirectoryPicker", async () => chosen);
  assert.equal(canChooseFolder(), true);
  const wanted = ["a.jpg", "trip/sub/b.jpg", "b.jpg", "c.jpg"].map(listed);
  assert.equal(await chooseFolder(wanted), true);
  const writable = await Promise.all(wanted.map(({ file }) => isWritable(file)));
  assert.deepEqual(writable, [true, true, false, false]);
  await replaceFile(wanted[1].file, BLOB);
  assert.deepEqual([b.log, copy.log.length], [[], 2]);
  const half = folder("half", {});
  half.values = async function* () {
    yield Object.assign(a, { name: "a.jpg" });
    throw new Error("NotFoundError"); // it was taken away meanwhile
  };
  Reflect.set(globalThis, "showDirectoryPicker", async () => half);
  const [first] = ["a.jpg"].map(listed);
  assert.equal(await chooseFolder([first]), true);
  assert.equal(await isWritable(first.file), true);
  Reflect.set(globalThis, "showDirectoryPicker", () => Promise.reject(new Error("AbortError")));
  assert.equal(await chooseFolder(wanted), false);
  Reflect.deleteProperty(globalThis, "showDirectoryPicker");
});
