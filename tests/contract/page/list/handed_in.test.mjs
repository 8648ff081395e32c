// @ts-check
/** web/page/list/handed_in.mjs and web/api/data_url.mjs: what people hand in, without a browser. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { readDataUrl } from "../../../../web/api/data_url.mjs";
import { filesIn, heads, tidy, transferred } from "../../../../web/page/list/handed_in.mjs";

/** @param {string} path */
const item = (path) => ({ file: null, name: path.slice(path.lastIndexOf("/") + 1), path });

/**
 * @param {string} path
 * @param {string} [fault]
 * @returns {any} a file as file managers hand it in
 */
const fileEntry = (path, fault) => ({
  isFile: true,
  name: item(path).name,
  fullPath: `/${path}`,
  file: (/** @type {Function} */ resolve, /** @type {Function} */ reject) =>
    fault ? reject(new Error(fault)) : resolve(new File(["x"], item(path).name)),
});

/**
 * @param {string} path
 * @param {any[]} inside
 * @param {string} [fault] comes when all of `inside` has been read
 * @returns {any} a folder, of which at most two entries are read at a time
 */
const folderEntry = (path, inside, fault) => ({
  isFile: false,
  isDirectory: true,
  name: item(path).name,
  fullPath: `/${path}`,
  createReader: () => {
    const left = [...inside];
    return {
      readEntries: (/** @type {Function} */ resolve, /** @type {Function} */ reject) =>
        fault && left.length === 0 ? reject(new Error(fault)) : resolve(left.splice(0, 2)),
    };
  },
});

test("what cannot be read comes without its file, and alone", async () => {
  const folder = folderEntry("trip", [
    fileEntry("trip/a.png"),
    fileEntry("trip/locked.png", "NotReadableError"),
    folderEntry("trip/shut", [fileEntry("trip/shut/seen.png")], "NotReadableError"),
    fileEntry("trip/b.png"),
  ]);
  const found = await filesIn(folder);
  assert.deepEqual(
    found.map(({ file, name, path }) => [path, name, file !== null]),
    [
      ["trip/a.png", "a.png", true],
      ["trip/locked.png", "locked.png", false],
      ["trip/shut/seen.png", "seen.png", true],
      ["trip/shut", "shut", false],
      ["trip/b.png", "b.png", true],
    ],
  );
});

test("sorted by path, numbers as numbers", () => {
  const paths = ["s/Scan 10.png", "s/more/Scan 3.png", "s/Scan 2.png", "s/Scan 1.png", "a 2/x.png", "a 10/x.png"];
  assert.deepEqual(
    tidy(paths.map(item)).map(({ path }) => path),
    ["a 2/x.png", "a 10/x.png", "s/more/Scan 3.png", "s/Scan 1.png", "s/Scan 2.png", "s/Scan 10.png"],
  );
});

test("what file managers leave behind is left out, and nothing else", () => {
  const paths = [".DS_Store", "Thumbs.db", "desktop.ini", "._cat.png", "cat.png", "thumbs.png", ".hidden.png"];
  assert.deepEqual(new Set(tidy(paths.map((name) => item(`f/${name}`))).map(({ name }) => name)),
    new Set(["cat.png", "thumbs.png", ".hidden.png"]));
});

test("sidecars go with their images, whichever program named them", () => {
  const named = ["f/b.JPG", "f/b.xmp", "f/a.jpg", "f/a.jpg.XMP", "f/a.xmp", "f/alone.xmp", "g/b.png", "f/c.png"];
  const found = tidy(named.map((path) => ({ ...item(path), file: new File([path], item(path).name) })));
  assert.deepEqual(
    found.map(({ path, sidecar }) => [path, sidecar?.name]),
    [
      ["f/a.jpg", "a.jpg.XMP"],
      ["f/a.xmp", undefined],
      ["f/alone.xmp", undefined],
      ["f/b.JPG", "b.xmp"],
      ["f/c.png", undefined],
      ["g/b.png", undefined],
    ],
  );
});

test("data: addresses give their bytes and type, damaged ones nothing", () => {
  const read = (/** @type {string} */ address) => {
    const found = readDataUrl(address);
    return found && [found.type, ...found.bytes];
  };
  assert.deepEqual(read("data:image/png;base64,AAH/"), ["image/png", 0, 1, 255]);
  assert.deepEqual(read("data:image/PNG;name=a.png;base64,AA H%2F"), ["image/png", 0, 1, 255]);
  assert.deepEqual(read("DATA:image/svg+xml,%3Csv%67%ff\u00e9#part"), ["image/svg+xml", 60, 115, 118, 103, 255, 195, 169]);
  assert.deepEqual(read("data:,"), [""]);
  assert.equal(read("data:image/png;base64,!!!"), null);
  assert.equal(read("data:image/png;base64"), null);
});

test("a folder whose handle the browser does not tell is handed in all the same, and in peace", async () => {
  /** @type {unknown[]} */
  const unheard = [];
  const note = (/** @type {unknown} */ reason) => unheard.push(reason);
  process.on("unhandledRejection", note);
  /** @type {() => void} */
  let read = () => {};
  const slow = { ...folderEntry("trip", []), createReader: () => ({ readEntries: (/** @type {any} */ end) => (read = () => end([])) }) };
  const one = { webkitGetAsEntry: () => slow, getAsFileSystemHandle: () => Promise.reject(new Error("no")) };
  const found = transferred(/** @type {any} */ ({ items: [one], files: [] }));
  await new Promise((resolve) => setImmediate(resolve)); // unhandled ones are told by then
  read();
  assert.deepEqual(await found, []);
  process.off("unhandledRejection", note);
  assert.deepEqual(unheard, []);
});

test("the first bytes of files are told together, and of one that cannot be read nothing", async () => {
  const gone = Object.assign(new File(["x"], "gone"), {
    slice: () => ({ arrayBuffer: () => Promise.reject(new DOMException("", "NotFoundError")) }),
  });
  const files = [new File([new Uint8Array([1, 254, 3])], "a.png"), gone, new File([], "empty")];
  assert.equal(await heads(files, 2), '["01fe",null,""]');
});
