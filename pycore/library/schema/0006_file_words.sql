-- Words that an image's file carries: some person wrote them elsewhere. They stand above the machine's
-- and below those that a person writes here. The standing 'file' says so; nobody did anything about
-- the image here, so there is nothing to undo.

-- NULL: the file has none. A caption in the file stands for the image where there is no alt text.
CREATE TABLE file_words (
  image_id INTEGER PRIMARY KEY REFERENCES image ON DELETE CASCADE,
  alt_text TEXT,
  extended_description TEXT,
  description TEXT,
  keywords TEXT CHECK (keywords IS NULL OR json_valid(keywords)),
  text TEXT AS (ifnull(alt_text, description))
) STRICT;

ALTER TABLE image ADD COLUMN has_file_text INTEGER NOT NULL DEFAULT 0 CHECK (has_file_text IN (0, 1));

-- Who stands for the words: what lists say, filter and count by.
ALTER TABLE image ADD COLUMN standing TEXT NOT NULL
  AS (iif(state = 'automatic' AND has_file_text, 'file', state));

CREATE TRIGGER file_words_insert AFTER INSERT ON file_words
BEGIN
  UPDATE image SET has_file_text = NEW.text IS NOT NULL WHERE id = NEW.image_id;
  INSERT INTO search_refresh VALUES (NEW.image_id);
END;

CREATE TRIGGER file_words_update AFTER UPDATE ON file_words
BEGIN
  UPDATE image SET has_file_text = NEW.text IS NOT NULL WHERE id = NEW.image_id;
  INSERT INTO search_refresh VALUES (NEW.image_id);
END;

-- ------------------------------------------------------------------------------------------ counts

DROP TRIGGER image_insert_tally;

CREATE TRIGGER image_insert_tally AFTER INSERT ON image
BEGIN
  INSERT INTO tally_change VALUES
    ('image', 'all', 1), ('state', NEW.standing, 1), ('model', NEW.model, 1);
END;

DROP TRIGGER image_delete_tally;

CREATE TRIGGER image_delete_tally AFTER DELETE ON image
BEGIN
  INSERT INTO tally_change VALUES
    ('image', 'all', -1), ('state', OLD.standing, -1), ('model', OLD.model, -1);
END;

DROP TRIGGER image_state_tally;

CREATE TRIGGER image_state_tally AFTER UPDATE OF state, has_file_text ON image
  WHEN NEW.standing <> OLD.standing
BEGIN
  INSERT INTO tally_change VALUES ('state', OLD.standing, -1), ('state', NEW.standing, 1);
END;

-- ------------------------------------------------------------------------------------------ search

DROP VIEW searchable;

-- What an image is found by. Where a person wrote words, here or in the file, the machine's are not
-- looked at: they were wrong. A caption in the file is found beside an alt text, too.
CREATE VIEW searchable AS
  SELECT
    image.id AS image_id,
    coalesce(review.text, file_words.text, caption.text, '') || ' '
      || coalesce(review.description, file_words.extended_description, '') || ' '
      || iif(file_words.alt_text IS NULL, '', ifnull(file_words.description, ''))
      AS caption,
    coalesce(review.keywords, file_words.keywords, caption.keywords, '') AS keywords,
    coalesce(review.text_in_picture, caption.text_in_picture, '') AS text_in_picture,
    (SELECT group_concat(name, ' ') FROM place WHERE image_id = image.id) AS name,
    (SELECT group_concat(folder, ' ') FROM place WHERE image_id = image.id) AS folder
  FROM image
  LEFT JOIN caption ON caption.id = image.caption_id
  LEFT JOIN file_words ON file_words.image_id = image.id
  LEFT JOIN review ON review.image_id = image.id;

-- ------------------------------------------------------------------------------------------- lists

DROP VIEW listing;

-- A row of the list: an image with the words that hold, and the machine's beside them.
CREATE VIEW listing AS
  SELECT
    image.id, image.sha256, image.name, image.folder, image.taken_at, image.added_at,
    image.size_bytes, image.media_type, image.width, image.height,
    image.standing AS state, image.model, image.confidence, image.looks_like_text,
    coalesce(review.text, file_words.text, caption.text) AS text,
    ifnull(review.description, file_words.extended_description) AS description,
    coalesce(review.keywords, file_words.keywords, caption.keywords) AS keywords,
    ifnull(review.text_in_picture, caption.text_in_picture) AS text_in_picture,
    ifnull(review.export_folder, '') AS export_folder,
    ifnull(review.fields, '{}') AS fields,
    ifnull(review.is_flagged, 0) AS is_flagged,
    caption.text AS machine_text,
    file_words.text AS file_text,
    job.state AS job_state,
    job.message AS job_message,
    image.sort_date, image.sort_confidence
  FROM image
  LEFT JOIN caption ON caption.id = image.caption_id
  LEFT JOIN file_words ON file_words.image_id = image.id
  LEFT JOIN review ON review.image_id = image.id
  LEFT JOIN job ON job.image_id = image.id;
