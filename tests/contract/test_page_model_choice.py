"""The page's choice of a model in CPython: PyScript and the document are stand-ins."""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest

from tools.project import ROOT


class JsError(Exception):
    """A rejection of the JavaScript API."""


class Elements(dict[str, Any]):
    """The document's elements by id, made when they are asked for."""

    def __missing__(self, name: str) -> Any:
        self[name] = MagicMock(name=name)
        return self[name]


class Models:
    """``captioner.models``; a download lasts until ``arrived`` is set or it is stopped."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.arrived = asyncio.Event()

    async def download(self, name: str, options: Any) -> Any:
        self.asked.append(("download", name))
        options["signal"].on_abort = self.arrived.set
        await self.arrived.wait()
        if options["signal"].aborted:
            raise JsError("stopped", "AbortError")
        return status(name, "ready")

    async def remove(self, name: str) -> Any:
        self.asked.append(("remove", name))
        return status(name, "absent")

    async def status(self, name: str) -> Any:
        return status(name, "partial")


class AbortController:
    """JavaScript's."""

    def __init__(self) -> None:
        self.signal = SimpleNamespace(aborted=False, on_abort=lambda: None)

    def abort(self) -> None:
        self.signal.aborted = True
        self.signal.on_abort()


def status(name: str, state: str) -> dict[str, Any]:
    return {
        "model": name,
        "name": name.upper(),
        "description": "For tests.",
        "licence": "MIT",
        "source_url": "",
        "state": state,
        "hosted": False,
        "in_memory": False,
        "size_bytes": 3_000_000_000,
        "stored_bytes": 2_500_000_000,
    }


def start(work: Any) -> None:
    """Stand in for page.events.start."""
    if hasattr(work, "send"):
        TASKS.add(task := asyncio.ensure_future(work))
        task.add_done_callback(TASKS.discard)


TASKS: set[asyncio.Future[Any]] = set()


@pytest.fixture
def elements(monkeypatch: pytest.MonkeyPatch) -> Iterator[Elements]:
    elements = Elements()
    pyscript: Any = ModuleType("pyscript")
    pyscript.document = MagicMock()
    pyscript.document.getElementById = elements.__getitem__
    pyscript.window = SimpleNamespace(
        AbortController=SimpleNamespace(new=AbortController),
        JSON=SimpleNamespace(stringify=json.dumps),
        navigator=SimpleNamespace(),
    )
    pyscript.ffi = SimpleNamespace(to_js=lambda value: value)
    pyscript.js_modules = ModuleType("pyscript.js_modules")
    pyscript.js_modules.downloads = MagicMock()
    monkeypatch.setitem(sys.modules, "pyscript.js_modules", pyscript.js_modules)
    jsffi: Any = ModuleType("jsffi")
    jsffi.JsException = JsError
    monkeypatch.setitem(sys.modules, "pyscript", pyscript)
    monkeypatch.setitem(sys.modules, "jsffi", jsffi)
    monkeypatch.syspath_prepend(ROOT / "web")
    for name in [name for name in sys.modules if name.partition(".")[0] == "page"]:
        monkeypatch.delitem(sys.modules, name)  # other tests' copies, with other stand-ins
    before = set(sys.modules)
    # The page's work goes on by JavaScript's promises; here it is a task of asyncio.
    events = importlib.import_module("page.events")
    monkeypatch.setattr(events, "start", start)
    yield elements
    for name in set(sys.modules) - before:
        del sys.modules[name]


def make_choice(models: Models) -> Any:
    module = importlib.import_module("page.models.model_choice")
    choice = module.ModelChoice(SimpleNamespace(models=models), lambda: None)
    record = importlib.import_module("page.js_data").Record
    choice.known = {name: record(status(name, "absent")) for name in ("large", "other")}
    return choice


def test_what_is_discarded_is_what_was_asked_for(elements: Elements) -> None:
    async def main() -> Models:
        models = Models()
        choice = make_choice(models)
        elements["model"].value = "large"
        download = asyncio.ensure_future(choice.download())
        await asyncio.sleep(0)
        choice.discard()
        elements["model"].value = "other"
        await download
        assert choice.known["large"].state == choice.known["other"].state == "absent"
        return models

    assert asyncio.run(main()).asked == [("download", "large"), ("remove", "large")]


def test_a_discard_that_comes_too_late_does_not_spoil_the_next_download(elements: Elements) -> None:
    async def main() -> Models:
        models = Models()
        choice = make_choice(models)
        elements["model"].value = "large"
        choice.discard()
        models.arrived.set()
        await choice.download()
        assert choice.known["large"].state == "ready"
        return models

    assert asyncio.run(main()).asked == [("download", "large")]


def test_sizes_beyond_32_bits_are_floats(elements: Elements) -> None:
    known = make_choice(Models()).known["large"]
    texts = importlib.import_module("page.models.model_texts")
    assert isinstance(known.size_bytes, float)
    assert texts.download(known) == "Download 3.0 GB"
