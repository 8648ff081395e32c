"""The library: whether there is one, the list, one image, and what is kept.

Runs in MicroPython.
"""

import json

from jsffi import JsException
from pyscript import document, window
from pyscript.js_modules import settings_store

from page import view
from page.browser.events import on, start
from page.browser.renewal import Renewal
from page.library import library_texts
from page.library.image import fields
from page.library.image.page import ImagePage
from page.library.kept_panel import KeptPanel
from page.library.shelf import Shelf
from page.library.tables.selection_export import SelectionExport
from page.queue.queue_line import QueueLine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from page.library.keeper import Keeper
    from page.models.model_choice import ModelChoice


VISIT = "seesay-library-view"  # in the storage of the tab: what is looked for, and where


class LibraryView:
    """The second view of the page.

    Attributes:
        shelf: the list.
        image: one image of it, large.
        panel: what is kept, and how to take it away.
        queue: what waits for a caption.
        export: the words of what is selected, as a file.
        handle: of the image that is shown; "" for the list, None while another view is shown.
        on_caption: called with the id of an image that has a caption of the queue, or failed.
    """

    def __init__(self, keeper: "Keeper", captioner: "Any", models: "ModelChoice") -> None:
        """Take the Keeper, which opens the library and knows whether there may be one.

        Beside it the JavaScript API, and which model writes.
        """
        self.handle: str | None = None
        self._keeper = keeper
        self._captioner = captioner
        self._is_stale = True
        self._list = Renewal(self._refresh_list)
        self._shows = 0  # counts, so that an overtaken view shows nothing
        self._scrolled = 0.0  # how far the list is, or was before another view was shown
        self._goes_on = False  # with the queue, once it is open
        self._standing = ""  # what is to be said for as long as the library is where it is
        self._is_listed = False  # the list is laid out, so that it can be scrolled
        self.shelf = Shelf(self.show_problem)
        self.image = ImagePage(captioner, self.shelf.grid, self.show_problem)
        self.queue = QueueLine(captioner, models, self.shelf, self._on_kept, self.show_problem)
        self.queue.on_caption = self._on_caption
        self.on_caption: "Callable[[int], object]" = _nothing
        self.panel = KeptPanel(keeper, self.shelf, self.queue.halt, self.refresh, self.show_problem)
        self.export = SelectionExport(captioner, self.shelf.grid, self.show_problem)

    def listen(self) -> None:
        """Connect everything."""
        self.shelf.listen()
        self.image.listen()
        self.panel.listen()
        self.queue.listen()
        self.export.listen()
        on("library-table", "click", lambda: view.element("library-table-file").click())
        on("library-table-file", "change", self.take_table)
        on("library-allow", "click", self.allow)
        on("library-here", "click", self.take_over)
        page = document.defaultView  # what PyScript calls window cannot be listened to
        page.addEventListener("beforeunload", self._on_unload)
        page.addEventListener("pagehide", lambda _event: self._note_visit())
        document.addEventListener("scroll", lambda _event: self._note_scroll())
        self._restore_visit()
        self._keeper.on_kept = self._on_kept
        self._keeper.on_event = self._on_event

    async def show(self, handle: str) -> None:
        """Show the list, or the image with this handle."""
        came_from, self.handle = self.handle, handle
        self.show_problem(None)
        self._is_listed = self._is_listed and came_from == handle
        self._shows += 1
        shows = self._shows
        if came_from and came_from != handle:
            await self.image.leave()
            if shows != self._shows:  # the person went on meanwhile
                return
        if self._keeper.choice != "on":
            self._show_part("library-off")
            self.shelf.grid.clear()
            self.queue.close()
            settings_store.writeVisit(VISIT, "")
            view.set_text("library-count", "")
        elif not await self._open(False):
            return
        else:
            if self._goes_on:
                self._goes_on = False
                self.queue.go_on()
                self._show_part("shelf")
                view.element("library-title").focus()  # the button is on another view
            if handle:
                await self._show_image(handle, shows, came_from == handle)
            else:
                await self._show_list(came_from, shows)

    async def _show_image(self, handle: str, shows: int, is_again: bool) -> None:
        if self._is_stale:  # next and previous go by the list
            self._is_stale = False  # before the search: a change meanwhile makes it stale again
            await self.shelf.search()
        is_there = await self.image.show(handle, is_again)
        if shows != self._shows:  # the person went on meanwhile
            return
        if is_there:
            self._show_part("image-page")
            view.element("image-page").focus()
            window.scrollTo(0, 0)
        else:
            self._show_part("shelf")
            self._show_notice(library_texts.GONE)

    async def _show_list(self, came_from: str | None, shows: int) -> None:
        self._show_part("shelf")
        self._is_stale = False
        await self.shelf.search()
        if shows != self._shows:
            return
        if came_from != "":  # back from an image, from another view, or from a reload
            window.scrollTo(0, self._scrolled)
        self._is_listed = True
        if came_from:
            self.shelf.focus(self.image.row)
        await self.panel.refresh()

    def leave(self) -> None:
        """Another view is shown."""
        if self.handle:
            start(self.image.leave())
        self._shows += 1
        self.handle = None

    def _on_unload(self, event: "Any") -> None:
        """The tab is about to close: the browser asks, where words or files are not kept yet."""
        is_taking = self.queue.queue.intake.total > 0
        if is_taking or (self.handle and self.image.has_changes()):
            event.preventDefault()

    def _note_scroll(self) -> None:
        if self.handle == "" and self._is_listed:
            self._scrolled = window.scrollY

    def _note_visit(self) -> None:
        """Write down what is looked for, so that a reload finds it again."""
        if self._keeper.choice == "on":
            state = self.shelf.state()
            state["scrolled"] = str(int(self._scrolled))
            settings_store.writeVisit(VISIT, json.dumps(state))

    def _restore_visit(self) -> None:
        noted = settings_store.readVisit(VISIT)
        if noted:
            state = json.loads(noted)
            self._scrolled = float(state["scrolled"])
            self.shelf.restore(state)

    async def refresh(self) -> None:
        """Show it anew: the library has another content, or is gone."""
        self._is_stale = True
        if self.handle is not None:
            await self.show(self.handle)

    async def _open(self, take_over: bool) -> bool:
        try:
            library = await self._keeper.library()
            where = await library.open(take_over)
        except JsException as error:
            self.show_problem(error)
            return False
        is_secure = bool(window.isSecureContext)
        standing = {"memory": library_texts.memory(is_secure), "elsewhere": library_texts.ELSEWHERE}
        self._stand(standing.get(where, ""))
        self._show_reading(where == "elsewhere")
        self.shelf.open(library)
        self.image.open(library, self._keeper.link)
        self.export.open(self._keeper.link)
        if where == "elsewhere":
            self.queue.close()
        else:
            try:
                await self.queue.open(library, self._keeper.link.originals)
            except JsException as error:  # no room: what is there can be read all the same
                self.show_problem(error)
        return True

    def go_on_when_shown(self) -> None:
        """Go on with what waits for a caption, as soon as the library is open."""
        self._goes_on = True

    def take(self, items: "list[Any]") -> bool:
        """Take files that were handed in while the library is shown; return whether it can."""
        return self.handle is not None and self.queue.take(items)

    async def take_table(self) -> None:
        """An edited table was chosen: its words come back."""
        from page.library.tables.table_import import TableImport  # noqa: PLC0415 - not before it is needed

        try:
            library = await self._keeper.library()
            link = self._keeper.link
            await TableImport(self._captioner, library, link, self.shelf.refresh).take()
        except JsException as error:
            self.show_problem(error)

    async def allow(self) -> None:
        """Keep captions from now on."""
        await self._keeper.allow()
        await self.refresh()

    async def take_over(self) -> None:
        """Use the library in this tab."""
        if await self._open(True):
            await self.refresh()

    def _show_reading(self, is_reading: bool) -> None:
        """Let the library only be read, while another tab has it; styles hide the rest."""
        view.element("library-view").toggleAttribute("data-reading", is_reading)
        view.element("library-here").hidden = not is_reading
        fields.lock(is_reading)

    def _on_kept(self) -> None:
        """A caption of the first view was kept, or another tab wrote."""
        self._is_stale = True
        if self.handle == "":
            self._list.ask()

    async def _refresh_list(self) -> None:
        """Show the list anew, unless a search came before and showed what is new."""
        if self._is_stale:
            self._is_stale = False
            await self.shelf.refresh()

    def _on_caption(self, image_id: int) -> None:
        """An image has a caption of the queue, or failed."""
        self.on_caption(image_id)
        if self.handle:
            self.image.note(image_id)

    def _on_event(self, kind: str) -> None:
        """Another tab did something."""
        if self._keeper.choice != "on":  # it took everything away
            start(self.refresh())
        elif kind == "taken":
            self.queue.close()
            self._stand(library_texts.TAKEN)
            self._show_reading(True)
        elif kind == "changed":
            self._on_kept()

    def show_problem(self, error: "JsException | None") -> None:
        """Say what went wrong; None: something is tried, and what failed before is over."""
        self._show_notice(view.sentence(error) if error else self._standing)

    def _stand(self, sentence: str) -> None:
        """Say this from now on; what was said to have failed is not over if it stays the same."""
        if sentence != self._standing:
            self._standing = sentence
            self._show_notice(sentence)

    def _show_notice(self, sentence: str) -> None:
        view.element("library-notice").hidden = not sentence
        view.set_text("library-notice-text", sentence)

    def _show_part(self, name: str) -> None:
        for part in ("library-off", "shelf", "image-page"):
            view.element(part).hidden = part != name
        view.element("library-head").hidden = name == "image-page"
        # At an address that is not secure files cannot be hashed, by which images are known.
        view.element("library-add").hidden = name != "shelf" or not window.isSecureContext
        view.element("kept").hidden = name != "shelf"


def _nothing(_image_id: int) -> None:
    pass
