"""The workbench beside the caption: alt text, checked while it is written, and copied in any form.

Runs in MicroPython. The rules (pycore/alt_text) run here rather than in the worker, so that they
answer each key at once, however busy the worker is.
"""

from pyscript.js_modules import downloads

from page import view
from page.browser import clipboard
from page.browser.events import on
from page.words import record, words_texts
from page.words.presets import Presets
from page.words.saving import Saving
from pycore.alt_text import limits, lint, preset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from page.image.image_item import Entry


class Workbench:
    """Fields for the words of the image in the frame.

    Attributes:
        entry: the image that is shown, or None.
        presets: how drafts are made and what is checked.
        saving: the words into the file.
    """

    def __init__(
        self,
        captioner: "Any",
        on_keywords: "Callable[[Entry], None]",
        on_saved: "Callable[[Entry], None]",
    ) -> None:
        """Take the JavaScript API, and two functions.

        ``on_keywords(entry)`` is told that keywords or the words in the picture were edited here.
        ``on_saved(entry)`` is told that the image's own file has other words now.
        """
        self.entry: "Entry | None" = None
        self.presets = Presets(self.refresh)
        self.saving = Saving(captioner, self.prepare, on_saved)
        self._on_keywords = on_keywords
        self._shown: "Entry | None" = None  # whose words the fields have
        self._filled: "dict[str, str]" = {}  # what was written into those that count when left

    def listen(self) -> None:
        """Connect the fields."""
        on("workbench", "toggle", self.refresh)
        on("alt-text", "input", self._edit)
        on("alt-extended", "input", self._take)
        on("alt-beside", "input", self._take)
        on("alt-keywords", "change", self._take_keywords)
        on("alt-words", "change", self._take_keywords)
        on("alt-decorative", "change", self._take)
        on("alt-reviewed", "change", self._take)
        on("alt-inclusive", "change", self._reword)
        on("alt-start-over", "click", self._start_over)
        on("keywords-start-over", "click", self._restore_keywords)
        on("copy-alt", "click", self.copy)
        on("use-in-file", "click", self._use_in_file)
        self.presets.listen()
        self.saving.listen()

    def forget(self) -> None:
        """Another image, or a new caption on its way."""
        self.entry = None
        self.saving.show(None)

    def show(self, entry: "Entry") -> None:
        """Show the words of an image that has its caption."""
        self.entry = entry
        if entry is not self._shown:
            self._shown, self._filled = entry, {}
        view.set_text("alt-copied", "")
        self.saving.show(entry)
        self.refresh()

    def refresh(self) -> None:
        """Write all fields anew, where anybody sees them."""
        entry = self.entry
        if entry is None or not view.element("workbench").open:
            return
        words = entry.alt
        self.prepare(entry)
        view.element("alt-text").value = words.alt_text
        view.element("alt-extended").value = words.extended
        view.element("alt-beside").value = words.beside
        self._fill("alt-keywords", ", ".join(entry.keywords))
        view.element("keywords-start-over").hidden = not entry.has_own_keywords
        self._fill("alt-words", entry.words or "")
        view.element("alt-decorative").checked = words.is_decorative
        view.element("alt-inclusive").checked = self.presets.used.is_inclusive
        view.set_text("alt-changes", words_texts.changed(words.changes))
        self._check()

    def _fill(self, name: str, text: str) -> None:
        """Write a field that counts once it is left, unless a person is just writing in it."""
        field = view.element(name)
        if self._filled.get(name, field.value) == field.value:
            field.value = text
            self._filled[name] = field.value

    def prepare(self, entry: "Entry") -> None:
        """Make the draft of an image anew, where no person wrote its alt text."""
        values = record.values_of(entry, downloads.dateOf(entry.file))
        entry.alt.draft(values, self.presets.used)

    # What people do

    def _edit(self) -> None:
        if self.entry is None:
            return
        self.entry.alt.edit(view.element("alt-text").value)
        self._check()

    def _take(self) -> None:
        """Some other field was changed."""
        if self.entry is None:
            return
        words = self.entry.alt
        words.extended = view.element("alt-extended").value
        words.beside = view.element("alt-beside").value
        words.is_decorative = bool(view.element("alt-decorative").checked)
        words.is_reviewed = bool(view.element("alt-reviewed").checked)
        self._check()

    def _take_keywords(self) -> None:
        """Keywords or the words in the picture were edited: the findings above show them, too."""
        entry = self.entry
        if entry is None:
            return
        keywords = preset.words(view.element("alt-keywords").value)
        if keywords != entry.keywords:
            entry.write_keywords(keywords)
        said = view.element("alt-words").value.strip()
        if said != (entry.words or ""):
            entry.write_words(said)
        self._filled = {}
        self._on_keywords(entry)
        self.refresh()

    def _reword(self) -> None:
        """Inclusive wording was switched on, or off, which puts back what it changed."""
        if self.entry is None:
            return
        is_on = bool(view.element("alt-inclusive").checked)
        self.presets.set_inclusive(is_on)
        is_possible = self.entry.alt.reword(is_on)
        self.refresh()
        if not is_possible:
            view.set_text("alt-changes", words_texts.EDITED_SINCE)
        elif is_on and not self.entry.alt.changes:
            view.set_text("alt-changes", words_texts.NOTHING_TO_REWORD)

    def _start_over(self) -> None:
        """Take the draft instead of what a person wrote."""
        if self.entry is None:
            return
        self.entry.alt.start_over()
        self.refresh()
        view.element("alt-text").focus()

    def _restore_keywords(self) -> None:
        """Take the model's keywords instead of a person's."""
        if self.entry is None:
            return
        self.entry.restore_keywords()
        self._on_keywords(self.entry)
        self.refresh()
        view.element("alt-keywords").focus()

    def _use_in_file(self) -> None:
        """Take the alt text that the file has already."""
        if self.entry is None or not self.entry.alt.alt_in_file():
            return
        self.entry.alt.edit(self.entry.alt.alt_in_file())
        self.refresh()

    def _check(self) -> None:
        """Say how long the alt text is and what is wrong with it."""
        entry = self.entry
        if entry is None:
            return
        self.saving.refresh()
        words, used = entry.alt, self.presets.used
        limit = used.chosen_limit()
        in_file = words.alt_in_file()
        view.element("use-in-file").hidden = in_file in ("", words.alt_text)
        meter = view.element("alt-meter")
        meter.max = limit.characters
        meter.value = min(limits.length(words.alt_text), limit.characters)
        is_over = limits.length(words.alt_text) > limit.characters
        meter.classList.toggle("over", is_over)
        view.set_text("alt-count", limits.meter(words.alt_text, limit))
        view.element("alt-text").readOnly = words.is_decorative
        view.element("alt-reviewed").checked = words.is_reviewed
        view.element("alt-start-over").hidden = not words.is_edited
        if words.is_decorative:
            view.show_list("alt-findings", [words_texts.DECORATIVE])
            return
        found = lint.lint(
            words.alt_text,
            limit,
            file_name=entry.file_name,
            beside=words.beside,
            required=used.required,
            banned=used.banned,
            start=used.start,
        )
        view.show_list("alt-findings", [one.reason for one in found] or [words_texts.SOUND])
        view.element("alt-findings").classList.toggle("sound", not found)

    async def copy(self) -> None:
        """Copy the alt text in the form that is chosen."""
        if self.entry is None:
            return
        text = record.in_form(self.entry, view.element("copy-form").value)
        field = view.element("alt-text")
        view.set_text("alt-copied", "")
        view.set_text("alt-copied", await clipboard.copy(text, field.select))
