"""Where the model looked: kept with a caption, or asked for while the file is at hand."""

from __future__ import annotations

import asyncio
from typing import Any
from unittest.mock import ANY, MagicMock

import pytest

from tests.contract.page.library.open_image import asked_again, opened
from tests.contract.page.library_page import HANDLES, Gate, Page, entry, rows
from tests.contract.page.page_stand_ins import JsError


def test_where_the_model_looked_is_kept_with_the_caption(page: Page) -> None:
    async def check() -> None:
        one = entry(0, "a dog")
        keeper = await page.kept(one)
        one.found[0].attention = "f0"  # asked for later
        keeper.note(one)
        await page.settled()
        image = await opened(page, one)
        look = page.elements["image-look"]
        assert not look.hidden
        image.look._words = MagicMock()
        image.look.toggle()
        await page.settled()
        image.look._words.show.assert_called_with(ANY, [0, 0, 1, 1])
        assert image.look._words.show.call_args[0][0].words == "f0"
        one.result.caption = one.found[0].text = one.caption = "a brown dog"
        del one.found[0].attention
        keeper.note(one)  # of other words, with no map: that of before is not theirs
        await page.settled()
        assert await image.show(HANDLES[0])
        assert (look.hidden, image.look.is_on) == (True, False)

    asyncio.run(check())


def test_where_the_model_looked_is_asked_for_while_the_file_is_at_hand(page: Page) -> None:
    async def check() -> None:
        image = await opened(page, entry(0, "a dog", "a wolf"))
        look = page.elements["image-look"]
        assert look.hidden  # of a caption of before nothing odd is shown
        asked_again(page, "a cat", "a dog")
        image.look._words = MagicMock()
        for kept in (False, True):
            assert await image.show(HANDLES[0])
            assert not look.hidden
            image.look.toggle()
            await page.settled()
            attention = image.look._words.show.call_args[0][0]
            assert (attention.words if kept else attention) == "01"
            image.look.toggle()
        page.captioner.caption.assert_awaited_once()

    asyncio.run(check())


@pytest.mark.parametrize("where", ["device", "elsewhere"])
def test_a_caption_is_made_again_once_to_see_where_the_model_looked(page: Page, where: str) -> None:
    async def check() -> None:
        one = entry(0, "a dog")
        one.caption_settings = ("florence-2", "careful")
        one.result.model.id = "florence-2"
        image = await opened(page, one)
        page.link.where = where
        await (await page.keeper().library()).open()
        asked_again(page, "a dog")
        assert await image.show(HANDLES[0])
        image.look._words = MagicMock()
        for _ in range(2):
            image.look.toggle()
            await page.settled()
            image.look._words.show.assert_called_with("01", [0, 0, 1, 1])
            image.look.toggle()
            image.look._words.show.assert_called_with(None, None)
        page.captioner.caption.assert_awaited_once()
        options = page.captioner.caption.call_args[0][1]
        assert (options["numBeams"], options["tasks"]) == (3, ["caption", "objects"])

    asyncio.run(check())


@pytest.mark.parametrize("way", ["off", "leave"])
def test_nobody_waits_for_where_the_model_looked_any_more(page: Page, way: str) -> None:
    async def check() -> None:
        image = await opened(page, entry(0, "a dog"))
        result, gate = asked_again(page, "a dog"), Gate()
        assert await image.show(HANDLES[0])

        async def caption(_file: Any, _options: Any) -> Any:
            if not gate.reached.is_set():
                await gate.pass_through()
                raise JsError(None, "AbortError", "It was stopped.")
            return result

        page.captioner.caption = caption
        image.look._words = MagicMock()
        image.look.toggle()
        await gate.reached.wait()
        asking = image.look._asking
        if way == "off":
            image.look.toggle()
        else:
            await image.leave()
        asking.abort.assert_called_once_with()
        hint = page.elements["image-look-hint"]
        assert (hint.textContent, image.look.is_on) == ("", False)
        image.look.toggle()  # on again: what became of the first is no longer its business
        gate.released.set()
        await page.settled()
        assert hint.textContent.startswith("Point at a word")
        image.look._words.show.assert_called_with("01", [0, 0, 1, 1])

    asyncio.run(check())


@pytest.mark.parametrize(
    ("file", "sha256", "text", "said"),
    [
        (None, HANDLES[0], "a dog", "The small picture that is kept"),
        ("file", HANDLES[1], "a dog", "The file was changed"),
        ("file", HANDLES[0], "a cat", "The model says something else by now"),
    ],
)
def test_no_map_is_taken_of_another_image_or_of_other_words(
    page: Page, file: str | None, sha256: str, text: str, said: str
) -> None:
    async def check() -> None:
        image = await opened(page, entry(0, "a dog"))
        asked_again(page, text).image.sha256 = sha256
        page.link.originals.find.return_value = file
        assert await image.show(HANDLES[0])
        image.look.toggle()
        await page.settled()
        assert page.elements["image-look-hint"].textContent.startswith(said)
        assert page.captioner.caption.await_count == bool(file)
        (row,) = await rows(page)
        assert await image.show(row.sha256)
        assert not image.look._caption["has_look"]

    asyncio.run(check())
