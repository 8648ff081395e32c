// @ts-check
/**
 * Opening a library, and checking one that came from elsewhere: the rules of
 * pycore/library/schema_version.py and validation.py, on the same .sql files.
 */

import { LibraryError } from "./sqlite_database.mjs";

/**
 * What the build makes of pycore/library's .sql files.
 *
 * @typedef {{ applicationId: number, migrations: string[], statements: Record<string, string> }} Sql
 * @typedef {import("./sqlite_database.mjs").SqliteDatabase} SqliteDatabase
 */

/**
 * Brings a database to the newest version; what is another program's, or newer, is refused.
 *
 * @param {SqliteDatabase} database
 * @param {Sql} sql
 * @returns {number} the version
 */
export function openSchema(database, sql) {
  const version = versionOf(database, sql);
  layOut(database, sql, version, sql.migrations.length);
  return sql.migrations.length;
}

/**
 * Checks a copy of a file that came from elsewhere, and upgrades it if it is older. Its schema is
 * compared word for word first: views and triggers are programs, and run with every change.
 *
 * @param {SqliteDatabase} candidate written to
 * @param {SqliteDatabase} reference empty; is laid out as the candidate should be
 * @param {Sql} sql
 */
export function validate(candidate, reference, sql) {
  const { statements } = sql;
  try {
    const version = versionOf(candidate, sql);
    if (version === 0) throw new LibraryError("library", "That file is empty: it holds no library.");
    layOut(reference, sql, 0, version);
    const [found, expected] = [candidate, reference].map((database) =>
      JSON.stringify(rows(database, statements.schema)),
    );
    if (found !== expected) {
      const message = `That library was changed by another program: its layout is not the one that Seesay gives it (version ${version}). It was not taken.`;
      throw new LibraryError("library", message);
    }
    const pages = rows(candidate, statements.check_pages);
    if (pages[0]?.integrity_check !== "ok" || rows(candidate, statements.check_references).length) {
      throw damaged(JSON.stringify(pages));
    }
    openSchema(candidate, sql);
    rows(candidate, statements.check_search);
    const kinds = rows(candidate, statements.check_kinds);
    if (kinds.length) throw damaged(JSON.stringify(kinds));
  } catch (error) {
    throw error instanceof LibraryError && error.code === "library" ? error : damaged(error);
  }
}

/** @param {unknown} cause */
export function damaged(cause) {
  const message = "That file is damaged, or no Seesay library. It was not taken; if there is another copy of it, try that one.";
  return new LibraryError("library", message, cause);
}

/**
 * @param {SqliteDatabase} database
 * @param {Sql} sql
 * @returns {number} 0 for an empty database
 */
function versionOf(database, sql) {
  const [application, version, objects] = [
    "PRAGMA application_id",
    "PRAGMA user_version",
    "SELECT count(*) FROM sqlite_schema",
  ].map((query) => Number(Object.values(rows(database, query)[0])[0]));
  if (application === 0 && version === 0 && objects === 0) return 0;
  if (application !== sql.applicationId || version < 1) {
    const message = "That file is not a Seesay library: another program made it. It was left as it is.";
    throw new LibraryError("library", message);
  }
  if (version > sql.migrations.length) {
    const message = `This library was made by a newer Seesay (version ${version} of its layout; this one knows up to ${sql.migrations.length}). Update Seesay and open it again; it was left as it is.`;
    throw new LibraryError("library", message);
  }
  return version;
}

/**
 * @param {SqliteDatabase} database
 * @param {Sql} sql
 * @param {number} version that it has
 * @param {number} target
 */
function layOut(database, sql, version, target) {
  for (let next = version + 1; next <= target; next++) {
    database.script(
      `BEGIN IMMEDIATE;\n${sql.migrations[next - 1]}\nPRAGMA user_version = ${next};\nCOMMIT;`,
    );
  }
}

/**
 * @param {SqliteDatabase} database
 * @param {string} sql
 */
function rows(database, sql) {
  return database.run([{ sql, parameters: {} }])[0];
}
