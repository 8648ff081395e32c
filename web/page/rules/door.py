"""The way to the rules' view, which is made when it is first shown; and rules on new captions.

Runs in MicroPython (the page) and in CPython (tests).
"""

from jsffi import JsException
from pyscript import document

from page import view
from page.browser.events import start

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from page.image.image_item import Entry
    from page.library.keeper import Keeper
    from page.rules.book import Book
    from page.rules.desk import Desk
    from page.rules.targets import Change, Images


class Door:
    """Opens and closes.

    Attributes:
        on_change: called with an image that rules changed.
    """

    def __init__(
        self,
        captioner: "Any",
        keeper: "Keeper",
        entries: "Callable[[], list[Entry]]",
        prepare: "Callable[[Entry], None]",
        on_change: "Callable[[Entry], None]",
    ) -> None:
        """Take Seesay's API, the library's Keeper, and three functions.

        ``entries()``: the images of the first view. ``prepare(entry)`` brings the words of one up
        to date. ``on_change(entry)`` is told of each that rules changed.
        """
        self._captioner = captioner
        self._keeper = keeper
        self._entries = entries
        self._prepare = prepare
        self._on_change = on_change
        self._rules: "Book | None" = None
        self._desk: "Desk | None" = None

    def show(self, is_open: bool) -> None:
        """Show the rules, or no longer."""
        if not is_open:
            return
        if self._desk is None:
            from page.rules.desk import Desk  # noqa: PLC0415 - not before it is needed

            self._desk = Desk(
                self._captioner, self._book(), self._keeper, lambda: self._images(self._entries())
            )
            self._desk.listen()
        start(self._desk.show())
        view.element("rules-title").focus()

    def note(self, entry: "Entry") -> None:
        """There is news of an image: a new caption, perhaps, which rules may be waiting for."""
        if not entry.result or entry.is_working or entry.ruled == entry.captioned:
            return
        entry.ruled = entry.captioned
        rules = self._book()
        if rules.is_automatic and rules.switched_on():
            start(self._run(entry, rules.rules))

    def note_kept(self, image_id: int) -> None:
        """An image of the library has a new caption, or failed."""
        rules = self._book()
        if rules.is_automatic and rules.switched_on():
            start(self._run_kept(image_id, rules.rules))

    async def _run_kept(self, image_id: int, rules: "list[dict[str, Any]]") -> None:
        from page.rules.targets import Kept  # noqa: PLC0415 - not before it is needed
        from page.rules.trial import attempt  # noqa: PLC0415

        images = Kept(self._keeper, [image_id])
        try:
            trial = await attempt(self._captioner, rules, images, _nothing)
            changes = _sparing(trial.changes)
            await images.apply([one for one in changes if one[1]["caption"]])
        except JsException as error:
            view.announce(view.sentence(error))

    async def _run(self, entry: "Entry", rules: "list[dict[str, Any]]") -> None:
        from page.rules.trial import attempt  # noqa: PLC0415 - not before it is needed

        caption = entry.captioned
        while entry.captioned == caption:  # once more where a person wrote meanwhile
            images = self._images([entry])
            try:
                trial = await attempt(self._captioner, rules, images, _nothing)
            except JsException as error:  # a rule is none any more, or the worker does not start
                view.announce(view.sentence(error))
                return
            changes = _sparing(trial.changes)
            if len(await images.apply(changes)) == len(changes):
                return

    def _images(self, entries: "list[Entry]") -> "Images":
        from page.rules.targets import Images  # noqa: PLC0415 - not before it is needed

        return Images(entries, self._prepare, self._on_change)

    def _book(self) -> "Book":
        if self._rules is None:
            from page.rules.book import Book  # noqa: PLC0415 - not before it is needed

            self._rules = Book()
            page = document.defaultView  # what PyScript calls window cannot be listened to
            page.addEventListener("storage", lambda event: self._reread(event.key))
        return self._rules

    def _reread(self, kept_as: "str | None") -> None:
        """Another tab kept something: if rules, they must not be written over."""
        from page.rules.book import KEPT_AS  # noqa: PLC0415 - not before it is needed

        if kept_as == KEPT_AS:
            self._book().read()
            if self._desk:
                self._desk.refresh()


def _sparing(changes: "list[Change]") -> "list[Change]":
    """What rules do unasked takes nobody's words away: they ask for the machine's in vain."""
    spared = []
    for image, before, after in changes:
        if after["state"] == "automatic":
            after = dict(after)  # noqa: PLW2901
            after["state"] = before["state"]
        if after != before:
            spared.append((image, before, after))
    return spared


def _nothing(_done: int, _total: int) -> None:
    pass
