// @ts-check
/** The library's file, written in few calls: what the calls are, and when. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { BufferedFile, timesWithoutRoom } from "../../../worker/library/buffered_file.mjs";
import { SqliteDatabase } from "../../../worker/library/sqlite_database.mjs";

/** A FileSystemSyncAccessHandle. */
class Handle {
  content = new Uint8Array(0);
  /** @type {string[]} */
  calls = [];
  room = Infinity;
  /**
   * @param {Uint8Array} bytes
   * @param {{ at: number }} where
   */
  write(bytes, { at }) {
    this.calls.push(`write ${at} ${bytes.length}`);
    const written = Math.max(0, Math.min(bytes.length, this.room - at));
    const grown = new Uint8Array(Math.max(this.content.length, at + written));
    grown.set(this.content);
    grown.set(bytes.subarray(0, written), at);
    this.content = grown;
    return written;
  }
  /**
   * @param {ArrayBufferView} view
   * @param {{ at: number }} where
   */
  read({ buffer, byteOffset, byteLength }, { at }) {
    const found = this.content.subarray(at, at + byteLength);
    new Uint8Array(buffer, byteOffset).set(found);
    return found.length;
  }
  flush() {
    this.calls.push("flush");
  }
  /** @param {number} size */
  truncate(size) {
    this.calls.push(`truncate ${size}`);
    this.content = this.content.slice(0, size);
  }
  getSize() {
    return this.content.length;
  }
  close() {
    this.calls.push("close");
  }
}

let handle = new Handle();
let file = new BufferedFile(handle);
beforeEach(() => {
  handle = new Handle();
  file = new BufferedFile(handle);
});

const bytes = (/** @type {number[]} */ ...values) => Uint8Array.from(values);

test("what follows on what was written goes with it, and no sooner than it is to be safe", () => {
  const memory = bytes(1, 2);
  assert.equal(file.write(memory, { at: 0 }), 2);
  memory.fill(9); // as SQLite does
  file.write(bytes(3), { at: 2 });
  file.write(bytes(7), { at: 8 });
  file.write(bytes(8), { at: 9 });
  assert.deepEqual(handle.calls, []);
  file.flush();
  assert.deepEqual(handle.calls, ["write 0 3", "write 8 2", "flush"]);
  assert.deepEqual([...handle.content], [1, 2, 3, 0, 0, 0, 0, 0, 7, 8]);
  file.flush();
  assert.deepEqual(handle.calls.slice(3), ["flush"]);
});

test("whole numbers are written as their bytes", () => {
  const numbers = new Uint32Array([1, 2, 3]);
  assert.equal(file.write(numbers.subarray(1), { at: 0 }), 8);
  file.write(bytes(9), { at: 8 });
  const found = new Uint32Array(2);
  assert.equal(file.read(found, { at: 0 }), 8);
  assert.deepEqual([...found], [2, 3]);
  assert.deepEqual(handle.calls, ["write 0 9"]);
});

test("what is written last holds", () => {
  file.write(bytes(1, 2, 3, 4), { at: 0 });
  file.write(bytes(5, 6), { at: 1 });
  file.write(bytes(7), { at: 2 });
  file.flush();
  assert.deepEqual([...handle.content], [1, 5, 7, 4]);
});

for (const [name, ask] of /** @type {[string, () => void][]} */ ([
  ["read", () => assert.equal(file.read(new Uint8Array(9), { at: 0 }), 2)],
  ["asked for its size", () => assert.equal(file.getSize(), 2)],
  ["cut", () => file.truncate(2)],
  ["closed", () => file.close()],
])) {
  test(`nothing waits any more when the file is ${name}`, () => {
    file.write(bytes(1, 2), { at: 0 });
    ask();
    assert.equal(handle.calls[0], "write 0 2");
    assert.deepEqual([...handle.content], [1, 2]);
  });
}

test("much does not wait", () => {
  const megabyte = new Uint8Array(1_000_000);
  for (let at = 0; at < 20e6; at += 1e6) file.write(megabyte, { at });
  assert.ok(handle.content.length > 10e6);
});

test("no room is told of, and what had no room is not tried again", () => {
  handle.room = 3;
  file.write(bytes(1, 2, 3, 4), { at: 0 });
  assert.throws(() => file.flush(), /3 of 4 bytes/);
  const before = timesWithoutRoom();
  assert.ok(before > 0);
  file.flush();
  file.write(bytes(1, 2, 3, 4), { at: 0 });
  assert.throws(() => file.close(), /3 of 4 bytes/);
  assert.equal(handle.calls.at(-1), "close");
  handle.write = () => {
    throw new DOMException("as Firefox", "QuotaExceededError");
  };
  file.write(bytes(1), { at: 0 });
  assert.throws(() => file.flush(), { name: "QuotaExceededError" });
  assert.equal(timesWithoutRoom(), before + 2);
});

test("what SQLite cannot write for want of room is said in those words", () => {
  class SQLite3Error extends Error {
    resultCode = 10 | (4 << 8); // SQLITE_IOERR_FSYNC
  }
  const connection = { exec() {}, close() {}, prepare: () => ({ parameterCount: 0, step: () => flush(), finalize() {} }) };
  /** @type {any} */
  const sqlite3 = { SQLite3Error, capi: { sqlite3_js_rc_str: (/** @type {number} */ code) => (code === 10 ? "SQLITE_IOERR" : "") } };
  function flush() {
    try {
      file.write(bytes(1, 2, 3, 4), { at: 0 });
      file.flush();
    } catch {
      throw new SQLite3Error();
    }
    throw new SQLite3Error();
  }
  const database = new SqliteDatabase(sqlite3, /** @type {any} */ (connection));
  const run = () => database.run([{ sql: "COMMIT", parameters: {} }]);
  handle.room = 3;
  assert.throws(run, { code: "storage", message: /no room left/ });
  handle.room = Infinity;
  assert.throws(run, { code: "storage", message: /could not be read or written/ });
});
