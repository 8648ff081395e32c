-- The person's words and states, and undo. Each change is one transaction: open_step, what changes,
-- drop_empty_steps, close_step.

-- name: open_step
INSERT INTO undo_step (label, made_at, phase) VALUES (:label, :now, 'open')

-- A step that changed nothing is none.
-- name: drop_empty_steps
DELETE FROM undo_step WHERE NOT EXISTS (SELECT 1 FROM undo_entry WHERE step_id = undo_step.id)

-- name: close_step
UPDATE undo_step SET phase = 'done' WHERE phase = 'open'

-- For one image. Words equal to the machine's are still the person's: they stay when another model
-- writes others. state: 'edited', or 'reviewed' for one of the machine's other candidates. Keywords of
-- rules stay until a person writes others.
-- name: write_review
INSERT INTO review (
  image_id, state, text, description, keywords, text_in_picture, changed_at
)
SELECT id, :state, :text, :description, :keywords, :text_in_picture, :now
FROM image WHERE id = :image_id
ON CONFLICT (image_id) DO UPDATE SET
  state = excluded.state, text = excluded.text, description = excluded.description,
  keywords = iif(
    review.state = 'automatic', ifnull(excluded.keywords, review.keywords), excluded.keywords
  ),
  text_in_picture = excluded.text_in_picture,
  changed_at = excluded.changed_at

-- What rules make of images: a JSON array of {"id"}, each with what changes of "state", "keywords",
-- "export_folder", "fields" and "is_flagged"; all else stays. As with a person, the words that a rule
-- declares read are taken over; those that it calls automatic are the machine's again, keywords too
-- unless it names some. What a person wrote is still theirs when a rule declares it read, under a
-- decorative image, too. Without WHERE SQLite takes ON CONFLICT for a part of the join.
-- name: write_by_rules
INSERT INTO review (
  image_id, state, text, keywords, text_in_picture, export_folder, fields, is_flagged, changed_at
)
SELECT
  image.id, coalesce(change.value ->> 'state', review.state, 'automatic'),
  iif(
    change.value ->> 'state' IN ('reviewed', 'edited'), ifnull(file_words.text, caption.text), NULL
  ),
  change.value -> 'keywords',
  iif(change.value ->> 'state' IN ('reviewed', 'edited'), caption.text_in_picture, NULL),
  coalesce(change.value ->> 'export_folder', review.export_folder, ''),
  coalesce(change.value -> 'fields', review.fields, '{}'),
  coalesce(change.value ->> 'is_flagged', review.is_flagged, 0), :now
FROM json_each(:changes) AS change
JOIN image ON image.id = change.value ->> 'id'
LEFT JOIN caption ON caption.id = image.caption_id
LEFT JOIN file_words ON file_words.image_id = image.id
LEFT JOIN review ON review.image_id = image.id
WHERE true
ON CONFLICT (image_id) DO UPDATE SET
  state = iif(
    excluded.state = 'reviewed' AND (
      review.state = 'edited'
      OR (review.state = 'decorative' AND review.text <> excluded.text)
    ),
    'edited', excluded.state
  ),
  text = iif(excluded.state = 'automatic', NULL, ifnull(review.text, excluded.text)),
  description = iif(excluded.state = 'automatic', NULL, review.description),
  keywords = coalesce(
    excluded.keywords,
    iif(excluded.state = 'automatic' AND review.state <> 'automatic', NULL, review.keywords)
  ),
  text_in_picture = iif(
    excluded.state = 'automatic', NULL, ifnull(review.text_in_picture, excluded.text_in_picture)
  ),
  export_folder = excluded.export_folder, fields = excluded.fields,
  is_flagged = excluded.is_flagged, changed_at = excluded.changed_at

-- Accepting keeps what was edited as edited. The words are taken over, the file's before the
-- machine's: a reviewed text does not change when another model writes another.
-- name: accept
INSERT INTO review (image_id, state, text, keywords, text_in_picture, changed_at)
SELECT
  image.id, 'reviewed', ifnull(file_words.text, caption.text),
  ifnull(file_words.keywords, caption.keywords), caption.text_in_picture, :now
FROM image
LEFT JOIN caption ON caption.id = image.caption_id
LEFT JOIN file_words ON file_words.image_id = image.id
WHERE image.id IN (SELECT value FROM json_each(:ids)) AND image.state IN ('automatic', 'decorative')
  AND ifnull(file_words.text, caption.text) <> ''
ON CONFLICT (image_id) DO UPDATE SET
  state = iif(
    review.description IS NULL
      AND ifnull(review.text, excluded.text) = excluded.text
      AND ifnull(review.keywords, excluded.keywords) = excluded.keywords
      AND ifnull(review.text_in_picture, excluded.text_in_picture) = excluded.text_in_picture,
    'reviewed', 'edited'
  ),
  text = ifnull(review.text, excluded.text),
  keywords = ifnull(review.keywords, excluded.keywords),
  text_in_picture = ifnull(review.text_in_picture, excluded.text_in_picture),
  changed_at = excluded.changed_at

-- Words that a person wrote stay, for the day the image is decorative no more.
-- name: mark_decorative
INSERT INTO review (image_id, state, changed_at)
SELECT id, 'decorative', :now FROM image
WHERE id IN (SELECT value FROM json_each(:ids)) AND state <> 'decorative'
ON CONFLICT (image_id) DO UPDATE SET state = 'decorative', changed_at = excluded.changed_at

-- Back to the words of the file, or the machine's: forget_words, and reset for what has no marks of rules either.
-- name: forget_words
UPDATE review SET
  state = 'automatic', text = NULL, description = NULL, keywords = NULL, text_in_picture = NULL,
  changed_at = :now
WHERE image_id IN (SELECT value FROM json_each(:ids)) AND image_id IN (SELECT image_id FROM mark)
  AND (state <> 'automatic' OR keywords IS NOT NULL)

-- name: reset
DELETE FROM review
WHERE image_id IN (SELECT value FROM json_each(:ids)) AND image_id NOT IN (SELECT image_id FROM mark)

-- Words and states stay.
-- name: clear_marks
UPDATE review SET export_folder = '', fields = '{}', is_flagged = 0, changed_at = :now
WHERE image_id IN (SELECT value FROM json_each(:ids)) AND image_id IN (SELECT image_id FROM mark)

-- name: get_review
SELECT * FROM review WHERE image_id = :image_id

-- Undo: begin_undo, undo_remove, undo_restore, end_undo, forget_undone.
-- name: begin_undo
UPDATE undo_step SET phase = 'moving'
WHERE id = (SELECT max(id) FROM undo_step WHERE phase = 'done')

-- name: undo_remove
DELETE FROM review WHERE image_id IN (
  SELECT image_id FROM undo_entry JOIN undo_step ON undo_step.id = step_id
  WHERE phase = 'moving' AND before IS NULL
)

-- name: undo_restore
INSERT INTO review (
  image_id, state, text, description, keywords, text_in_picture, changed_at,
  export_folder, fields, is_flagged
)
SELECT
  image_id, before ->> 'state', before ->> 'text', before ->> 'description',
  before ->> 'keywords', before ->> 'text_in_picture', before ->> 'changed_at',
  ifnull(before ->> 'export_folder', ''), ifnull(before ->> 'fields', '{}'),
  ifnull(before ->> 'is_flagged', 0)
FROM undo_entry JOIN undo_step ON undo_step.id = step_id
WHERE phase = 'moving' AND before IS NOT NULL
ON CONFLICT (image_id) DO UPDATE SET
  state = excluded.state, text = excluded.text, description = excluded.description,
  keywords = excluded.keywords, text_in_picture = excluded.text_in_picture,
  changed_at = excluded.changed_at, export_folder = excluded.export_folder,
  fields = excluded.fields, is_flagged = excluded.is_flagged

-- name: end_undo
UPDATE undo_step SET phase = 'undone' WHERE phase = 'moving'
RETURNING
  id, label, made_at,
  (SELECT count(*) FROM undo_entry WHERE step_id = undo_step.id) AS image_count

-- name: forget_undone
DELETE FROM undo_step WHERE phase = 'undone'

-- name: undo_steps
SELECT id, label, made_at,
  (SELECT count(*) FROM undo_entry WHERE step_id = undo_step.id) AS image_count
FROM undo_step WHERE phase = 'done' ORDER BY id DESC LIMIT :limit
