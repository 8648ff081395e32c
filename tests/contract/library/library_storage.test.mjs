// @ts-check
/** Opening the library's file: what is tried again, and when memory takes its place. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { oneByOne } from "../../../worker/library/one_by_one.mjs";
import { LibraryError } from "../../../worker/library/sqlite_database.mjs";
import { Storage } from "../../../worker/library/storage.mjs";

const SQL = { applicationId: 1, migrations: [], statements: {} };

/** A database that holds nothing. */
class Connection {
  /** @param {any} how */
  exec(how) {
    return how.sql ? [{ value: 0 }] : undefined;
  }
  prepare() {
    const rows = [[0]];
    return { step: () => rows.length > 0, getColumnNames: () => ["value"], get: () => rows.pop(), reset() {} };
  }
  close() {}
}

/** @type {unknown[]} what the next tries fail with */
let failures = [];
let tries = 0;
let isThere = true;

const pool = {
  OpfsSAHPoolDb: Connection,
  pauseVfs() {},
  async unpauseVfs() {
    tries += 1;
    if (failures.length) throw failures.shift();
  },
};

/** @type {any} */
const sqlite3 = {
  SQLite3Error: class extends Error {},
  oo1: { DB: Connection },
  async installOpfsSAHPoolVfs() {
    await pool.unpauseVfs();
    return pool;
  },
};

const error = (/** @type {string} */ name) => new DOMException("told by the browser", name);
const open = async (/** @type {number} */ most) => {
  const storage = new Storage(sqlite3, SQL, most);
  await storage.open(true);
  return storage;
};

/** @param {(() => Promise<any>) | undefined} getDirectory */
function browserWith(getDirectory) {
  Object.defineProperty(globalThis, "navigator", { value: { storage: { getDirectory } }, configurable: true });
}

beforeEach(() => {
  failures = [];
  tries = 0;
  isThere = true;
  Object.assign(globalThis, { FileSystemFileHandle: class { createSyncAccessHandle() {} } });
  browserWith(async () => ({
    async getDirectoryHandle() {
      if (!isThere) throw error("NotFoundError");
    },
  }));
});

afterEach(() => assert.deepEqual(failures, []));

for (const name of ["NoModificationAllowedError", "InvalidStateError", "NotFoundError"]) {
  test(`a try that fails with ${name} is tried again`, async () => {
    failures = [error(name), error(name)];
    assert.equal((await open(3)).isLasting, true);
    assert.equal(tries, 3);
  });
}

test("a library that is there and cannot be opened never becomes one in memory", async () => {
  failures = [error("InvalidStateError"), new Error("of SQLite")];
  await assert.rejects(open(2), { code: "storage", message: /could not be opened/ });
  failures = [error("NoModificationAllowedError")];
  await assert.rejects(open(1), { code: "storage", message: /in use elsewhere/ });
  failures = [error("QuotaExceededError")];
  await assert.rejects(open(9), { code: "storage", message: /no room left/ });
});

test("what was let go of and is taken again is waited for, too", async () => {
  const storage = await open(1);
  storage.close();
  failures = [error("NoModificationAllowedError")];
  await assert.rejects(storage.open(true), { message: /in use elsewhere/ });
  await storage.open(true);
  assert.equal(storage.isOpenOnDevice, true);
});

test("a library is exported from a full device, though it cannot be made smaller there", async () => {
  const full = { ...SQL, statements: { vacuum: "VACUUM" } };
  const storage = new Storage(sqlite3, full, 1);
  await storage.open(true);
  Object.assign(pool, { exportFile: () => "the bytes" });
  storage.database.run = () => {
    throw new LibraryError("storage", "no room");
  };
  mock.method(console, "warn", () => {});
  assert.equal(storage.export(), "the bytes");
  storage.database.run = () => {
    throw new TypeError("a fault");
  };
  assert.throws(() => storage.export(), TypeError);
});

test("memory where the browser keeps nothing", async () => {
  isThere = false;
  failures = [error("UnknownError")];
  assert.equal((await open(1)).isLasting, false);
  browserWith(() => Promise.reject(error("SecurityError")));
  assert.equal((await open(1)).isLasting, false);
  Reflect.deleteProperty(globalThis, "FileSystemFileHandle");
  assert.equal((await open(1)).isLasting, false);
  assert.equal(tries, 1);
});

test("a task that fails is told of, and takes no later one with it", async () => {
  /** @type {unknown[]} */
  const told = [];
  const after = oneByOne((failed) => told.push(failed));
  after(() => Promise.reject("one"));
  await new Promise((resolve) => after(async () => resolve(undefined)));
  assert.deepEqual(told, ["one"]);
});
