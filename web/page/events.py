"""Event handlers and background work in MicroPython."""

import asyncio

from page import view

_STEPS = {"ArrowRight": 1, "ArrowDown": 1, "ArrowLeft": -1, "ArrowUp": -1}


def on(name, kind, handler):
    """Call ``handler()``, or start it if it is a coroutine function, for each event on an element.

    Args:
        name: the element's id.
        kind: of the event: ``"click"``.
        handler: takes no argument.
    """
    view.element(name).addEventListener(kind, lambda _event: start(handler()))


def start(work):
    """Run a coroutine in the background and return its task; let anything else be.

    MicroPython's loop keeps its tasks alive, and reports one that fails on the console.
    """
    return asyncio.create_task(work) if hasattr(work, "send") else None


def step(event, index, count):
    """Where a key leads from one of ``count`` things in a row; None for keys that lead nowhere.

    Arrow keys go round, Home and End to the ends.
    """
    if event.key in _STEPS:
        return (index + _STEPS[event.key]) % count
    if event.key == "Home":
        return 0
    return count - 1 if event.key == "End" else None
