"""What stands in for the browser where the page's Python runs in CPython."""

from __future__ import annotations

import asyncio
from typing import Any
from unittest.mock import MagicMock

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
