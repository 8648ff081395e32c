"""The documents' view in CPython: PyScript, the document and the JavaScript API are stand-ins."""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import pytest

from tests.contract.page.page_stand_ins import TASKS, Elements, JsError, imported_afresh, start


class Images(list[Any]):
    """A JavaScript array."""

    @property
    def length(self) -> int:
        return len(self)


class Opened:
    """A DocumentSet of seesay.d.ts.

    Attributes:
        pictured: the places of the images whose pictures were asked for.
        is_asked: a picture was.
        gate: what pictures wait for.
        is_closed: nobody needs it any more.
    """

    def __init__(self, count: int = 1) -> None:
        image = {"document": "a.md", "line": 1, "address": "a.png", "reason": "missing"}
        image |= {"before": "", "after": "", "may_be_decorative": False}
        self.images = Images([image] * count)
        self.imageCount = count
        self.notes: list[Any] = []
        self.pictured: list[int] = []
        self.is_asked, self.gate = asyncio.Event(), asyncio.Event()
        self.gate.set()
        self.is_closed = False

    async def picture(self, index: int) -> Any:
        self.pictured.append(index)
        self.is_asked.set()
        await self.gate.wait()
        return "a picture"

    async def write(self, _words: Any) -> Any:
        return SimpleNamespace(name="a.md")

    async def close(self) -> None:
        self.is_closed = True


class Page:
    """The desk, and what is around it.

    Attributes:
        desk: the desk itself.
        answers: what ``documents.open`` returns or raises, first things first.
        opened: the paths that it was given last.
        confirm: stands in for the question.
        captions: results of the model, first things first.
    """

    def __init__(self, elements: Elements, confirm: AsyncMock) -> None:
        self.elements = elements
        self.confirm = confirm
        self.answers: list[Any] = []
        self.opened: list[str] = []
        self.captions: list[Any] = []
        documents = SimpleNamespace(open=self._answer)
        captioner = SimpleNamespace(documents=documents, caption=self._caption)
        self.desk = importlib.import_module("page.documents.desk").Desk(captioner, MagicMock())

    async def _answer(self, files: Any) -> Any:
        self.opened = [one["path"] for one in files]
        answer = self.answers.pop(0)
        if isinstance(answer, JsError):
            raise answer
        return answer

    async def _caption(self, _picture: Any, _options: Any) -> Any:
        return self.captions.pop(0)

    async def open(self, answer: Any, *paths: str) -> None:
        self.answers.append(answer)
        paths = paths or ("a file",)
        await self.desk.open([SimpleNamespace(file="a file", path=path) for path in paths])
        while TASKS:
            await asyncio.gather(*TASKS)

    def write(self, text: str) -> None:
        """A person writes words for the first image."""
        row = self.desk._rows[0]
        row._words.value = text
        row._edit()

    @property
    def words(self) -> Any:
        return self.desk._words()

    def asks_before_it_closes(self) -> bool:
        """Whether the browser would ask before the tab is closed."""
        event = MagicMock()
        self.desk._on_unload(event)
        return bool(event.preventDefault.called)

    @property
    def problem(self) -> str:
        return str(self.elements["documents-problem"].textContent)


def _fresh_row(_deep: bool) -> Any:
    parts: dict[str, Any] = {}
    for name in ("words", "use", "decorative"):
        part = parts[f".document-{name}"] = MagicMock(value="", checked=False)
        part.firstElementChild = part
    row = MagicMock()
    row.querySelector = lambda name: parts.setdefault(name, MagicMock())
    return SimpleNamespace(firstElementChild=row)


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    elements = Elements()
    elements["document-row"].content.cloneNode = _fresh_row
    pyscript: Any = ModuleType("pyscript")
    pyscript.document = MagicMock()
    pyscript.document.getElementById = elements.__getitem__
    pyscript.window = MagicMock(JSON=SimpleNamespace(stringify=json.dumps))
    pyscript.js_modules = ModuleType("pyscript.js_modules")
    pyscript.js_modules.downloads = MagicMock()
    with imported_afresh(monkeypatch, pyscript, pyscript.js_modules):
        monkeypatch.setattr(importlib.import_module("page.browser.events"), "start", start)
        confirm = AsyncMock(return_value=False)
        monkeypatch.setattr(importlib.import_module("page.browser.confirm"), "confirm", confirm)
        yield Page(elements, confirm)


def test_words_stay_when_what_comes_next_is_no_document(page: Page) -> None:
    async def steps() -> None:
        opened = Opened()
        await page.open(opened)
        page.write("Our dog.")
        await page.open(JsError("document", "SeesayError", "There is no document."))
        assert page.words == {"0": "Our dog."}
        assert page.problem
        await page.desk.open([])  # a paste of nothing
        assert (page.words, opened.is_closed) == ({"0": "Our dog."}, False)
        page.confirm.assert_not_awaited()

    asyncio.run(steps())


def test_other_documents_take_the_place_of_unsaved_words_only_when_that_is_wanted(
    page: Page,
) -> None:
    async def steps() -> None:
        first, second, third = Opened(), Opened(), Opened()
        await page.open(first)
        page.write("Our dog.")
        await page.open(second)
        assert (page.words, first.is_closed, second.is_closed) == ({"0": "Our dog."}, False, True)
        page.confirm.return_value = True
        await page.open(third)
        assert (page.words, first.is_closed, third.is_closed) == ({}, True, False)
        assert page.confirm.await_count == 2
        page.write("Our cat.")
        assert page.asks_before_it_closes()
        await page.desk._save()
        assert not page.asks_before_it_closes()
        await page.open(Opened())
        assert page.confirm.await_count == 2  # these words are saved
        assert third.is_closed

    asyncio.run(steps())


def test_pictures_of_documents_that_are_closed_are_not_asked_for(page: Page) -> None:
    async def steps() -> None:
        first = Opened(3)
        first.gate.clear()
        page.answers.append(first)
        reading = asyncio.ensure_future(page.desk.open([SimpleNamespace(file="a", path="a")]))
        await first.is_asked.wait()
        await page.open(JsError("document", "SeesayError", "There is no document."))
        second = Opened(2)
        await page.open(second)
        first.gate.set()
        await reading
        assert (first.pictured, second.pictured) == ([0], [0, 1])

    asyncio.run(steps())


def test_many_images_come_some_at_a_time(page: Page) -> None:
    async def steps() -> None:
        opened = Opened(450)
        await page.open(opened)
        more = page.elements["documents-more"]
        assert (len(page.desk._rows), more.hidden) == (200, False)
        assert more.textContent == "Show the next 200 of 250"
        page.write("Our dog.")
        await page.desk._show_more()
        assert more.textContent == "Show the other 50"
        page.desk._rows[200]._words.focus.assert_called_once_with()
        await page.desk._show_more()
        assert more.hidden
        assert [row.index for row in page.desk._rows] == opened.pictured == list(range(450))
        assert page.words == {"0": "Our dog."}

    asyncio.run(steps())


def test_of_a_folder_its_documents_and_pictures_are_taken(page: Page) -> None:
    async def steps() -> None:
        kept = ["blog/a.md", "blog/img/a.png"]
        await page.open(
            Opened(), *kept, "blog/.git/x.md", "blog/node_modules/y.md", "blog/old.zip", "b/c.DOCX"
        )
        assert page.opened == kept
        assert page.problem.startswith("2 zips in the folder")
        await page.desk.open([SimpleNamespace(file="a file", path="site/.git/a.md")])
        assert page.problem.startswith("There is no document in there")
        await page.open(Opened(), "site/blog.zip", "site/a.png")  # the zip is what is meant
        assert page.opened == ["site/blog.zip", "site/a.png"]

    asyncio.run(steps())


def test_of_all_drafts_those_are_used_that_the_model_stands_for(page: Page) -> None:
    async def steps() -> None:
        await page.open(Opened(4))
        for caption, confidence, is_flagged in (
            ("two macaws", 0.9, False),
            ("perhaps a padlock", 0.4, True),
            ("I cannot tell what this photograph shows", 0.0, True),
            ("perhaps a tennis ball", 0.4, True),
        ):
            result = SimpleNamespace(caption=caption, confidence=confidence, flagged=is_flagged)
            page.captions.append(result)
        await page.desk._draft_all(MagicMock())
        state, rows = page.elements["documents-state"], page.desk._rows
        assert state.textContent.startswith("3 of 4 drafts written.")
        assert rows[2]._words.value == ""
        assert "cannot tell" in rows[2]._part("document-problem").textContent
        page.desk._use_all()
        assert page.words == {"0": "Two macaws."}
        said = "1 draft used. 2 are guesses and wait until you have read them."
        assert state.textContent == said
        rows[1]._use.checked = True  # a person has read it
        page.desk._use_all()
        assert page.words == {"0": "Two macaws.", "1": "Perhaps a padlock."}
        assert state.textContent.startswith("0 drafts used. 1 is a guess and waits until")

    asyncio.run(steps())
