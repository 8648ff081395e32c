"""Jobs in the worker, on a real event loop: order, cancelling, and one end for each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from pycore.errors import BrokenImageError
from worker.captioner.jobs import Job, Jobs, Payload

Message = tuple[int, str, Payload]


def run(scenario: Callable[[Jobs], Awaitable[None]]) -> list[Message]:
    """Run a scenario until all its jobs have ended; return the messages."""
    messages: list[Message] = []

    async def main() -> None:
        jobs = Jobs(lambda job_id, kind, payload: messages.append((job_id, kind, payload)))
        await scenario(jobs)
        current = asyncio.current_task()
        await asyncio.gather(*(task for task in asyncio.all_tasks() if task is not current))

    asyncio.run(main())
    ends = [job_id for job_id, kind, _ in messages if kind in {"done", "error", "cancelled"}]
    assert len(ends) == len(set(ends)), "a job ended twice"
    return messages


def steps(log: list[str], name: str) -> Callable[[Job], Awaitable[dict[str, Any]]]:
    """Return work of three steps that can be cancelled between them."""

    async def work(job: Job) -> dict[str, Any]:
        for step in range(3):
            job.stop.raise_if_cancelled()
            log.append(f"{name}{step}")
            await asyncio.sleep(0)
        return {"name": name}

    return work


async def fail(job: Job) -> dict[str, Any]:
    del job
    raise BrokenImageError("That image is broken.", detail="at byte 3")


async def crash(job: Job) -> dict[str, Any]:
    del job
    raise ZeroDivisionError("secret of the code")


def test_queued_jobs_run_one_after_the_other_and_others_beside_them() -> None:
    log: list[str] = []

    async def scenario(jobs: Jobs) -> None:
        jobs.start(1, steps(log, "a"), queued=True)
        jobs.start(2, steps(log, "b"), queued=True)
        jobs.start(3, steps(log, "x"), queued=False)

    ends = [message[:2] for message in run(scenario)]
    queued = [entry for entry in log if entry[0] != "x"]
    assert queued == ["a0", "a1", "a2", "b0", "b1", "b2"]
    assert log.index("x0") < log.index("a2")
    assert sorted(ends) == [(1, "done"), (2, "done"), (3, "done")]


@pytest.mark.parametrize("bad", [fail, crash])
def test_a_failed_job_does_not_harm_the_next(bad: Callable[[Job], Awaitable[Any]]) -> None:
    async def scenario(jobs: Jobs) -> None:
        jobs.start(1, bad, queued=True)
        jobs.start(2, steps([], "b"), queued=True)

    messages = run(scenario)
    assert [message[:2] for message in messages] == [(1, "error"), (2, "done")]


def test_errors_carry_a_sentence_and_foreign_ones_only_show_in_the_detail() -> None:
    async def scenario(jobs: Jobs) -> None:
        jobs.start(1, fail, queued=True)
        jobs.start(2, crash, queued=True)

    known, foreign = (payload for _, _, payload in run(scenario))
    assert known == {
        "code": "broken_image",
        "message": "That image is broken.",
        "detail": "at byte 3",
    }
    assert foreign["code"] == "internal"
    assert "secret" not in foreign["message"]
    assert "ZeroDivisionError: secret of the code" in foreign["detail"]


def test_only_memory_that_runs_out_counts_as_the_runtimes_failure() -> None:
    async def grow(job: Job) -> dict[str, Any]:
        raise MemoryError

    async def scenario(jobs: Jobs) -> None:
        jobs.start(1, grow, queued=True)

    ((_, kind, payload),) = run(scenario)
    assert (kind, payload["code"]) == ("error", "inference")
    assert payload["message"].startswith("There was not enough memory")


def test_an_end_that_cannot_be_sent_is_an_error_and_not_silence() -> None:
    posted: list[Message] = []

    def post(job_id: int, kind: str, payload: Payload) -> None:
        if kind == "done":
            raise TypeError("DataCloneError: could not be cloned")
        posted.append((job_id, kind, payload))

    async def main() -> None:
        jobs = Jobs(post)
        jobs.start(1, steps([], "a"), queued=True)
        current = asyncio.current_task()
        await asyncio.gather(*(task for task in asyncio.all_tasks() if task is not current))

    asyncio.run(main())
    ((job_id, kind, payload),) = posted
    assert (job_id, kind, payload["code"]) == (1, "error", "internal")
    assert "DataCloneError" in payload["detail"]


def test_cancel_stops_a_running_job_between_steps_and_a_waiting_one_before_its_first() -> None:
    log: list[str] = []

    async def scenario(jobs: Jobs) -> None:
        jobs.start(1, steps(log, "a"), queued=True)
        jobs.start(2, steps(log, "b"), queued=True)
        jobs.start(3, steps(log, "c"), queued=True)
        await asyncio.sleep(0)
        assert log == ["a0"]
        jobs.cancel(1)
        jobs.cancel(2)
        jobs.cancel(99)

    ends = [message[:2] for message in run(scenario)]
    assert ends == [(1, "cancelled"), (2, "cancelled"), (3, "done")]
    assert not [entry for entry in log if entry[0] == "b"]
    assert "a2" not in log


def test_events_carry_the_id_of_their_job() -> None:
    async def work(job: Job) -> dict[str, Any]:
        job.report_steps("decode", 1, 20)
        job.report_bytes(5, 10, "site")
        return {}

    async def scenario(jobs: Jobs) -> None:
        jobs.start(8, work, queued=False)

    steps_event = {"stage": "decode", "loaded": 1, "total": 20, "unit": "steps"}
    bytes_event = {"stage": "model", "loaded": 5, "total": 10, "unit": "bytes", "source": "site"}
    assert run(scenario) == [
        (8, "progress", steps_event),
        (8, "progress", bytes_event),
        (8, "done", {}),
    ]
