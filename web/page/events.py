"""Event handlers and background work in MicroPython."""

import sys

from jsffi import JsException

from page import view

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_STEPS = {"ArrowRight": 1, "ArrowDown": 1, "ArrowLeft": -1, "ArrowUp": -1}


def on(name: str, kind: str, handler: "Callable[[], object]") -> None:
    """Call ``handler()``, or start it if it is a coroutine function, for each event on an element.

    Args:
        name: the element's id.
        kind: of the event: ``"click"``.
        handler: takes no argument.
    """
    view.element(name).addEventListener(kind, lambda _event: start(handler()))


def start(work: object) -> None:
    """Run a coroutine in the background, at once up to its first ``await``; let anything else be.

    Not a task of MicroPython's asyncio: that goes on by timers of the page after each ``await``,
    which browsers fire at most once a second in a tab in the background. Here a promise itself
    goes on with what waits for it. A coroutine that fails is reported on the console.
    """
    if hasattr(work, "send"):
        _go_on(work, work.send, None)


def _go_on(work: "Any", resume: "Callable[[Any], Any]", value: "Any") -> None:
    """Run a coroutine up to the next promise it awaits.

    Args:
        work: the coroutine.
        resume: its ``send``, or its ``throw``.
        value: what it is sent, or what is thrown into it.
    """
    try:
        promise = resume(value)
    except StopIteration:
        return
    except Exception as error:  # noqa: BLE001 - the edge: nobody waits for this work
        sys.print_exception(error, sys.stderr)  # type: ignore[attr-defined]
        return
    promise.then(  # MicroPython leaves out arguments that are undefined
        lambda result=None: _go_on(work, work.send, result),
        lambda reason=None: _go_on(work, work.throw, _exception(reason)),
    )


def _exception(reason: "Any") -> JsException:
    """What a rejected promise raises, as MicroPython's own tasks raise it."""
    return JsException(reason, getattr(reason, "name", ""), getattr(reason, "message", ""))


def step(event: "Any", index: int, count: int) -> int | None:
    """Where a key leads from one of ``count`` things in a row; None for keys that lead nowhere.

    Arrow keys go round, Home and End to the ends.
    """
    if event.key in _STEPS:
        return (index + _STEPS[event.key]) % count
    if event.key == "Home":
        return 0
    return count - 1 if event.key == "End" else None
