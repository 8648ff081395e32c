"""The list's part of the document but for its rows: the head, their progress, what was copied.

Runs in MicroPython. Texts are set as text, never as markup.
"""

from pyscript import document, ffi, window
from pyscript.js_modules import app_badge

from page import texts
from page.list import gallery_texts
from page.view import element, fill_bar, set_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def show(count: int) -> None:
    """Show the list of so many images."""
    document.body.setAttribute("data-many", "")
    element("gallery").hidden = False
    element("reset").disabled = False
    set_text("gallery-title", gallery_texts.images(count))


def clear() -> None:
    """No list any more."""
    document.body.removeAttribute("data-many")
    element("gallery").hidden = True
    show_looking(False)
    enable_copy_all(False)
    show_copied_all("")


def show_looking(is_looking: bool) -> None:
    """Whether files are being looked at, so that more is to be said of the rows."""
    if is_looking:
        element("rows").setAttribute("aria-busy", "true")
    else:
        element("rows").removeAttribute("aria-busy")


def reveal_frame() -> None:
    """Bring the frame into view, where it is not."""
    still = window.matchMedia("(prefers-reduced-motion: reduce)").matches
    frame = element("frame")
    if frame.getBoundingClientRect().top < 0:
        frame.scrollIntoView(ffi.to_js({"behavior": "auto" if still else "smooth"}))


def is_copy(target: "Any") -> bool:
    """Whether an element is a row's button that copies."""
    return bool(target.closest(".row-copy"))


def is_opener(target: "Any") -> bool:
    """Whether an element is part of a row's button that shows the image."""
    return bool(target.closest(".row-open"))


def show_progress(ended: int, total: int, doing: str) -> None:
    """How many images have ended, and what keeps the next one waiting."""
    text = gallery_texts.progress(ended, total, doing)
    element("all-progress").hidden = False
    set_text("all-doing", text)
    fill_bar("all-progress", text, ended, total if ended else 0)
    app_badge.show(total - ended)


def hide_progress(outcome: str) -> None:
    """No image is being captioned; say how they ended."""
    element("all-progress").hidden = True
    set_text("all-doing", outcome)
    app_badge.show(0)


def only_without() -> bool:
    """Whether only images without alt text are to be captioned."""
    return bool(element("only-without").checked)


def enable_copy_all(enabled: bool) -> None:
    """Let all captions be copied, or not yet."""
    element("copy-all").disabled = not enabled


def show_copied_all(said: str) -> None:
    """Say on the button what came of copying all, or beside the list if it takes a sentence.

    Args:
        said: words for people, or "" to take back what was said before.
    """
    is_copied = said == texts.COPIED
    set_text("copy-all", said if is_copied else gallery_texts.COPY_ALL)
    element("captions").hidden = is_copied or not said
    show_not_copied("" if is_copied else said)


def show_not_copied(sentence: str) -> None:
    """Say why nothing was copied, or "" to take it back."""
    set_text("not-copied", sentence)


def select_all(text: str) -> None:
    """Write all captions into a field of their own, and select them."""
    field = element("captions")
    field.hidden = False
    field.value = text
    field.select()
