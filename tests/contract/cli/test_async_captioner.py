"""The awaited API: the same captions, a loop that stays free, tasks that can be stopped."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

import pytest

import seesay
from pycore.errors import ConfigurationError
from seesay import AsyncCaptioner, Captioner, Progress
from tests.contract.cli.command import BEE, CASES, SCENES


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 120))


@pytest.mark.parametrize("name", seesay.__all__)
def test_every_name_is_there(name: str) -> None:
    assert getattr(seesay, name) is not None


def test_the_names_are_those_of_the_other_one() -> None:
    for one, other in (
        (Captioner(), AsyncCaptioner()),
        (Captioner().models, AsyncCaptioner().models),
    ):
        names = {name for name in dir(one) if not name.startswith("_")}
        assert names - {"find"} == {name for name in dir(other) if not name.startswith("_")}


def test_captions_side_by_side_come_in_order() -> None:
    async def work() -> None:
        seen: list[Progress] = []
        words: list[str] = []
        async with AsyncCaptioner(on_progress=seen.append) as captioner:
            results = await asyncio.gather(
                *(captioner.caption(SCENES / case["image"]) for case in CASES[:3])
            )
            assert [result.caption for result in results] == [case["text"] for case in CASES[:3]]
            await captioner.caption(BEE, on_token=lambda text, _token: words.append(text))
            assert (await captioner.load()).id == "starter"
            assert (await captioner.diagnostics())["model"] == "starter"
            (first, *_) = await captioner.models.list()
            assert first.state == "builtin"
        assert words[-1] == "a bee on a street"
        assert {one.stage for one in seen} >= {"model", "image", "encode", "decode"}

    run(work())


def test_many_images_and_leaving_early() -> None:
    async def work() -> None:
        read: list[int] = []

        def images():
            for number, case in enumerate(CASES):
                read.append(number)
                yield SCENES / case["image"]

        async with AsyncCaptioner() as captioner:
            ends = [end async for end in captioner.caption_all([BEE, b"no image"], batch_size=2)]
            assert ends[0].result is not None
            assert ends[1].error is not None
            async for end in captioner.caption_all(images(), batch_size=1):
                assert end.index == 0
                break
            assert read == [0]
            with pytest.raises(ConfigurationError):
                await captioner.caption(BEE, num_beams=0)

    run(work())


def test_a_cancelled_task_stops_its_caption() -> None:
    async def work() -> None:
        async with AsyncCaptioner() as captioner:
            begun, go_on = asyncio.Event(), threading.Event()
            stops: list[threading.Event] = []

            def hold(_image, *, stop, **_options):
                stops.append(stop)
                loop.call_soon_threadsafe(begun.set)
                assert go_on.wait(60)

            loop = asyncio.get_running_loop()
            real = captioner._captioner.caption
            captioner._captioner.caption = hold  # type: ignore[method-assign, assignment]
            task = asyncio.create_task(captioner.caption(BEE))
            await begun.wait()  # the loop is free meanwhile
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert stops[0].is_set()
            go_on.set()
            captioner._captioner.caption = real  # type: ignore[method-assign]
            assert (await captioner.caption(BEE)).caption == "a bee on a street"

    run(work())
