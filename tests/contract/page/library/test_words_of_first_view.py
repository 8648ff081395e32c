"""What a person does to words on the first view reaches the library."""

from __future__ import annotations

import asyncio
import importlib
import sys
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest

from tests.contract.page.library_page import Page, entry, rows
from tests.contract.page.page_stand_ins import JsError


def test_another_model_writes_beside_what_a_person_wrote(page: Page) -> None:
    async def check() -> None:
        one = entry(0, "a dog")
        keeper = await page.kept(one)
        one.alt.edit("our dog Bo")
        keeper.note(one)
        await page.settled()
        one.result = entry(0, "a brown dog").result
        one.result.model.id, one.caption = "vit-gpt2", "a brown dog"
        keeper.note(one)
        await page.settled()
        (row,) = await rows(page)
        assert (row.text, row.machine_text, row.state) == ("our dog Bo", "a brown dog", "edited")
        captions = await page.core.images.captions(row.id)
        assert [caption.order.model for caption in captions] == ["vit-gpt2", "starter"]

    asyncio.run(check())


def test_another_candidate_is_the_persons_word(page: Page) -> None:
    async def check() -> None:
        one = entry(0, "a dog", "a wolf")
        keeper = await page.kept(one)
        one.caption = "a wolf"
        keeper.note(one)
        await page.settled()
        (row,) = await rows(page)
        assert (row.text, row.machine_text, row.state) == ("a wolf", "a dog", "reviewed")

    asyncio.run(check())


def test_what_a_person_writes_on_the_first_view_is_kept_and_can_be_taken_back(page: Page) -> None:
    async def check() -> None:
        one = entry(0, "a dog")
        page.entries = [one]
        keeper = await page.kept(one)
        (row,) = await rows(page)
        seen = []

        async def change() -> None:
            keeper._note_shown()
            keeper._note_shown()  # told again: one step to undo
            await page.settled()
            (found,) = await rows(page)
            seen.append((found.state, found.text, found.description, found.keywords))

        one.alt.edit("our dog Bo")
        one.alt.extended = "He waits."
        await change()
        one.keywords = ["animal", "Bo"]
        await change()
        one.alt.is_decorative = True
        await change()
        one.alt, one.keywords = type(one.alt)(), ["animal"]
        await change()
        one.alt.alt_text = "a dog"
        one.alt.describe("A dog waits at a gate.")
        await change()  # nobody has read it yet
        one.alt.is_reviewed = True
        await change()
        assert seen[4:] == [
            ("automatic", "a dog", None, ("animal",)),
            ("edited", "a dog", "A dog waits at a gate.", ("animal",)),
        ]
        assert seen[:4] == [
            ("edited", "our dog Bo", "He waits.", ("animal",)),
            ("edited", "our dog Bo", "He waits.", ("animal", "Bo")),
            ("decorative", "our dog Bo", "He waits.", ("animal", "Bo")),
            ("automatic", "a dog", None, ("animal",)),
        ]
        assert len(await page.core.reviews.undo_steps()) == 5
        assert page.link.pictured == [row.sha256]

    asyncio.run(check())


def test_a_decision_that_was_not_written_is_written_later(page: Page) -> None:
    async def check() -> None:
        one = entry(0, "a dog")
        keeper = await page.kept(one)
        one.alt.edit("our dog Bo")
        page.link.problem = JsError(None, "SeesayError", "This device has no room left.")
        keeper.note(one)
        await page.settled()
        page.link.problem = None
        keeper.note(one)
        await page.settled()
        assert [row.text for row in await rows(page)] == ["our dog Bo"]

    asyncio.run(check())


def test_clicks_and_words_read_later_reach_the_library(page: Page) -> None:
    async def check() -> None:
        one = entry(0, "a dog")
        page.entries = [one]
        await page.kept(one)
        one.alt.edit("our dog Bo")  # "Use the alt text in the file"
        one.words = one.read_words = "BEWARE"
        heard = page.elements["workbench"].addEventListener.call_args_list
        next(call.args[1] for call in heard if call.args[0] == "click")(None)
        await page.settled()
        (row,) = await rows(page, text="beware")
        assert (row.text, row.state) == ("our dog Bo", "edited")

    asyncio.run(check())


def test_words_in_the_picture_that_a_person_puts_right_are_the_persons(page: Page) -> None:
    async def check() -> None:
        one = entry(0, "a sign")
        one.words = one.read_words = "BEVVARE"
        keeper = await page.kept(one)
        one.words, one.has_own_words = "BEWARE", True
        keeper.note(one)
        await page.settled()
        (row,) = await rows(page, text="beware")
        (caption,) = await page.core.images.captions(row.id)
        assert (row.text_in_picture, row.state) == ("BEWARE", "edited")
        assert caption.words.text_in_picture == "BEVVARE"

    asyncio.run(check())


def test_words_from_a_table_reach_the_library(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    async def check() -> None:
        page.entries = [entry(0, "a dog"), entry(1, "a cat")]
        keeper = await page.kept(*page.entries)
        merge = SimpleNamespace(updates=[{"index": 1.0, "fields": {"alt_text": "our cat"}}])
        merge.conflicts = []

        async def merge_table(_records: Any, _table: Any) -> Any:
            return merge

        async def records() -> Any:
            return page.entries, []

        pyscript_modules = sys.modules["pyscript.js_modules"]
        monkeypatch.setattr(pyscript_modules, "downloads", MagicMock(), raising=False)
        module = importlib.import_module("page.words.export")
        monkeypatch.setattr(module, "Record", lambda found: found)
        monkeypatch.setattr(module.words_texts, "merged", lambda _merge: "1 image")
        api = SimpleNamespace(mergeTable=merge_table)
        export = module.Export(api, lambda: page.entries, lambda _entry: None, keeper.note)
        monkeypatch.setattr(export, "records", records)
        page.elements["table-file"].files = ["a table"]
        await export._take_table()
        await page.settled()
        assert {row.text for row in await rows(page)} == {"a dog", "our cat"}

    asyncio.run(check())


def test_keywords_of_rules_that_a_person_takes_away_are_gone(page: Page) -> None:
    async def check() -> None:
        take = importlib.import_module("page.rules.targets").take
        subject = importlib.import_module("page.rules.targets").subject
        typed, restored = entry(0, "a dog"), entry(1, "a cat")
        keeper = await page.kept(typed, restored)
        for one in (typed, restored):
            one.confidence = 0.5
            before = subject(one)
            take(one, before, {**before, "keywords": ["animal", "pet"]})
            keeper.note(one)
        await page.settled()
        assert [row.keywords for row in await rows(page)] == [("animal", "pet")] * 2
        typed.write_keywords(["animal"])
        restored.restore_keywords()
        for one in (typed, restored):
            one.alt.edit("Mine.")
            keeper.note(one)
        await page.settled()
        found = [(row.text, row.keywords, row.state) for row in await rows(page)]
        assert found == [("Mine.", ("animal",), "edited")] * 2

    asyncio.run(check())
