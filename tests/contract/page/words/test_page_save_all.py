"""Saving a whole list into its files, in CPython: files and the JavaScript API are stand-ins."""

from __future__ import annotations

import asyncio
import importlib
import sys
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock

import pytest

from tests.contract.page.image_page import Browser, Captioner, Elements, make_entry, said

pytest_plugins = ["tests.contract.page.image_page_fixtures"]


class Files:
    """file_handles.mjs.

    Attributes:
        known: whether the page was told of the files.
        folder: what comes of choosing one; None where a browser has no such thing.
        allowed: by place, whether a file may be written.
        problems: by file, why it is not.
    """

    def __init__(self) -> None:
        self.known = True
        self.folder: bool | None = None
        self.allowed = [True, True, True]
        self.problems: dict[Any, str] = {}
        self.saved: list[Any] = []

    def module(self) -> Any:
        return SimpleNamespace(
            isWritable=AsyncMock(side_effect=lambda _file: self.known),
            canChooseFolder=lambda: self.folder is not None,
            chooseFolder=AsyncMock(side_effect=lambda _wanted: self.folder),
            whichAllowed=AsyncMock(side_effect=lambda files: self.allowed[: len(files)]),
            replaceFile=AsyncMock(side_effect=self._replace),
        )

    def _replace(self, file: Any, _blob: Any) -> Any:
        problem = self.problems.get(file, "")
        if not problem:
            self.saved.append(file)
        return SimpleNamespace(file="fresh", sha256="11ff", problem=problem)


class World:
    """The button, three images, and what stands around them."""

    def __init__(self, elements: Elements) -> None:
        self.elements = elements
        self.files = Files()
        sys.modules["pyscript.js_modules"].file_handles = self.files.module()  # type: ignore[attr-defined]
        module = importlib.import_module("page.words.save_all")
        self.confirm = AsyncMock(return_value=True)
        module.confirm = self.confirm  # type: ignore[attr-defined]
        self.entries = [make_entry("a dog"), make_entry("two cats"), make_entry("a bird")]
        for number, entry in enumerate(self.entries):
            entry.name, entry.file = f"{number}.jpg", f"file {number}"
            entry.picture = SimpleNamespace(format="JPEG", file=entry.file)
        self.told: list[Any] = []
        self.captioner = Captioner()
        self.save_all = module.SaveAll(
            self.captioner, lambda: self.entries, lambda _entry: None, self.told.append
        )

    def save(self) -> None:
        asyncio.run(self.save_all.save())

    @property
    def said(self) -> str:
        return said(self.elements, "save-all-said")

    @property
    def notes(self) -> list[str]:
        field = self.elements["save-all-notes"]
        return [item.textContent for item in field.replaceChildren.call_args.args]


@pytest.fixture
def world(elements: Elements, browser: Browser) -> World:
    del browser
    return World(elements)


def test_each_failure_is_told_and_the_rest_goes_on(world: World) -> None:
    world.files.allowed[0] = False
    world.files.problems["file 1"] = "changed"
    world.save()
    assert world.files.saved == ["file 2"]
    assert world.said == "Saved the words into 1 file. Nothing else has changed."
    assert [note.partition(": ")[0] for note in world.notes] == ["0.jpg", "1.jpg"]
    assert "not found, or may not be changed" in world.notes[0]
    assert "has changed since" in world.notes[1]
    assert world.told == [world.entries[2]]
    assert world.entries[2].file == world.entries[2].picture.file == "fresh"
    assert world.entries[1].file == "file 1"


def test_an_image_that_takes_no_words_keeps_no_other_from_it(world: World) -> None:
    write, error = world.captioner.writeMetadata, sys.modules["jsffi"].JsException

    async def refuse(file: Any, words: Any, options: Any) -> Any:
        if file == "file 0":
            raise error("signed", "SeesayError", "It is signed.")
        return await write(file, words, options)

    world.captioner.writeMetadata = refuse  # type: ignore[method-assign, assignment]
    world.save()
    assert world.files.saved == ["file 1", "file 2"]
    assert len(world.notes) == 1


def test_nothing_is_written_before_a_person_says_so(world: World) -> None:
    world.confirm.return_value = False
    world.save()
    assert (world.files.saved, world.captioner.asked) == ([], [])


def test_the_folder_is_chosen_where_the_page_was_told_of_none(world: World) -> None:
    world.files.known = False
    world.save()
    assert "in a zip" in world.said  # Firefox and Safari
    world.confirm.assert_not_awaited()
    world.files.folder = False  # the person chose none
    world.save()
    assert world.files.saved == []
    world.files.folder = True
    world.save()
    assert len(world.files.saved) == 3
    assert world.confirm.await_args is not None
    assert "Choose the folder" in world.confirm.await_args.args[0]


def test_pressed_again_it_stops_after_the_present_file(world: World) -> None:
    def stop(_entry: Any) -> None:
        world.save_all.is_saving = False

    world.save_all._on_saved = stop
    world.save()
    assert world.files.saved == ["file 0"]
    assert world.notes == ["Stopped: 2 images not saved."]


def test_a_second_click_asks_no_second_time(world: World) -> None:
    async def check() -> None:
        asked, answered = asyncio.Event(), asyncio.Event()

        async def confirm(*_said: str) -> bool:
            asked.set()
            return await answered.wait()

        world.confirm.side_effect = confirm
        first = asyncio.ensure_future(world.save_all.save())
        await asked.wait()
        await world.save_all.save()
        answered.set()
        await first

    asyncio.run(check())
    assert world.confirm.await_count == 1
    assert len(world.files.saved) == 3


def test_without_words_nothing_is_saved(world: World) -> None:
    for entry in world.entries:
        entry.result = None
    world.save()
    assert world.said == "There are no words yet. Caption the images first."
