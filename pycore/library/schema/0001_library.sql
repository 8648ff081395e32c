-- The library: images, the machine's words, the person's words, the queue, search.
--
-- Runs on SQLite 3.39 and later with FTS5: in Pyodide, in the browser's own build, in CPython.
-- Dates are text, "2026-11-27T12:00:00Z" (UTC), so that they sort and a person can read them; the
-- one of the camera has no zone: "2026-11-27T12:00:00". Lists are JSON arrays of strings.
-- Statements never say OR REPLACE or OR IGNORE: inside a trigger such a clause of the outer
-- statement would win over what the trigger says.

-- "Seesay": files of other programs are told apart by it (SQLite's header, bytes 68 to 71).
PRAGMA application_id = 0x53656573;

CREATE TABLE setting (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- ---------------------------------------------------------------------------------------- images

-- One row for the same bytes, wherever they lie. The last columns repeat what captions and reviews
-- say, kept by triggers, because a list filters by them: one table to walk instead of three.
-- Ids are never used again (AUTOINCREMENT): a stale one must not name another image.
CREATE TABLE image (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64),
  name TEXT NOT NULL COLLATE NOCASE,
  folder TEXT NOT NULL,
  taken_at TEXT,
  added_at TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  media_type TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  caption_id INTEGER REFERENCES caption ON DELETE SET NULL,
  state TEXT NOT NULL DEFAULT 'automatic'
    CHECK (state IN ('automatic', 'reviewed', 'edited', 'decorative')),
  model TEXT,
  confidence REAL,
  looks_like_text INTEGER,
  -- What lists are sorted by: an index over an expression cannot be searched by key and id at once.
  sort_date TEXT NOT NULL AS (ifnull(taken_at, '')),
  sort_confidence REAL NOT NULL AS (ifnull(confidence, 2))
) STRICT;

CREATE INDEX image_by_name ON image (name, id);
CREATE INDEX image_by_date ON image (sort_date, id);
CREATE INDEX image_by_confidence ON image (sort_confidence, id);
CREATE INDEX image_by_caption ON image (caption_id);

-- Every folder and name that the same bytes were found under; image has the first of them.
CREATE TABLE place (
  image_id INTEGER NOT NULL REFERENCES image ON DELETE CASCADE,
  folder TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (image_id, folder, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX place_by_folder ON place (folder, image_id);

-- Apart from image, so that walking images reads no pictures.
CREATE TABLE thumbnail (
  image_id INTEGER PRIMARY KEY REFERENCES image ON DELETE CASCADE,
  media_type TEXT NOT NULL,
  data BLOB NOT NULL
) STRICT;

-- ------------------------------------------------------------------------------ the machine's words

-- One row for each model, revision and set of options; image.caption_id is the newest of them.
CREATE TABLE caption (
  id INTEGER PRIMARY KEY,
  image_id INTEGER NOT NULL REFERENCES image ON DELETE CASCADE,
  text TEXT NOT NULL,
  candidates TEXT NOT NULL CHECK (json_valid(candidates)),
  keywords TEXT NOT NULL CHECK (json_valid(keywords)),
  text_in_picture TEXT NOT NULL,
  confidence REAL NOT NULL,
  looks_like_text INTEGER NOT NULL CHECK (looks_like_text IN (0, 1)),
  model TEXT NOT NULL,
  revision TEXT NOT NULL,
  options TEXT NOT NULL CHECK (json_valid(options)),
  made_at TEXT NOT NULL,
  UNIQUE (image_id, model, revision, options)
) STRICT;

-- ------------------------------------------------------------------------------- the person's words

-- No row: made automatically, nobody looked. NULL: the machine's words stand.
CREATE TABLE review (
  image_id INTEGER PRIMARY KEY REFERENCES image ON DELETE CASCADE,
  state TEXT NOT NULL CHECK (state IN ('reviewed', 'edited', 'decorative')),
  text TEXT,
  description TEXT,
  keywords TEXT CHECK (keywords IS NULL OR json_valid(keywords)),
  text_in_picture TEXT,
  changed_at TEXT NOT NULL
) STRICT;

-- What a person did in one go, and for each image how its review was before and after (JSON; NULL
-- for none). 'open' while the changes are made, 'moving' while they are undone or done again.
CREATE TABLE undo_step (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  label TEXT NOT NULL,
  made_at TEXT NOT NULL,
  phase TEXT NOT NULL CHECK (phase IN ('open', 'done', 'undone', 'moving'))
) STRICT;

CREATE INDEX undo_step_by_phase ON undo_step (phase, id);

CREATE TABLE undo_entry (
  step_id INTEGER NOT NULL REFERENCES undo_step ON DELETE CASCADE,
  image_id INTEGER NOT NULL REFERENCES image ON DELETE CASCADE,
  before TEXT,
  after TEXT,
  PRIMARY KEY (step_id, image_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX undo_entry_by_image ON undo_entry (image_id);

-- -------------------------------------------------------------------------------------- the queue

-- position orders those that wait. interruptions: how often the worker died over it. message: the
-- sentence of a failure.
CREATE TABLE job (
  image_id INTEGER PRIMARY KEY REFERENCES image ON DELETE CASCADE,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'working', 'done', 'failed', 'set_aside')),
  position INTEGER NOT NULL,
  model TEXT NOT NULL,
  revision TEXT NOT NULL,
  options TEXT NOT NULL CHECK (json_valid(options)),
  attempts INTEGER NOT NULL DEFAULT 0,
  interruptions INTEGER NOT NULL DEFAULT 0,
  message TEXT NOT NULL DEFAULT '',
  took_ms INTEGER,
  queued_at TEXT NOT NULL,
  started_at TEXT,
  finished_at TEXT
) STRICT;

CREATE INDEX job_by_state ON job (state, position);
CREATE INDEX job_by_position ON job (position);

-- ------------------------------------------------------------------------ counts, kept not counted

CREATE TABLE tally (
  kind TEXT NOT NULL CHECK (kind IN ('image', 'state', 'model', 'folder', 'job')),
  name TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

-- A view to write to: INSERT INTO tally_change VALUES ('job', 'done', 1). NULL names count nothing.
CREATE VIEW tally_change (kind, name, change) AS SELECT '', '', 0 WHERE 0;

CREATE TRIGGER tally_change_insert INSTEAD OF INSERT ON tally_change WHEN NEW.name IS NOT NULL
BEGIN
  INSERT INTO tally VALUES (NEW.kind, NEW.name, NEW.change)
    ON CONFLICT (kind, name) DO UPDATE SET count = count + excluded.count;
  DELETE FROM tally WHERE kind = NEW.kind AND name = NEW.name AND count = 0;
END;

CREATE TRIGGER image_insert_tally AFTER INSERT ON image
BEGIN
  INSERT INTO tally_change VALUES
    ('image', 'all', 1), ('state', NEW.state, 1), ('model', NEW.model, 1);
END;

CREATE TRIGGER image_delete_tally AFTER DELETE ON image
BEGIN
  INSERT INTO tally_change VALUES
    ('image', 'all', -1), ('state', OLD.state, -1), ('model', OLD.model, -1);
END;

CREATE TRIGGER image_state_tally AFTER UPDATE OF state ON image WHEN NEW.state <> OLD.state
BEGIN
  INSERT INTO tally_change VALUES ('state', OLD.state, -1), ('state', NEW.state, 1);
END;

CREATE TRIGGER image_model_tally AFTER UPDATE OF model ON image WHEN NEW.model IS NOT OLD.model
BEGIN
  INSERT INTO tally_change VALUES ('model', OLD.model, -1), ('model', NEW.model, 1);
END;

CREATE TRIGGER place_insert_tally AFTER INSERT ON place
BEGIN
  INSERT INTO tally_change VALUES ('folder', NEW.folder, 1);
END;

CREATE TRIGGER place_delete_tally AFTER DELETE ON place
BEGIN
  INSERT INTO tally_change VALUES ('folder', OLD.folder, -1);
END;

CREATE TRIGGER job_insert_tally AFTER INSERT ON job
BEGIN
  INSERT INTO tally_change VALUES ('job', NEW.state, 1);
END;

CREATE TRIGGER job_delete_tally AFTER DELETE ON job
BEGIN
  INSERT INTO tally_change VALUES ('job', OLD.state, -1);
END;

CREATE TRIGGER job_state_tally AFTER UPDATE OF state ON job WHEN NEW.state <> OLD.state
BEGIN
  INSERT INTO tally_change VALUES ('job', OLD.state, -1), ('job', NEW.state, 1);
END;

-- ----------------------------------------------------------------------------------------- search

-- Keeps a copy of the words: an index over other tables' columns (external content) takes less room
-- but is wrong for good once a trigger deletes words other than those it had added.
CREATE VIRTUAL TABLE search USING fts5 (
  caption, keywords, text_in_picture, name, folder,
  tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'
);

-- What an image is found by. Where a person wrote words the machine's are not looked at: they were
-- wrong.
CREATE VIEW searchable AS
  SELECT
    image.id AS image_id,
    ifnull(review.text, ifnull(caption.text, '')) || ' ' || ifnull(review.description, '')
      AS caption,
    ifnull(review.keywords, ifnull(caption.keywords, '')) AS keywords,
    ifnull(review.text_in_picture, ifnull(caption.text_in_picture, '')) AS text_in_picture,
    (SELECT group_concat(name, ' ') FROM place WHERE image_id = image.id) AS name,
    (SELECT group_concat(folder, ' ') FROM place WHERE image_id = image.id) AS folder
  FROM image
  LEFT JOIN caption ON caption.id = image.caption_id
  LEFT JOIN review ON review.image_id = image.id;

-- A view to write to: INSERT INTO search_refresh VALUES (image_id).
CREATE VIEW search_refresh (image_id) AS SELECT 0 WHERE 0;

CREATE TRIGGER search_refresh_insert INSTEAD OF INSERT ON search_refresh
BEGIN
  DELETE FROM search WHERE rowid = NEW.image_id;
  INSERT INTO search (rowid, caption, keywords, text_in_picture, name, folder)
    SELECT * FROM searchable WHERE image_id = NEW.image_id;
END;

CREATE TRIGGER image_delete_search AFTER DELETE ON image
BEGIN
  DELETE FROM search WHERE rowid = OLD.id;
END;

CREATE TRIGGER place_insert_search AFTER INSERT ON place
BEGIN
  INSERT INTO search_refresh VALUES (NEW.image_id);
END;

-- --------------------------------------------------------- what captions and reviews do to an image

CREATE TRIGGER caption_insert AFTER INSERT ON caption
BEGIN
  UPDATE image
    SET caption_id = NEW.id, model = NEW.model, confidence = NEW.confidence,
      looks_like_text = NEW.looks_like_text
    WHERE id = NEW.image_id;
  INSERT INTO search_refresh VALUES (NEW.image_id);
END;

CREATE TRIGGER caption_update AFTER UPDATE ON caption
BEGIN
  UPDATE image
    SET caption_id = NEW.id, model = NEW.model, confidence = NEW.confidence,
      looks_like_text = NEW.looks_like_text
    WHERE id = NEW.image_id;
  INSERT INTO search_refresh VALUES (NEW.image_id);
END;

CREATE TRIGGER review_insert AFTER INSERT ON review
BEGIN
  UPDATE image SET state = NEW.state WHERE id = NEW.image_id;
  INSERT INTO search_refresh VALUES (NEW.image_id);
END;

CREATE TRIGGER review_update AFTER UPDATE ON review
BEGIN
  UPDATE image SET state = NEW.state WHERE id = NEW.image_id;
  INSERT INTO search_refresh VALUES (NEW.image_id);
END;

CREATE TRIGGER review_delete AFTER DELETE ON review
BEGIN
  UPDATE image SET state = 'automatic' WHERE id = OLD.image_id;
  INSERT INTO search_refresh VALUES (OLD.image_id);
END;

-- ------------------------------------------------------------------------------------------- undo

-- Writing to review without an open step fails (step_id is NULL): no change can go unlogged. While
-- a step moves nothing is logged. A review that goes with its image leaves nothing behind.

CREATE VIEW review_log (image_id, before, after) AS SELECT 0, '', '' WHERE 0;

CREATE TRIGGER review_log_insert INSTEAD OF INSERT ON review_log
  WHEN NOT EXISTS (SELECT 1 FROM undo_step WHERE phase = 'moving')
    AND EXISTS (SELECT 1 FROM image WHERE id = NEW.image_id)
BEGIN
  INSERT INTO undo_entry (step_id, image_id, before, after)
    VALUES (
      (SELECT id FROM undo_step WHERE phase = 'open'), NEW.image_id, NEW.before, NEW.after
    )
    ON CONFLICT (step_id, image_id) DO UPDATE SET after = excluded.after;
END;

CREATE VIEW review_json AS
  SELECT
    image_id,
    json_object(
      'state', state, 'text', text, 'description', description, 'keywords', keywords,
      'text_in_picture', text_in_picture, 'changed_at', changed_at
    ) AS content
  FROM review;

CREATE TRIGGER review_insert_log AFTER INSERT ON review
BEGIN
  INSERT INTO review_log
    SELECT NEW.image_id, NULL, content FROM review_json WHERE image_id = NEW.image_id;
END;

CREATE TRIGGER review_update_log AFTER UPDATE ON review
BEGIN
  INSERT INTO review_log
    SELECT
      NEW.image_id,
      json_object(
        'state', OLD.state, 'text', OLD.text, 'description', OLD.description,
        'keywords', OLD.keywords, 'text_in_picture', OLD.text_in_picture,
        'changed_at', OLD.changed_at
      ),
      content
    FROM review_json WHERE image_id = NEW.image_id;
END;

CREATE TRIGGER review_delete_log BEFORE DELETE ON review
BEGIN
  INSERT INTO review_log
    SELECT OLD.image_id, content, NULL FROM review_json WHERE image_id = OLD.image_id;
END;

-- ------------------------------------------------------------------------------------------ lists

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
    caption.text AS machine_text,
    job.state AS job_state,
    job.message AS job_message,
    image.sort_date, image.sort_confidence
  FROM image
  LEFT JOIN caption ON caption.id = image.caption_id
  LEFT JOIN review ON review.image_id = image.id
  LEFT JOIN job ON job.image_id = image.id;
