-- Hashes that files had before words were saved into them: tables that went out know images by those.
CREATE TABLE earlier_sha256 (
  sha256 TEXT PRIMARY KEY,
  image_id INTEGER NOT NULL REFERENCES image ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX earlier_sha256_by_image ON earlier_sha256 (image_id);

-- Marks that rules give to images: a folder in exports, further columns of exports, a flag. They are
-- of the review, so that undo takes them back with everything else that rules did.

ALTER TABLE review ADD COLUMN export_folder TEXT NOT NULL DEFAULT '';
ALTER TABLE review ADD COLUMN fields TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(fields));
ALTER TABLE review ADD COLUMN is_flagged INTEGER NOT NULL DEFAULT 0 CHECK (is_flagged IN (0, 1));

-- Every mark by the name that lists are filtered by: "flagged", "/dogs", "licence: mine".
CREATE VIEW mark AS
  SELECT image_id, 'flagged' AS name FROM review WHERE is_flagged
  UNION ALL
  SELECT image_id, '/' || export_folder FROM review WHERE export_folder <> ''
  UNION ALL
  SELECT image_id, field.key || ': ' || field.value
  FROM review JOIN json_each(review.fields) AS field;

-- ------------------------------------------------------------------------------------------ counts

-- SQLite changes no CHECK of a table that is there, so it is made anew; triggers find the new one.
CREATE TABLE tally_before AS SELECT * FROM tally;

DROP TABLE tally;

CREATE TABLE tally (
  kind TEXT NOT NULL CHECK (kind IN ('image', 'state', 'model', 'folder', 'job', 'mark')),
  name TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

INSERT INTO tally SELECT * FROM tally_before;

DROP TABLE tally_before;

CREATE TRIGGER review_insert_marks AFTER INSERT ON review
BEGIN
  INSERT INTO tally_change SELECT 'mark', name, 1 FROM mark WHERE image_id = NEW.image_id;
END;

CREATE TRIGGER review_update_marks_before BEFORE UPDATE OF export_folder, fields, is_flagged ON review
BEGIN
  INSERT INTO tally_change SELECT 'mark', name, -1 FROM mark WHERE image_id = OLD.image_id;
END;

CREATE TRIGGER review_update_marks AFTER UPDATE OF export_folder, fields, is_flagged ON review
BEGIN
  INSERT INTO tally_change SELECT 'mark', name, 1 FROM mark WHERE image_id = NEW.image_id;
END;

CREATE TRIGGER review_delete_marks BEFORE DELETE ON review
BEGIN
  INSERT INTO tally_change SELECT 'mark', name, -1 FROM mark WHERE image_id = OLD.image_id;
END;

-- -------------------------------------------------------------------------------------------- undo

DROP TRIGGER review_update_log;

DROP VIEW review_json;

CREATE VIEW review_json AS
  SELECT
    image_id,
    json_object(
      'state', state, 'text', text, 'description', description, 'keywords', keywords,
      'text_in_picture', text_in_picture, 'changed_at', changed_at,
      'export_folder', export_folder, 'fields', fields, 'is_flagged', is_flagged
    ) AS content
  FROM review;

CREATE TRIGGER review_update_log AFTER UPDATE ON review
BEGIN
  INSERT INTO review_log
    SELECT
      NEW.image_id,
      json_object(
        'state', OLD.state, 'text', OLD.text, 'description', OLD.description,
        'keywords', OLD.keywords, 'text_in_picture', OLD.text_in_picture,
        'changed_at', OLD.changed_at, 'export_folder', OLD.export_folder, 'fields', OLD.fields,
        'is_flagged', OLD.is_flagged
      ),
      content
    FROM review_json WHERE image_id = NEW.image_id;
END;

-- ------------------------------------------------------------------------------------------- lists

DROP VIEW listing;

-- A row of the list: an image with the words that hold, and the machine's beside them.
CREATE VIEW listing AS
  SELECT
    image.id, image.sha256, image.name, image.folder, image.taken_at, image.added_at,
    image.size_bytes, image.media_type, image.width, image.height,
    image.state, image.model, image.confidence, image.looks_like_text,
    ifnull(review.text, caption.text) AS text,
    review.description,
    ifnull(review.keywords, caption.keywords) AS keywords,
    ifnull(review.text_in_picture, caption.text_in_picture) AS text_in_picture,
    ifnull(review.export_folder, '') AS export_folder,
    ifnull(review.fields, '{}') AS fields,
    ifnull(review.is_flagged, 0) AS is_flagged,
    caption.text AS machine_text,
    job.state AS job_state,
    job.message AS job_message,
    image.sort_date, image.sort_confidence
  FROM image
  LEFT JOIN caption ON caption.id = image.caption_id
  LEFT JOIN review ON review.image_id = image.id
  LEFT JOIN job ON job.image_id = image.id;
