"""The queue as the page knows it: what is asked of the library's worker.

The statements are those of pycore/library/queue.py, which says the same to the same SQL. Runs in
MicroPython (the page) and in CPython (tests).
"""

import json

from page.library.library import call, caption_call, file_words_calls

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from page.library.library import Library, Row

MAX_INTERRUPTIONS = 2
"""An image over which the tab itself was lost so often is set aside."""


class Jobs:
    """Which images wait, which works, and what became of the others."""

    def __init__(self, library: "Library") -> None:
        """Take the library, opened in this tab."""
        self._library = library

    async def add(
        self,
        order: "dict[str, str]",
        ids: "list[int] | None" = None,
        which: str = "all",
        over_person: bool = False,
    ) -> int:
        """Put images into the queue; return how many were not in it.

        Args:
            order: ``model``, ``revision``, and ``options`` as JSON.
            ids: the images; None for the whole library.
            which: "all", "without caption", or "not by this model".
            over_person: also those that a person accepted or wrote words for; the words stay.
        """
        wanted = None if ids is None else json.dumps(ids)
        parameters = {"ids": wanted, "which": which, "over_person": int(over_person)}
        parameters.update(order)
        return len(await self._library.rows("enqueue", **parameters))

    async def count_of_person(self, ids: "list[int]") -> int:
        """How many of these images a person accepted or wrote words for."""
        rows = await self._library.rows("count_of_person", ids=json.dumps(ids))
        return int(rows[0]["count"])

    async def claim(self) -> "Row | None":
        """Begin the next image; None when none waits, or the queue is paused."""
        rows = await self._library.rows("claim")
        return rows[0] if rows else None

    async def finish(
        self,
        job: "Row",
        words: "dict[str, Any]",
        result: "Any",
        in_file: "dict[str, str] | None",
        took_ms: int,
    ) -> None:
        """Keep the caption and end the job, both or neither.

        Args:
            job: as ``claim`` returned it.
            words: what the model says, as ``caption_call`` takes it.
            result: CaptionResult of seesay.d.ts, the caption its first candidate.
            in_file: words that the file carries, as file_words.py finds them.
            took_ms: how long it took.
        """
        image_id, image = job["image_id"], result.image
        await self._library.keep_look(
            image_id,
            result.candidates[0],
            image.seen,
            caption_call(image_id, words),
            *file_words_calls(image_id, in_file),
            call("set_size", image_id=image_id, width=image.width, height=image.height),
            call("finish", image_id=image_id, took_ms=took_ms),
        )

    async def fail(self, job: "Row", message: str) -> None:
        """End a job with the sentence that says why it failed."""
        await self._library.rows("fail", image_id=job["image_id"], message=message)

    async def set_aside(self, message: str, limit: int = 1) -> None:
        """What works was the end of a worker: it waits at the end, or is set aside.

        Args:
            message: says so.
            limit: how often that may happen, this time included, before it is set aside.
        """
        await self._library.rows("interrupt", limit=limit, message=message)

    async def release(self) -> None:
        """Put what works back to its place."""
        await self._library.rows("release")

    async def retry(self) -> None:
        """Let what failed, or was set aside, wait again."""
        states = ("failed", "set_aside")
        await self._library.run(*[call("retry", state=state, ids=None) for state in states])

    async def cancel(self) -> None:
        """Take all that waits out of the queue."""
        await self._library.run(call("release"), call("cancel_waiting", ids=None))

    async def clear_finished(self) -> None:
        """Forget the jobs that are done; their captions stay."""
        await self._library.rows("clear_finished")

    async def set_paused(self, is_paused: bool) -> None:
        """Begin nothing more, or go on."""
        value = "paused" if is_paused else "running"
        await self._library.rows("set_setting", name="queue", value=value)

    async def waiting(self) -> "list[Row]":
        """The first of those that wait."""
        return await self._library.rows("jobs", state="waiting", after_position=-1, limit=50)

    async def status(self) -> "Status":
        """How far the queue is."""
        calls = call("queue_counts"), call("queue_pace"), call("tallies")
        counted, pace, tallies = await self._library.run(*calls)
        counts = {row["name"]: row["count"] for row in counted}
        images = sum([row["count"] for row in tallies if row["kind"] == "image"])
        captioned = sum([row["count"] for row in tallies if row["kind"] == "model"])
        return Status(counts, pace[0]["ms_per_image"], images - captioned)


class Status:
    """How far the queue is.

    Attributes:
        waiting, working, done, failed, set_aside: how many images.
        without: images that have no caption, whether they wait for one or not.
        seconds_left: for those that wait or work, at the pace of the newest; None while unknown.
    """

    def __init__(self, counts: "dict[str, int]", ms_per_image: float | None, without: int) -> None:
        self.waiting = counts.get("waiting", 0)
        self.working = counts.get("working", 0)
        self.done = counts.get("done", 0)
        self.failed = counts.get("failed", 0)
        self.set_aside = counts.get("set_aside", 0)
        self.without = without
        left = self.waiting + self.working
        self.seconds_left = None if ms_per_image is None else left * ms_per_image / 1000
