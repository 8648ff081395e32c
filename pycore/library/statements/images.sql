-- Images and the machine's words. The format of these files: pycore/library/sql_files.py.

-- The same bytes again, under whatever name, are the image that is there.
-- name: add_image
INSERT INTO image (
  sha256, name, folder, taken_at, added_at, size_bytes, media_type, width, height
)
VALUES (
  :sha256, :name, :folder, :taken_at, :now, :size_bytes, :media_type, :width, :height
)
ON CONFLICT (sha256) DO NOTHING

-- name: add_place
INSERT INTO place (image_id, folder, name)
SELECT id, :folder, :name FROM image WHERE sha256 = :sha256
ON CONFLICT DO NOTHING

-- Many at once, as JSON: a list of what add_image takes. A page hands over one text, not three calls
-- for each. Joins go from the list to the images, whatever SQLite thinks of their number.
-- name: add_images
INSERT INTO image (
  sha256, name, folder, taken_at, added_at, size_bytes, media_type, width, height
)
SELECT
  value ->> 'sha256', value ->> 'name', value ->> 'folder', value ->> 'taken_at', :now,
  value ->> 'size_bytes', value ->> 'media_type', value ->> 'width', value ->> 'height'
FROM json_each(:images) WHERE true ORDER BY key
ON CONFLICT (sha256) DO NOTHING

-- name: add_places
INSERT INTO place (image_id, folder, name)
SELECT image.id, given.value ->> 'folder', given.value ->> 'name'
FROM json_each(:images) AS given CROSS JOIN image ON image.sha256 = given.value ->> 'sha256'
WHERE true
ON CONFLICT DO NOTHING

-- In the order of the list.
-- name: ids_of_images
SELECT image.id
FROM json_each(:images) AS given CROSS JOIN image ON image.sha256 = given.value ->> 'sha256'
ORDER BY given.key

-- name: set_thumbnail
INSERT INTO thumbnail (image_id, media_type, data)
SELECT id, :thumbnail_type, :thumbnail FROM image
WHERE sha256 = :sha256 AND :thumbnail IS NOT NULL
ON CONFLICT (image_id) DO UPDATE SET media_type = excluded.media_type, data = excluded.data

-- Of an image whose file told nothing before it was decoded.
-- name: set_size
UPDATE image SET width = :width, height = :height WHERE id = :image_id AND width = 0

-- The file was written anew, with its words in it: the image is the one that it was. Where the new
-- bytes are an image of their own, both stay. First keep_sha256, then set_sha256.
-- name: keep_sha256
INSERT INTO earlier_sha256 (sha256, image_id)
SELECT sha256, id FROM image
WHERE sha256 = :former_sha256 AND NOT EXISTS (SELECT 1 FROM image WHERE sha256 = :sha256)
ON CONFLICT (sha256) DO UPDATE SET image_id = excluded.image_id

-- name: set_sha256
UPDATE image SET sha256 = :sha256, size_bytes = :size_bytes
WHERE sha256 = :former_sha256 AND NOT EXISTS (SELECT 1 FROM image WHERE sha256 = :sha256)

-- name: forget_sha256
DELETE FROM earlier_sha256 WHERE sha256 = :sha256

-- name: image_id
SELECT id FROM image WHERE sha256 = :sha256

-- name: handles_of
SELECT sha256 FROM image WHERE id IN (SELECT value FROM json_each(:ids))

-- name: all_handles
SELECT sha256 FROM image

-- name: get_image
SELECT * FROM listing WHERE sha256 = :sha256

-- name: places
SELECT folder, name FROM place WHERE image_id = :image_id ORDER BY folder, name

-- name: thumbnails
SELECT image_id, media_type, data FROM thumbnail
WHERE image_id IN (SELECT value FROM json_each(:ids))

-- name: set_caption
INSERT INTO caption (
  image_id, text, candidates, keywords, text_in_picture, confidence, looks_like_text,
  model, revision, options, made_at
)
SELECT
  id, :text, :candidates, :keywords, :text_in_picture, :confidence, :looks_like_text,
  :model, :revision, :options, :now
FROM image WHERE id = :image_id
ON CONFLICT (image_id, model, revision, options) DO UPDATE SET
  text = excluded.text, candidates = excluded.candidates, keywords = excluded.keywords,
  text_in_picture = excluded.text_in_picture, confidence = excluded.confidence,
  looks_like_text = excluded.looks_like_text, made_at = excluded.made_at

-- Words that the file carries, "" for none; keywords as JSON. A file without any is none of these.
-- name: set_file_words
INSERT INTO file_words (image_id, alt_text, extended_description, description, keywords)
SELECT
  id, nullif(:alt_text, ''), nullif(:extended_description, ''), nullif(:description, ''),
  nullif(:keywords, '[]')
FROM image WHERE id = :image_id
ON CONFLICT (image_id) DO UPDATE SET
  alt_text = excluded.alt_text, extended_description = excluded.extended_description,
  description = excluded.description, keywords = excluded.keywords

-- The current one first, then the newest.
-- name: captions
SELECT caption.*, EXISTS (SELECT 1 FROM look WHERE look.caption_id = caption.id) AS has_look
FROM caption JOIN image ON image.id = caption.image_id
WHERE caption.image_id = :image_id
ORDER BY caption.id = image.caption_id DESC, made_at DESC, caption.id DESC

-- Where the model looked for the words of an image's current caption, if those are its words.
-- name: set_look
INSERT INTO look (caption_id, height, width, seen, levels)
SELECT caption.id, :height, :width, :seen, :levels
FROM image JOIN caption ON caption.id = image.caption_id
WHERE image.id = :image_id AND caption.text = :text
ON CONFLICT (caption_id) DO UPDATE SET
  height = excluded.height, width = excluded.width, seen = excluded.seen, levels = excluded.levels

-- Of the current caption.
-- name: get_look
SELECT caption.text, look.height, look.width, look.seen, look.levels
FROM image JOIN caption ON caption.id = image.caption_id JOIN look ON look.caption_id = caption.id
WHERE image.id = :image_id

-- name: get_setting
SELECT value FROM setting WHERE name = :name

-- name: set_setting
INSERT INTO setting (name, value) VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value

-- name: tallies
SELECT kind, name, count FROM tally ORDER BY kind, name
