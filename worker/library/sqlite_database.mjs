// @ts-check
/**
 * One SQLite database in this thread: what pycore/library/database.py asks of one, on SQLite's own
 * WebAssembly build. Calls are handed over whole, so that no two transactions mix.
 */

import { timesWithoutRoom } from "./buffered_file.mjs";

/**
 * @typedef {import("@sqlite.org/sqlite-wasm").Sqlite3Static} Sqlite3
 * @typedef {import("@sqlite.org/sqlite-wasm").Database} Connection
 * @typedef {import("@sqlite.org/sqlite-wasm").PreparedStatement} Statement
 * @typedef {null | number | string | Uint8Array} Value
 * @typedef {Record<string, Value>} Row
 * @typedef {{ sql: string, parameters: Record<string, Value>, isNumbers?: boolean }} Call
 */

const MAX_PREPARED = 128; // more than the library has statements

/** An error that a person can be told about; its codes are those of pycore/errors.py. */
export class LibraryError extends Error {
  /**
   * @param {"library" | "storage" | "protocol" | "environment"} code
   * @param {string} message
   * @param {unknown} [cause]
   */
  constructor(code, message, cause) {
    super(message, { cause });
    this.code = code;
  }

  get detail() {
    return this.cause === undefined ? "" : String(this.cause);
  }
}

/** @type {Record<string, string>} */
const SENTENCES = {
  SQLITE_FULL: "The library could not be written: this device has no room left. Make room and try again.",
  SQLITE_NOTADB: "That file is damaged, or no Seesay library.",
  SQLITE_CORRUPT: "The library could not be read: its file is damaged.",
};

export class SqliteDatabase {
  #connection;
  #sqlite3;
  /**
   * By their SQL, the one least recently run first. To read a statement anew, and with it what its
   * triggers do, takes SQLite five times as long as to add an image.
   *
   * @type {Map<string, Statement>}
   */
  #prepared = new Map();

  /**
   * @param {Sqlite3} sqlite3
   * @param {Connection} connection belongs to this from now on
   */
  constructor(sqlite3, connection) {
    this.#sqlite3 = sqlite3;
    this.#connection = connection;
    try {
      this.script("PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA synchronous = FULL;");
      // In KiB: the index of 10,000 captions fits, where 2 MB would be read anew with each key typed.
      this.script("PRAGMA cache_size = -16384;");
    } catch (error) {
      this.close(); // or the pool would count it as open for good
      throw error;
    }
  }

  /** What SQLite's own functions take. */
  get connection() {
    return this.#connection;
  }

  /** How many rows were written since it was opened. */
  get changes() {
    return this.#connection.changes(true);
  }

  /**
   * Runs statements, all or none; one alone as it is, so that VACUUM may be it.
   *
   * @param {Call[]} calls
   * @returns {any[]} the rows of each, or numbers
   */
  run(calls) {
    return this.#told(() => {
      if (calls.length === 1) return calls.map((call) => this.#execute(call));
      return this.#connection.transaction("IMMEDIATE", () => calls.map((call) => this.#execute(call)));
    });
  }

  /**
   * Runs a text of many statements that brings its own BEGIN and COMMIT.
   *
   * @param {string} sql
   */
  script(sql) {
    this.#told(() => {
      try {
        this.#connection.exec(sql);
      } catch (error) {
        if (this.#isInTransaction()) this.#connection.exec("ROLLBACK");
        throw error;
      }
    });
  }

  close() {
    this.#connection.close();
  }

  #isInTransaction() {
    return this.#sqlite3.capi.sqlite3_get_autocommit(/** @type {any} */ (this.#connection)) === 0;
  }

  /**
   * @param {Call} call
   * @returns {Row[] | Int32Array} numbers: the first column, for lists of ids as long as the library
   */
  #execute({ sql, parameters, isNumbers }) {
    const statement = this.#prepare(sql);
    try {
      const named = Object.entries(parameters).map(([name, value]) => [`:${name}`, value]);
      if (named.length && statement.parameterCount) statement.bind(Object.fromEntries(named));
      const rows = isNumbers ? Int32Array.from(numbersOf(statement)) : [...rowsOf(statement)];
      statement.reset(true); // without what was bound: it may be as large as a picture
      return rows;
    } catch (error) {
      this.#prepared.delete(sql);
      statement.finalize();
      throw error;
    }
  }

  /**
   * @param {string} sql
   * @returns {Statement} ready to be bound; nobody else runs it
   */
  #prepare(sql) {
    const statement = this.#prepared.get(sql) ?? this.#connection.prepare(sql);
    this.#prepared.delete(sql);
    this.#prepared.set(sql, statement);
    for (const [oldest, unused] of this.#prepared) {
      if (this.#prepared.size <= MAX_PREPARED) break;
      this.#prepared.delete(oldest);
      unused.finalize();
    }
    return statement;
  }

  /**
   * @template T
   * @param {() => T} action
   * @returns {T}
   */
  #told(action) {
    const before = timesWithoutRoom();
    try {
      return action();
    } catch (error) {
      const code = error instanceof this.#sqlite3.SQLite3Error ? error.resultCode : undefined;
      // Extended codes carry the plain one in their lowest byte.
      const told = code === undefined ? "" : this.#sqlite3.capi.sqlite3_js_rc_str(code & 0xff) ?? "";
      const name = timesWithoutRoom() > before ? "SQLITE_FULL" : told;
      const sentence = SENTENCES[name] ?? "The library could not be read or written.";
      throw new LibraryError("storage", sentence, error);
    }
  }
}

/**
 * @param {Statement} statement
 * @returns {Iterable<number>} of each row the first column
 */
function* numbersOf(statement) {
  while (statement.step()) yield /** @type {number} */ (statement.get(0));
}

/**
 * @param {Statement} statement
 * @returns {Iterable<Row>}
 */
function* rowsOf(statement) {
  /** @type {string[] | null} */
  let names = null;
  while (statement.step()) {
    names ??= statement.getColumnNames([]); // once, not with each row
    const values = /** @type {Value[]} */ (statement.get([]));
    yield Object.fromEntries(names.map((name, column) => [name, values[column] ?? null]));
  }
}
