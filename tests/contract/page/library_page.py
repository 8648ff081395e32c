"""The page's library in CPython, on a real SQLite with the schema and statements of pycore.

PyScript, the document and the line to the worker are stand-ins; what the page asks the worker runs.
"""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import pytest

from pycore.library.database import Call
from pycore.library.library import Library as CoreLibrary
from pycore.library.listing import Query
from pycore.library.records import ListedImage
from pycore.library.sql_files import statements
from tests.contract.page.page_stand_ins import TASKS, Elements, JsError, imported_afresh, start
from tests.unit.library.library_samples import Clock, new_database

HANDLES = ["ab" * 32, "cd" * 32, "ef" * 32]


class Ids:
    """What library_link.mjs returns for a list of ids."""

    def __init__(self, ids: list[int], rows: list[Any]) -> None:
        self.ids = ids
        self.rows = json.dumps(rows)
        self.version = hash(self.rows)
        self.length = len(ids)

    def part(self, first: int, last: int) -> str:
        return json.dumps(self.ids[first:last])

    def firstOf(self, wanted: str, count: int) -> str:  # noqa: N802 - JavaScript's name
        sought = json.loads(wanted)
        return json.dumps([one for one in self.ids if one in sought][:count])

    def at(self, place: int) -> int:
        return self.ids[place]

    def listed(self, wanted: str) -> int:
        return len(set(self.ids) & set(json.loads(wanted)))

    def place(self, image_id: int) -> int:
        return self.ids.index(image_id) if image_id in self.ids else -1


class Gate:
    """Holds what is under way until a test lets it go on."""

    def __init__(self) -> None:
        self.reached, self.released = asyncio.Event(), asyncio.Event()

    async def pass_through(self) -> None:
        self.reached.set()
        await self.released.wait()


class Link:
    """library_link.mjs and the worker behind it, on the standard library's SQLite."""

    def __init__(self) -> None:
        self.database = new_database()
        self.clock = Clock()
        self.opened: list[bool] = []
        self.where = "device"
        self.problem: JsError | None = None
        self.gates: dict[str, Gate] = {}  # by statement
        self.pictured: list[str] = []
        self.unreadable: set[str] = set()
        self.handed_over = 0  # transactions that another tab made
        self.forgotten: list[str] = []  # images whose files are not to be found again
        self.file = ""  # address of the images' files, where they are at hand
        self.tell: Any = None  # of other tabs
        self.originals: Any = MagicMock()

    async def open(self, take_over: bool) -> str:
        self.opened.append(take_over)
        return self.where

    async def run(self, calls: str, hands_over: bool = False) -> str:
        if self.problem:
            raise self.problem
        self.handed_over += hands_over and self.where == "elsewhere"
        known = statements()
        told = []
        for call in json.loads(calls):
            if call["name"] in self.gates:
                await self.gates[call["name"]].pass_through()
            sql = known[call["name"]]
            now = {"now": self.clock()} if ":now" in sql else {}
            if "levels" in call["parameters"]:
                call["parameters"]["levels"] = bytes.fromhex(call["parameters"]["levels"])
            told.append(Call(sql, call["parameters"] | now))
        return json.dumps(await self.database.run(told))

    def addImages(self, names: str, images: str, hands_over: bool) -> Any:  # noqa: N802
        calls = [{"name": name, "parameters": {"images": images}} for name in json.loads(names)]

        async def add() -> str:
            return json.dumps(json.loads(await self.run(json.dumps(calls), hands_over))[-1])

        TASKS.add(task := asyncio.ensure_future(add()))  # at once, as a promise
        task.add_done_callback(TASKS.discard)
        return task

    async def find(self, calls: str) -> Ids:
        found, *others = json.loads(await self.run(calls))
        return Ids([row["id"] for row in found], others)

    async def keep(self, calls: str, handle: str, _file: Any) -> str:
        if handle in self.unreadable:
            raise JsError(None, "SeesayError", "The file could not be read.")
        self.pictured.append(handle)
        return await self.run(calls, hands_over=True)

    async def tiles(self, ids: str) -> str:
        calls = [{"name": "tiles_of_ids", "parameters": {"ids": ids}}]
        (rows,) = json.loads(await self.run(json.dumps(calls)))
        return json.dumps({"rows": rows, "pictures": {row["id"]: "" for row in rows}})

    async def add(self, calls: str, pictures: list[Any]) -> str:
        self.pictured += [picture["sha256"] for picture in pictures]
        return await self.run(calls)

    async def remove(self, calls: str, ids: str) -> None:
        handles = {"name": "handles_of", "parameters": {"ids": ids}}
        rows = json.loads(await self.run(json.dumps([handles, *json.loads(calls)])))[0]
        self.forgotten += [row["sha256"] for row in rows]

    async def wordsToExport(self, ids: str) -> list[Any]:  # noqa: N802 - JavaScript's name
        calls = [{"name": "words_to_export", "parameters": {"ids": ids}}]
        (found,) = json.loads(await self.run(json.dumps(calls)))
        return list(found)

    async def runWithLook(  # noqa: N802
        self, calls: str, image_id: int, candidate: Any, seen: Any, hands_over: bool = False
    ) -> str:
        all_ = json.loads(calls)
        if hasattr(candidate, "attention"):
            look = {"text": candidate.text, "height": 1, "width": 1, "levels": candidate.attention}
            look.update({"image_id": image_id, "seen": json.dumps(seen)})
            all_.append({"name": "set_look", "parameters": look})
        return await self.run(json.dumps(all_), hands_over)

    async def look(self, image_id: int) -> Any:
        sql = statements()["get_look"]
        row: Any
        ((row,),) = await self.database.run([Call(sql, {"image_id": image_id})])
        return SimpleNamespace(words=row["levels"].hex(), seen=json.loads(str(row["seen"])))

    async def original(self, _handle: str) -> str:
        return self.file

    async def erase(self) -> None:
        if self.problem:
            raise self.problem
        self.database = new_database()

    def listen(self, on_event: Any) -> None:
        self.tell = on_event


class Bytes(bytes):
    """A JavaScript Uint8Array."""

    def subarray(self, first: int, last: int) -> bytes:
        return self[first:last]


class File:
    """A JavaScript File."""

    size, type = 1234, "image/png"

    def slice(self, *_range: int) -> File:
        return self

    async def arrayBuffer(self) -> bytes:  # noqa: N802 - JavaScript's name
        return b"\x89PNG"


def entry(number: int, text: str, *candidates: str, folder: str = "") -> Any:
    """Return an image of the first view that has its caption."""
    name = f"{number}.png"
    known = importlib.import_module("page.image.image_item").Entry
    made = known.__new__(known)
    image = SimpleNamespace(sha256=HANDLES[number], width=640, height=480, format="PNG")
    image.seen = [0, 0, 1, 1]
    model = SimpleNamespace(id="starter", revision="r1")
    made.__dict__.update(
        result=SimpleNamespace(
            keywords=[SimpleNamespace(text="animal")],
            caption=text,
            confidence=0.25 * (number + 1),
            image=image,
            model=model,
            kind="drawing",
        ),
        found=[SimpleNamespace(text=one) for one in (text, *candidates)],
        caption=text,
        sidecar=None,
        keywords=["animal"],
        has_own_keywords=False,
        has_ruled_keywords=False,
        alt=importlib.import_module("page.words.image_words").ImageWords(),
        words=None,
        read_words=None,
        has_own_words=False,
        file=File(),
        file_name=name,
        path=f"{folder}/{name}" if folder else name,
        caption_settings=("starter", "fast"),
        is_working=False,
        problem="",
        sha256=HANDLES[number],
        earlier=[],
        kept_as="",
        folder="",
        fields={},
        is_marked=False,
    )
    return made


class Page:
    """The page's modules with everything around them."""

    def __init__(self, elements: Elements) -> None:
        self.elements = elements
        self.link = Link()
        self.stored = ""
        self.visit: dict[str, str] = {}  # the tab's storage
        self.entries: list[Any] = []
        self.captioner: Any = MagicMock()
        self.window = SimpleNamespace(
            location=SimpleNamespace(hash=""),
            history=MagicMock(),
            Uint8Array=SimpleNamespace(new=Bytes),
            URL=SimpleNamespace(new=MagicMock()),
            AbortController=MagicMock(),
            JSON=SimpleNamespace(stringify=json.dumps),
            isSecureContext=True,
            innerHeight=900,
            getComputedStyle=lambda _element: SimpleNamespace(getPropertyValue=lambda _name: "2"),
            scrollY=0,
            scrollTo=MagicMock(),
        )

    def choose(self, value: str) -> None:
        self.stored = value

    @property
    def core(self) -> CoreLibrary:
        """The same database by pycore's own Python."""
        return CoreLibrary(self.link.database, self.link.clock)

    async def settled(self) -> None:
        while TASKS:
            await asyncio.gather(*TASKS)

    def keeper(self) -> Any:
        keeper = importlib.import_module("page.library.keeper").Keeper(
            lambda: self.entries,
            lambda: self.entries[0] if self.entries else None,
            self.captioner,
        )
        keeper.listen()
        return keeper

    async def kept(self, *entries: Any) -> Any:
        self.stored = "on"
        keeper = self.keeper()
        for one in entries:
            keeper.note(one)
        await self.settled()
        return keeper


@contextmanager
def opened_page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """Give the page's modules stand-ins for all that is around them."""
    page = Page(Elements())
    pyscript: Any = ModuleType("pyscript")
    pyscript.document = MagicMock()
    pyscript.document.getElementById = page.elements.__getitem__
    pyscript.window = page.window

    async def js_import(_address: str) -> list[Any]:
        return [page.link]

    pyscript.js_import = js_import
    pyscript.js_modules = ModuleType("pyscript.js_modules")
    pyscript.js_modules.library_choice = SimpleNamespace(
        choice=lambda: page.stored, choose=page.choose, isOpenInATab=AsyncMock(return_value=False)
    )
    for name in ("app_badge", "handed_in", "limits", "downloads", "heat_canvas"):
        setattr(pyscript.js_modules, name, MagicMock())
    pyscript.js_modules.downloads.mentions = AsyncMock(return_value=False)
    pyscript.js_modules.settings_store = SimpleNamespace(
        read=lambda _name: "",
        write=lambda _name, _text: None,
        remove=lambda _name: None,
        readVisit=lambda name: page.visit.get(name, ""),
        writeVisit=page.visit.__setitem__,
    )
    with imported_afresh(monkeypatch, pyscript, pyscript.js_modules):
        monkeypatch.setattr(importlib.import_module("page.browser.events"), "start", start)
        yield page


async def rows(page: Page, **query: Any) -> list[ListedImage]:
    return await page.core.listing.rows(Query(**query))


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """Return the page's modules, ready to be imported."""
    with opened_page(monkeypatch) as opened:
        yield opened


def unfiltered(page: Page) -> None:
    """Let the search and the filters of the library be as they are at first."""
    page.elements["shelf-search"].value = ""
    for name in importlib.import_module("page.library.shelf").FILTERS:
        page.elements[f"filter-{name}"].value = "newest" if name == "sort" else ""


def library_view(page: Page) -> Any:
    """Return the view of the library, with its filters as they are at first."""
    page.stored = "on"
    unfiltered(page)
    laid_out = SimpleNamespace(height=0, top=0)  # not at all
    page.elements["tiles"].getBoundingClientRect.return_value = laid_out
    view = importlib.import_module("page.library.library_view").LibraryView(
        page.keeper(), MagicMock(), MagicMock()
    )
    view.listen()
    return view
