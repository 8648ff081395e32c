// @ts-check
/**
 * The library's worker, in memory, under Node: takes a library that Python made, works on it by the
 * statements' names, refuses what is to be refused, and gives a library back to Python.
 *
 * usage: node library_exchange.mjs SQLITE_NODE_MODULE SQL_JSON IN OUT [SPOILT ...]
 */

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { Storage } from "../../../worker/library/storage.mjs";

const [module, sqlFile, incoming, outgoing, ...spoilt] = process.argv.slice(2);
const { default: sqlite3InitModule } = await import(pathToFileURL(module).href);
const sql = JSON.parse(readFileSync(sqlFile, "utf-8"));
const storage = new Storage(await sqlite3InitModule(), sql);

/**
 * @param {string} name
 * @param {Record<string, any>} [parameters]
 */
function rows(name, parameters = {}) {
  return storage.database.run([{ sql: sql.statements[name], parameters }])[0];
}

const blobOf = (/** @type {string} */ file) => new Blob([new Uint8Array(readFileSync(file))]);

const filters = Object.fromEntries(
  ["match", "state", "model", "min_confidence", "max_confidence", "looks_like_text", "taken_from",
    "taken_before", "job_state", "folder", "after_id"].map((name) => [name, null]),
);
const search = (/** @type {string} */ match) => rows("rows_newest", { ...filters, match, limit: 10 });

assert.throws(() => storage.database, { code: "library" });
await storage.open(false);
assert.equal(storage.isLasting, false);
assert.deepEqual(rows("tallies"), []);

await storage.import(blobOf(incoming));
const connection = storage.database.connection;
const unread = connection.openStatementCount();
for (const name of ["a", "a", "b"]) rows("set_setting", { name, value: "c" });
assert.equal(connection.openStatementCount(), unread + 1, "a statement is read once");
for (let n = 0; n < 300; n++) storage.database.run([{ sql: `SELECT ${n} AS n WHERE :n`, parameters: { n } }]);
assert.ok(connection.openStatementCount() < 200, "and not kept for ever");
rows("set_setting", { name: "a", value: "d" });
assert.deepEqual(rows("get_setting", { name: "a" }), [{ value: "d" }]);
storage.database.script("DELETE FROM setting");
const before = JSON.stringify(rows("tallies"));
assert.equal(search('"dog"*').length, 3);
assert.equal(search('"dog"* AND "snow"*')[0].state, "edited");

// All or none: the second call breaks a rule.
const setting = { sql: sql.statements.set_setting, parameters: { name: "a", value: "b" } };
assert.throws(
  () => storage.database.run([setting, { ...setting, parameters: { name: "c", value: null } }]),
  { code: "storage" },
);
assert.deepEqual(rows("get_setting", { name: "a" }), []);
assert.throws(() => storage.database.script("BEGIN; DELETE FROM setting; SELECT nothing;"), { code: "storage" });
storage.database.script("BEGIN; COMMIT;"); // nothing was left open

for (const file of spoilt) {
  await assert.rejects(storage.import(blobOf(file)), { code: "library" }, file);
  assert.equal(JSON.stringify(rows("tallies")), before);
}

const thumbnail = new Uint8Array([255, 0, 128]);
const sha256 = "ab".repeat(32);
const now = "2026-11-27T12:00:00Z";
const [, , , [{ id }]] = storage.database.run(
  [
    ["add_image", { sha256, name: "new.png", folder: "", taken_at: null, now, size_bytes: 9, media_type: "image/png", width: 1, height: 1 }],
    ["add_place", { sha256, name: "new.png", folder: "" }],
    ["set_thumbnail", { sha256, thumbnail, thumbnail_type: "image/webp" }],
    ["image_id", { sha256 }],
  ].map(([name, parameters]) => ({ sql: sql.statements[/** @type {string} */ (name)], parameters: /** @type {any} */ (parameters) })),
);
assert.deepEqual(rows("thumbnails", { ids: JSON.stringify([id]) })[0].data, thumbnail);
for (const name of ["open_step", "write_review", "drop_empty_steps", "close_step"]) {
  const parameters = {
    open_step: { label: "edit", now },
    write_review: { image_id: id, state: "edited", text: "a zebra", description: null, keywords: null, text_in_picture: null, now },
  }[name];
  rows(name, parameters);
}
assert.deepEqual(search('"zebra"*').map((row) => row.id), [id]);
writeFileSync(outgoing, storage.export());
