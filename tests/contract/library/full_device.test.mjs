// @ts-check
/** worker/library/full_device.mjs: what needs no room where there is none. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { probeWithoutRoom } from "../../../worker/library/full_device.mjs";

const full = () => Promise.reject(new DOMException("", "QuotaExceededError"));
const missing = () => Promise.reject(new DOMException("", "NotFoundError"));

/**
 * @param {() => Promise<any>} getFileHandle
 * @returns {any} a folder
 */
function folder(getFileHandle) {
  class Folder {}
  Object.assign(Folder.prototype, { getFileHandle, removeEntry: missing });
  Object.assign(globalThis, { FileSystemDirectoryHandle: Folder });
  probeWithoutRoom();
  return new Folder();
}

test("a file that is made only to be closed needs no room; all others do", async () => {
  const there = folder(full);
  const handle = await there.getFileHandle(".opfs-sahpool-sync-check-abc", { create: true });
  assert.equal((await handle.createSyncAccessHandle()).close(), undefined);
  await there.removeEntry(".opfs-sahpool-sync-check-abc");
  await assert.rejects(there.getFileHandle("library", { create: true }), { name: "QuotaExceededError" });
  await assert.rejects(there.removeEntry("library"), { name: "NotFoundError" });
  await assert.rejects(folder(missing).getFileHandle(".opfs-sahpool-sync-check-abc"), { name: "NotFoundError" });
  assert.equal(await folder(async () => "a file").getFileHandle("library"), "a file");
});
