"""The queue of images that wait for a caption. It lives in the library: it outlasts the tab."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pycore.library.images import caption_call
from pycore.library.records import Order

if TYPE_CHECKING:
    from typing import Literal

    from pycore.library.database import Row
    from pycore.library.named_statements import NamedStatements
    from pycore.library.records import MachineWords, Which

MAX_INTERRUPTIONS = 2
"""An image over which the worker died so often is set aside: it would take every worker along."""

SET_ASIDE = (
    f"Captioning stopped {MAX_INTERRUPTIONS} times at this image, so it was set aside and the "
    "others went on. Try it again alone, or as a smaller copy."
)


@dataclass(frozen=True, slots=True)
class Job:
    """An image whose turn has come.

    Attributes:
        image_id, sha256, folder, name: of the image.
        order: what to caption with.
        attempts: how often it was begun, this time included.
        interruptions: how often the worker died over it.
    """

    image_id: int
    sha256: str
    folder: str
    name: str
    order: Order
    attempts: int
    interruptions: int


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """How far the queue is.

    Attributes:
        paused: nothing more is begun.
        waiting, working, done, failed, set_aside: how many images.
        seconds_left: for those that wait or work, at the pace of the newest; None while unknown.
    """

    paused: bool
    waiting: int
    working: int
    done: int
    failed: int
    set_aside: int
    seconds_left: float | None


class CaptionQueue:
    """Which images wait, which works, and what became of the others.

    One process or tab works on a queue at a time; whoever takes it over calls ``interrupted``
    first, and who leaves it in good order calls ``release``.
    """

    def __init__(self, statements: NamedStatements) -> None:
        self._statements = statements

    async def add(
        self,
        order: Order,
        *,
        ids: Collection[int] | None = None,
        which: Which = "all",
        over_person: bool = False,
    ) -> int:
        """Put images into the queue, in the order in which they were added.

        Args:
            order: what to caption them with.
            ids: the images; None for the whole library.
            which: of these.
            over_person: also those whose words a person accepted or wrote. The words stay even
                then; only what the machine says beside them is new.

        Returns:
            How many were put in: those that wait for the same already, or work, are not.
        """
        rows = await self._statements.rows(
            "enqueue",
            ids=_json_or_none(ids),
            which=which,
            over_person=int(over_person),
            **order.parameters(),
        )
        return len(rows)

    async def count_of_person(self, ids: Collection[int]) -> int:
        """Return how many of these images a person accepted or wrote words for."""
        (row,) = await self._statements.rows("count_of_person", ids=_json_or_none(ids))
        return int(str(row["count"]))

    async def claim(self) -> Job | None:
        """Begin the next image; None when none waits, or the queue is paused."""
        rows = await self._statements.rows("claim")
        return _job(rows[0]) if rows else None

    async def finish(self, job: Job, words: MachineWords, took_ms: int) -> None:
        """Keep the caption and end the job, both or neither."""
        await self._statements.run(
            caption_call(self._statements, job.image_id, words, job.order),
            self._statements.call("finish", image_id=job.image_id, took_ms=took_ms),
        )

    async def fail(self, job: Job, message: str) -> None:
        """End a job with the sentence that says why it failed."""
        await self._statements.rows("fail", image_id=job.image_id, message=message)

    async def release(self) -> None:
        """Put what works back to its place: a person stopped it, or the page closes."""
        await self._statements.rows("release")

    async def interrupted(self) -> list[int]:
        """Tell that the worker died; returns the images that are set aside for it.

        Also for a queue that is found with something working: nobody said goodbye.
        """
        rows = await self._statements.rows("interrupt", limit=MAX_INTERRUPTIONS, message=SET_ASIDE)
        return [int(str(row["image_id"])) for row in rows if row["state"] == "set_aside"]

    async def retry(
        self, state: Literal["failed", "set_aside"], ids: Collection[int] | None = None
    ) -> int:
        """Let what failed, or was set aside, wait again; returns how many."""
        rows = await self._statements.rows("retry", state=state, ids=_json_or_none(ids))
        return len(rows)

    async def cancel(self, ids: Collection[int] | None = None) -> None:
        """Take what waits out of the queue: these images, or all."""
        await self._statements.rows("cancel_waiting", ids=_json_or_none(ids))

    async def clear_finished(self) -> None:
        """Forget the jobs that are done; their captions stay."""
        await self._statements.rows("clear_finished")

    async def pause(self) -> None:
        """Begin nothing more until ``resume``, in this tab or another, today or tomorrow."""
        await self._statements.rows("set_setting", name="queue", value="paused")

    async def resume(self) -> None:
        """Go on."""
        await self._statements.rows("set_setting", name="queue", value="running")

    async def status(self) -> QueueStatus:
        """Return how far the queue is."""
        call = self._statements.call
        counted, settings, pace = await self._statements.run(
            call("queue_counts"), call("get_setting", name="queue"), call("queue_pace")
        )
        counts: dict[str, int] = {str(row["name"]): int(str(row["count"])) for row in counted}
        waiting, working = counts.get("waiting", 0), counts.get("working", 0)
        ms_per_image: Any = pace[0]["ms_per_image"]
        return QueueStatus(
            paused=[row["value"] for row in settings] == ["paused"],
            waiting=waiting,
            working=working,
            done=counts.get("done", 0),
            failed=counts.get("failed", 0),
            set_aside=counts.get("set_aside", 0),
            seconds_left=(
                None if ms_per_image is None else (waiting + working) * ms_per_image / 1000
            ),
        )


def _job(row: Row) -> Job:
    values: dict[str, Any] = dict(row)
    del values["has_file_words"]  # for whoever reads them with the caption
    order = Order(values.pop("model"), values.pop("revision"), json.loads(values.pop("options")))
    return Job(**values, order=order)


def _json_or_none(ids: Collection[int] | None) -> str | None:
    return None if ids is None else json.dumps([*ids])
