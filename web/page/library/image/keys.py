"""What keys do while one image of the library is open.

Runs in MicroPython (the page) and in CPython (tests).
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_NAMES = {
    "Escape": "close",
    "ArrowLeft": "previous",
    "k": "previous",
    "ArrowRight": "next",
    "j": "next",
    "a": "accept",
    "d": "mark_decorative",
    "u": "undo",
    "e": "edit",
    "Delete": "delete",
}


def in_field(event: "Any") -> str:
    """What a key does while words are typed: Ctrl+Enter saves; "" for nothing."""
    return "accept" if event.key == "Enter" and (event.ctrlKey or event.metaKey) else ""


def on_page(event: "Any") -> str:
    """What a key does: "accept", "next", "3" for the third candidate; "" for nothing."""
    if event.key == "z" and (event.ctrlKey or event.metaKey):
        return "undo"
    if event.ctrlKey or event.metaKey or event.altKey:  # the browser's own
        return ""
    if event.key == "Enter":  # on a control it is the control's
        return "" if event.target.matches("button, a, summary") else "accept"
    if len(event.key) == 1 and "1" <= event.key <= "9":
        key: str = event.key
        return key
    return _NAMES.get(event.key, "")
