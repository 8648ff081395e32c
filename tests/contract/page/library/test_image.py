"""One image of the library: reviewing it, with keys and with typed words."""

from __future__ import annotations

import asyncio
import importlib
from unittest.mock import MagicMock

import pytest

from tests.contract.page.library.open_image import opened, press
from tests.contract.page.library_page import HANDLES, Gate, Page, entry, library_view, rows


def test_one_key_decides_and_goes_on(page: Page) -> None:
    async def check() -> None:
        image = await opened(
            page, entry(0, "a dog"), entry(1, "a cat", "a lynx"), entry(2, "a cow")
        )
        assert page.elements["image-place"].textContent == "1 of 3"
        for key in ("Enter", "2", "d"):
            press(image, key)
            await page.settled()
        found = {row.name: (row.state, row.text) for row in await rows(page)}
        assert found == {
            "0.png": ("reviewed", "a dog"),
            "1.png": ("reviewed", "a lynx"),
            "2.png": ("decorative", "a cow"),
        }
        assert page.window.location.hash == "#library"  # that was the last one
        addresses = [call.args[2] for call in page.window.history.replaceState.mock_calls]
        assert addresses == [f"#library/{handle}" for handle in HANDLES[1:]]

    asyncio.run(check())


def test_a_key_meant_for_one_image_never_hits_the_next(page: Page) -> None:
    async def check() -> None:
        image = await opened(page, entry(0, "a dog"), entry(1, "a cat"), entry(2, "a cow"))
        gate = page.link.gates["captions"] = Gate()
        press(image, "Enter")
        await gate.reached.wait()  # the second one is on its way, the first one still there
        for key in ("d", "Enter", "2"):
            press(image, key)
        gate.released.set()
        await page.settled()
        assert page.elements["image-place"].textContent == "2 of 3"
        found = {row.name: row.state for row in await rows(page)}
        assert found == {"0.png": "reviewed", "1.png": "automatic", "2.png": "automatic"}

        gate = page.link.gates["captions"] = Gate()
        shown = asyncio.ensure_future(image.show(HANDLES[2]))  # by its address
        await gate.reached.wait()
        page.elements["image-text"].value = "our cat"
        press(image, "Enter", field=True, ctrl=True)
        await page.settled()
        gate.released.set()
        await shown
        texts = {row.name: row.text for row in await rows(page)}
        assert texts == {"0.png": "a dog", "1.png": "our cat", "2.png": "a cow"}
        assert page.elements["image-place"].textContent == "3 of 3"

    asyncio.run(check())


def test_escape_leads_back_to_the_list(page: Page) -> None:
    async def check() -> None:
        image = await opened(page, entry(0, "a dog"))
        press(image, "Escape", field=True)  # out of the field first
        await page.settled()
        assert page.window.location.hash == ""
        press(image, "Escape")
        await page.settled()
        assert page.window.location.hash == "#library"

    asyncio.run(check())


@pytest.mark.parametrize("tag", ["button", "a", "summary"])
def test_enter_on_a_control_is_the_controls(page: Page, tag: str) -> None:
    async def check() -> None:
        image = await opened(page, entry(0, "a dog"))
        assert not press(image, "Enter", on=tag).preventDefault.called
        await page.settled()
        assert [row.state for row in await rows(page)] == ["automatic"]

    asyncio.run(check())


def test_words_are_edited_beside_the_machines_and_undone(page: Page) -> None:
    async def check() -> None:
        image = await opened(page, entry(0, "a dog"), entry(1, "a cat"))
        assert page.elements["image-machine"].textContent == (
            "The starter wrote: “a dog” (25\u00a0% sure)"
        )
        page.elements["image-text"].value = "our dog Bo "
        page.elements["image-keywords"].value = "Bo, dog,, "
        image._show_action()
        assert page.elements["image-accept"].textContent == "Save"
        press(image, "x", field=True)  # typing decides nothing
        press(image, "Enter", field=True)
        await page.settled()
        assert [row.state for row in await rows(page)] == ["automatic"] * 2
        press(image, "Enter", field=True, ctrl=True)
        await page.settled()
        (row,) = await rows(page, text="Bo")
        assert (row.text, row.machine_text, row.state) == ("our dog Bo", "a dog", "edited")
        assert row.keywords == ("Bo", "dog")
        press(image, "u")
        await page.settled()
        assert page.elements["announcer"].textContent == "Undone: editing, 1 image"
        assert [row.state for row in await rows(page)] == ["automatic"] * 2

    asyncio.run(check())


def test_keywords_alone_leave_accepted_words_as_they_are(page: Page) -> None:
    async def check() -> None:
        image = await opened(page, entry(0, "a dog", "a wolf"), entry(1, "a cat"))
        press(image, "2")
        await page.settled()
        press(image, "ArrowLeft")
        await page.settled()
        page.elements["image-keywords"].value = "wild"
        await image.accept()
        row = next(row for row in await rows(page) if row.name == "0.png")
        assert (row.text, row.keywords, row.state) == ("a wolf", ("wild",), "edited")

    asyncio.run(check())


def test_that_a_model_cannot_tell_is_no_caption_to_accept(page: Page) -> None:
    async def check() -> None:
        silent = entry(0, "I cannot tell what this photograph shows")
        silent.result.confidence = 0.0
        image = await opened(page, silent)
        assert page.elements["image-text"].value == ""
        assert image.candidates == []
        said = "The starter cannot tell what this image shows."
        assert page.elements["image-machine"].textContent == said
        page.link.file = "blob:1"  # its file is at hand, but there is no word to show
        assert await image.show(HANDLES[0])
        assert page.elements["image-look"].hidden
        await image.accept()
        assert "write some, or press Decorative" in page.elements["image-copied"].textContent
        (row,) = await rows(page)
        await image._library.accept([row.id])
        (row,) = await rows(page)
        assert (row.state, row.text) == ("automatic", "")
        texts = importlib.import_module("page.library.library_texts")
        tile = {"state": "automatic", "text": "", "job_state": None}
        unmarked = {"export_folder": "", "fields": "{}", "is_flagged": 0}
        assert texts.tile_state({**tile, **unmarked}) == "Cannot tell"
        assert texts.tile_state({**tile, **unmarked, "text": None}) == "No caption"

    asyncio.run(check())


def test_no_words_are_not_saved(page: Page) -> None:
    async def check() -> None:
        image = await opened(page, entry(0, "a dog"))
        page.elements["image-text"].value = " "
        await image.accept()
        assert "write some, or press Decorative" in page.elements["image-copied"].textContent
        assert [row.state for row in await rows(page)] == ["automatic"]

    asyncio.run(check())


def test_keys_are_the_next_images_once_typed_words_were_saved(page: Page) -> None:
    async def check() -> None:
        image = await opened(page, entry(0, "a dog"), entry(1, "a cat"))
        focus = page.elements["image-page"].focus
        for text, count in (("", 0), ("our dog", 1)):  # none are not saved: they are still typed
            page.elements["image-text"].value = text
            press(image, "Enter", field=True, ctrl=True)
            await page.settled()
            assert focus.call_count == count
        assert page.elements["image-place"].textContent == "2 of 2"
        await image.move(-1)
        assert not page.elements["image-reset"].hidden
        await image.reset()
        assert page.elements["image-reset"].hidden
        assert focus.call_count == 2  # the button that had it has gone

    asyncio.run(check())


def test_what_was_typed_is_not_lost_by_going_on(page: Page) -> None:
    async def check() -> None:
        image = await opened(
            page, entry(0, "a dog"), entry(1, "a cat", "a lynx"), entry(2, "a cow")
        )

        async def typed(key: str, **values: str) -> None:
            for name, text in values.items():
                page.elements[f"image-{name}"].value = text
            press(image, "Escape", field=True)
            press(image, key)
            await page.settled()

        await typed("u", text="our dog")  # typing was last
        assert page.elements["announcer"].textContent == "Undone: what was not saved yet."
        assert page.elements["image-text"].value == "a dog"
        await typed("j", text="our dog Bo")
        await typed("2", text="", description="It waits.")
        await typed("d", keywords="cow, grass")
        found = {row.name: (row.state, row.text, row.description) for row in await rows(page)}
        assert found == {
            "0.png": ("edited", "our dog Bo", None),
            "1.png": ("edited", "a lynx", "It waits."),
            "2.png": ("decorative", "a cow", None),
        }
        assert (await rows(page, text="grass"))[0].keywords == ("cow", "grass")

    asyncio.run(check())


@pytest.mark.parametrize("way", ["list", "image", "captions"])
def test_what_was_typed_is_saved_when_its_image_is_left(page: Page, way: str) -> None:
    async def check() -> None:
        await page.kept(entry(0, "a dog"), entry(1, "a cat"))
        view = library_view(page)
        await view.show(HANDLES[0])
        page.elements["image-text"].value = "our dog Bo"
        closing = MagicMock()
        view._on_unload(closing)
        assert closing.preventDefault.called  # the browser asks before the tab is closed
        if way == "captions":
            view.leave()
            await page.settled()
        else:
            await view.show(HANDLES[1] if way == "image" else "")
        assert (await rows(page, text="Bo"))[0].state == "edited"
        await view.show("")
        assert len(await page.core.reviews.undo_steps()) == 1
        closing = MagicMock()
        view._on_unload(closing)
        assert not closing.preventDefault.called

    asyncio.run(check())


def test_a_caption_of_the_queue_is_shown_before_it_can_be_accepted(page: Page) -> None:
    async def check() -> None:
        keeper = await page.kept(entry(0, "a dog"))
        view = library_view(page)
        told: list[int] = []
        view.on_caption = told.append
        await view.show(HANDLES[0])
        (row,) = await rows(page)
        module = importlib.import_module("page.library.entry_words")
        words = module.machine(entry(0, "two dogs"))
        library = await keeper.library()
        await library.run(
            importlib.import_module("page.library.library").caption_call(row.id, words)
        )
        view.queue._on_caption(row.id)
        await page.settled()
        assert told == [row.id]
        assert page.elements["image-text"].value == "two dogs"
        page.elements["image-text"].value = "our two dogs"
        view.queue._on_caption(row.id)
        await page.settled()
        assert page.elements["image-text"].value == "our two dogs"

    asyncio.run(check())
