"""Which view is shown: captions first; the library, documents or rules when the address says so.

Runs in MicroPython. Back, forward, reload and bookmarks work because the address alone decides.
"""

from pyscript import document, window

from page import view
from page.browser.events import on, start
from page.library import routes
from page.queue import reminder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from page.documents.door import Door
    from page.library.keeper import Keeper
    from page.library.library_view import LibraryView
    from page.models.model_choice import ModelChoice
    from page.rules.door import Door as RulesDoor


class Views:
    """Follows the address."""

    def __init__(
        self,
        keeper: "Keeper",
        documents: "Door",
        rules: "RulesDoor",
        captioner: "Any",
        models: "ModelChoice",
    ) -> None:
        """Take the Keeper, which knows the library, and the ways to the documents and rules.

        Beside them the JavaScript API, and which model writes.
        """
        self._keeper = keeper
        self._captioner, self._models = captioner, models
        self._documents = documents
        self._rules = rules
        self._library: "LibraryView | None" = None

    def listen(self) -> None:
        """Show what the address names, now and when it changes."""
        page = document.defaultView  # what PyScript calls window cannot be listened to
        page.addEventListener("hashchange", lambda _event: self.follow())
        on("waiting-go-on", "click", self.go_on)
        start(reminder.look())
        if routes.view_of(window.location.hash) != "captions":
            self.follow()

    def follow(self) -> None:
        """Show what the address names."""
        handle = routes.handle_of(window.location.hash)
        name = routes.view_of(window.location.hash)
        view.show_view(name)
        self._documents.show(name == "documents")
        self._rules.show(name == "rules")
        if handle is not None:
            start(self._opened().show(handle))
        elif self._library:
            self._library.leave()

    def _opened(self) -> "LibraryView":
        if self._library is None:
            from page.library.library_view import LibraryView  # noqa: PLC0415 - not before it is needed

            self._library = LibraryView(self._keeper, self._captioner, self._models)
            self._library.listen()
            self._library.on_caption = self._rules.note_kept
        return self._library

    def go_on(self) -> None:
        """Show the library, and go on with what waits there for a caption."""
        self._opened().go_on_when_shown()
        window.location.hash = routes.address()

    def take(self, items: "list[Any]") -> bool:
        """Let the library have files, where it is shown and kept; return whether it did."""
        return self._library is not None and self._library.take(items)

    def show_captions(self) -> None:
        """Back to the first view: something was handed in."""
        if routes.view_of(window.location.hash) != "captions":
            window.location.hash = "#"
