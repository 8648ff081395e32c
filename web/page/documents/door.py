"""The way to the documents' view, which is made when it is first shown.

Runs in MicroPython.
"""

from page import view
from page.browser.events import start

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from page.documents.desk import Desk
    from page.models.model_choice import ModelChoice


class Door:
    """Opens and closes.

    Attributes:
        is_open: whether the documents are shown.
    """

    def __init__(self, captioner: "Any", models: "ModelChoice") -> None:
        """Take Seesay's API, and which model writes."""
        self.is_open = False
        self._captioner = captioner
        self._models = models
        self._desk: "Desk | None" = None

    def show(self, is_open: bool) -> None:
        """Show the documents, or no longer; drafts in work go on."""
        self.is_open = is_open
        if not is_open:
            return
        if self._desk is None:
            from page.documents.desk import Desk  # noqa: PLC0415 - not before it is needed

            self._desk = Desk(self._captioner, self._models)
            self._desk.listen()
        view.element("documents-title").focus()

    def take(self, items: "list[Any]") -> None:
        """Files were handed in while the documents are shown."""
        if self._desk is not None:
            start(self._desk.open(items))
