"""Several images: the list of them, and captioning one after the other.

Runs in MicroPython.
"""

from page import clipboard, view
from page.events import on, start, step
from page.image.image_item import Entry
from page.image.picture import open_picture
from page.list import gallery_texts, gallery_view


class Gallery:
    """The list below the frame, which shows one of its images.

    Attributes:
        entries: the images, in the order in which they came; a new list after each ``clear``.
        shown: the entry in the frame, or None.
        is_open: whether there is a list: from two images on, until all are forgotten.
        is_running: whether images are being captioned.
    """

    def __init__(self, on_show, on_change):
        """Take two functions.

        ``on_show(entry)`` puts an entry into the frame; ``on_change(entry)`` is told that there is
        news of one.
        """
        self.entries = []
        self.shown = None
        self.is_open = False
        self.is_running = False
        self._run = 0  # counts, so that a run that was stopped changes nothing any more
        self._doing = ""
        self._on_show = on_show
        self._on_change = on_change

    def listen(self):
        """Connect the list; its rows come and go, so that it listens for them."""
        on("copy-all", "click", self.copy_all)
        rows = view.element("rows")
        rows.addEventListener("click", self._on_click)
        rows.addEventListener("keydown", self._on_key)
        rows.addEventListener("load", self._on_thumbnail, True)  # loads do not bubble
        rows.addEventListener("error", self._on_no_thumbnail, True)

    # The images

    async def add(self, files):
        """Append files; one that is no image fails alone. Those of a run that goes on join it."""
        entries = self.entries
        self.is_open = True
        gallery_view.show(len(entries) + len(files))
        for file in files:
            picture, problem = await open_picture(file)
            entry = Entry(file.name, picture, problem, True)
            if entries is not self.entries:  # all was forgotten meanwhile
                entry.release()
                return
            entry.is_due = self.is_running and picture is not None
            entries.append(entry)
            gallery_view.add_row(len(entries) - 1, entry)
            if picture and self.shown is None:
                await self.show(entry)
        if entries is not self.entries:
            return
        gallery_view.show(len(entries))
        if self.shown is None:
            await self.show(entries[0])
        self._show_progress()

    def clear(self):
        """Forget all images."""
        self.stop()
        for entry in self.entries:
            entry.release()
        self.entries = []
        self.shown = None
        self.is_open = False
        gallery_view.clear()

    def show(self, entry):
        """Mark an entry as the one in the frame; return the work that puts it there."""
        self.shown = entry
        gallery_view.mark_shown(self.entries.index(entry))
        return self._show(entry)

    async def _show(self, entry):
        if entry.picture:
            await entry.picture.measure()
        if self.shown is entry:
            self._on_show(entry)

    def refresh(self, entry):
        """Write anew what the list says about an entry."""
        gallery_view.update_row(self.entries.index(entry), entry)
        gallery_view.enable_copy_all(any(one.caption for one in self.entries))

    def _tell(self, entry):
        self.refresh(entry)
        self._on_change(entry)

    # Captioning

    def has_work(self):
        """Whether any of the images can be captioned."""
        return any(entry.picture for entry in self.entries)

    async def caption(self, caption_settings, ask):
        """Caption all that these settings have not captioned; where they have, all again.

        Args:
            caption_settings: model and search.
            ask: takes a list of JavaScript Files and returns the generator of ``captionAll``.

        Raises:
            JsException: what concerns all images, and what a stopped run rejects with.
        """
        images = [entry for entry in self.entries if entry.picture]
        for entry in [one for one in images if one.caption_settings != caption_settings] or images:
            entry.is_due = True
            self.refresh(entry)
        self._run += 1
        run = self._run
        self.is_running = True
        try:
            while run == self._run:
                due = [entry for entry in self.entries if entry.is_due]
                if not due:
                    break
                await self._caption(due, caption_settings, ask, run)
        finally:
            if run == self._run:
                self.stop()

    async def _caption(self, due, caption_settings, ask, run):
        """Caption these entries; their ends come in their order."""
        ends = ask([entry.picture.file for entry in due])
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

    def stop(self):
        """No image is being captioned any more; what is done stays."""
        self._run += 1
        self.is_running = False
        for entry in self.entries:
            if entry.is_due:
                entry.is_due = entry.is_working = False
                self._tell(entry)
        self._show_progress()

    def show_doing(self, text):
        """Say what keeps the first images waiting, or "" for nothing."""
        self._doing = text
        self._show_progress()

    def outcome(self):
        """How all of them ended, in one sentence."""
        states = [entry.state for entry in self.entries]
        return gallery_texts.outcome(states.count("done"), states.count("failed"))

    def _show_progress(self):
        if self.is_running:
            ended = sum(not entry.is_due for entry in self.entries)
            gallery_view.show_progress(ended, len(self.entries), self._doing)
        else:
            gallery_view.hide_progress(self.outcome())

    # What people do with the list

    def _on_click(self, event):
        """Show the row's image, or copy its caption."""
        index = gallery_view.row_index(event.target)
        if index < 0:
            return
        if gallery_view.is_copy(event.target):
            caption = gallery_view.caption_element(index)
            start(self.copy(self.entries, index, caption))
        elif gallery_view.is_opener(event.target):
            gallery_view.reveal_frame()
            start(self.show(self.entries[index]))

    def _on_key(self, event):
        """Arrow keys, Home and End go from row to row."""
        index = gallery_view.row_index(event.target)
        target = step(event, index, len(self.entries))
        if index >= 0 and target is not None:
            event.preventDefault()
            gallery_view.focus_row(target)

    def _on_thumbnail(self, event):
        """The browser tells the size of an image once it shows it."""
        index = gallery_view.row_index(event.target)
        picture = self.entries[index].picture
        picture.width, picture.height = event.target.naturalWidth, event.target.naturalHeight
        self.refresh(self.entries[index])

    def _on_no_thumbnail(self, event):
        """The browser cannot show this format; Seesay may read it all the same."""
        index = gallery_view.row_index(event.target)
        self.entries[index].release()
        self.refresh(self.entries[index])

    async def copy(self, entries, index, caption):
        """Copy the caption of one of the entries, which stands in the element ``caption``."""
        gallery_view.show_copied("")
        said = await clipboard.copy(entries[index].caption, lambda: view.select(caption))
        if entries is self.entries:  # else all was forgotten meanwhile
            gallery_view.show_copied(said, index)
            view.announce(said)

    async def copy_all(self):
        """Copy all captions, one line each: name, tab, caption."""
        done = [entry for entry in self.entries if entry.caption]
        lines = [gallery_texts.line(entry.name, entry.caption) for entry in done]
        text = "\n".join(lines)
        gallery_view.show_copied("")
        said = await clipboard.copy(text, lambda: gallery_view.select_all(text))
        gallery_view.show_copied(said)
        view.announce(said)


def _own_ms(timings):
    """The time that went into one image, in milliseconds."""
    steps_ms = sum(list(timings.token_ms))
    return timings.decode_ms + timings.preprocess_ms + timings.encode_ms + steps_ms
