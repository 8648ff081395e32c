"""Several images: the list of them, and captioning one after the other.

Runs in MicroPython.
"""

from page import texts, view
from page.browser import clipboard
from page.browser.events import on, start, step
from page.image.image_item import Entry, look_at
from page.list import gallery_texts, gallery_view
from page.list.names import Names
from page.list.rows import Rows, row_index
from page.list.tally import Tally

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from typing import Any

FIRST, AT_ONCE = 6, 20  # files that join the list before the page breathes


class Gallery:
    """The list below the frame, which shows one of its images.

    Attributes:
        entries: the images, in the order in which they came; a new list after each ``clear``.
        shown: the entry in the frame, or None.
        is_open: whether there is a list: from two images on, until all are forgotten.
        is_running: whether images are being captioned.
        tally: how many of them are in which state.
    """

    def __init__(
        self,
        on_show: "Callable[[Entry], None]",
        on_change: "Callable[[Entry], None]",
        look_inside: "Callable[[Entry], Awaitable[str]]",
    ) -> None:
        """Take three functions.

        ``on_show(entry)`` puts an entry into the frame; ``on_change(entry)`` is told that there is
        news of one; ``look_inside(entry)`` is a coroutine: the alt text in an image's file, or "".
        """
        self.entries: list[Entry] = []
        self.shown: Entry | None = None
        self.is_open = False
        self.is_running = False
        self.tally = Tally()
        self._names = Names()
        self._rows = Rows()
        self._run = 0  # counts, so that a run that was stopped changes nothing any more
        self._doing = ""
        self._on_show = on_show
        self._on_change = on_change
        self._look_inside = look_inside

    def listen(self) -> None:
        """Connect the list; its rows come and go, so that it listens for them."""
        on("copy-all", "click", self.copy_all)
        rows = view.element("rows")
        rows.addEventListener("click", self._on_click)
        rows.addEventListener("keydown", self._on_key)
        self._rows.listen()

    # The images

    async def add(self, items: "list[Any]") -> None:
        """Append files; one that is no image fails alone. Those of a run that goes on join it.

        Args:
            items: what handed_in.mjs has to say about files.
        """
        entries, self.is_open = self.entries, True
        gallery_view.show_looking(True)
        for first in [0] + list(range(FIRST, len(items), AT_ONCE)):  # noqa: RUF005 - MicroPython
            count = AT_ONCE if first else FIRST
            fresh = [self._append(item) for item in items[first : first + count]]
            gallery_view.show(len(entries))
            self._rows.show(entries)
            await look_at(fresh)
            if entries is not self.entries:  # all was forgotten meanwhile
                return
            for entry in fresh:
                is_due = self.is_running and entry.picture and not await self._is_spared(entry)
                if entries is not self.entries:
                    return
                if is_due:
                    entry.is_due = self.is_running
                self.refresh(entry)
                if entry.picture and self.shown is None:
                    start(self.show(entry))
        if self.shown is None:
            start(self.show(entries[0]))
        gallery_view.show_looking(False)
        self._show_progress()

    def _append(self, item: "Any") -> Entry:
        entry = Entry(item, True)
        entry.index = len(self.entries)
        self.entries.append(entry)
        renamed = self._names.give(entry)
        if renamed:
            self._tell(renamed)
        return entry

    def clear(self) -> None:
        """Forget all images."""
        self.stop()
        for entry in self.entries:
            entry.release()
        self.entries = []
        self.shown = None
        self.is_open = False
        self.tally = Tally()
        self._names = Names()
        self._rows.show(self.entries)
        gallery_view.clear()

    def show(self, entry: Entry) -> "Coroutine[Any, Any, None]":
        """Mark an entry as the one in the frame; return the work that puts it there."""
        self.shown = entry
        self._rows.mark(entry.index)
        return self._show(entry)

    async def _show(self, entry: Entry) -> None:
        if entry.picture:
            await entry.picture.measure()
        if self.shown is entry:
            self._on_show(entry)

    def refresh(self, entry: Entry) -> None:
        """Write anew what the list says about an entry."""
        had_captions = self.tally.captions > 0
        self.tally.note(entry)
        self._rows.refresh(entry.index)
        if had_captions != (self.tally.captions > 0):
            gallery_view.enable_copy_all(not had_captions)

    def _tell(self, entry: Entry) -> None:
        self.refresh(entry)
        self._on_change(entry)

    # Captioning

    def has_work(self) -> bool:
        """Whether any of the images can be captioned."""
        return self.tally.pictures > 0

    async def caption(
        self, caption_settings: tuple[str, str], ask: "Callable[[list[Any]], Any]"
    ) -> None:
        """Caption all that these settings have not captioned; where they have, all again.

        Args:
            caption_settings: model and search.
            ask: takes a list of JavaScript Files and returns the generator of ``captionAll``.

        Raises:
            JsException: what concerns all images, and what a stopped run rejects with.
        """
        self._run += 1
        run = self._run
        self.is_running = True
        try:
            images = []
            for entry in [one for one in self.entries if one.picture]:
                if not await self._is_spared(entry):
                    images.append(entry)
                if run != self._run:
                    return
            due = [one for one in images if one.caption_settings != caption_settings]
            for entry in due or images:
                entry.is_due = True
                self.refresh(entry)
            while run == self._run:
                due = [entry for entry in self.entries if entry.is_due]
                if not due:
                    break
                await self._caption(due, caption_settings, ask, run)
        finally:
            if run == self._run:
                self.stop()

    async def _is_spared(self, entry: Entry) -> bool:
        """Whether an image needs no caption: its file has alt text, and others are wanted."""
        if not gallery_view.only_without():
            return False
        entries = self.entries
        is_spared = bool(await self._look_inside(entry))
        if is_spared and entries is self.entries:
            self._tell(entry)
        return is_spared

    async def _caption(
        self,
        due: list[Entry],
        caption_settings: tuple[str, str],
        ask: "Callable[[list[Any]], Any]",
        run: int,
    ) -> None:
        """Caption these entries; their ends come in their order."""
        ends = ask([entry.file for entry in due])
        for entry in due:
            entry.is_working = True
            self._tell(entry)
            self._show_progress()
            end = (await ends.next()).value
            if run != self._run:
                return
            entry.is_due = entry.is_working = False
            if getattr(end, "error", None):
                entry.fail(end.error.message)
            else:
                entry.finish(end.result, caption_settings, _own_ms(end.result.timings))
            self._tell(entry)
        await ends.next()  # so that it ends, too

    def stop(self) -> None:
        """No image is being captioned any more; what is done stays."""
        self._run += 1
        self.is_running = False
        for entry in self.entries:
            if entry.is_due:
                entry.is_due = entry.is_working = False
                self._tell(entry)
        self._show_progress()

    def show_doing(self, text: str) -> None:
        """Say what keeps the first images waiting, or "" for nothing."""
        if text != self._doing:
            self._doing = text
            self._show_progress()

    def outcome(self) -> str:
        """How all of them ended, in one sentence."""
        return gallery_texts.outcome(self.tally.done, self.tally.failed)

    def _show_progress(self) -> None:
        if self.is_running:
            count = len(self.entries)
            gallery_view.show_progress(count - self.tally.due, count, self._doing)
        else:
            gallery_view.hide_progress(self.outcome())

    # What people do with the list

    def _on_click(self, event: "Any") -> None:
        """Show the row's image, or copy its caption."""
        index = row_index(event.target)
        if index < 0:
            return
        if gallery_view.is_copy(event.target):
            start(self.copy(self.entries, index))
        elif gallery_view.is_opener(event.target):
            gallery_view.reveal_frame()
            start(self.show(self.entries[index]))

    def _on_key(self, event: "Any") -> None:
        """Arrow keys, Home and End go from row to row."""
        index = row_index(event.target)
        target = step(event, index, len(self.entries))
        if index >= 0 and target is not None:
            event.preventDefault()
            self._rows.focus(target)

    async def copy(self, entries: list[Entry], index: int) -> None:
        """Copy the caption of one of the entries."""
        self._take_back()
        caption = self._rows.text_element(index)
        said = await clipboard.copy(entries[index].caption, lambda: view.select(caption))
        if entries is not self.entries:  # all was forgotten meanwhile
            return
        if said == texts.COPIED:
            self._rows.mark_copied(index)
        else:
            gallery_view.show_not_copied(said)
        view.announce(said)

    async def copy_all(self) -> None:
        """Copy all captions, with the names of their images: a table, or one line each."""
        pairs = [(entry.name, entry.caption) for entry in self.entries if entry.caption]
        lines = gallery_texts.lines(pairs)
        self._take_back()
        said = await clipboard.copy(
            lines, lambda: gallery_view.select_all(lines), gallery_texts.table(pairs)
        )
        gallery_view.show_copied_all(said)
        view.announce(said)

    def _take_back(self) -> None:
        """Say no more that something was copied."""
        self._rows.mark_copied(-1)
        gallery_view.show_copied_all("")


def _own_ms(timings: "Any") -> float:
    """The time that went into one image, in milliseconds."""
    steps_ms = sum(list(timings.token_ms))
    own_ms: float = timings.decode_ms + timings.preprocess_ms + timings.encode_ms + steps_ms
    return own_ms
