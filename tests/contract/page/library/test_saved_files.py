"""Images whose files change while the library knows them: words were saved into them."""

from __future__ import annotations

import asyncio
import importlib
from types import SimpleNamespace
from unittest.mock import AsyncMock

from tests.contract.page.library_page import HANDLES, File, Gate, Page, entry, rows


def test_an_image_whose_file_is_written_while_it_is_kept_is_known_by_one_hash(page: Page) -> None:
    async def check() -> None:
        one, gate = entry(0, "a dog"), Gate()

        class Slow(File):
            async def arrayBuffer(self) -> bytes:  # noqa: N802 - JavaScript's name
                await gate.pass_through()
                return b"PNG"

        one.file = Slow()
        page.stored = "on"
        page.link.originals.follow = AsyncMock()
        keeper = page.keeper()
        keeper.note(one)
        await gate.reached.wait()
        one.sha256 = HANDLES[1]  # words were saved into it
        gate.released.set()
        await page.settled()
        (before,) = await rows(page)
        assert (before.sha256, page.link.pictured) == (HANDLES[0], HANDLES[:1])
        keeper.note(one)
        await page.settled()
        (row,) = await rows(page)
        assert (row.id, row.sha256) == (before.id, HANDLES[1])

    asyncio.run(check())


def test_an_image_is_kept_once_when_words_were_saved_into_its_file(page: Page) -> None:
    async def check() -> None:
        one = entry(0, "a dog")
        keeper = await page.kept(one)
        (before,) = await rows(page)
        take_saved = importlib.import_module("page.words.in_file").take_saved
        file = SimpleNamespace(size=4321)
        one.picture = None
        page.link.originals.follow = AsyncMock()
        take_saved(one, SimpleNamespace(file=file, sha256="12" * 32))
        assert (one.sha256, one.earlier) == ("12" * 32, [HANDLES[0]])
        keeper.note(one)
        await page.settled()
        (row,) = await rows(page)
        assert (row.id, row.sha256, row.size_bytes) == (before.id, "12" * 32, 4321)
        page.link.originals.follow.assert_awaited_once_with(HANDLES[0], "12" * 32, file)
        assert page.link.pictured == [HANDLES[0]]  # it is not kept anew
        one.alt.edit("Our Rex.")
        keeper.note(one)
        await page.settled()
        again = entry(0, "a dog")  # dropped again: it has the new bytes
        again.sha256 = "12" * 32
        keeper.forget()
        keeper.note(again)
        await page.settled()
        (row,) = await rows(page)
        assert (row.id, row.text) == (before.id, "Our Rex.")

    asyncio.run(check())


def test_a_saved_file_that_is_an_image_of_its_own_is_that_one_from_then_on(page: Page) -> None:
    async def check() -> None:
        one, other = entry(0, "a dog"), entry(1, "a dog")  # the second has the words inside already
        keeper = await page.kept(one, other)
        twin, before = await rows(page)
        page.link.originals.follow = AsyncMock()
        keeper.forget()
        keeper.note(one)  # of both, the library's ids are known of this one alone
        await page.settled()
        one.picture = None
        take_saved = importlib.import_module("page.words.in_file").take_saved
        take_saved(one, SimpleNamespace(file=other.file, sha256=HANDLES[1]))
        one.alt.edit("Our Rex.")
        keeper.note(one)
        await page.settled()
        found = {row.id: (row.sha256, row.text) for row in await rows(page)}
        assert found == {before.id: (HANDLES[0], "a dog"), twin.id: (HANDLES[1], "Our Rex.")}

    asyncio.run(check())
