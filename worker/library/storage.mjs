// @ts-check
/**
 * Where the library lies: a file in the origin's private file system, or memory where the browser
 * has none. One worker of the origin holds the file at a time; SQLite's pool of access handles
 * admits no second one.
 */

import { damaged, openSchema, validate } from "./schema.mjs";
import { LibraryError, SqliteDatabase } from "./sqlite_database.mjs";

/**
 * @typedef {(stage: "reading" | "checking" | "writing", share: number) => void} OnProgress share: 0 to 1, of
 *   the stage; 0 while that is not known
 * @typedef {import("./schema.mjs").Sql} Sql
 * @typedef {import("./sqlite_database.mjs").Sqlite3} Sqlite3
 * @typedef {import("@sqlite.org/sqlite-wasm").SAHPoolUtil} Pool
 */

const NAME = "seesay-library";
const FILE = "/library.sqlite";
const INCOMING = "/incoming.sqlite";
/** Each with its journal, and room for what SQLite sorts. */
const CAPACITY = 6;
/** A worker that was ended may keep its access handles for a moment; on a busy machine, for seconds. */
const TRIES = 300;
const PAUSE_MS = 50;
/** Of a file that comes in, at a time: it may be larger than a tab's memory. */
const PIECE_BYTES = 4_000_000;
const PAGES_AT_ONCE = 500;
const NO_ROOM = "The library could not be opened: this device has no room left. Make room and try again.";
const IN_USE = "The library is in use elsewhere. Close Seesay's other tabs and try again.";
const NOT_OPENED = "The library on this device could not be opened. Reload the page and try again; what was kept is kept.";

export class Storage {
  #sqlite3;
  #sql;
  /** @type {Pool | null} */
  #pool = null;
  /** @type {SqliteDatabase | null} */
  #database = null;
  #tries;

  /**
   * @param {Sqlite3} sqlite3
   * @param {Sql} sql
   * @param {number} [tries] how often the file is tried before that is given up
   */
  constructor(sqlite3, sql, tries = TRIES) {
    this.#sqlite3 = sqlite3;
    this.#sql = sql;
    this.#tries = tries;
  }

  get database() {
    if (!this.#database) throw new LibraryError("library", "The library is not open.");
    return this.#database;
  }

  /** Whether what is written outlasts this worker. */
  get isLasting() {
    return this.#pool !== null;
  }

  get isOpenOnDevice() {
    return this.#pool !== null && this.#database !== null;
  }

  /**
   * Opens the library on this device, or one in memory.
   *
   * @param {boolean} lasting
   */
  async open(lasting) {
    if (lasting) this.#pool = await this.#openPool();
    const connection = this.#pool
      ? new this.#pool.OpfsSAHPoolDb(FILE)
      : new this.#sqlite3.oo1.DB(":memory:");
    const database = new SqliteDatabase(this.#sqlite3, connection);
    try {
      openSchema(database, this.#sql);
    } catch (error) {
      database.close();
      throw error;
    }
    this.#database = database;
  }

  /** Closes the library and lets go of its file: another worker may open it. */
  close() {
    this.#database?.close();
    this.#database = null;
    this.#pool?.pauseVfs();
  }

  /** The whole library as the bytes of one .sqlite file. */
  export() {
    try {
      this.database.run([{ sql: this.#sql.statements.vacuum, parameters: {} }]);
    } catch (error) {
      if (error instanceof LibraryError && error.code === "storage") console.warn(error.message);
      else throw error; // a device that is full is why it is taken elsewhere: larger than it need be
    }
    if (this.#pool) return this.#pool.exportFile(FILE);
    return this.#sqlite3.capi.sqlite3_js_db_export(/** @type {any} */ (this.database.connection));
  }

  /**
   * Puts the content of a .sqlite file in the place of all that is here, in one transaction, once
   * it has been found sound.
   *
   * @param {Blob} file
   * @param {OnProgress} [onProgress]
   */
  async import(file, onProgress = () => {}) {
    const candidate = await this.#openCandidate(file, (share) => onProgress("reading", share));
    const reference = new SqliteDatabase(this.#sqlite3, new this.#sqlite3.oo1.DB(":memory:"));
    let unused = candidate;
    try {
      onProgress("checking", 0);
      validate(candidate, reference, this.#sql);
      if (this.#pool) this.#copy(candidate, this.database, (share) => onProgress("writing", share));
      else [unused, this.#database] = [this.database, candidate];
    } finally {
      unused.close();
      reference.close();
      this.#pool?.unlink(INCOMING);
    }
  }

  /** Takes everything away, the files too. */
  async erase() {
    this.#database?.close();
    this.#database = null;
    await this.#pool?.removeVfs();
    this.#pool = null;
  }

  /**
   * Whatever fails is tried again: the tab before may be slow to let go, or be deleting. Memory takes
   * the file's place only where no library can be: a person would write into nothing beside theirs.
   *
   * @returns {Promise<Pool | null>} null where the browser keeps nothing
   */
  async #openPool() {
    const folder = await privateFolder();
    if (!folder) return null;
    const wasThere = this.#pool !== null || (await hasFolder(folder, NAME));
    for (let tries = 1; ; tries++) {
      try {
        return await this.#tryPool();
      } catch (error) {
        const name = error instanceof DOMException ? error.name : "";
        if (name === "QuotaExceededError") throw new LibraryError("storage", NO_ROOM, error);
        if (tries >= this.#tries) {
          if (name === "NoModificationAllowedError") throw new LibraryError("storage", IN_USE, error);
          if (wasThere) throw new LibraryError("storage", NOT_OPENED, error);
          return null; // WebKit's private windows have the folder, and no way to write there
        }
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  }

  /** @returns {Promise<Pool>} */
  async #tryPool() {
    if (this.#pool) {
      await this.#pool.unpauseVfs();
      return this.#pool;
    }
    /** @type {any} the declarations lack the last one */
    const how = {
      name: NAME,
      directory: NAME,
      initialCapacity: CAPACITY,
      // A failure must not delete what is there, which is what it does unless told otherwise.
      preserveOnInitFailure: true,
      forceReinitIfPreviouslyFailed: true,
    };
    return this.#sqlite3.installOpfsSAHPoolVfs(how);
  }

  /**
   * @param {Blob} file
   * @param {(share: number) => void} onRead
   */
  async #openCandidate(file, onRead) {
    const { capi, oo1, wasm } = this.#sqlite3;
    try {
      if (this.#pool) {
        await this.#pool.importDb(INCOMING, piecesOf(file, onRead));
        return new SqliteDatabase(this.#sqlite3, new this.#pool.OpfsSAHPoolDb(INCOMING));
      }
      const connection = new oo1.DB(":memory:");
      const flags = capi.SQLITE_DESERIALIZE_FREEONCLOSE | capi.SQLITE_DESERIALIZE_RESIZEABLE;
      const bytes = new Uint8Array(await file.arrayBuffer());
      const pointer = wasm.allocFromTypedArray(bytes);
      const size = bytes.byteLength;
      const code = capi.sqlite3_deserialize(/** @type {any} */ (connection), "main", pointer, size, size, flags);
      connection.checkRc(code);
      return new SqliteDatabase(this.#sqlite3, connection);
    } catch (error) {
      this.#pool?.unlink(INCOMING);
      throw damaged(error);
    }
  }

  /**
   * SQLite's own way to write one database over another: a transaction, so a kill in the middle
   * leaves what was there.
   *
   * @param {SqliteDatabase} source
   * @param {SqliteDatabase} target
   * @param {(share: number) => void} onWritten
   */
  #copy(source, target, onWritten) {
    const { capi } = this.#sqlite3;
    const [from, to] = [source, target].map(({ connection }) => /** @type {any} */ (connection));
    const backup = capi.sqlite3_backup_init(to, "main", from, "main");
    if (!backup) throw new LibraryError("storage", "The library could not be written.", capi.sqlite3_errmsg(to));
    let stepped;
    while ((stepped = capi.sqlite3_backup_step(backup, PAGES_AT_ONCE)) === capi.SQLITE_OK) {
      onWritten(1 - capi.sqlite3_backup_remaining(backup) / capi.sqlite3_backup_pagecount(backup));
    }
    const finished = capi.sqlite3_backup_finish(backup);
    if (stepped !== capi.SQLITE_DONE || finished !== capi.SQLITE_OK) {
      throw new LibraryError("storage", "The library could not be written; it is as it was.", capi.sqlite3_js_rc_str(stepped));
    }
  }
}

/**
 * @param {Blob} file
 * @param {(share: number) => void} onRead
 * @returns {() => Promise<Uint8Array | undefined>} the next piece with each call
 */
function piecesOf(file, onRead) {
  let at = 0;
  return async () => {
    if (at >= file.size) return undefined;
    const piece = new Uint8Array(await file.slice(at, at + PIECE_BYTES).arrayBuffer());
    at += piece.length;
    onRead(at / file.size);
    return piece;
  };
}

/** @returns {Promise<FileSystemDirectoryHandle | null>} null where there are no files to write to */
async function privateFolder() {
  if (!("createSyncAccessHandle" in (globalThis.FileSystemFileHandle?.prototype ?? {}))) return null;
  return navigator.storage.getDirectory().catch(() => null);
}

/**
 * @param {FileSystemDirectoryHandle} folder
 * @param {string} name
 * @returns {Promise<boolean>} true also where nobody can tell
 */
function hasFolder(folder, name) {
  return folder.getDirectoryHandle(name).then(
    () => true,
    (error) => error.name !== "NotFoundError",
  );
}
