"""Words of all images of this tab: out as files, and back in from a table.

Runs in MicroPython.
"""

from jsffi import JsException
from pyscript import ffi, window
from pyscript.js_modules import downloads

from page import view
from page.browser.events import on
from page.browser.file_field import take_file
from page.browser.js_data import Record
from page.words import conflicts, record, words_texts
from pycore.alt_text import file_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from page.image.image_item import Entry
    from page.words.save_all import SaveAll

_FORMS = ("csv", "json", "jsonl", "html", "md", "txt", "xmp", "images")
_DRAFTED_AT_ONCE = 50  # the page answers in between
_MOST_LINES = 20


class Export:
    """The panel below the list.

    Attributes:
        exporting: AbortController of the export in work, or None.
    """

    def __init__(
        self,
        captioner: "Any",
        entries: "Callable[[], list[Entry]]",
        prepare: "Callable[[Entry], None]",
        on_change: "Callable[[Entry], None]",
    ) -> None:
        """Take the JavaScript API and three functions.

        ``entries()`` returns the images; ``prepare(entry)`` brings the words of one up to date;
        ``on_change(entry)`` is told of each image whose words came in.
        """
        self.exporting: "Any" = None
        self._captioner = captioner
        self._entries = entries
        self._prepare = prepare
        self._on_change = on_change
        self._saver: "SaveAll | None" = None

    def listen(self) -> None:
        """Connect the buttons."""
        on("export-words", "click", self.export)
        on("save-all", "click", self._save_all)
        on("import-table", "click", lambda: view.element("table-file").click())
        on("table-file", "change", self._take_table)
        for form in _FORMS:
            on(f"export-{form}", "change", self._show_choice)
        on("export-rename", "change", self._preview_names)

    async def _show_choice(self) -> None:
        """What only counts for images is asked with them alone."""
        view.element("export-rename-choice").hidden = not _is_checked("export-images")
        await self._preview_names()

    async def _preview_names(self) -> None:
        """Show the new names before any file has one."""
        if not self._renames():
            view.show_list("export-names", [])
            return
        _, records = await self.records()
        pairs = [(records[i]["name"], name) for i, name in enumerate(_new_names(records))]
        lines = [words_texts.renamed(old, new) for old, new in pairs if new != old]
        view.show_list("export-names", _shortened(lines))

    def _renames(self) -> bool:
        return _is_checked("export-images") and _is_checked("export-rename")

    async def records(self) -> "tuple[list[Entry], list[dict[str, Any]]]":
        """Return the images that are images, and what an export says of each."""
        entries = [entry for entry in self._entries() if entry.picture]
        found = []
        for i, entry in enumerate(entries):
            if i % _DRAFTED_AT_ONCE == _DRAFTED_AT_ONCE - 1:
                await downloads.pause()
            self._prepare(entry)
            found.append(record.exported(entry, entry.captioned))
        return entries, found

    async def export(self) -> None:
        """Make the files that are chosen; pressed again, stop."""
        if self.exporting:
            self.exporting.abort()
            return
        forms = [form for form in _FORMS if _is_checked(f"export-{form}")]
        view.show_list("export-notes", [])
        if not forms:
            view.set_text("export-said", words_texts.NO_FORM)
            return
        job = window.AbortController.new()
        self.exporting = job
        view.set_text("export-words", words_texts.STOP)
        view.set_text("export-said", words_texts.EXPORTING)

        def on_progress(event: "Any") -> None:
            if self.exporting is job:
                news = Record(event)
                said = words_texts.exported_so_far(news.loaded, news.total)
                view.set_text("export-said", said)

        try:
            entries, records = await self.records()
            options = {
                "forms": forms,
                "files": [entry.file for entry in entries] if "images" in forms else [],
                "replace": record.FIELDS if _is_checked("export-replace") else [],
                "signal": job.signal,
                "onProgress": on_progress,
            }
            if self._renames():
                options["names"] = _new_names(records)
            made = await self._captioner.exportWords(ffi.to_js(records), ffi.to_js(options))
        except JsException as error:  # a rejection of the JavaScript API, or stopped
            stopped = bool(job.signal.aborted)
            said = words_texts.STOPPED if stopped else view.sentence(error)
            view.set_text("export-said", said)
        else:
            downloads.download(made.file, made.file.name)
            view.set_text("export-said", words_texts.exported(made.file.name, len(records)))
            view.show_list("export-notes", _shortened(list(made.notes)))
        self.exporting = None
        view.set_text("export-words", words_texts.EXPORT)

    async def _save_all(self) -> None:
        """Write the words into the images' own files."""
        if self._saver is None:
            from page.words.save_all import SaveAll  # noqa: PLC0415 - not before it is needed

            self._saver = SaveAll(self._captioner, self._entries, self._prepare, self._on_change)
        await self._saver.save()

    # Back in

    async def _take_table(self) -> None:
        table = take_file("table-file")
        if table is None:
            return
        entries, records = await self.records()
        try:
            found = await self._captioner.mergeTable(ffi.to_js(records), table)
        except JsException as error:  # a rejection of the JavaScript API
            view.set_text("table-said", view.sentence(error))
            return
        merge = Record(found)
        for update in merge.updates:
            for name, value in update["fields"].items():
                _take(entries[int(update["index"])], name, value)
            self._on_change(entries[int(update["index"])])
        view.set_text("table-said", words_texts.merged(merge))
        view.element("conflicts").replaceChildren(
            *[self._conflict(entries[int(one["index"])], one) for one in merge.conflicts]
        )

    def _conflict(self, entry: "Entry", one: "dict[str, Any]") -> "Any":
        """A line for words that a person has to choose between."""

        async def take() -> bool:
            _take(entry, one["field"], one["there"])
            self._on_change(entry)
            return True

        return conflicts.line(one, entry.name, take, view.element("import-table"))


def _take(entry: "Entry", name: str, value: "Any") -> None:
    """Set one field of an image's words."""
    words = entry.alt
    if name == "alt_text":
        words.edit(value)
    elif name == "extended_description":
        words.extended = value
    elif name == "keywords":
        entry.write_keywords(list(value))
    elif name == "text":
        entry.write_words(value)
    elif name == "reviewed":
        words.is_reviewed = bool(value)


def _new_names(records: "list[dict[str, Any]]") -> list[str]:
    """Return names made of alt text, or of captions."""
    return file_names.renamed([(one["name"], one["alt_text"] or one["caption"]) for one in records])


def _shortened(lines: list[str]) -> list[str]:
    """Return lines as a person reads them: not too many."""
    if len(lines) <= _MOST_LINES:
        return lines
    return lines[:_MOST_LINES] + [words_texts.more(len(lines) - _MOST_LINES)]  # noqa: RUF005 - MicroPython


def _is_checked(name: str) -> bool:
    return bool(view.element(name).checked)
