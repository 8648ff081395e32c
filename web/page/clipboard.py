"""Copying text, in every browser that lets a page do so.

Runs in MicroPython.
"""

from jsffi import JsException
from pyscript import document, window

from page import texts


async def copy(text, select):
    """Copy text; return what to tell the person.

    Args:
        text: to copy.
        select: selects the same text on the page, for browsers that copy in no other way and for
            people who then press the keys themselves.
    """
    clipboard = getattr(window.navigator, "clipboard", None)
    if hasattr(clipboard, "writeText"):  # not on pages that were not served securely
        try:
            await clipboard.writeText(text)
        except JsException:  # NotAllowedError: the browser or its user said no
            pass
        else:
            return texts.COPIED
    select()
    return texts.COPIED if document.execCommand("copy") else texts.NOT_COPIED
