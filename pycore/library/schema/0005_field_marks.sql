-- Marks of fields by name and value apart: a field "a" of value "b: c" and a field "a: b" of value "c"
-- had one name.

DROP VIEW mark;

-- Every mark by the name that lists are filtered by: "flagged", "/dogs", "[\"licence\",\"mine\"]" (JSON).
CREATE VIEW mark AS
  SELECT image_id, 'flagged' AS name FROM review WHERE is_flagged
  UNION ALL
  SELECT image_id, '/' || export_folder FROM review WHERE export_folder <> ''
  UNION ALL
  SELECT image_id, json_array(field.key, field.value)
  FROM review JOIN json_each(review.fields) AS field;

DELETE FROM tally WHERE kind = 'mark';

INSERT INTO tally SELECT 'mark', name, count(*) FROM mark GROUP BY name;
