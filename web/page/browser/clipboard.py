"""Copying text, in every browser that lets a page do so.

Runs in MicroPython.
"""

from jsffi import JsException
from pyscript import document, ffi, window

from page import texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


async def copy(text: str, select: "Callable[[], object]", html: str = "") -> str:
    """Copy text; return what to tell the person.

    Args:
        text: to copy.
        select: selects the same text on the page, for browsers that copy in no other way and for
            people who then press the keys themselves.
        html: the same for programs that take more than text, where the browser can hand it over.
    """
    clipboard: "Any" = getattr(window.navigator, "clipboard", None)
    if hasattr(clipboard, "writeText"):  # not on pages that were not served securely
        try:
            if html and hasattr(window, "ClipboardItem"):
                await clipboard.write(ffi.to_js([_item({"text/plain": text, "text/html": html})]))
            else:
                await clipboard.writeText(text)
        except JsException:  # NotAllowedError: the browser or its user said no
            pass
        else:
            return texts.COPIED
    select()
    return texts.COPIED if document.execCommand("copy") else texts.NOT_COPIED


def _item(forms: dict[str, str]) -> "Any":
    """One thing in several forms: MIME type and text of each."""
    blobs = {
        kind: window.Blob.new(ffi.to_js([text]), ffi.to_js({"type": kind}))
        for kind, text in forms.items()
    }
    return window.ClipboardItem.new(ffi.to_js(blobs))
