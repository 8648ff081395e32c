-- Lists: filters, orders, windows of rows.
--
-- Every order ends with the id, so that a window begins behind the last row of the one before
-- (after_key, after_id; NULL for the first): finding it costs the same at the end of a long list as
-- at its beginning. A list that is scrolled to an arbitrary place takes all ids in order once, and
-- then rows by their ids.

-- name: filters
(:match IS NULL OR id IN (SELECT rowid FROM search WHERE search MATCH :match))
AND (:state IS NULL OR state = :state)
AND (:model IS NULL OR model = :model)
AND (:min_confidence IS NULL OR confidence >= :min_confidence)
AND (:max_confidence IS NULL OR confidence < :max_confidence)
AND (:looks_like_text IS NULL OR looks_like_text = :looks_like_text)
AND (:taken_from IS NULL OR taken_at >= :taken_from)
AND (:taken_before IS NULL OR taken_at < :taken_before)
AND (:job_state IS NULL OR id IN (SELECT image_id FROM job WHERE state = :job_state))
AND (:mark IS NULL OR id IN (SELECT image_id FROM mark WHERE name = :mark))
AND (
  :folder IS NULL
  OR id IN (
    -- A folder and all below it: '0' follows '/'.
    SELECT image_id FROM place
    WHERE folder = :folder OR folder >= :folder || '/' AND folder < :folder || '0'
  )
)

-- name: newest
id < ifnull(:after_id, 9223372036854775807)
AND
-- include: filters
ORDER BY id DESC

-- name: oldest
id > ifnull(:after_id, 0)
AND
-- include: filters
ORDER BY id

-- name: by_name
(name, id) > (ifnull(:after_key, ''), ifnull(:after_id, 0))
AND
-- include: filters
ORDER BY name, id

-- Newest photograph first; those without a date last.
-- name: by_date
(sort_date, id) < (ifnull(:after_key, '~'), ifnull(:after_id, 9223372036854775807))
AND
-- include: filters
ORDER BY sort_date DESC, id DESC

-- Least sure first; those without a caption last.
-- name: by_confidence
(sort_confidence, id) > (ifnull(:after_key, -1), ifnull(:after_id, 0))
AND
-- include: filters
ORDER BY sort_confidence, id

-- name: rows_newest
SELECT * FROM listing WHERE
-- include: newest
LIMIT :limit

-- name: rows_oldest
SELECT * FROM listing WHERE
-- include: oldest
LIMIT :limit

-- name: rows_by_name
SELECT * FROM listing WHERE
-- include: by_name
LIMIT :limit

-- name: rows_by_date
SELECT * FROM listing WHERE
-- include: by_date
LIMIT :limit

-- name: rows_by_confidence
SELECT * FROM listing WHERE
-- include: by_confidence
LIMIT :limit

-- Of all images, newest first: + keeps SQLite from walking the table for an order that a small
-- index can be sorted into. The table of 10,000 images is 700 pages, that index 25.
-- name: ids_all
SELECT id FROM image ORDER BY +id DESC

-- Of all in other orders, by their indices alone: a tenth of the time that walking images takes.
-- name: ids_all_oldest
SELECT id FROM image ORDER BY +id

-- name: ids_all_by_name
SELECT id FROM image ORDER BY name, id

-- name: ids_all_by_date
SELECT id FROM image ORDER BY sort_date DESC, id DESC

-- name: ids_all_by_confidence
SELECT id FROM image ORDER BY sort_confidence, id

-- By the index alone, where nothing but words is asked for: the table need not be read.
-- name: ids_matching
SELECT rowid AS id FROM search WHERE search MATCH :match ORDER BY rowid DESC

-- name: ids_newest
SELECT id FROM listing WHERE
-- include: newest

-- name: ids_oldest
SELECT id FROM listing WHERE
-- include: oldest

-- name: ids_by_name
SELECT id FROM listing WHERE
-- include: by_name

-- name: ids_by_date
SELECT id FROM listing WHERE
-- include: by_date

-- name: ids_by_confidence
SELECT id FROM listing WHERE
-- include: by_confidence

-- name: rows_of_ids
SELECT listing.* FROM json_each(:ids) AS wanted JOIN listing ON listing.id = wanted.value
ORDER BY wanted.key

-- What a tile of the list says: of all columns those few, since each costs time on its way to the page.
-- name: tiles_of_ids
SELECT
  listing.id, listing.sha256, listing.name, listing.state, listing.text,
  listing.job_state, listing.job_message,
  listing.export_folder, listing.fields, listing.is_flagged
FROM json_each(:ids) AS wanted JOIN listing ON listing.id = wanted.value
ORDER BY wanted.key

-- What an export says of images: the columns of pycore/exports/record.py; keywords, earlier hashes,
-- the fields by a person and further fields as JSON. Whoever edits keywords alone lets a model's text
-- stand, which is still a model's. So are other words that a person read and let stand; those of the file
-- are a person's. Whoever edits may have taken keywords of rules away, so that a model's are left: those are the person's.
-- name: words_to_export
SELECT
  ltrim(
    iif(listing.export_folder = '', listing.folder, listing.export_folder) || '/' || listing.name, '/'
  ) AS name,
  ifnull(listing.machine_text, '') AS caption,
  iif(listing.state = 'decorative', '', ifnull(listing.text, '')) AS alt_text,
  ifnull(listing.description, '') AS extended_description,
  ifnull(listing.keywords, '[]') AS keywords,
  ifnull(listing.text_in_picture, '') AS text,
  CASE
    WHEN listing.state = 'decorative' OR ifnull(listing.text, '') = '' THEN ''
    WHEN (listing.state = 'edited' OR listing.text = listing.file_text) AND NOT EXISTS (
      SELECT 1 FROM caption AS said WHERE said.image_id = image.id AND (
        said.text = listing.text OR listing.text IN (SELECT value FROM json_each(said.candidates))
      )
    ) THEN 'humanEdits'
    ELSE 'trainedAlgorithmicMedia'
  END AS source,
  ifnull(caption.model, '') AS model,
  ifnull(caption.revision, '') AS revision,
  CASE
    WHEN listing.state = 'decorative' THEN 'decorative'
    WHEN ifnull(listing.text, '') = '' THEN 'empty'
    WHEN listing.state = 'automatic' THEN 'draft'
    ELSE 'reviewed'
  END AS state,
  listing.state <> 'automatic' AS reviewed,
  ifnull(caption.made_at, '') AS date,
  listing.sha256,
  (
    SELECT json_group_array(sha256) FROM earlier_sha256 WHERE image_id = listing.id
  ) AS earlier,
  (
    SELECT json_group_array(name) FROM (
      SELECT 'keywords' AS name
      WHERE review.state <> 'automatic' AND review.keywords IS NOT NULL AND (
        review.state = 'edited' OR NOT EXISTS (
          SELECT 1 FROM caption AS said
          WHERE said.image_id = image.id AND json(said.keywords) = json(review.keywords)
        )
      )
      UNION ALL
      SELECT 'keywords' WHERE review.keywords IS NULL AND EXISTS (
        SELECT 1 FROM file_words WHERE image_id = listing.id AND file_words.keywords IS NOT NULL
      )
      UNION ALL
      SELECT 'text'
      WHERE review.state <> 'automatic' AND review.text_in_picture IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM caption AS said
        WHERE said.image_id = image.id AND said.text_in_picture = review.text_in_picture
      )
    )
  ) AS by_person,
  iif(listing.is_flagged, json_insert(listing.fields, '$.flagged', 'yes'), listing.fields) AS fields
FROM json_each(:ids) AS wanted
JOIN listing ON listing.id = wanted.value
JOIN image ON image.id = wanted.value
LEFT JOIN caption ON caption.id = image.caption_id
LEFT JOIN review ON review.image_id = image.id
ORDER BY wanted.key

-- By the index alone: twenty times as fast where nothing but words is asked for.
-- name: count_matching
SELECT count(*) AS count FROM search WHERE search MATCH :match

-- name: count_found
SELECT count(*) AS count FROM listing WHERE
-- include: filters
