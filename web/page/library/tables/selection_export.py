"""What a person does with the images that are selected: out as a file.

Runs in MicroPython.
"""

import json

from jsffi import JsException
from pyscript import ffi, window
from pyscript.js_modules import downloads

from page import view
from page.browser.events import on
from page.words import words_texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from page.library.tiles.grid import Grid


class SelectionExport:
    """The words of selected images as a file.

    Attributes:
        exporting: AbortController of the export in work, or None.
    """

    def __init__(
        self, captioner: "Any", grid: "Grid", on_problem: "Callable[[JsException], object]"
    ) -> None:
        """Take the JavaScript API, the list, and ``on_problem(error)``."""
        self.exporting: "Any" = None
        self._captioner = captioner
        self._grid = grid
        self._link: "Any" = None
        self._on_problem = on_problem

    def listen(self) -> None:
        """Connect the button."""
        on("export-selected", "click", self.export)

    def open(self, link: "Any") -> None:
        """Use this line to the library from now on."""
        self._link = link

    async def export(self) -> None:
        """Make the file that is chosen; pressed again, stop."""
        if self.exporting:
            self.exporting.abort()
            return
        job = self.exporting = window.AbortController.new()
        view.set_text("export-selected", words_texts.STOP)
        options = {"forms": view.element("export-form").value.split(), "signal": job.signal}
        try:
            ids = sorted(self._grid.selected)  # others may be selected before it is made
            records = await self._link.wordsToExport(json.dumps(ids))
            made = await self._captioner.exportWords(records, ffi.to_js(options))
        except JsException as error:  # a rejection of the JavaScript API, or stopped
            if not job.signal.aborted:
                self._on_problem(error)
        else:
            downloads.download(made.file, made.file.name)
            view.announce(words_texts.exported(made.file.name, len(ids)))
        self.exporting = None
        view.set_text("export-selected", words_texts.EXPORT)
