-- Taking away, so that nothing is left, and checking.

-- name: delete_images
DELETE FROM image WHERE id IN (SELECT value FROM json_each(:ids))

-- Merges the index into one piece: only then are the words of what was deleted gone from it.
-- name: optimize_search
INSERT INTO search (search) VALUES ('optimize')

-- Fails when the index and the words that it was made of do not agree.
-- name: check_search
INSERT INTO search (search) VALUES ('integrity-check')

-- name: vacuum
VACUUM

-- Which share of the file is free: what was deleted was there.
-- name: free_share
SELECT freelist_count * 1.0 / page_count AS share
FROM pragma_freelist_count(), pragma_page_count()

-- name: copy_to
VACUUM INTO :path

-- name: check_pages
PRAGMA integrity_check(1)

-- name: check_references
PRAGMA foreign_key_check

-- What is JSON, but not of the kind that Seesay writes: it could never be read.
-- name: check_kinds
SELECT 'caption' AS place, id AS row FROM caption
WHERE json_type(options) <> 'object'
  OR json_type(keywords) <> 'array' OR json_type(candidates) <> 'array'
  OR EXISTS (SELECT 1 FROM json_each(keywords) WHERE type <> 'text')
  OR EXISTS (SELECT 1 FROM json_each(candidates) WHERE type <> 'text')
UNION ALL
SELECT 'review', image_id FROM review
WHERE json_type(keywords) <> 'array' OR json_type(fields) <> 'object'
  OR EXISTS (SELECT 1 FROM json_each(keywords) WHERE type <> 'text')
  OR EXISTS (SELECT 1 FROM json_each(fields) WHERE type <> 'text')
UNION ALL
SELECT 'file_words', image_id FROM file_words
WHERE json_type(keywords) <> 'array'
  OR EXISTS (SELECT 1 FROM json_each(keywords) WHERE type <> 'text')
UNION ALL
SELECT 'job', image_id FROM job WHERE json_type(options) <> 'object'
UNION ALL
SELECT 'look', caption_id FROM look
WHERE json_type(seen) <> 'array' OR json_array_length(seen) <> 4
  OR EXISTS (SELECT 1 FROM json_each(seen) WHERE type NOT IN ('integer', 'real'))
LIMIT 1

-- The tables of the index differ between versions of SQLite; its own statement is compared.
-- name: schema
SELECT type, name, tbl_name, sql FROM sqlite_schema
WHERE tbl_name NOT IN (
  'search_data', 'search_idx', 'search_content', 'search_docsize', 'search_config'
) AND name NOT LIKE 'sqlite_%'
ORDER BY type, name

-- name: size
SELECT page_count * page_size AS size_bytes FROM pragma_page_count(), pragma_page_size()
