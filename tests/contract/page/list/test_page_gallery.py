"""Many files join the list of images."""

from __future__ import annotations

import asyncio
import importlib
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest

from tests.contract.page.image_page import Elements

pytest_plugins = ["tests.contract.page.image_page_fixtures"]


def test_the_page_breathes_while_many_files_join_the_list(
    elements: Elements, monkeypatch: pytest.MonkeyPatch
) -> None:
    gallery = importlib.import_module("page.list.gallery")
    monkeypatch.setattr(gallery, "Rows", MagicMock())
    images = gallery.Gallery(lambda _entry: None, lambda _entry: None, MagicMock())
    listed = []

    async def look_at(entries: list[Any]) -> None:
        listed.append((len(entries), len(images.entries)))
        for entry in entries:
            entry.problem = "no"

    monkeypatch.setattr(gallery, "look_at", look_at)
    some, more = gallery.FIRST, gallery.AT_ONCE
    count = some + more + 5
    items = [SimpleNamespace(file="f", name=f"{i}.jpg", path=f"{i}.jpg") for i in range(count)]
    asyncio.run(images.add(items))
    assert [entry.name for entry in images.entries] == [item.name for item in items]
    assert listed == [(some, some), (more, some + more), (5, count)]


def test_a_list_that_was_forgotten_stays_so_while_files_join_it(
    elements: Elements, monkeypatch: pytest.MonkeyPatch
) -> None:
    gallery = importlib.import_module("page.list.gallery")
    monkeypatch.setattr(gallery, "Rows", MagicMock())
    monkeypatch.setattr(gallery, "gallery_view", MagicMock())
    shown: list[Any] = []

    async def look_inside(entry: Any) -> str:
        images.clear()  # "Reset" was pressed
        return "Old."

    images = gallery.Gallery(shown.append, shown.append, look_inside)

    async def look_at(entries: list[Any]) -> None:
        for entry in entries:
            entry.picture = MagicMock()

    monkeypatch.setattr(gallery, "look_at", look_at)
    images.is_running = True
    count = gallery.AT_ONCE + 1
    items = [SimpleNamespace(file="f", name=f"{i}.jpg", path=f"{i}.jpg") for i in range(count)]
    asyncio.run(images.add(items))
    assert (images.entries, images.shown, shown, images.tally.pictures) == ([], None, [], 0)


def test_only_images_without_alt_text_are_captioned(
    elements: Elements, monkeypatch: pytest.MonkeyPatch
) -> None:
    gallery_view = importlib.import_module("page.list.gallery_view")
    gallery = importlib.import_module("page.list.gallery")
    monkeypatch.setattr(gallery, "Rows", MagicMock())
    monkeypatch.setattr(gallery, "gallery_view", MagicMock(only_without=gallery_view.only_without))

    async def look(entry: Any) -> Any:
        entry.alt.in_file = {"alt_text": "Old."} if entry.index == 0 else {}
        return entry.alt.alt_in_file()

    asked: list[Any] = []

    def ask(files: list[Any]) -> Any:
        asked.append(len(files))
        end = SimpleNamespace(error=SimpleNamespace(message="no"))

        async def next_end() -> Any:
            return SimpleNamespace(value=end)

        return SimpleNamespace(next=next_end)

    images = gallery.Gallery(lambda _entry: None, lambda _entry: None, look)
    for _ in range(2):
        entry = images._append(SimpleNamespace(file="f", name="a.jpg", path="a.jpg"))
        entry.picture = SimpleNamespace(format="JPEG", facts=lambda: "")
    elements["only-without"].checked = True
    asyncio.run(images.caption(("starter", "fast"), ask))
    assert asked == [1]
    assert [entry.state for entry in images.entries] == ["kept", "failed"]
    assert images.entries[0].text == "Old."
    elements["only-without"].checked = False
    asyncio.run(images.caption(("starter", "fast"), ask))
    assert asked == [1, 2]
