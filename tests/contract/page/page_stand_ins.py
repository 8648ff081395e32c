"""What stands in for the browser where the page's Python runs in CPython."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest

from tools.project import ROOT

TASKS: set[asyncio.Future[Any]] = set()


class JsError(Exception):
    """A rejection of the JavaScript API: the value, its name, its message."""


class Elements(dict[str, Any]):
    """The document's elements by id, made when they are asked for."""

    def __missing__(self, name: str) -> Any:
        self[name] = MagicMock(name=name)
        return self[name]


def start(work: Any) -> None:
    """Stand in for events.start: a task of asyncio instead of JavaScript's promises."""
    if hasattr(work, "send"):
        TASKS.add(task := asyncio.ensure_future(work))
        task.add_done_callback(TASKS.discard)


@contextmanager
def imported_afresh(
    monkeypatch: pytest.MonkeyPatch, pyscript: Any, js_modules: Any
) -> Iterator[None]:
    """Have the page's modules imported anew, with stand-ins for PyScript's."""
    pyscript.ffi = SimpleNamespace(to_js=lambda value: value)
    pyscript.js_modules = js_modules
    jsffi: Any = ModuleType("jsffi")
    jsffi.JsException = JsError
    monkeypatch.setitem(sys.modules, "pyscript", pyscript)
    monkeypatch.setitem(sys.modules, "pyscript.js_modules", js_modules)
    monkeypatch.setitem(sys.modules, "jsffi", jsffi)
    monkeypatch.syspath_prepend(ROOT / "web")
    for name in [name for name in sys.modules if name.partition(".")[0] == "page"]:
        monkeypatch.delitem(sys.modules, name)  # other tests' copies, with other stand-ins
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]
