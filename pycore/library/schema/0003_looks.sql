-- Where a model looked for each word of a caption, so that it can be shown without asking again: the
-- image's file may not be at hand any more. Captions of before have none.
--
-- A map is a grid over what the model saw of the image. levels: for each word of the caption's text,
-- parted by white space, the cells of its map row by row from the upper left, each a number of four
-- bits, 15 where the word's map is strongest and 0 where it is weakest; the first of two cells in the
-- upper half of their byte. seen: left, top, right and bottom of what the model saw, as shares of
-- the image (JSON). A word of 14 x 14 cells takes 98 bytes.

CREATE TABLE look (
  caption_id INTEGER PRIMARY KEY REFERENCES caption ON DELETE CASCADE,
  height INTEGER NOT NULL,
  width INTEGER NOT NULL,
  seen TEXT NOT NULL CHECK (json_valid(seen)),
  levels BLOB NOT NULL
) STRICT;

-- Other words, other places.
CREATE TRIGGER caption_update_look AFTER UPDATE OF text ON caption WHEN NEW.text <> OLD.text
BEGIN
  DELETE FROM look WHERE caption_id = NEW.id;
END;
