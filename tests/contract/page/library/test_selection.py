"""What is done to many images of the library at once."""

from __future__ import annotations

import asyncio
import importlib
import sys
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import pytest

from tests.contract.page.library_page import HANDLES, Page, entry, library_view, rows, unfiltered
from tests.contract.page.page_stand_ins import JsError
from tests.unit.library.library_samples import new_image


def test_what_is_selected_goes_out_as_a_file(page: Page) -> None:
    async def check() -> None:
        await page.kept(entry(0, "a dog"), entry(1, "a cat"))
        view = library_view(page)
        page.window.AbortController = SimpleNamespace(new=MagicMock())
        made = SimpleNamespace(file=SimpleNamespace(name="words.csv"))
        api = view.export._captioner = MagicMock()

        async def export_words(*_what: Any) -> Any:
            view.shelf.grid.select([])  # a person goes on meanwhile
            return made

        api.exportWords = AsyncMock(side_effect=export_words)
        await view.show("")
        view.shelf.grid.selected = {2, 1}
        page.elements["export-form"].value = "csv txt"
        await view.export.export()
        said = page.elements["announcer"].textContent
        assert said == "Downloaded: words.csv, 2 images."  # whatever is selected by now
        records = api.exportWords.call_args.args[0]
        assert [(one["name"], one["alt_text"]) for one in records] == [
            ("0.png", "a dog"),
            ("1.png", "a cat"),
        ]
        assert api.exportWords.call_args.args[1]["forms"] == ["csv", "txt"]
        downloads = sys.modules["pyscript.js_modules"].downloads
        downloads.download.assert_called_once_with(made.file, "words.csv")

    asyncio.run(check())


def test_what_is_selected_and_not_listed_is_told_of(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def confirm(question: str, _action: str) -> bool:
        asked.append(question)
        return False

    async def check() -> None:
        await page.kept(entry(0, "a dog"), entry(1, "a cat"))
        view = library_view(page)
        monkeypatch.setattr("page.library.shelf.confirm", confirm)
        await view.show("")
        said = page.elements["selected-count"]
        search = page.elements["shelf-search"]
        view.shelf.grid.select([1, 2])
        assert said.textContent == "2 selected"
        for text, sentence in (
            ("dog", "2 selected, 1 of them not in this list"),
            ("cow", "2 selected, not in this list"),
            ("cat", "2 selected, 1 of them not in this list"),
        ):
            search.value = text
            await view.shelf.search()
            assert said.textContent == sentence
        title, tools = page.elements["library-title"], page.elements["selection"]
        title.focus.reset_mock()
        for has_focus in (False, True):
            view.shelf.grid.select([1, 2])
            tools.contains.return_value = has_focus
            view.shelf.grid.select([])
            assert tools.hidden
            assert title.focus.call_count == has_focus
        view.shelf.grid.select([1, 2])
        await view.shelf.delete_selected()
        assert "2 images (1 of them not in this list)" in asked[0]
        assert view.shelf.grid.selected == {1, 2}

    asyncio.run(check())


def test_marks_of_rules_are_a_filter_and_can_be_taken_away(page: Page) -> None:
    async def check() -> None:
        keeper = await page.kept(entry(0, "a dog"), entry(1, "a cat"))
        library = await keeper.library()
        (cat, dog) = await rows(page)
        pyscript: Any = importlib.import_module("pyscript")
        pyscript.document.createElement = lambda _name: SimpleNamespace()
        shelf = importlib.import_module("page.library.shelf").Shelf(MagicMock())
        shelf.open(library)
        unfiltered(page)
        shelf.grid = MagicMock(selected={dog.id})
        await shelf.search()
        marks = page.elements["filter-marks"], page.elements["clear-marks-selected"]
        assert [one.hidden for one in marks] == [True, True]
        change = {"id": dog.id, "export_folder": "dogs", "is_flagged": True}
        await library.write_by_rules([change])
        page.elements["filter-mark"].value = "/dogs"
        await shelf.search()
        assert [one.hidden for one in marks] == [False, False]
        assert shelf.grid.show.call_args.args[1].ids == [dog.id]
        made: Any = page.elements["filter-mark"].replaceChildren.call_args.args
        assert [one.textContent for one in made[1:]] == ["Exported into dogs/ (1)", "Flagged (1)"]
        await shelf._change_selected("clear_marks")
        assert shelf.grid.show.call_args.args[1].ids == []
        step = await library.undo()
        assert step["label"] == "marks"
        assert len(await rows(page, mark="/dogs")) == 1
        assert cat.is_flagged is False

    asyncio.run(check())


def test_an_edited_table_comes_back_into_the_library(page: Page) -> None:
    async def check() -> None:
        one, two = entry(0, "a dog"), entry(1, "a cat")
        two.alt.edit("My cat.")
        keeper = await page.kept(one, two, entry(2, "a cow"))
        library = await keeper.library()
        cow, cat, dog = await rows(page)
        found = {
            "updates": [
                {"index": 2, "fields": {"alt_text": "Rex.", "keywords": ["Rex"], "reviewed": True}},
                {"index": 0, "fields": {"reviewed": True}},
            ],
            "conflicts": [
                {"index": 1, "name": "1.png", "field": "alt_text", "here": "My cat.", "there": "Y"}
            ],
            "same": 0, "unknown": [], "changed": [],
        }  # fmt: skip
        given: list[Any] = []

        async def merge(records: Any, table: Any) -> Any:
            given.append((records, table))
            return SimpleNamespace(**found)

        module = importlib.import_module("page.library.tables.table_import")
        module.Record = lambda value: value  # type: ignore[attr-defined]
        lines: list[Any] = []
        module.conflicts = SimpleNamespace(line=lambda *told: lines.append(told))  # type: ignore[attr-defined]
        told = AsyncMock()
        table = module.TableImport(SimpleNamespace(mergeTable=merge), library, page.link, told)
        page.elements["library-table-file"].files = []
        await table.take()
        assert given == []
        page.elements["library-table-file"].files = ["the table"]
        await table.take()
        ((records, file),) = given
        assert ([one["name"] for one in records], file) == (
            ["2.png", "1.png", "0.png"],
            "the table",
        )
        states = {row.name: (row.state, row.text, row.keywords) for row in await rows(page)}
        assert states == {
            "0.png": ("edited", "Rex.", ("Rex",)),
            "1.png": ("edited", "My cat.", ("animal",)),
            "2.png": ("reviewed", "a cow", ("animal",)),
        }
        said = page.elements["library-table-said"].textContent
        assert said == "2 images changed, 1 conflict to decide."
        ((conflict, name, take, _),) = lines
        assert (conflict["there"], name) == ("Y", "1.png")
        library.take_table, written = (
            AsyncMock(side_effect=JsError(None, "SeesayError", "In use.")),
            library.take_table,
        )
        assert not await take()
        await table.take()
        said = page.elements["library-table-said"].textContent
        assert said == "In use."
        library.take_table = written
        assert await take()
        await page.settled()
        (row,) = await library.of_ids([cat.id])
        assert row["text"] == "Y"
        steps = [(await library.undo())["label"] for _ in range(2)]
        assert steps == ["table", "table"]
        assert {row.id: row.state for row in await rows(page)} == {
            cow.id: "automatic", cat.id: "edited", dog.id: "automatic"
        }  # fmt: skip
        assert told.await_count == 2

    asyncio.run(check())


def test_deleted_images_leave_no_word_behind(page: Page) -> None:
    async def check() -> None:
        keeper = await page.kept(entry(0, "a secret dog"), entry(1, "a cat"))
        library = await keeper.library()
        (dog,) = await rows(page, text="secret")
        await library.edit(dog.id, {"text": "a secret hound"})
        await library.delete([dog.id])
        assert page.link.forgotten == HANDLES[:1]  # their files are not looked for any more
        kept = "\n".join(page.link.database._connection.iterdump())
        assert "secret" not in kept
        assert "a cat" in kept
        assert await library.size_bytes() > 0

    asyncio.run(check())


def test_the_room_of_deleted_images_is_given_back_once_it_is_much(page: Page) -> None:
    async def check() -> None:
        library = await (await page.kept()).library()
        known = [new_image(number, thumbnail=bytes(40_000)) for number in range(10)]
        ids = await page.core.images.add_all(known)
        full = await library.size_bytes()
        await library.delete(ids[:1])
        assert await library.size_bytes() == full  # nothing is written anew for it
        await library.delete(ids[1:5])
        assert await library.size_bytes() < 0.7 * full

    asyncio.run(check())
