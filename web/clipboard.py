"""Copying text, in every browser that lets a page do so.

Runs in MicroPython.
"""

import words
from jsffi import JsException
from pyscript import document, window


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
            return words.COPIED
    select()
    return words.COPIED if document.execCommand("copy") else words.NOT_COPIED
