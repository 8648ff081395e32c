"""The list of the library: search, filters, tiles."""

from __future__ import annotations

import asyncio
import importlib
import json
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest

from pycore.library.search_terms import match_expression
from tests.contract.page.library_page import HANDLES, Ids, Page, entry
from tests.unit.library.library_samples import new_image


def test_search_box_means_the_same_to_both_pythons(page: Page) -> None:
    ours = importlib.import_module("page.library.query").match_expression
    for text in (
        "",
        "dog",
        "  dog  beach ",
        'say "hi"',
        "img_12",
        "- ?",
        "été Ωμέγα",
        "a\0b",
        "犬",
    ):
        assert ours(text) == match_expression(text)


def test_filters_find_what_pycore_finds(page: Page) -> None:
    async def check() -> None:
        entries = [
            entry(i, t, folder=f)
            for i, (t, f) in enumerate([("a dog", "a/b"), ("a cat", "a"), ("a dog and a cat", "c")])
        ]
        entries[2].result.kind = "text"
        keeper = await page.kept(*entries)
        library = await keeper.library()
        module = importlib.import_module("page.library.query")

        async def found(**changes: str) -> list[str]:
            query = module.Query()
            for name, value in changes.items():
                setattr(query, name, value)
            ids = json.loads((await library.find(query))[0].part(0, 9))
            return [row["name"] for row in await library.of_ids(ids)]

        assert await found() == ["2.png", "1.png", "0.png"]
        assert await found(sort="oldest") == await found(sort="name") == ["0.png", "1.png", "2.png"]
        assert await found(sort="confidence") == ["0.png", "1.png", "2.png"]
        assert await found(text="do") == ["2.png", "0.png"]
        assert await found(folder="a") == ["1.png", "0.png"]
        assert await found(looks="text") == ["2.png"]
        assert await found(confidence="low") == ["0.png"]
        assert await found(confidence="middle") == ["1.png"]
        assert await found(confidence="high") == ["2.png"]
        assert await found(model="starter", state="reviewed") == []
        _, counts = await library.find(module.Query())
        assert counts["image"] == {"all": 3}
        assert counts["folder"] == {"a": 1, "a/b": 1, "c": 1}

    asyncio.run(check())


def test_days_on_which_images_were_taken_are_a_filter(page: Page) -> None:
    async def check() -> None:
        library = await page.keeper().library()
        await library.open()
        for number, day in enumerate(("2014-04-30", "2014-05-01", "2014-05-31", "2014-06-01")):
            await page.core.images.add(new_image(number, name=day, taken_at=f"{day}T23:59:59"))
        await page.core.images.add(new_image(9, name="undated", taken_at=None))
        query = importlib.import_module("page.library.query").Query()
        query.sort = "name"

        async def found(since: str, until: str) -> list[str]:
            query.since, query.until = since, until
            ids = json.loads((await library.find(query))[0].part(0, 9))
            return [row["name"][5:] for row in await library.of_ids(ids)]

        assert await found("2014-05-01", "2014-05-31") == ["05-01", "05-31"]
        assert query.narrows() == 2
        assert await found("", "2014-05-01") == ["04-30", "05-01"]
        assert await found("2014-06-01", "") == ["06-01"]

    asyncio.run(check())


def test_keys_with_modifiers_stay_the_browsers(page: Page) -> None:
    grid = importlib.import_module("page.library.tiles.grid").Grid(lambda: None)
    grid.ids = Ids([1, 2, 3], [])
    grid.focus = MagicMock()
    event = MagicMock(key="ArrowLeft", ctrlKey=False, metaKey=False, shiftKey=False, altKey=True)
    event.target.closest.return_value.getAttribute.return_value = "1"
    event.target.matches.return_value = False
    grid._on_key(event)  # back in history
    assert not event.preventDefault.called
    event.altKey = False
    grid._on_key(event)
    grid.focus.assert_called_once_with(0)


def test_what_is_in_view_comes_first_then_the_order_of_the_list(page: Page) -> None:
    grid = importlib.import_module("page.library.tiles.grid").Grid(lambda: None)
    assert grid.first_of([3, 8], 8) == [8, 3]  # before there is a list
    grid.ids = Ids([9, 7, 5, 3, 1], [])
    shown = {2: {"id": 5}, 3: {"id": 3}, 4: None}
    grid._tiles = {index: SimpleNamespace(row=row) for index, row in shown.items()}
    wanted = [1, 2, 3, 4, 7, 9]
    assert grid.first_of(wanted, 1) == [3]
    assert grid.first_of(wanted, 3) == [3, 9, 7]
    assert grid.first_of(wanted, 8) == [3, 9, 7, 1, 4, 2]


def test_a_tile_of_a_deleted_image_says_nothing_of_the_one_before(page: Page) -> None:
    parts: dict[str, Any] = {}
    template = page.elements["tile"].content.firstElementChild
    template.cloneNode.return_value.querySelector = lambda name: parts.setdefault(name, MagicMock())
    tile = importlib.import_module("page.library.tiles.tile").Tile()
    names = ("text", "job_message", "name", "state", "job_state")
    row = dict.fromkeys(names, "a dog") | {"id": 1, "sha256": HANDLES[0], "state": "reviewed"}
    row |= {"export_folder": "dogs", "fields": '{"licence": "mine"}', "is_flagged": 1}
    tile.fill(row, "blob:1", False)
    assert (parts[".tile-text"].textContent, parts["img"].hidden) == ("a dog", False)
    said = "Reviewed, flagged, exported into dogs/, licence: mine"
    assert parts[".tile-state"].textContent == said
    parts[".tile-text"].textContent = "untouched"
    tile.outdate()
    tile.fill(row, "blob:1", False)  # what is said already is not said again
    assert parts[".tile-text"].textContent == "untouched"
    tile.forget()
    tile.fill({"id": 2}, "", False)
    assert (parts[".tile-text"].textContent, parts["img"].hidden) == ("", True)
    assert tile.link.href == "#library"


@pytest.mark.parametrize(("width", "said"), [(640, "640 × 480, "), (0, "")])
def test_the_size_in_pixels_is_told_once_it_is_known(page: Page, width: int, said: str) -> None:
    texts = importlib.import_module("page.library.library_texts")
    row = {"folder": "trip", "taken_at": None, "width": width, "height": 480, "size_bytes": 2000}
    row.update({"is_flagged": 0, "export_folder": "", "fields": "{}"})
    assert texts.facts(row) == f"trip, {said}2 KB"
