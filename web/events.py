"""Event handlers and background work in MicroPython."""

import asyncio

import view


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
