"""Keeping the first view's captions in the library, once a person has allowed it.

Runs in MicroPython (the page) and in CPython (tests). Here is only what the first view needs; the
library's own modules, and its worker, are loaded when there is something to keep or to show.
"""

from jsffi import JsException
from pyscript import document, js_import, window
from pyscript.js_modules import library_choice

from page import view
from page.browser.events import on, start
from page.library import entry_words
from page.queue import reminder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from page.image.image_item import Entry
    from page.library.entry_words import Decision
    from page.library.library import Library

SCRIPT = "page/library/link/library_link.mjs"
ENOUGH = 2  # captions one after the other: then they may be worth keeping


class Keeper:
    """What a person chose, and what follows from it.

    Attributes:
        link: library_link.mjs, or None before it was needed.
        on_kept: called after a caption was kept.
        on_event: called with "changed" or "taken" when another tab wrote, or took over.
    """

    def __init__(
        self,
        entries: "Callable[[], list[Entry]]",
        shown: "Callable[[], Entry | None]",
        captioner: "Any",
    ) -> None:
        """Take two functions, and the JavaScript API.

        ``entries()``: the images of the first view, whose captions are there already.
        ``shown()``: the one of them in the frame, whose words a person may change.
        """
        self.link: "Any" = None
        self.on_kept: "Callable[[], object]" = _nothing
        self.on_event: "Callable[[str], object]" = _nothing
        self._entries = entries
        self._shown = shown
        self._captioner = captioner
        self._library: "Library | None" = None
        self._due: "list[Entry]" = []
        self._failed: "list[Entry]" = []  # those that could not be kept
        self._noted: "dict[str, tuple[Any, Decision | None, Any]]" = {}  # by handle
        # The same, caption, decision, marks; with the id in the library before them.
        self._kept: "dict[str, tuple[int, Any, Decision | None, Any]]" = {}
        self._is_keeping = False

    def listen(self) -> None:
        """Connect the question, and what a person does about words on the first view."""
        on("keep-yes", "click", self.allow)
        on("keep-no", "click", self.decline)
        on("workbench", "change", self._note_shown)
        on("workbench", "click", self._note_shown)
        on("findings", "click", self._note_shown)

    # The choice

    @property
    def choice(self) -> str:
        """What counts now, in all tabs: "on", "off", or "" while nobody was asked."""
        value: str = library_choice.choice()
        return value

    def offer(self) -> None:
        """Ask, unless a person was asked before."""
        if not self.choice:
            view.element("keep-note").hidden = False

    async def allow(self) -> None:
        """Keep captions from now on, and those that are on the page."""
        self._choose("on")
        self._noted = {}
        for entry in self._entries():
            self.note(entry)
        from page.library import library_texts  # noqa: PLC0415 - not before it is needed

        view.announce(library_texts.ALLOWED)

    def decline(self) -> None:
        """Keep nothing, and do not ask again."""
        self._choose("off")

    def _choose(self, value: str) -> None:
        library_choice.choose(value)
        view.element("keep-note").hidden = True

    # The library

    async def library(self) -> "Library":
        """The library; whoever wants to ask it something opens it."""
        if self._library is None:
            from page.library.library import Library  # noqa: PLC0415 - not before it is needed

            address = window.URL.new(SCRIPT, document.baseURI).href
            modules = await js_import(address)
            if self._library is None:  # else another was as quick
                self.link = modules[0]
                self.link.listen(self._on_event)
                self._library = Library(self.link)
        return self._library

    async def erase(self) -> None:
        """Take everything away, and keep nothing from now on."""
        library, before = await self.library(), self.choice
        self._choose("off")  # first: no tab may begin a new one meanwhile
        self._due, self._failed = [], []
        view.show_not_kept("")
        try:
            await library.erase()
            reminder.note(0, False)
        except JsException:
            self._choose(before)  # it is still there
            raise
        finally:
            self.forget()

    def forget(self) -> None:
        """The library has another content: what is known of it is no longer so."""
        self._noted = {}
        self._kept = {}

    def _on_event(self, kind: str) -> None:
        self.forget()
        self.on_event(kind)

    # Captions

    def _note_shown(self) -> None:
        entry = self._shown()
        if entry:
            self.note(entry)

    def note(self, entry: "Entry") -> None:
        """There is news of an image; keep what is new, if there is a caption and it may be kept."""
        if not entry.result or entry.is_working or entry.problem:
            return
        handle = entry.sha256
        news = entry_words.caption(entry), entry_words.decision(entry), entry_words.marks(entry)
        if self.choice == "off" or self._noted.get(handle) == news:
            return
        self._noted[handle] = news
        if self.choice != "on":
            if len(self._noted) >= ENOUGH:
                self.offer()
            return
        if entry not in self._due:
            self._due.append(entry)
        if not self._is_keeping:
            self._is_keeping = True
            if self._failed and self._failed[0] not in self._due:  # another try, one at a time
                self._due.append(self._failed[0])
            start(self._keep_due())

    async def _keep_due(self) -> None:
        try:
            while self._due:
                entry = self._due.pop(0)
                if self.choice == "on":  # else all was deleted meanwhile, here or in another tab
                    await self._try_to_keep(entry)
        finally:
            self._is_keeping = False

    async def _try_to_keep(self, entry: "Entry") -> None:
        """Keep one; where that fails, say so until it is kept after all."""
        others = [one for one in self._failed if one is not entry]
        try:
            where = await self._hand_over(entry)
        except JsException as error:  # no room, a broken file, another tab
            if entry.result:
                self._noted.pop(entry.sha256, None)
            if self.choice == "on":
                self._failed = others + [entry]  # noqa: RUF005 - MicroPython
                view.show_not_kept(view.sentence(error))
            return
        self._failed = others
        if not others:
            view.show_not_kept(_not_kept(where))
        self.on_kept()

    async def _hand_over(self, entry: "Entry") -> str:
        """Keep one, be it by way of another tab that has the library: its work goes on.

        Returns:
            Where the library lies: see ``Library.where``.
        """
        from page.library.library import Library  # noqa: PLC0415 - not before it is needed

        await self.library()
        library = Library(self.link, hands_over=True)
        where = await library.open()
        try:
            await self._keep(library, entry)
        except JsException:
            if where != "elsewhere":
                raise
            # That tab was closed meanwhile, perhaps: then this one has it now, or yet another.
            where = await library.open()
            await self._keep(library, entry)
        return where

    async def _keep(self, library: "Library", entry: "Entry") -> None:
        if not entry.result:  # all was forgotten meanwhile
            return
        await self._follow(library, entry)
        handle = entry.sha256
        caption, decision = entry_words.caption(entry), entry_words.decision(entry)
        marks = entry_words.marks(entry)
        image_id, old_caption, old_decision, old_marks = self._kept.get(handle, (0, None, None, {}))
        if caption != old_caption:
            image = await entry_words.image(entry, handle)
            words, said = entry_words.machine(entry), entry_words.said(entry)
            seen = entry.result.image.seen
            in_file = None if image_id else await self._words_in(entry)
            image_id = await library.keep(image, words, entry.file, said, seen, in_file)
            entry.kept_as = handle
            self._kept[handle] = image_id, caption, old_decision, old_marks
        if decision != old_decision:
            await self._decide(library, image_id, decision)
            self._kept[handle] = image_id, caption, decision, old_marks
        if marks != old_marks:
            await library.write_by_rules([_marks_change(image_id, marks)])
            self._kept[handle] = image_id, caption, decision, marks

    async def _words_in(self, entry: "Entry") -> "dict[str, str] | None":
        from page.library import file_words  # noqa: PLC0415 - not before it is needed

        return await file_words.find(self._captioner, entry.file, entry.sidecar)

    async def _follow(self, library: "Library", entry: "Entry") -> None:
        """Words were saved into the file: the library knows it by its new hash from now on."""
        former, handle = entry.kept_as, entry.sha256
        if former in ("", handle):
            return
        image_id = await library.set_sha256(former, handle, entry.file)
        entry.kept_as = handle
        # Else its bytes are an image of their own: what is said of them is still to be kept.
        if former in self._kept and self._kept[former][0] == image_id:
            self._kept[handle] = self._kept.pop(former)

    async def _decide(self, library: "Library", image_id: int, decision: "Decision | None") -> None:
        if decision is None:  # a person took it back
            await library.reset([image_id])
        elif decision[0] == "decorative":
            await library.mark_decorative([image_id])
        elif decision[0] == "reviewed":
            await library.choose(image_id, decision[1], decision[2])
        elif decision[0] == "ruled":
            await library.write_by_rules([{"id": image_id, "keywords": decision[1]}])
        else:
            names = ("text", "description", "keywords", "text_in_picture")
            await library.edit(image_id, dict(zip(names, decision[1:])))  # noqa: B905 - MicroPython


def _marks_change(image_id: int, marks: "dict[str, Any]") -> "dict[str, Any]":
    """What ``write_by_rules`` takes to give an image these marks, and no others."""
    change: "dict[str, Any]" = {"id": image_id, "export_folder": "", "fields": {}}
    change["is_flagged"] = False
    change.update(marks)
    return change


def _not_kept(where: str) -> str:
    """What to say where captions are kept only as long as the tab."""
    if where != "memory":
        return ""
    from page.library import library_texts  # noqa: PLC0415 - not before it is needed

    return library_texts.MEMORY


def _nothing(*_news: object) -> None:
    pass
