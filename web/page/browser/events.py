"""Event handlers and background work in MicroPython, and where the keyboard goes after a click."""

import sys

from jsffi import JsException
from pyscript import document, ffi

from page import view

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

_CONTROLS = "a[href], button, select, summary, input[type=checkbox], input[type=radio]"
"""Not fields of text: on a phone they would bring up its keyboard."""

_BEFORE = 2
"""``Node.DOCUMENT_POSITION_PRECEDING``."""

_STEPS = {"ArrowRight": 1, "ArrowDown": 1, "ArrowLeft": -1, "ArrowUp": -1}


def on(name: str, kind: str, handler: "Callable[[], object]") -> None:
    """Call ``handler()``, or start it if it is a coroutine function, for each event on an element.

    Args:
        name: the element's id.
        kind: of the event: ``"click"``.
        handler: takes no argument.
    """
    listen(view.element(name), kind, handler)


def listen(element: "Any", kind: str, handler: "Callable[[], object]") -> None:
    """Likewise for an element that has no id.

    Where a click takes the control away that it was on, the keyboard goes on beside it.
    """
    if kind != "click":
        element.addEventListener(kind, lambda _event: start(handler()))
        return

    def press(_event: "Any") -> None:
        spot = Spot(element)
        work: "Any" = handler()
        start(spot.keep_after(work) if hasattr(work, "send") else None)
        spot.keep()  # it may be gone already, and the work go on for long

    element.addEventListener(kind, press)


def on_escape(name: str, close: "Callable[[], bool]") -> None:
    """Close something when Escape is pressed on an element, where it would stop captioning.

    Args:
        name: the element's id.
        close: returns whether there was anything to close.
    """

    def press(event: "Any") -> None:
        if event.key == "Escape" and close():
            event.stopPropagation()

    view.element(name).addEventListener("keydown", press)


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


class Spot:
    """A control that was pressed, and what is around it.

    Browsers let the focus fall to the page's beginning when it is gone, and screen readers with it.
    """

    def __init__(self, control: "Any") -> None:
        """Remember where the control is; afterwards it may be nowhere."""
        self._control = control
        self._around: "list[Any]" = []  # from the inside out
        place = control.parentElement
        while place:
            self._around.append(place)
            place = None if place.isSameNode(document.body) else place.parentElement

    async def keep_after(self, work: "Awaitable[object]") -> None:
        """Do what was asked for, and see to the focus then."""
        try:
            await work
        finally:
            self.keep()

    def keep(self) -> None:
        """Lead the keyboard to the nearest control, if it was on this one and cannot stay."""
        if _is_there(self._control):
            return
        active = document.activeElement
        if active and not (active.isSameNode(self._control) or active.isSameNode(document.body)):
            return
        for place in self._around:
            nearest = self._nearest(place) if place.isConnected else None
            if nearest:
                nearest.focus(ffi.to_js({"preventScroll": True}))
                return

    def _nearest(self, place: "Any") -> "Any":
        """The first control behind this one, else the last before it, else None."""
        before, is_apart = None, not self._control.isConnected
        found = place.querySelectorAll(_CONTROLS)
        for i in range(found.length):
            one = found.item(i)
            if not _is_there(one):
                continue
            if is_apart or not self._control.compareDocumentPosition(one) & _BEFORE:
                return one
            before = one
        return before


def _is_there(control: "Any") -> bool:
    """Whether a control can have the focus."""
    return control.getClientRects().length != 0 and getattr(control, "disabled", False) is not True
