"""The extended description, written by the model that can, when a person asks for it.

Runs in MicroPython. The model remembers what it saw last: about an image that it has captioned, a
description costs no second look.
"""

from jsffi import JsException
from pyscript import ffi, window

from page import view
from page.browser.events import on, start
from page.models.model_choice import THOROUGH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from page.image.image_item import Entry
    from page.models.model_choice import ModelChoice

WRITING = "Thorough is writing …"
WRITTEN = "Written by Thorough. Read it before you publish it."
KEPT = "Your own words stay."
LEADS_TO_MODEL = "With the model Thorough on this device, Seesay can write one."


class AtLength:
    """The button beside the field.

    Attributes:
        entry: the image that is shown, or None.
        job: AbortController of the description in work, or None.
    """

    def __init__(
        self, captioner: "Any", models: "ModelChoice", on_written: "Callable[[], None]"
    ) -> None:
        """Take the JavaScript API, the ModelChoice, and what is told of a new description."""
        self.entry: "Entry | None" = None
        self.job: "Any" = None
        self._captioner = captioner
        self._models = models
        self._on_written = on_written

    def listen(self) -> None:
        """Connect the button and what it depends on."""
        on("describe", "click", self.toggle)
        on("alt-more", "toggle", self.refresh)
        on("alt-extended", "input", self.refresh)

    def forget(self) -> None:
        """Another image, or a new caption on its way."""
        if self.job:
            self.job.abort()
            self.job = None
        self.entry = None

    def show(self, entry: "Entry") -> None:
        """Offer a description of an image that has its caption."""
        self.forget()
        self.entry = entry
        view.set_text("describe-said", "")
        self.refresh()

    def refresh(self) -> None:
        """Show the button where it can do something."""
        if self.entry is None:
            return
        is_ready = self._models.is_ready(THOROUGH)
        is_empty = not self.entry.alt.extended.strip()
        view.element("describe").hidden = not self.job and not (is_ready and is_empty)
        view.set_text("describe", "Stop" if self.job else "Write one")
        if not is_ready and is_empty and THOROUGH in self._models.known:
            view.set_text("describe-said", LEADS_TO_MODEL)

    def toggle(self) -> None:
        """Begin, or stop."""
        if self.job:
            self.job.abort()
        elif self.entry is not None:
            self.job = window.AbortController.new()
            view.set_text("describe-said", WRITING)
            start(self._write(self.entry, self.job))
        self.refresh()

    async def _write(self, entry: "Entry", job: "Any") -> None:
        options = {"model": THOROUGH, "tasks": ["detailed"], "signal": job.signal}
        said = ""
        try:
            result = await self._captioner.caption(entry.file, ffi.to_js(options))
            said = WRITTEN if entry.alt.describe(result.caption) else KEPT
        except JsException as error:  # a rejection of the JavaScript API
            if error.args[1] != "AbortError":
                said = view.sentence(error)
        if self.job is job:
            self.job = None
            self._on_written()
            view.set_text("describe-said", said)
            self.refresh()
