"""The page around one image, in CPython: PyScript and the document are stand-ins."""

from __future__ import annotations

import importlib
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

DATE = "2026-05-01T10:00:00.000Z"


class Elements(dict[str, Any]):
    """The document's elements by id, made when they are asked for."""

    def __missing__(self, name: str) -> Any:
        self[name] = MagicMock(name=name, value="", checked=False, open=True)
        return self[name]


class Browser:
    """What the page's JavaScript does for it.

    Attributes:
        kept: settings by name.
        downloads: (content, name) of files that were handed out.
        answers: what it says of files.
    """

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.downloads: list[tuple[Any, str]] = []
        self.answers: dict[str, Any] = {"writable": False, "allowed": True, "mentions": True}

    async def mentions(self, _file: Any, *_texts: str) -> Any:
        return self.answers["mentions"]

    async def pause(self) -> None:
        pass

    async def is_writable(self, _file: Any) -> Any:
        return self.answers["writable"]

    async def is_allowed(self, _file: Any) -> Any:
        return self.answers["allowed"]

    async def replace(self, _file: Any, _blob: Any) -> Any:
        return SimpleNamespace(**self.answers["replaced"])

    def modules(self) -> Any:
        modules: Any = ModuleType("pyscript.js_modules")
        modules.app_badge = modules.thumbnails = MagicMock()
        modules.handed_in = MagicMock()
        modules.limits = SimpleNamespace(MAX_FILE_BYTES=1)
        modules.settings_store = SimpleNamespace(
            read=lambda name: self.kept.get(name, ""), write=self.kept.__setitem__
        )
        modules.downloads = SimpleNamespace(
            dateOf=lambda _file: DATE,
            offerDrag=MagicMock(),
            download=lambda blob, name: self.downloads.append((blob, name)),
            downloadText=lambda text, name, _type: self.downloads.append((text, name)),
            mentions=self.mentions,
            now=lambda: DATE,
            pause=self.pause,
        )
        modules.file_handles = SimpleNamespace(
            isWritable=self.is_writable, isAllowed=self.is_allowed, replaceFile=self.replace
        )
        return modules


def make_entry(caption: str = "a picture of a man with a dog") -> Any:
    image_item = importlib.import_module("page.image.image_item")
    item = SimpleNamespace(file=MagicMock(), name="dog & man.jpg", path="trip/dog & man.jpg")
    entry = image_item.Entry(item, False)
    result = MagicMock(caption=caption, keywords=[SimpleNamespace(text="dog")], candidates=[])
    result.answers = None
    result.confidence, result.flagged, result.text = 0.9, False, None
    result.model.id, result.model.revision, result.image.sha256 = "starter", "r1", "00ff"
    entry.finish(result, ("starter", "fast"), 1.0)
    return entry


def make_workbench(
    elements: Elements, entry: Any, edited: list[Any] | None = None, captioner: Any = None
) -> Any:
    module = importlib.import_module("page.words.workbench")
    noted = [] if edited is None else edited
    workbench = module.Workbench(captioner, noted.append, lambda _entry: None)
    elements["own-limit"].value = "80"
    workbench.listen()
    workbench.show(entry)
    return workbench


def said(elements: Elements, name: str) -> str:
    return str(elements[name].textContent)


def findings(elements: Elements) -> list[str]:
    items = elements["alt-findings"].replaceChildren.call_args.args
    return [item.textContent for item in items]


class Captioner:
    """The JavaScript API, as far as it is about words in files.

    Attributes:
        asked: (what, words, options) of each call.
        signed: the image is.
        places: where a removal changes anything.
        writer: who wrote the words that are in the file.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any, Any]] = []
        self.signed = False
        self.places = ["XMP"]
        self.writer = ""

    async def planMetadata(self, _file: Any, words: Any, options: Any) -> Any:  # noqa: N802
        self.asked.append(("plan", words, options))
        if options.get("remove"):
            gone = {"name": "alt_text", "before": "Old.", "after": "", "outcome": "removed"}
            return {"fields": [gone], "places": self.places, "signed": False, "warnings": []}
        may = "alt_text" in options["replace"]
        field = {
            "name": "alt_text",
            "before": "Old.",
            "after": words["alt_text"] if may else "Old.",
        }
        fields = [
            field | {"outcome": "replaced" if may else "kept"},
            {"name": "keywords", "before": [], "after": words["keywords"], "outcome": "added"},
            {"name": "description", "before": "", "after": "", "outcome": "none"},
            {"name": "extended_description", "before": "", "after": "", "outcome": "none"},
            {"name": "caption_writer", "before": self.writer, "after": "", "outcome": "none"},
        ]
        warnings = ["This image is signed."] if self.signed else []
        return {"fields": fields, "places": ["XMP"], "signed": self.signed, "warnings": warnings}

    async def writeMetadata(self, _file: Any, words: Any, options: Any) -> Any:  # noqa: N802
        self.asked.append(("write", words, options))
        return SimpleNamespace(file="the copy")

    async def makeSidecar(self, words: Any, options: Any) -> Any:  # noqa: N802
        self.asked.append(("sidecar", words, options))
        return "the sidecar"

    async def readMetadata(self, _file: Any) -> Any:  # noqa: N802
        self.asked.append(("read", None, None))
        return {"words": {"alt_text": "Old."}}
