"""Captions of the first view that the library keeps: once a person allows it, and not before."""

from __future__ import annotations

import asyncio
import importlib
from unittest.mock import AsyncMock

import pytest

from tests.contract.page.library_page import HANDLES, Page, entry, rows
from tests.contract.page.page_stand_ins import JsError
from tests.unit.library.library_samples import new_database


def test_nothing_is_kept_or_even_started_before_a_person_allows_it(page: Page) -> None:
    async def check() -> None:
        keeper = page.keeper()
        note = page.elements["keep-note"]
        note.hidden = True
        keeper.note(entry(0, "a dog"))
        assert note.hidden  # one caption alone asks nothing
        keeper.note(entry(1, "a cat"))
        assert not note.hidden
        await page.settled()
        assert keeper.link is None
        keeper.decline()
        assert (page.stored, note.hidden) == ("off", True)
        keeper.note(entry(2, "a cow"))
        keeper.offer()
        await page.settled()
        assert (note.hidden, keeper.link) == (True, None)

    asyncio.run(check())


def test_what_is_on_the_page_is_kept_once_it_is_allowed(page: Page) -> None:
    async def check() -> None:
        page.entries = [entry(0, "a dog", folder="2026/Sweden"), entry(1, "a cat")]
        keeper = page.keeper()
        await keeper.allow()
        for one in page.entries:
            keeper.note(one)  # told again: kept once
        await page.settled()
        assert (page.stored, set(page.link.opened)) == ("on", {False})
        cat, dog = await rows(page)
        assert (dog.text, dog.name, dog.folder) == ("a dog", "0.png", "2026/Sweden")
        assert (dog.keywords, dog.model, dog.confidence) == (("animal",), "starter", 0.25)
        assert (dog.size_bytes, dog.media_type, dog.width) == (1234, "image/png", 640)
        assert cat.state == dog.state == "automatic"
        assert page.link.pictured == HANDLES[:2]
        (caption,) = await page.core.images.captions(dog.id)
        assert caption.order.options == {"num_beams": 1}

    asyncio.run(check())


def test_words_that_the_file_carries_are_kept_from_the_first_view_too(page: Page) -> None:
    words = {"alt_text": "", "extended_description": "", "description": "Rex.", "keywords": ["pet"]}
    page.captioner.readMetadata = AsyncMock(return_value={"by_person": words})
    downloads = importlib.import_module("pyscript.js_modules").downloads

    async def check() -> None:
        downloads.mentions.return_value = True
        await page.kept(entry(0, "a dog"))
        downloads.mentions.return_value = False
        await page.kept(entry(1, "a cat"))
        found = {row.name: row for row in await rows(page)}
        dog, cat = found["0.png"], found["1.png"]
        assert (dog.state, dog.text, dog.keywords) == ("file", "Rex.", ("pet",))
        assert (cat.state, cat.text, cat.keywords) == ("automatic", "a cat", ("animal",))

    asyncio.run(check())


def test_a_library_that_cannot_be_written_is_told_of_once(page: Page) -> None:
    async def check() -> None:
        page.link.problem = JsError(None, "SeesayError", "This device has no room left.")
        await page.kept(entry(0, "a dog"), entry(1, "a cat"))
        assert page.elements["not-kept"].textContent == "This device has no room left."
        assert not page.elements["not-kept"].hidden
        page.link.problem = None
        assert await rows(page) == []

    asyncio.run(check())


def test_captions_of_this_tab_are_kept_by_the_one_that_has_the_library(page: Page) -> None:
    async def check() -> None:
        page.link.where = "elsewhere"
        one = entry(0, "a dog")
        keeper = await page.kept(one)
        one.alt.edit("our dog Bo")
        keeper.note(one)
        await page.settled()
        (row,) = await rows(page)
        assert (row.text, row.machine_text, row.state) == ("our dog Bo", "a dog", "edited")
        assert page.link.handed_over >= 3  # the image, its caption, the person's words
        assert set(page.link.opened) == {False}  # and nothing was taken over for it
        library = await keeper.library()
        handed_over = page.link.handed_over
        await library.accept(
            [row.id]
        )  # from the library's view, which can only read: not asked for
        assert page.link.handed_over == handed_over

    asyncio.run(check())


@pytest.mark.parametrize("next_one", ["device", "elsewhere"])
def test_a_tab_that_is_closed_meanwhile_takes_no_caption_with_it(page: Page, next_one: str) -> None:
    async def check() -> None:
        page.link.where = "elsewhere"
        opened, problem = page.link.open, JsError(None, "SeesayError", "That tab was closed.")
        page.link.problem = problem

        async def free(take_over: bool) -> str:
            if len(page.link.opened) == 1:
                page.link.where, page.link.problem = next_one, None
            return await opened(take_over)

        page.link.open = free  # type: ignore[method-assign]
        await page.kept(entry(0, "a dog"))
        assert page.elements["not-kept"].hidden
        assert page.link.opened == [False, False]
        assert (page.link.handed_over > 0) == (next_one == "elsewhere")
        assert [row.text for row in await rows(page)] == ["a dog"]

    asyncio.run(check())


def test_a_browser_that_keeps_nothing_is_told_of_where_captions_are_made(page: Page) -> None:
    async def check() -> None:
        page.link.where = "memory"
        await page.kept(entry(0, "a dog"))
        assert page.elements["not-kept"].textContent.startswith("This browser keeps nothing here")
        assert not page.elements["not-kept"].hidden

    asyncio.run(check())


def test_one_file_that_cannot_be_read_takes_no_other_with_it(page: Page) -> None:
    async def check() -> None:
        alert = page.elements["not-kept"]
        page.link.unreadable.add(HANDLES[0])
        keeper = await page.kept(entry(0, "a dog"), entry(1, "a cat"))
        assert [row.text for row in await rows(page)] == ["a cat"]
        assert (alert.hidden, alert.textContent) == (False, "The file could not be read.")
        page.link.unreadable.clear()
        keeper.note(entry(2, "a cow"))  # the first one gets another try with it
        await page.settled()
        assert {row.text for row in await rows(page)} == {"a dog", "a cat", "a cow"}
        assert alert.hidden

    asyncio.run(check())


def test_erasing_leaves_nothing_and_switches_it_off(page: Page) -> None:
    async def check() -> None:
        keeper = await page.kept(entry(0, "a dog"))
        await keeper.erase()
        assert page.stored == "off"
        assert await rows(page) == []

    asyncio.run(check())


def test_while_all_is_deleted_nothing_new_is_kept(page: Page) -> None:
    async def check() -> None:
        keeper = await page.kept(entry(0, "a dog"))
        erase = page.link.erase

        async def erased() -> None:
            keeper.note(entry(1, "a cat"))
            await erase()

        page.link.erase = erased  # type: ignore[method-assign]
        await keeper.erase()
        await page.settled()
        assert await rows(page) == []
        page.stored = "on"
        page.link.erase, page.link.problem = erase, JsError(None, "SeesayError", "In use.")  # type: ignore[method-assign]
        with pytest.raises(JsError):
            await keeper.erase()
        assert page.stored == "on"  # it is still there, and says so

    asyncio.run(check())


def test_another_tab_that_deletes_all_is_heeded(page: Page) -> None:
    async def check() -> None:
        keeper = await page.kept(entry(0, "a dog"))
        heard: list[str] = []
        keeper.on_event = heard.append
        page.stored = "off"  # in the storage that tabs share
        keeper.note(entry(1, "a cat"))
        await page.settled()
        assert page.link.pictured == HANDLES[:1]
        page.stored = "on"
        page.link.database = new_database()
        page.link.tell("changed")
        keeper.note(entry(0, "a dog"))
        await page.settled()
        assert heard == ["changed"]
        assert [row.text for row in await rows(page)] == ["a dog"]

    asyncio.run(check())
