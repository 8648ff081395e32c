-- The queue: which images wait for a caption, in what order, and what became of them.

-- which: 'all', 'without caption', or 'not by this model' (with these options). An image whose words
-- a person has accepted or written is left out unless over_person is 1 (words of its file count as
-- such once there is a caption: they stand above the first one as above later ones); what
-- works now is left out always. Found by their ids: a batch that comes in walks not the whole library.
-- name: enqueue
INSERT INTO job (image_id, state, position, model, revision, options, queued_at)
SELECT
  id, 'waiting',
  (SELECT ifnull(max(position), 0) FROM job) + row_number() OVER (ORDER BY id),
  :model, :revision, :options, :now
FROM image
WHERE id IN (SELECT value FROM json_each(:ids) UNION ALL SELECT id FROM image WHERE :ids IS NULL)
  AND (:over_person OR standing = 'automatic' OR standing = 'file' AND caption_id IS NULL)
  AND CASE :which
    WHEN 'all' THEN 1
    WHEN 'without caption' THEN caption_id IS NULL
    ELSE NOT EXISTS (
      SELECT 1 FROM caption
      WHERE caption.image_id = image.id AND caption.model = :model
        AND caption.revision = :revision AND caption.options = :options
    )
  END
ON CONFLICT (image_id) DO UPDATE SET
  state = 'waiting', position = excluded.position, model = excluded.model,
  revision = excluded.revision, options = excluded.options, queued_at = excluded.queued_at,
  attempts = 0, interruptions = 0, message = '', took_ms = NULL, started_at = NULL,
  finished_at = NULL
WHERE job.state NOT IN ('working', 'waiting')
  OR job.state = 'waiting' AND (
    job.model <> excluded.model OR job.revision <> excluded.revision
    OR job.options <> excluded.options
  )
RETURNING image_id

-- How many of these a person has accepted or written words for.
-- name: count_of_person
SELECT count(*) AS count FROM image
WHERE id IN (SELECT value FROM json_each(:ids)) AND standing <> 'automatic'

-- The next that waits, now working; none while the queue is paused.
-- name: claim
UPDATE job SET state = 'working', attempts = attempts + 1, started_at = :now
WHERE image_id = (
    SELECT image_id FROM job WHERE state = 'waiting' ORDER BY position LIMIT 1
  )
  AND NOT EXISTS (SELECT 1 FROM setting WHERE name = 'queue' AND value = 'paused')
RETURNING
  image_id, model, revision, options, attempts, interruptions,
  (SELECT sha256 FROM image WHERE id = image_id) AS sha256,
  (SELECT folder FROM image WHERE id = image_id) AS folder,
  (SELECT name FROM image WHERE id = image_id) AS name,
  EXISTS (SELECT 1 FROM file_words WHERE file_words.image_id = job.image_id) AS has_file_words

-- name: finish
UPDATE job SET state = 'done', message = '', took_ms = :took_ms, finished_at = :now
WHERE image_id = :image_id

-- name: fail
UPDATE job SET state = 'failed', message = :message, finished_at = :now
WHERE image_id = :image_id AND state = 'working'

-- Back to its place: the person stopped, or the page closes. It does not count as a try.
-- name: release
UPDATE job SET state = 'waiting', attempts = attempts - 1, started_at = NULL
WHERE state = 'working'

-- The worker died over what was working. It goes to the end of the queue, so that others come first;
-- the second time it is set aside.
-- name: interrupt
UPDATE job SET
  interruptions = interruptions + 1,
  state = iif(interruptions + 1 < :limit, 'waiting', 'set_aside'),
  message = iif(interruptions + 1 < :limit, '', :message),
  position = last + nth,
  started_at = NULL
FROM (
  SELECT
    image_id AS id, row_number() OVER (ORDER BY position) AS nth,
    (SELECT max(position) FROM job) AS last
  FROM job WHERE state = 'working'
) AS tail
WHERE job.image_id = tail.id
RETURNING image_id, state

-- Failed, or set aside: once more, from the beginning.
-- name: retry
UPDATE job SET
  state = 'waiting', attempts = 0, interruptions = 0, message = '', finished_at = NULL,
  position = last + nth
FROM (
  SELECT
    image_id AS id, row_number() OVER (ORDER BY position) AS nth,
    (SELECT max(position) FROM job) AS last
  FROM job
  WHERE state = :state AND (:ids IS NULL OR image_id IN (SELECT value FROM json_each(:ids)))
) AS tail
WHERE job.image_id = tail.id
RETURNING image_id

-- name: cancel_waiting
DELETE FROM job
WHERE state = 'waiting' AND (:ids IS NULL OR image_id IN (SELECT value FROM json_each(:ids)))

-- name: clear_finished
DELETE FROM job WHERE state = 'done'

-- name: jobs
SELECT job.*, image.sha256, image.folder, image.name
FROM job JOIN image ON image.id = job.image_id
WHERE job.state = :state AND job.position > :after_position
ORDER BY job.position LIMIT :limit

-- name: queue_counts
SELECT name, count FROM tally WHERE kind = 'job'

-- The newest say more about what comes than all do: another model, a machine gone warm.
-- name: queue_pace
SELECT avg(took_ms) AS ms_per_image FROM (
  SELECT took_ms FROM job WHERE state = 'done' AND took_ms IS NOT NULL
  ORDER BY position DESC LIMIT 20
)
