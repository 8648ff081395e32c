"""Jobs in the worker: one at a time or side by side, and exactly one end for each."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, cast

from pycore.download.fetcher import StopSignal
from pycore.errors import CancelledError, InferenceError, InternalError, SeesayError

if TYPE_CHECKING:
    from pycore.interfaces import Stage
    from worker import answers

Payload = Mapping[str, Any]
"""One of the TypedDicts of worker/answers.py."""

Post = Callable[[int, str, Payload], None]
"""Sends a message to the page: id, kind, payload."""


class Job:
    """What a job's work may do besides returning its result.

    Attributes:
        stop: says when to stop; also a cancel token for pycore.
    """

    def __init__(self, job_id: int, post: Post) -> None:
        self.stop = StopSignal()
        self._id = job_id
        self._post = post

    def report(self, progress: answers.Progress) -> None:
        """Send a ``progress`` event."""
        self._post(self._id, "progress", progress)

    def report_steps(self, stage: Stage, done: int, total: int) -> None:
        """Send a ``progress`` event in steps; a pycore ProgressCallback."""
        self.report({"stage": stage, "loaded": done, "total": total, "unit": "steps"})

    def report_bytes(self, loaded: int, total: int, source: Literal["site", "device"]) -> None:
        """Send a ``progress`` event about a model's bytes."""
        self.report(
            {"stage": "model", "loaded": loaded, "total": total, "unit": "bytes", "source": source}
        )

    def send_token(self, token: answers.Token) -> None:
        """Send a ``token`` event."""
        self._post(self._id, "token", token)

    def send_end_of_image(self, end: answers.ImageEnd) -> None:
        """Send a ``result`` event: one image of several has ended."""
        self._post(self._id, "result", end)

    def send_memory(self, memory: answers.Memory) -> None:
        """Send a ``memory`` event."""
        self._post(self._id, "memory", memory)


Work = Callable[[Job], Awaitable[Payload]]
"""Does a job and returns the payload of its ``done``."""


class Jobs:
    """All jobs that have not ended.

    Args:
        post: sends messages to the page.

    Attributes:
        turn: held by the queued job that runs.
    """

    def __init__(self, post: Post) -> None:
        self._post = post
        self._running: dict[int, Job] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.turn = asyncio.Lock()  # wakes those who wait in the order in which they came

    def start(self, job_id: int, work: Work, *, queued: bool) -> None:
        """Start a job, or put it in the queue.

        Args:
            job_id: of the request.
            work: the job.
            queued: wait until all queued jobs before this one have ended.
        """
        job = Job(job_id, self._post)
        self._running[job_id] = job
        task = asyncio.ensure_future(self._run(job_id, job, work, queued))
        self._tasks.add(task)  # the event loop itself only keeps weak references
        task.add_done_callback(self._tasks.discard)

    def cancel(self, job_id: int) -> None:
        """Stop a job between two steps. An id that has ended, or never was, does no harm."""
        job = self._running.get(job_id)
        if job is not None:
            job.stop.cancel()

    async def _run(self, job_id: int, job: Job, work: Work, queued: bool) -> None:
        try:
            if queued:
                async with self.turn:
                    kind, payload = await finish(job, work)
            else:
                kind, payload = await finish(job, work)
        finally:
            del self._running[job_id]
        try:
            self._post(job_id, kind, payload)
        except Exception as error:  # noqa: BLE001 - what cannot be sent must not cost the job its end
            self._post(job_id, "error", _unexpected(error))


async def finish(job: Job, work: Work) -> tuple[str, Payload]:
    """Do the work and say how it ended, whatever happens.

    Returns:
        (kind, payload) of the job's end.
    """
    try:
        job.stop.raise_if_cancelled()
        return "done", await work(job)
    except CancelledError as error:
        return "cancelled", failure(error)
    except SeesayError as error:
        return "error", failure(error)
    except MemoryError as error:
        return "error", _out_of_memory(error)
    except Exception as error:  # noqa: BLE001 - the edge: no job may pass without an end
        return "error", _unexpected(error)


def failure(error: SeesayError) -> answers.Failure:
    """An error as a payload."""
    return cast("answers.Failure", error.to_dict())


def _out_of_memory(error: MemoryError) -> answers.Failure:
    message = "There was not enough memory for that. Close other tabs, or use a smaller image."
    return failure(InferenceError(message, detail=_trace(error)))


def _unexpected(error: Exception) -> answers.Failure:
    message = (
        "Something went wrong inside Seesay. Try again; if it happens again, please report it "
        "with the details."
    )
    return failure(InternalError(message, detail=_trace(error)))


def _trace(error: Exception) -> str:
    return "".join(traceback.format_exception(error))
