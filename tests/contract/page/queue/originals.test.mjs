// @ts-check
/** web/page/queue/originals.mjs: how the files of the library's images are found again. */

import assert from "node:assert/strict";
import { test } from "node:test";

/** @type {Set<string>} copies in the private files */
const copies = new Set();
/** @type {Map<string, any>} handles in the database */
const kept = new Map();
/** @type {any[]} what the worker was asked */
const asked = [];
let quota = 1e12;
let copySize = 4;
let isReadable = true;
/** What the worker waits for before it answers. */
let held = Promise.resolve();

/** @type {PaperWorker[]} that are there */
const workers = [];

/** Answers as intake_worker.mjs does, by the file's name. */
class PaperWorker {
  /** @type {(event: { data: any }) => void} */
  onmessage = () => {};
  /** @type {(event: { preventDefault: () => void }) => void} */
  onerror = () => {};

  constructor() {
    workers.push(this);
  }

  terminate() {
    workers.splice(workers.indexOf(this), 1);
  }

  /** @param {{ kind: "heads" | "know" | "picture", file?: File, files?: File[], folder?: string }} message */
  async postMessage({ kind, file, files = [], folder = "" }) {
    asked.push([kind, ...(file ? [file] : files).map(({ name }) => name), folder]);
    await held;
    if (!workers.includes(this)) return;
    if (files.some(({ name }) => name === "deadly")) return this.onerror({ preventDefault() {} });
    if (file && folder) copies.add(file.name);
    const known = files.map(({ name, size }) => size ? { sha256: name, size, head: new Uint8Array([7, 8]) } : null);
    const pictured = { width: 4, height: 3, thumbnail: new Blob(["small"]), isCopied: folder !== "" };
    const heads = JSON.stringify(files.map(({ name }) => name));
    this.onmessage({ data: { heads, know: known, picture: file?.size ? pictured : null }[kind] });
  }
}

/** @param {() => any} answer */
function request(answer) {
  /** @type {any} */
  const made = {};
  queueMicrotask(() => {
    made.result = answer();
    made.onsuccess?.();
  });
  return made;
}

const store = {
  put: (/** @type {any} */ handle, /** @type {string} */ key) => request(() => kept.set(key, handle)),
  get: (/** @type {string} */ key) => request(() => kept.get(key)),
  getAllKeys: () => request(() => [...kept.keys()]),
  delete: (/** @type {string} */ key) => request(() => kept.delete(key)),
};
const database = { transaction: () => ({ objectStore: () => store }), close() {} };
const folder = {
  async getFileHandle(/** @type {string} */ name) {
    if (!copies.has(name)) throw new DOMException("", "NotFoundError");
    return { getFile: async () => new File(["copy"], name) };
  },
  removeEntry: async (/** @type {string} */ name) => void copies.delete(name),
  async *values() {
    if (!isReadable) throw new DOMException("", "InvalidStateError");
    for (const name of copies) yield { name, getFile: async () => ({ size: copySize }) };
  },
};
const root = { getDirectoryHandle: async () => folder, removeEntry: async () => copies.clear() };
Object.assign(globalThis, {
  Worker: PaperWorker,
  indexedDB: {
    open: () => request(() => database),
    deleteDatabase: () => request(() => kept.clear()),
  },
});
const storage = { getDirectory: async () => root, estimate: async () => ({ quota, usage: 0 }) };
Object.defineProperty(globalThis, "navigator", { value: { storage }, configurable: true });

const originals = await import("../../../../web/page/queue/originals.mjs");
const { noteHandle } = await import("../../../../web/page/words/file_handles.mjs");

/** @param {string} permission */
function handle(permission) {
  return {
    kind: "file",
    asked: 0,
    queryPermission: async () => permission,
    async requestPermission() {
      this.asked += 1;
      permission = "granted";
    },
    getFile: async () => new File(["by handle"], "found"),
  };
}

/** @param {File} file */
const hashed = async (file) => JSON.parse((await originals.take([file], 1)).hashes)[0];

/** @param {string} sha256 */
const pictured = async (sha256, isCopying = true) =>
  JSON.parse((await originals.picture(JSON.stringify([sha256]), isCopying)).facts)[0];

/** @param {File} file */
const facts = async (file) => pictured(await hashed(file));

test("a file with a handle is found by it again, and not copied", async () => {
  const file = new File(["x"], "handled");
  const its = handle("granted");
  noteHandle(file, its);
  assert.deepEqual(await facts(file), { width: 4, height: 3, isFoundAgain: true });
  assert.deepEqual(asked.slice(-2), [["know", "handled", ""], ["picture", "handled", ""]]);
  assert.equal(kept.size, 0); // it is not in the library yet
  assert.equal(await originals.settle(JSON.stringify(["handled", "no such"])), 0);
  assert.equal(kept.get("handled"), its);
});

test("a file that words were saved into is found by its new hash, and no more by the old one", async () => {
  const [its, fresh] = [handle("granted"), new File(["words"], "saved")];
  kept.set("before", its);
  originals.remember("before", new File(["x"], "before"));
  await originals.follow("before", "after", fresh);
  assert.equal(originals.ofThisVisit("before"), undefined);
  assert.equal(originals.ofThisVisit("after"), fresh);
  assert.deepEqual([kept.get("before"), kept.get("after")], [undefined, its]);
  kept.delete("after");
});

test("one without is copied, as long as there is room, and the copy goes with its caption", async () => {
  assert.equal((await facts(new File(["x"], "copied"))).isFoundAgain, true);
  quota = 0;
  assert.equal((await facts(new File(["x"], "no room"))).isFoundAgain, false);
  assert.deepEqual([...copies], ["copied"]);
  await originals.release("copied");
  assert.deepEqual([...copies], []);
});

test("one that has its caption already is not copied, nor one that nobody waits for", async () => {
  quota = 1e12;
  const names = ["early", "meanwhile", "cancelled"];
  for (const name of names) await hashed(new File(["x"], name));
  await originals.release("early");
  assert.equal((await pictured("early")).isFoundAgain, true); // it is not to be found any more
  /** @type {() => void} */
  let go = () => {};
  held = new Promise((resolve) => (go = resolve));
  const reached = asked.length;
  const made = pictured("meanwhile");
  while (asked.length === reached) await new Promise((resolve) => setImmediate(resolve));
  await originals.release("meanwhile");
  go();
  await made;
  assert.equal((await pictured("cancelled", false)).isFoundAgain, false);
  assert.deepEqual([...copies], []);
  await hashed(new File(["x"], "early")); // for another caption
  await pictured("early");
  assert.deepEqual([...copies], ["early"]);
  await originals.release("early");
});

test("pictures are as the library takes them, and first bytes are told", async () => {
  const taken = await originals.take([new File([], "gone"), new File(["x"], "seen")], 1);
  assert.deepEqual([taken.hashes, taken.sizes], ['[null,"seen"]', "[0,1]"]);
  assert.deepEqual([taken.digits(0, 0, 9), taken.digits(1, 0, 9), taken.digits(1, 1, 2)], ["", "0708", "08"]);
  const { facts: told, pictures } = await originals.picture('["nowhere","seen"]', false);
  assert.deepEqual(JSON.parse(told).map((/** @type {any} */ { width }) => width), [0, 4]);
  assert.equal(pictures.length, 1);
  assert.equal(Reflect.get(pictures[0] ?? {}, "sha256"), "seen");
});

test("the page breathes without a timer", async (context) => {
  context.mock.timers.enable();
  await originals.breath();
});

test("a file that cannot be read is told of, and takes no other with it", async () => {
  assert.equal(await hashed(new File([], "gone")), null);
  assert.equal(await hashed(new File(["x"], "next")), "next");
});

test("some go to a worker at a time, and the one that it fails over takes none with it", async () => {
  const names = Array.from({ length: 18 }, (_, i) => (i === 9 ? "deadly" : `${i}`));
  const before = asked.length;
  const { hashes } = await originals.take(names.map((name) => new File(["x"], name)), 1);
  assert.deepEqual(JSON.parse(hashes), names.map((name) => (name === "deadly" ? null : name)));
  const sizes = asked.slice(before).map((question) => question.length - 2);
  assert.deepEqual(sizes, [8, 8, 2, 1, 1, 1, 1, 1, 1, 1, 1]);
});

test("the page waits for first bytes, so these come before what else there is to do", async () => {
  const files = Array.from({ length: 20 }, (_, i) => new File(["x"], `${i}`));
  const before = asked.length;
  /** @type {() => void} */
  let go = () => {};
  held = new Promise((resolve) => (go = resolve));
  const taken = originals.take(files, 1);
  while (asked.length < before + 2) await new Promise((resolve) => setImmediate(resolve));
  const found = originals.heads(files.slice(0, 9), 2);
  go();
  assert.deepEqual(JSON.parse(await found), files.slice(0, 9).map(({ name }) => name));
  await taken;
  const kinds = asked.slice(before).map(([kind]) => kind);
  assert.deepEqual(kinds, ["know", "know", "heads", "heads", "know"]);
  assert.equal(await originals.heads([new File(["x"], "deadly"), ...files], 2).then((told) => JSON.parse(told)[0]), null);
});

test("two are taken in at a time", async () => {
  /** @type {() => void} */
  let go = () => {};
  held = new Promise((resolve) => (go = resolve));
  const before = asked.length;
  const all = ["1st", "2nd", "3rd"].map((name) => hashed(new File(["x"], name)));
  while (asked.length < before + 2) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(asked.length, before + 2);
  go();
  assert.deepEqual(await Promise.all(all), ["1st", "2nd", "3rd"]);
});

test("another visit asks once for all, and finds what it may", async () => {
  const [one, other] = [handle("prompt"), handle("prompt")];
  kept.set("one", one).set("other", other);
  copies.add("third");
  assert.equal(await originals.find("one"), null);
  const words = await Promise.all(["one", "third", "nowhere"].map(originals.isToBeAsked));
  assert.deepEqual(words, [true, false, false]);
  await originals.allow(JSON.stringify(["third", "one", "other"]));
  assert.deepEqual([one.asked, other.asked], [1, 0]);
  assert.equal(await originals.isToBeAsked("one"), false);
  assert.equal(await (await originals.find("one"))?.text(), "by handle");
  assert.equal(await (await originals.find("third"))?.text(), "copy");
  assert.equal(await originals.find("nowhere"), null);
});

test("copies are counted whatever is let go of meanwhile", async () => {
  [quota, copySize] = [1e12, 999_999_999];
  await originals.releaseAll();
  copies.add("large");
  /** @type {() => void} */
  let go = () => {};
  held = new Promise((resolve) => (go = resolve));
  const reached = asked.length;
  const small = facts(new File(["x"], "small"));
  while (asked.length === reached) await new Promise((resolve) => setImmediate(resolve));
  await originals.release("nothing");
  go();
  assert.equal((await small).isFoundAgain, true);
  assert.equal((await facts(new File(["xy"], "too much"))).isFoundAgain, false);
});

test("copies that cannot be counted once are no fault of the files", async () => {
  await originals.releaseAll(); // they are counted anew
  isReadable = false;
  const before = await facts(new File(["x"], "before"));
  isReadable = true;
  const after = await facts(new File(["x"], "after"));
  assert.deepEqual([before.width, after.width], [4, 4]);
});

test("where a browser tells no room, nothing is copied, and pictures are made all the same", async () => {
  const { estimate } = storage;
  storage.estimate = () => Promise.reject(new Error("no"));
  const { width, isFoundAgain } = await facts(new File(["x"], "no room"));
  storage.estimate = estimate;
  assert.deepEqual([width, isFoundAgain], [4, false]);
});

test("a worker that fails while it has nothing to do is given nothing more", async () => {
  const [one, other] = workers;
  assert.ok(one && other);
  for (const worker of [one, other]) worker.onerror({ preventDefault() {} });
  assert.equal(await hashed(new File(["x"], "by a third")), "by a third");
});

test("handles of what does not join the library are not kept later", async () => {
  const hashes = JSON.stringify(["of a file"]);
  for (const letGo of [originals.releaseAll, originals.erase, () => originals.forget(["of a file"]), () => originals.keepOnly([])]) {
    const file = new File(["x"], "of a file");
    noteHandle(file, handle("granted"));
    await facts(file);
    await letGo();
    await originals.settle(hashes);
    assert.equal(kept.has("of a file"), false);
  }
});

test("handles and copies go when their images leave the library", async () => {
  for (const sha256 of ["in it", "deleted", "replaced"]) kept.set(sha256, handle("granted"));
  ["copy in it", "copy deleted", "copy replaced"].forEach((name) => copies.add(name));
  originals.remember("of this visit", new File(["x"], "x"));
  await originals.forget(["deleted", "copy deleted"]);
  assert.equal(await originals.find("deleted"), null);
  assert.equal(await (await originals.find("in it"))?.text(), "by handle");
  await originals.keepOnly(["in it", "copy in it", "unknown"]);
  assert.deepEqual([...kept.keys(), ...copies], ["in it", "copy in it"]);
  assert.equal(originals.ofThisVisit("of this visit"), undefined);
});

test("nothing is left of any of it, nor of what is just being taken in", async () => {
  await originals.releaseAll(); // they are counted anew
  await hashed(new File(["x"], "last"));
  const last = pictured("last");
  await originals.erase();
  assert.equal((await last).isFoundAgain, true); // it was, when it was asked
  assert.deepEqual([copies.size, kept.size], [0, 0]);
  assert.equal(await originals.find("handled"), null);
});

test("a folder inside a chosen one that cannot be read takes no file with it", async () => {
  const file = (/** @type {string} */ name) => ({ kind: "file", name, getFile: async () => new File(["x"], name) });
  const locked = {
    kind: "directory",
    name: "locked",
    async *values() {
      throw new DOMException("", "NotAllowedError");
    },
  };
  const chosen = {
    name: "trip",
    async *values() {
      yield* [file("1.jpg"), locked, file("2.jpg")];
    },
  };
  Object.assign(globalThis, { showDirectoryPicker: async () => chosen });
  const found = await originals.pick(true);
  assert.deepEqual(
    found.map((/** @type {any} */ { path, file }) => [path, file !== null]),
    [["trip/1.jpg", true], ["trip/2.jpg", true], ["trip/locked", false]],
  );
});
