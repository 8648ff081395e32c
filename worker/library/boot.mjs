// @ts-check
/**
 * The library's worker: SQLite on this device's private file system, the statements of
 * pycore/library, and nothing else. It is a worker of its own because the captioning worker is
 * ended on purpose; this one never is while it writes.
 *
 * Messages are `{v, id, kind, payload}`, as in worker/protocol.py: requests with an id of their own,
 * and exactly one end of the same id, `done` or `error` (`{code, message, detail}`). One request is
 * worked off after the other.
 *
 *   open {lasting, takeOver}   done {where: "device" | "memory" | "elsewhere"}. Elsewhere: another tab
 *                              has it; takeOver asks that tab to let go, and waits
 *   run {calls, handsOver}     done {results}. A call is {name or sql, parameters}; several are one
 *                              transaction. Each result is a list of rows by column name; of a call
 *                              with isNumbers the first column alone, an Int32Array. While
 *                              another tab has the library, that one runs them: what writes only
 *                              where it is handed over
 *   script {sql}               done {}
 *   export                     done {bytes}, one .sqlite file
 *   import {file}              done {}; before it `progress` {stage, share} of the same id, as Storage tells
 *   erase                      done {}: nothing is left on this device
 *   close                      done {}: another tab may open it
 *
 * Events have id 0: `ready`; `changed`, another tab wrote; `taken`, another tab took over; `error`,
 * the worker is of no use any more.
 */

import { bufferFiles } from "./buffered_file.mjs";
import { probeWithoutRoom } from "./full_device.mjs";
import { oneByOne } from "./one_by_one.mjs";
import { OtherTabs } from "./other_tabs.mjs";
import { OwnLock } from "./own_lock.mjs";
import { LibraryError } from "./sqlite_database.mjs";
import { Storage } from "./storage.mjs";

/**
 * @typedef {{ name?: string, sql?: string, parameters?: Record<string, any>, isNumbers?: boolean }} NamedCall
 * @typedef {{ v: number, id: number, kind: string, payload: any }} Message
 */

const PROTOCOL_VERSION = 1;
const LOCK = "seesay-library";
const NOT_STARTED =
  "The library did not start: one of its files did not come, or this browser cannot run it. Check the connection and try again.";
const SQLITE = new URL("../../runtime/sqlite/index.mjs", import.meta.url).href;

const ownLock = new OwnLock(LOCK);
let isElsewhere = false;

/**
 * @param {number} id
 * @param {string} kind
 * @param {any} payload
 * @param {Transferable[]} [transfer]
 */
function post(id, kind, payload = {}, transfer = []) {
  self.postMessage({ v: PROTOCOL_VERSION, id, kind, payload }, transfer);
}

async function start() {
  const address = new URL("sql.json", import.meta.url);
  bufferFiles();
  probeWithoutRoom();
  // SQLite would start a second worker for a storage of its own that is slower and not used here.
  Object.assign(globalThis, { sqlite3ApiConfig: { disable: { vfs: { opfs: true, "opfs-vfs": true, "opfs-wl": true, kvvfs: true } } } });
  /** @type {[typeof import("@sqlite.org/sqlite-wasm"), any]} */
  const [{ default: sqlite3InitModule }, sql] = await Promise.all([
    import(SQLITE),
    fetch(address).then((response) => response.json()),
  ]);
  const sqlite3 = await sqlite3InitModule();
  return { sql, storage: new Storage(sqlite3, sql) };
}

const started = start();

/** @type {Record<string, (payload: any, id: number) => Promise<void>>} */
const answers = {
  async open({ lasting, takeOver }, id) {
    const { storage } = await started;
    if (lasting && takeOver) otherTabs.askToLetGo();
    const isOwn = lasting ? await ownLock.acquire(takeOver) : null;
    isElsewhere = isOwn === false;
    if (isElsewhere) return post(id, "done", { where: "elsewhere" });
    try {
      await storage.open(isOwn === true);
    } catch (error) {
      ownLock.release();
      throw error;
    }
    if (!storage.isLasting) ownLock.release();
    post(id, "done", { where: storage.isLasting ? "device" : "memory" });
  },

  async run({ calls, handsOver = false }, id) {
    const { sql, storage } = await started;
    const known = calls.map((/** @type {NamedCall} */ call) => {
      const text = call.sql ?? sql.statements[call.name ?? ""];
      if (!text) throw new LibraryError("protocol", `There is no statement ${call.name}.`);
      return { sql: text, parameters: withTime(text, call.parameters ?? {}), isNumbers: call.isNumbers };
    });
    if (isElsewhere) return post(id, "done", { results: await otherTabs.run(known, handsOver) });
    const before = storage.database.changes;
    const results = storage.database.run(known);
    if (storage.database.changes !== before) otherTabs.tellChanged();
    post(id, "done", { results });
  },

  async script({ sql }, id) {
    (await started).storage.database.script(sql);
    otherTabs.tellChanged();
    post(id, "done");
  },

  async export(_payload, id) {
    const bytes = (await started).storage.export();
    post(id, "done", { bytes }, [bytes.buffer]);
  },

  async import({ file }, id) {
    await (await started).storage.import(file, (stage, share) => post(id, "progress", { stage, share }));
    otherTabs.tellChanged();
    post(id, "done");
  },

  async erase(_payload, id) {
    await (await started).storage.erase();
    ownLock.release();
    otherTabs.tellChanged();
    post(id, "done");
  },

  async close(_payload, id) {
    await letGo();
    post(id, "done");
  },
};

async function letGo() {
  const { sql, storage } = await started;
  // What this tab was captioning goes back to its place in the queue: nobody died over it.
  if (storage.isOpenOnDevice) storage.database.run([{ sql: sql.statements.release, parameters: {} }]);
  storage.close();
  ownLock.release();
}

/**
 * @param {string} sql
 * @param {Record<string, any>} parameters
 */
function withTime(sql, parameters) {
  if (!sql.includes(":now") || "now" in parameters) return parameters;
  return { ...parameters, now: `${new Date().toISOString().slice(0, 19)}Z` };
}

// Only what other tabs ask for can fail here. The page ends this worker then, and with it goes
// whatever it holds: another tab can have the library.
const afterTheLast = oneByOne((error) => {
  const message = "The library stopped. Reload the page to open it again; what was kept is kept.";
  post(0, "error", { code: "library", message, detail: String(error) });
});

const otherTabs = new OtherTabs(LOCK, {
  onChanged: () => post(0, "changed"),
  onLetGo: () =>
    afterTheLast(async () => {
      if (!(await started).storage.isOpenOnDevice) return;
      await letGo();
      isElsewhere = true;
      post(0, "taken");
    }),
  onQuestion: (calls, answer, from) =>
    afterTheLast(async () => {
      const { storage } = await started;
      if (!storage.isOpenOnDevice) return;
      const { database } = storage;
      const before = database.changes;
      try {
        answer({ results: database.run(calls) });
        if (database.changes === before) return;
        otherTabs.tellChanged(from);
        post(0, "changed");
      } catch (error) {
        answer({ problem: error instanceof LibraryError ? error.message : "The library failed." });
      }
    }),
});

self.onmessage = (/** @type {MessageEvent<Message>} */ { data: { v, id, kind, payload } }) => {
  afterTheLast(async () => {
    try {
      const answer = v === PROTOCOL_VERSION && Object.hasOwn(answers, kind) ? answers[kind] : null;
      if (!answer) throw new LibraryError("protocol", `The library does not know the request ${kind}.`);
      await answer(payload ?? {}, id);
    } catch (error) {
      const told = error instanceof LibraryError ? error : new LibraryError("library", "The library failed.", error);
      post(id, "error", { code: told.code, message: told.message, detail: told.detail });
    }
  });
};

started.then(
  () => post(0, "ready"),
  (error) => post(0, "error", { code: "environment", message: NOT_STARTED, detail: String(error) }),
);
