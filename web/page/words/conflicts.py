"""Words of a table against a person's own: both are shown, and a person decides.

Runs in MicroPython (the page) and in CPython (tests).
"""

from pyscript import document

from page.browser.events import start
from page.words import words_texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    Conflict = dict[str, Any]  # of a Merge of seesay.d.ts


def line(
    conflict: "Conflict", name: str, take: "Callable[[], Awaitable[bool]]", button_after: "Any"
) -> "Any":
    """A line with both, and a button for each.

    Args:
        conflict: what clashes.
        name: of the image, for screen readers.
        take: lets the table's words stand, and tells whether they do; the line stays if not.
        button_after: where the focus goes once a person has decided.
    """
    item = document.createElement("li")
    text = document.createElement("p")
    text.textContent = words_texts.conflict(conflict)
    item.append(text)
    for label, is_taken in ((words_texts.KEEP, False), (words_texts.TAKE, True)):
        button = document.createElement("button")
        button.type = "button"
        button.className = "link"
        button.textContent = label
        button.setAttribute("aria-label", f"{label}: {name}")
        button.addEventListener("click", _decision(item, take if is_taken else None, button_after))
        item.append(button)
    return item


def _decision(
    item: "Any", take: "Callable[[], Awaitable[bool]] | None", button_after: "Any"
) -> "Callable[[Any], None]":
    async def decide() -> None:
        if take is None or await take():
            item.remove()
            button_after.focus()

    return lambda _event: start(decide())
