"""Helpers shared by the unit tests, which also run inside Pyodide."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run_sync(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine whose awaits never really wait (sleep(0) does not), without an event loop.

    Pyodide's own loop is already running when the tests run in it, so asyncio.run is no choice.
    """
    try:
        while coroutine.send(None) is None:
            pass
    except StopIteration as stop:
        result: T = stop.value
        return result
    coroutine.close()
    raise RuntimeError("the coroutine waited for something outside the test")
