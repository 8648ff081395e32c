"""A question before something is done that cannot be undone.

Runs in MicroPython.
"""

from pyscript import ffi, window

from page import view

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


async def confirm(question: str, action: str) -> bool:
    """Ask; return whether the person wants it.

    Args:
        question: what would be done.
        action: the word on the button that does it.
    """
    dialog = view.element("confirm")
    view.set_text("confirm-question", question)
    view.set_text("confirm-yes", action)
    dialog.returnValue = ""
    view.element("confirm-yes").onclick = lambda _event: dialog.close("yes")
    view.element("confirm-no").onclick = lambda _event: dialog.close("")
    closed: "Any" = window.Promise.new(
        lambda resolve, _reject: dialog.addEventListener(
            "close", lambda _event: resolve(None), ffi.to_js({"once": True})
        )
    )
    dialog.showModal()
    await closed
    return bool(dialog.returnValue == "yes")
