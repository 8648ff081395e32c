"""Coroutines that never wait, run without an event loop: pycore is async, onnxruntime is not."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run_now(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end; works inside a running event loop, too.

    Raises:
        RuntimeError: it waited for something, which is a mistake of the caller's.
    """
    try:
        coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    coroutine.close()
    raise RuntimeError("the coroutine waited")
