-- Taking away, so that nothing is left, and checking.

-- name: delete_images
DELETE FROM image WHERE id IN (SELECT value FROM json_each(:ids))

-- name: delete_all_images
DELETE FROM image

-- name: delete_settings
DELETE FROM setting

-- Merges the index into one piece: only then are the words of what was deleted gone from it.
-- name: optimize_search
INSERT INTO search (search) VALUES ('optimize')

-- Fails when the index and the words that it was made of do not agree.
-- name: check_search
INSERT INTO search (search) VALUES ('integrity-check')

-- name: vacuum
VACUUM

-- name: copy_to
VACUUM INTO :path

-- name: check_pages
PRAGMA integrity_check(1)

-- name: check_references
PRAGMA foreign_key_check

-- The tables of the index differ between versions of SQLite; its own statement is compared.
-- name: schema
SELECT type, name, tbl_name, sql FROM sqlite_schema
WHERE tbl_name NOT IN (
  'search_data', 'search_idx', 'search_content', 'search_docsize', 'search_config'
) AND name NOT LIKE 'sqlite_%'
ORDER BY type, name

-- name: size
SELECT page_count * page_size AS size_bytes FROM pragma_page_count(), pragma_page_size()
