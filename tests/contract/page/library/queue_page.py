"""The library's queue in CPython: files, the API, and where files stay are stand-ins."""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import json
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

from tests.contract.page.library_page import Gate, Page, rows
from tests.contract.page.page_stand_ins import JsError

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)


class Original:
    """A JavaScript File, which is also what handed_in.mjs has to say about it."""

    type = "image/png"

    def __init__(self, name: str, content: bytes | None = None) -> None:
        self.content = PNG + name.encode() if content is None else content
        self.name = name
        self.path = f"2026/{name}"
        self.size = len(self.content)
        self.words: Any = None  # that it carries; None: nobody can read them
        self.sha256 = hashlib.sha256(self.content).hexdigest()

    @property
    def file(self) -> Original:
        return self

    def slice(self, start: int, end: int | None = None) -> Any:
        return Original(self.name, self.content[start:end])

    async def arrayBuffer(self) -> bytes:  # noqa: N802 - JavaScript's name
        return self.content


class Originals:
    """originals.mjs."""

    def __init__(self) -> None:
        self.files: dict[str, Any] = {}
        self.asked: list[str] = []
        self.settled: list[str] = []
        self.pictured: list[tuple[str, bool]] = []
        self.released: list[str] = []
        self.is_found_again = True
        self.to_be_asked: set[str] = set()  # by hash: until the person says yes

    async def heads(self, files: list[Original], count: int) -> str:
        return json.dumps([file.content[:count].hex() for file in files])

    def take(self, files: list[Original], head_bytes: int) -> Any:
        return asyncio.ensure_future(self.take_in(files, head_bytes))  # at once, as a promise

    async def take_in(self, files: list[Original], head_bytes: int) -> Any:
        self.files.update({file.sha256: file for file in files})
        return SimpleNamespace(
            hashes=json.dumps([file.sha256 for file in files]),
            sizes=json.dumps([file.size for file in files]),
            digits=lambda place, first, last: files[place].content[:head_bytes][first:last].hex(),
        )

    async def breath(self) -> None:
        pass

    async def picture(self, hashes: str, is_copying: bool) -> Any:
        self.pictured += [(sha256, is_copying) for sha256 in json.loads(hashes)]
        facts = {"width": 0, "height": 0, "isFoundAgain": self.is_found_again}
        pictures = [{"sha256": sha256} for sha256 in json.loads(hashes)]
        return SimpleNamespace(facts=json.dumps([facts] * len(pictures)), pictures=pictures)

    async def settle(self, hashes: str) -> int:
        self.settled += json.loads(hashes)
        return 0

    async def find(self, sha256: str) -> Any:
        return None if sha256 in self.to_be_asked else self.files.get(sha256)

    async def isToBeAsked(self, sha256: str) -> bool:  # noqa: N802 - JavaScript's name
        return sha256 in self.to_be_asked

    async def allow(self, hashes: str) -> None:
        self.asked = json.loads(hashes)
        self.to_be_asked -= set(self.asked)

    async def release(self, sha256: str) -> None:
        self.released.append(sha256)

    async def releaseAll(self) -> None:  # noqa: N802 - JavaScript's name
        self.released.append("all")


class Signal:
    """An AbortController and its signal."""

    def __init__(self) -> None:
        self.aborted = False
        self.signal = self
        self.stopped = asyncio.Event()

    def abort(self) -> None:
        self.aborted = True
        self.stopped.set()


class Captioner:
    """The JavaScript API: captions an image by its name, or fails as it is told to."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.faults: dict[str, list[str]] = {}  # by name: codes, one for each try
        self.gate: Gate | None = None
        self.model = "starter"

    async def load(self, model: str) -> Any:
        return SimpleNamespace(id=model, revision="r1")

    async def readMetadata(self, file: Original) -> Any:  # noqa: N802 - JavaScript's name
        if file.words is None:
            raise JsError(SimpleNamespace(code="metadata"), "SeesayError", "It is damaged.")
        return {"by_person": file.words}

    async def caption(self, file: Original, options: dict[str, Any]) -> Any:
        self.order.append(file.name)
        if self.gate:
            self.gate.reached.set()
            waits = (self.gate.released.wait(), options["signal"].stopped.wait())
            tasks = [asyncio.ensure_future(one) for one in waits]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
        if options["signal"].aborted:
            raise JsError(None, "AbortError", "")
        if codes := self.faults.get(file.name):
            code = codes.pop(0)
            raise JsError(SimpleNamespace(code=code), "SeesayError", f"It is {code}.")
        text = f"a {file.name.partition('.')[0]}"
        candidate = SimpleNamespace(text=text)
        if options.get("attentions"):
            candidate.attention = "f0"
        return SimpleNamespace(
            caption=text,
            candidates=[candidate],
            keywords=[],
            confidence=0.5,
            kind="drawing",
            image=SimpleNamespace(sha256=file.sha256, width=640, height=480, seen=[0, 0, 1, 1]),
            model=SimpleNamespace(id=options["model"], revision="r1"),
        )


class Desk:
    """The queue with everything around it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.originals, self.captioner = Originals(), Captioner()
        self.problems: list[str] = []
        self.pictured: list[int] = []  # ids of images that have a small picture
        self.left: dict[str, str] = {}  # in the browser's storage
        self.news = 0
        self.first_of: Any = sorted  # which small pictures are made first
        store = importlib.import_module("pyscript.js_modules").settings_store
        store.read, store.write = lambda name: self.left.get(name, ""), self.left.__setitem__
        store.remove = lambda name: self.left.pop(name, None)
        page.elements["search"].value = "fast"
        window: Any = page.window
        window.AbortController = SimpleNamespace(new=Signal)
        window.performance = SimpleNamespace(now=lambda: 0.0)
        window.navigator = SimpleNamespace(language="en-GB")

    async def queue(self) -> Any:
        """Open the queue, as a tab does that has the library."""
        models = MagicMock()
        models.usable.return_value = True
        models.chosen = self.captioner.model
        self.page.stored = "on"
        self.library = await self.page.keeper().library()

        def count() -> None:
            self.news += 1

        problems = self.problems
        told = (
            count,
            MagicMock(),
            self.pictured.extend,
            lambda error: problems.append(error.args[2]),
            lambda ids, count: self.first_of(ids)[:count],
        )
        queue = importlib.import_module("page.queue.queue").Queue(self.captioner, models, *told)
        await queue.open(self.library, self.originals)
        return queue

    async def states(self) -> dict[str, tuple[str | None, str | None]]:
        """Where each image is in the queue, and its text or why there is none."""
        return {
            row.name.partition(".")[0]: (row.job_state, row.text or row.job_message)
            for row in await rows(self.page)
        }


def files(*names: str) -> list[Any]:
    return [Original(f"{name}.png") for name in names]
