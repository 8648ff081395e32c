"""The library's queue: what waits gets its caption, whatever happens between."""

from __future__ import annotations

import asyncio
import importlib
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import pytest

from pycore.library.records import PersonWords
from tests.contract.page.library.queue_page import PNG, Desk, Original, files
from tests.contract.page.library_page import Gate, rows
from tests.unit.library.library_samples import new_database, new_image


def test_files_are_captioned_one_after_the_other_and_the_same_bytes_once(desk: Desk) -> None:
    async def check() -> None:
        queue = await desk.queue()
        twice = Original("copy.png", files("dog")[0].content)
        notes = Original("notes.txt", b"hello")
        await queue.take(desk.library, [*files("dog", "cat"), twice, notes])
        await desk.page.settled()
        assert await desk.states() == {"dog": ("done", "a copy"), "cat": ("done", "a cat")}
        assert desk.captioner.order == [
            "copy.png",
            "cat.png",
        ]  # one of the two files of these bytes
        (left_out,) = queue.intake.left_out
        assert "notes.txt" in left_out
        dog = next(row for row in await rows(desk.page) if row.name == "dog.png")
        assert (dog.folder, dog.width, dog.media_type) == ("2026", 640, "image/png")
        assert (await desk.library.look(dog.id)).words == "f0"
        assert set(desk.originals.settled) == {twice.sha256, files("cat")[0].sha256}
        assert len(await desk.page.core.images.places(dog.id)) == 2
        assert desk.originals.released[:3] == [twice.sha256, files("cat")[0].sha256, "all"]
        await queue.take(desk.library, files("dog", "cow"))
        await desk.page.settled()
        assert desk.captioner.order[2:] == ["cow.png"]
        assert queue.intake.known == 1
        status = await queue.status()
        assert (status.done, status.without) == (1, 0)  # the first batch is told of no more

    asyncio.run(check())


def test_a_failed_image_stops_no_other_and_may_be_tried_again(desk: Desk) -> None:
    async def check() -> None:
        queue = await desk.queue()
        desk.captioner.faults = {"dog.png": ["broken_image"], "cat.png": ["worker_lost"]}
        await queue.take(desk.library, files("dog", "cat", "cow"))
        await desk.page.settled()
        states = await desk.states()
        assert states["dog"] == ("failed", "It is broken_image.")
        assert states["cat"][0] == "set_aside"
        assert "stopped twice at this image" in str(states["cat"][1])
        assert states["cow"] == ("done", "a cow")
        await queue.retry()
        await desk.page.settled()
        assert {state for state, _ in (await desk.states()).values()} == {"done"}

    asyncio.run(check())


def test_what_concerns_all_images_stops_the_queue_and_blames_none(desk: Desk) -> None:
    async def check() -> None:
        queue = await desk.queue()
        desk.captioner.faults = {"dog.png": ["asset"]}
        await queue.take(desk.library, files("dog", "cat"))
        await desk.page.settled()
        assert {state for state, _ in (await desk.states()).values()} == {"waiting"}
        assert desk.problems == ["It is asset."]
        await queue.go_on()
        assert {state for state, _ in (await desk.states()).values()} == {"done"}

    asyncio.run(check())


@pytest.mark.parametrize("way", ["pause", "cancel", "close"])
def test_what_is_stopped_in_the_middle(desk: Desk, way: str) -> None:
    async def check() -> None:
        queue = await desk.queue()
        gate = desk.captioner.gate = Gate()
        await queue.take(desk.library, files("dog", "cat"))
        await gate.reached.wait()
        if way == "close":  # another tab took over: its worker put back what worked
            await desk.page.core.queue.release()
            queue.close()
        else:
            await getattr(queue, way)()
        await desk.page.settled()
        assert not queue.is_running
        assert {state for state, _ in (await desk.states()).values()} == {
            None if way == "cancel" else "waiting"
        }
        desk.captioner.gate = None
        if way == "cancel":
            assert "all" in desk.originals.released
            assert (await queue.status()).without == 2
            await queue.add(None, "without caption")
        elif way == "pause":
            await queue.take(desk.library, files("cow"))  # what is paused stays so
            await desk.page.settled()
            assert desk.captioner.order == ["dog.png"]
            await queue.go_on()
            assert desk.originals.asked == [one.sha256 for one in files("dog", "cat", "cow")]
        else:
            await queue.open(desk.library, desk.originals)
            await queue.go_on()
        assert {state for state, _ in (await desk.states()).values()} == {"done"}

    asyncio.run(check())


@pytest.mark.parametrize("is_said", [True, False])
def test_coming_back_to_what_a_tab_left(desk: Desk, is_said: bool) -> None:
    async def check() -> None:
        for _ in range(2):
            queue = await desk.queue()
            desk.captioner.gate = Gate()
            if not await rows(desk.page):
                await queue.take(desk.library, files("dog"))
            else:
                start = asyncio.ensure_future(queue.go_on())
            await desk.captioner.gate.reached.wait()
            if is_said:  # the tab is closed, and nothing more of it runs
                queue._on_close(None)
            queue._working.abort = lambda: None
            queue.jobs = None
        desk.captioner.gate = None
        queue = await desk.queue()
        states = await desk.states()
        assert states["dog"][0] == ("waiting" if is_said else "set_aside")
        assert desk.left == {}
        start.cancel()

    asyncio.run(check())


def test_files_that_are_not_at_hand_are_asked_for_by_name(desk: Desk) -> None:
    async def check() -> None:
        queue = await desk.queue()
        desk.originals.is_found_again = False
        gate = desk.captioner.gate = Gate()
        await queue.take(desk.library, files("dog"))
        assert "There is no room for copies of 1 image" in queue.intake.notes()
        await gate.reached.wait()
        await queue.pause()
        await desk.page.settled()
        desk.captioner.gate = None
        desk.originals.files.clear()  # another visit
        await queue.go_on()
        state, message = (await desk.states())["dog"]
        assert state == "failed"
        assert "dog.png" in str(message)
        assert "is not at hand" in str(message)
        await queue.take(desk.library, files("dog"))
        await desk.page.settled()
        assert await desk.states() == {"dog": ("done", "a dog")}

    asyncio.run(check())


def test_a_file_that_was_changed_gets_no_caption_of_another(desk: Desk) -> None:
    async def check() -> None:
        queue = await desk.queue()
        gate = desk.captioner.gate = Gate()
        await queue.take(desk.library, files("dog"))
        await gate.reached.wait()
        await queue.pause()
        await desk.page.settled()
        desk.captioner.gate = None
        (sha256,) = desk.originals.files
        desk.originals.files[sha256] = Original("dog.png", PNG + b"another one")
        await queue.go_on()
        state, message = (await desk.states())["dog"]
        assert state == "failed"
        assert "was changed" in str(message)

    asyncio.run(check())


def test_another_model_never_writes_over_a_person(desk: Desk) -> None:
    async def check() -> None:
        queue = await desk.queue()
        await queue.take(desk.library, files("dog", "cat"))
        await desk.page.settled()
        ids = {row.name: row.id for row in await rows(desk.page)}
        await desk.page.core.reviews.edit(ids["dog.png"], PersonWords(text="our dog"))
        desk.captioner.model = "vit-gpt2"
        queue = await desk.queue()
        assert await queue.jobs.count_of_person(list(ids.values())) == 1
        await queue.add(list(ids.values()), "all")
        assert desk.captioner.order[2:] == ["cat.png"]
        await queue.add(list(ids.values()), "not by this model", over_person=True)
        assert desk.captioner.order[3:] == ["dog.png"]
        assert (await desk.states())["dog"] == ("done", "our dog")
        dog = await desk.page.core.images.captions(ids["dog.png"])
        assert [caption.order.model for caption in dog] == ["vit-gpt2", "starter"]
        captions = await desk.library.captions(ids["dog.png"])
        # A large model would be opened anew for it: it is asked where somebody wants to see it.
        assert [caption["has_look"] for caption in captions] == [0, 1]

    asyncio.run(check())


def test_files_that_a_person_must_allow_again_wait_for_that(desk: Desk) -> None:
    async def check() -> None:
        queue = await desk.queue()
        await queue.jobs.set_paused(True)
        intake = queue.intake.take(files("dog", "cat"), desk.library, desk.originals, MagicMock())
        await intake
        desk.originals.to_be_asked = set(desk.originals.files)  # another visit
        await queue.jobs.add(await queue._order())
        await queue.jobs.set_paused(False)  # it was not paused when the tab was closed
        await queue.take(desk.library, files("cow"))
        await desk.page.settled()
        assert {state for state, _ in (await desk.states()).values()} == {"waiting"}
        assert queue.is_asking
        await queue.go_on()
        assert {state for state, _ in (await desk.states()).values()} == {"done"}
        assert not queue.is_asking

    asyncio.run(check())


def test_what_works_is_not_written_into_another_library(desk: Desk) -> None:
    async def check() -> None:
        queue = await desk.queue()
        gate, find = Gate(), desk.originals.find

        async def slow(sha256: str) -> Any:
            await gate.pass_through()
            return await find(sha256)

        desk.originals.find = slow  # type: ignore[method-assign]
        await queue.take(desk.library, files("dog"))
        await gate.reached.wait()
        await queue.halt()
        assert {state for state, _ in (await desk.states()).values()} == {"waiting"}
        desk.page.link.database = new_database()  # a person puts another one in its place
        await desk.page.core.images.add(new_image(1))
        gate.released.set()
        await queue.open(desk.library, desk.originals)
        await desk.page.settled()
        assert [row.text for row in await rows(desk.page)] == [None]

    asyncio.run(check())


def test_what_waits_is_said_on_the_first_view(desk: Desk) -> None:
    async def check() -> None:
        reminder = importlib.import_module("page.queue.reminder")
        choice = importlib.import_module("pyscript.js_modules").library_choice
        line, said = desk.page.elements["waiting-note"], desk.page.elements["waiting-said"]
        line.hidden = True
        await reminder.look()
        assert line.hidden
        reminder.note(3, True)  # worked on in this tab, which is closed then
        assert line.hidden
        choice.isOpenInATab.return_value = True
        await reminder.look()
        assert line.hidden  # it goes on in another tab
        choice.isOpenInATab.return_value = False
        await reminder.look()
        assert not line.hidden
        assert said.textContent == "3 images wait in the library for a caption."
        reminder.note(1, False)
        assert said.textContent == "1 image waits in the library for a caption."
        reminder.note(0, False)
        assert (line.hidden, desk.left) == (True, {})

    asyncio.run(check())


def test_how_far_it_is_in_words(desk: Desk) -> None:
    texts = importlib.import_module("page.queue.queue_texts")
    status = importlib.import_module("page.queue.jobs").Status
    said = [
        texts.said(status(counts, ms, 0), is_running)
        for counts, ms, is_running in (
            ({"waiting": 37}, None, False),
            ({"waiting": 1}, None, False),
            ({"waiting": 36, "working": 1, "done": 12, "failed": 1}, 5000.0, True),
            ({"waiting": 2000, "done": 1}, 20_000.0, True),
            ({"done": 1, "set_aside": 2}, 5000.0, False),
            ({}, None, False),
        )
    ]
    assert said == [
        "37 images are waiting.",
        "1 image is waiting.",
        "12 of 50 images captioned. About 3 minutes left. 1 failed.",
        "1 of 2001 images captioned. About 11 hours left.",
        "Done: 1 caption. 2 failed.",
        "",
    ]


def test_what_is_chosen_while_the_library_opens_is_taken_once_it_is_open(desk: Desk) -> None:
    async def check() -> None:
        line = importlib.import_module("page.queue.queue_line").QueueLine(
            desk.captioner, MagicMock(), MagicMock(), MagicMock(), MagicMock()
        )
        line.queue = SimpleNamespace(open=AsyncMock(), status=AsyncMock(return_value=None))
        line.take = MagicMock()
        field = desk.page.elements["library-files"]
        field.files = SimpleNamespace(length=2)
        desk.page.elements["library-folder"].files = SimpleNamespace(length=0)
        line._taker("library-files")()
        line.take.assert_not_called()
        originals = SimpleNamespace(chosen=lambda _field: ["one", "two"])
        await line.open(MagicMock(), originals)
        line.take.assert_called_once_with(["one", "two"])

    asyncio.run(check())


def test_the_end_is_told_to_who_asked_for_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line's button asks the browser; the line tells it how the queue ended, once."""
    badge = importlib.import_module("pyscript.js_modules").app_badge
    badge.ask, badge.canAsk.return_value = AsyncMock(return_value=True), True
    texts = importlib.import_module("page.queue.queue_texts")
    said: list[str] = []

    async def check() -> None:
        line = importlib.import_module("page.queue.queue_line").QueueLine(
            desk.captioner, MagicMock(), MagicMock(), MagicMock(), MagicMock()
        )
        line.queue = SimpleNamespace(
            is_running=True,
            is_asking=False,
            intake=SimpleNamespace(total=0, notes=lambda: ""),
            model=MagicMock(),
        )
        status = SimpleNamespace(
            waiting=2, working=1, done=0, failed=0, set_aside=0, without=3, seconds_left=None
        )
        line.queue.status = AsyncMock(return_value=status)
        await line.refresh()
        assert not desk.page.elements["queue-tell"].hidden
        for where, left in (("memory", {}), ("device", {"seesay-waiting": "3"})):
            line._library = SimpleNamespace(where=where)
            await line.refresh()
            assert desk.left == left  # for the next visit, if it finds them
        badge.canAsk.return_value = False
        await line._ask_to_tell()
        assert desk.page.elements["queue-tell"].hidden
        badge.tell.assert_not_called()
        line.queue.is_running, status.waiting, status.working, status.done = False, 0, 0, 3
        await line.refresh()
        await line.refresh()
        badge.tell.assert_called_once_with("Done: 3 captions.")

    with monkeypatch.context() as patch:
        patch.setattr(importlib.import_module("page.view"), "announce", said.append)
        asyncio.run(check())
    assert said == [texts.WILL_TELL, "Done: 3 captions."]
