-- Rules give keywords to images whose words nobody has read: a review may be 'automatic', too.
--
-- SQLite changes no CHECK of a table that is there, so the table is made anew, and its triggers with
-- it, word for word those of 0001. Views name it, and find the new one.

CREATE TABLE review_before AS SELECT * FROM review;

DROP TABLE review;

-- No row: made automatically, nobody looked. NULL: the machine's words stand.
CREATE TABLE review (
  image_id INTEGER PRIMARY KEY REFERENCES image ON DELETE CASCADE,
  state TEXT NOT NULL CHECK (state IN ('automatic', 'reviewed', 'edited', 'decorative')),
  text TEXT,
  description TEXT,
  keywords TEXT CHECK (keywords IS NULL OR json_valid(keywords)),
  text_in_picture TEXT,
  changed_at TEXT NOT NULL
) STRICT;

INSERT INTO review SELECT * FROM review_before;

DROP TABLE review_before;

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
