"""The line of the first view that says how many images still wait in the library for a caption.

The number is written down as it changes, so that a page that was just opened need not open the
library to know it. Runs in MicroPython (the page) and in CPython (tests).
"""

from pyscript.js_modules import library_choice, settings_store

from page import texts, view

KEPT_AS = "seesay-waiting"


async def look() -> None:
    """Say how many were left waiting; nothing while another tab has the library, and goes on."""
    count = int(settings_store.read(KEPT_AS) or 0)
    if count and not await library_choice.isOpenInATab():
        _show(count)


def note(count: int, is_running: bool) -> None:
    """So many wait now; nothing is said of them while they are worked on."""
    if count:
        settings_store.write(KEPT_AS, str(count))
    else:
        settings_store.remove(KEPT_AS)
    _show(0 if is_running else count)


def hide() -> None:
    """Say nothing: another tab has the library."""
    _show(0)


def _show(count: int) -> None:
    view.element("waiting-note").hidden = not count
    view.set_text("waiting-said", texts.waiting(count))
