"""The diagnostics panel: what a bug report should say.

Runs in MicroPython.
"""

import json

from jsffi import JsException
from pyscript import ffi, window

from page import texts, view
from page.browser.events import on, start

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Diagnostics:
    """Fills the panel when it is opened, and again after each caption while it is open.

    Attributes:
        captioner: Seesay's JavaScript API.
    """

    def __init__(self, captioner: "Any") -> None:
        self.captioner = captioner

    def listen(self) -> None:
        """Connect the panel; it may have been opened before Python ran."""
        on("diagnostics", "toggle", self.show)
        start(self.show())

    async def show(self) -> None:
        """Show versions, threads, memory, fallbacks and offline use, if the panel is open."""
        if not view.element("diagnostics").open:
            return
        offline = {"offline": view.offline()}
        try:
            found = await self.captioner.diagnostics()
        except JsException as error:
            view.show_diagnostics("", f"{view.sentence(error)}\n{view.offline()}")
            return
        found = window.Object.assign(found, ffi.to_js(offline))
        text = window.JSON.stringify(found, None, 2)
        peak = json.loads(text)["peak_memory"]  # as text: numbers from JavaScript wrap at 32 bits
        memory = texts.peak_memory(float(peak["model_bytes"]), float(peak["python_bytes"]))
        view.show_diagnostics(memory, text)
