"""Files that come into the library: looked at, added and pictured while the queue works."""

from __future__ import annotations

import asyncio
import importlib
import json
from typing import Any

import pytest

from tests.contract.page.library.queue_page import PNG, Desk, Original, files
from tests.contract.page.library_page import Gate, rows
from tests.contract.page.page_stand_ins import JsError
from tests.unit.library.library_samples import new_database, new_image


def test_words_that_files_carry_stand_above_the_models(desk: Desk) -> None:
    async def mentions(file: Original, *_signs: str) -> bool:
        return file.name not in ("cat.png", "ox.png")

    importlib.import_module("pyscript.js_modules").downloads.mentions = mentions
    dog, cat, cow, hen = files("dog", "cat", "cow", "hen")
    ox = Original("ox.png", PNG + bytes(200_000))  # too large to be looked through on the page
    nothing = {"alt_text": "", "extended_description": "", "description": "", "keywords": []}
    dog.words = nothing | {"alt_text": "Our dog Rex.", "keywords": ["Rex"]}
    cat.words = nothing | {"alt_text": "Nobody looks for this."}
    cow.words = nothing
    hen.words = None
    ox.words = nothing | {"description": "Our ox."}

    async def check() -> None:
        queue = await desk.queue()
        await queue.take(desk.library, [dog, cat, cow, hen, ox])
        await desk.page.settled()
        found = {row.name: row for row in await rows(desk.page)}
        assert [found[one.name].text for one in (dog, cat, cow, hen, ox)] == [
            "Our dog Rex.",
            "a cat",
            "a cow",
            "a hen",
            "Our ox.",
        ]
        row = found["dog.png"]
        assert (row.state, row.machine_text, row.keywords) == ("file", "a dog", ("Rex",))
        ((tile,), _) = await desk.library.tiles(f"[{row.id}]")
        texts = importlib.import_module("page.library.library_texts")
        assert texts.tile_state(tile) == "From the file"

    asyncio.run(check())


def test_words_in_a_sidecar_stand_above_those_of_the_file(desk: Desk) -> None:
    async def mentions(file: Original, *_signs: str) -> bool:
        return file.name == "dog.png"

    importlib.import_module("pyscript.js_modules").downloads.mentions = mentions
    dog, cat, cow = files("dog", "cat", "cow")
    for one in (dog, cat, cow):
        one.sidecar = Original(f"{one.name}.xmp")
    nothing = {"alt_text": "", "extended_description": "", "description": "", "keywords": []}
    dog.words = nothing | {"description": "Snow", "keywords": ["dog", "pet"]}
    dog.sidecar.words = nothing | {"description": "Rex in the snow", "keywords": ["Dog", "Rex"]}
    cat.sidecar.words = nothing | {"description": "Mia"}
    cow.sidecar.words = None  # damaged

    async def check() -> None:
        queue = await desk.queue()
        await queue.take(desk.library, [dog, cat, cow])
        await desk.page.settled()
        found = {row.name: row for row in await rows(desk.page)}
        assert [found[one.name].text for one in (dog, cat, cow)] == [
            "Rex in the snow",
            "Mia",
            "a cow",
        ]
        assert found["dog.png"].keywords == ("Dog", "Rex", "pet")
        assert [found[one.name].machine_text for one in (dog, cat, cow)] == [
            "a dog",
            "a cat",
            "a cow",
        ]

    asyncio.run(check())


def test_words_in_a_sidecar_are_not_written_into_another_library(desk: Desk) -> None:
    gate, (dog,) = Gate(), files("dog")
    dog.sidecar = Original("dog.png.xmp")
    dog.sidecar.words = {"description": "Rex"}

    settle = desk.originals.settle

    async def slow(hashes: str) -> int:
        await gate.pass_through()
        return await settle(hashes)

    desk.originals.settle = slow  # type: ignore[method-assign]

    async def check() -> None:
        queue = await desk.queue()
        taken = asyncio.ensure_future(queue.take(desk.library, [dog]))
        await gate.reached.wait()
        queue.close()
        desk.page.link.database = new_database()  # a person puts another one in its place
        await desk.page.core.images.add(new_image(1))
        gate.released.set()
        await taken
        await desk.page.settled()
        assert [row.text for row in await rows(desk.page)] == [None]

    asyncio.run(check())


def hold_the_cow(desk: Desk) -> Gate:
    """Have files come in one by one, and hold the one called cow once it has been read."""
    intake: Any = importlib.import_module("page.queue.intake")
    intake.FIRST = intake.AT_ONCE = 1
    gate, take = Gate(), desk.originals.take_in

    async def slow(files: list[Original], head_bytes: int) -> Any:
        found = await take(files, head_bytes)
        if [file.name for file in files] == ["cow.png"]:
            await gate.pass_through()
        return found

    desk.originals.take_in = slow  # type: ignore[method-assign]
    return gate


@pytest.mark.parametrize("way", ["go on", "cancel"])
def test_files_are_looked_at_while_others_are_added(desk: Desk, way: str) -> None:
    intake: Any = importlib.import_module("page.queue.intake")
    intake.FIRST = intake.AT_ONCE = 1
    gate, run, added = Gate(), desk.page.link.run, 0
    take, last = desk.originals.take_in, asyncio.Event()

    async def noted(files: list[Original], head_bytes: int) -> Any:
        if files[0].name == "dog.png":
            last.set()
        return await take(files, head_bytes)

    async def slow(calls: str, hands_over: bool = False) -> str:
        nonlocal added
        added += json.loads(calls)[0]["name"] == "add_images"
        if added == 2:
            await gate.pass_through()
        return await run(calls, hands_over)

    async def check() -> None:
        queue = await desk.queue()
        await queue.jobs.set_paused(True)
        desk.page.link.run = slow  # type: ignore[method-assign]
        desk.originals.take_in = noted  # type: ignore[method-assign]
        ant, bee, cat, dog = found = files("ant", "bee", "cat", "dog")
        enqueued: list[int] = []
        work = queue.intake.take(found, desk.library, desk.originals, enqueued.extend)
        taken = asyncio.ensure_future(work)
        await gate.reached.wait()
        await last.wait()
        assert [row.name for row in await rows(desk.page)] == ["ant.png"]
        if way == "cancel":
            queue.intake.cancel()
        gate.released.set()
        await taken
        there = [ant, bee, cat, dog] if way == "go on" else [ant, bee]
        assert {row.name for row in await rows(desk.page)} == {one.name for one in there}
        assert {sha256 for sha256, _ in desk.originals.pictured} == {one.sha256 for one in there}
        assert enqueued == ([1, 2, 3, 4] if way == "go on" else [1])

    asyncio.run(check())


def test_a_hundred_files_join_by_as_few_calls_as_one(desk: Desk) -> None:
    async def check() -> None:
        queue = await desk.queue()
        run, counts = desk.page.link.run, []

        async def counted(calls: str, hands_over: bool = False) -> str:
            if json.loads(calls)[0]["name"].startswith("add_image"):
                counts.append(len(json.loads(calls)))
            return await run(calls, hands_over)

        desk.page.link.run = counted  # type: ignore[method-assign]
        await queue.take(desk.library, files(*(f"img{number}" for number in range(100))))
        await desk.page.settled()
        assert counts == [3, 3]
        names = {row.id: row.name for row in await rows(desk.page)}
        assert names == {number: f"img{number - 1}.png" for number in range(1, 101)}

    asyncio.run(check())


def test_small_pictures_are_made_of_what_is_seen_first(desk: Desk) -> None:
    async def check() -> None:
        queue = await desk.queue()
        desk.first_of = lambda ids: sorted(ids, key=lambda one: (one != 7, -one))
        await queue.take(desk.library, files(*(f"img{number}" for number in range(30))))
        await desk.page.settled()
        assert desk.pictured == [7, *range(30, 7, -1), *range(6, 0, -1)]
        (last,) = [row.sha256 for row in await rows(desk.page) if row.id == 30]
        assert desk.originals.pictured[1] == (last, True)

    asyncio.run(check())


@pytest.mark.parametrize("is_there", [True, False])
def test_files_join_the_library_whatever_becomes_of_the_model(desk: Desk, is_there: bool) -> None:
    async def check() -> None:
        queue = await desk.queue()
        gate, load = Gate(), desk.captioner.load

        async def slow(model: str) -> Any:
            await gate.pass_through()
            if not is_there:
                raise JsError(None, "SeesayError", "There is no model.")
            return await load(model)

        desk.captioner.load = slow  # type: ignore[method-assign]
        await queue.take(desk.library, files("dog", "cat"))
        assert {state for state, _ in (await desk.states()).values()} == {None}
        assert desk.pictured == [row.id for row in await rows(desk.page)][::-1]
        assert desk.originals.pictured == [(one.sha256, True) for one in files("dog", "cat")]
        await queue._tidy(queue.jobs)
        assert "all" not in desk.originals.released  # they are about to wait
        gate.released.set()
        await desk.page.settled()
        assert desk.problems == ([] if is_there else ["There is no model."])
        assert {state for state, _ in (await desk.states()).values()} == {
            "done" if is_there else None
        }
        assert (await queue.status()).without == (0 if is_there else 2)

    asyncio.run(check())


def test_copies_of_files_that_come_in_stay_when_all_others_are_done(desk: Desk) -> None:
    async def check() -> None:
        queue = await desk.queue()
        gate = hold_the_cow(desk)
        taken = asyncio.ensure_future(queue.take(desk.library, files("dog", "cow")))
        await gate.reached.wait()
        await desk.page.settled()
        assert "all" not in desk.originals.released
        gate.released.set()
        await taken
        await desk.page.settled()
        assert desk.originals.released[-1] == "all"

    asyncio.run(check())


@pytest.mark.parametrize("way", ["cancel", "close"])
def test_files_that_come_in_when_they_are_stopped(desk: Desk, way: str) -> None:
    async def check() -> None:
        queue = await desk.queue()
        gate = hold_the_cow(desk)
        taken = asyncio.ensure_future(queue.take(desk.library, files("dog", "cow", "cat")))
        await gate.reached.wait()
        await desk.page.settled()
        assert "Adding 1 of 3 files." in queue.intake.said()
        await queue.cancel() if way == "cancel" else queue.close()
        gate.released.set()
        await taken
        await desk.page.settled()
        assert [row.name for row in await rows(desk.page)] == ["dog.png"]
        wanted = [(files("dog")[0].sha256, False)]  # its small picture, and no copy
        assert desk.originals.pictured == (wanted if way == "cancel" else [])
        assert queue.intake.said() == ""

    asyncio.run(check())


def test_files_are_not_left_hanging_where_the_library_fails(desk: Desk) -> None:
    async def check() -> None:
        queue = await desk.queue()
        desk.page.link.problem = JsError(None, "SeesayError", "The library stopped.")
        news = desk.news
        await queue.take(desk.library, files("dog"))
        assert desk.problems[0] == "The library stopped."
        assert queue.intake.total == 0
        assert desk.news > news

    asyncio.run(check())
