"""Words into the image's file: first what it does to the file, then done.

Runs in MicroPython.
"""

from jsffi import JsException
from pyscript import ffi
from pyscript.js_modules import downloads, file_handles

from page import view
from page.browser.events import on, on_escape, start
from page.browser.js_data import Record
from page.words import record, words_texts
from page.words.in_file import FORMATS, take_saved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from page.image.image_item import Entry


class Saving:
    """The panel that shows before and after, and saves.

    Attributes:
        entry: the image that is shown, or None.
    """

    def __init__(
        self,
        captioner: "Any",
        prepare: "Callable[[Entry], None]",
        on_saved: "Callable[[Entry], None]",
    ) -> None:
        """Take the JavaScript API and two functions.

        ``prepare(entry)`` brings the words of an image up to date; ``on_saved(entry)`` is told that
        its own file has them now.
        """
        self.entry: "Entry | None" = None
        self._captioner = captioner
        self._prepare = prepare
        self._on_saved = on_saved
        self._turn = 0  # counts, so that an overtaken preview shows nothing
        self._there: "dict[str, Any]" = {}  # the words in the file, as the preview found them

    def listen(self) -> None:
        """Connect the buttons."""
        on("save-open", "click", self.open)
        on("save-close", "click", self._put_away)
        for name in ("save-open", "save-panel"):
            on_escape(name, self._put_away)
        on("save-replace", "change", self._preview)
        on("save-description", "change", self._preview)
        on("save-remove", "change", self._preview)
        on("save", "click", self.save)
        on("save", "pointerenter", self.prepare_drag)
        on("save-sidecar", "click", self.save_sidecar)

    def show(self, entry: "Entry | None") -> None:
        """Another image is shown, or none."""
        self.entry = entry
        view.element("save-replace").checked = view.element("save-remove").checked = False
        view.set_text("save-said", "")
        self.close()

    def close(self) -> None:
        """Put the panel away."""
        self._turn += 1
        downloads.offerDrag(view.element("save"), None, "")
        view.element("save-panel").hidden = True
        view.element("save-open").setAttribute("aria-expanded", "false")

    def _put_away(self) -> bool:
        """The person closes it: the keyboard goes on where it was opened.

        Returns:
            Whether it was open.
        """
        if view.element("save-panel").hidden:
            return False
        self.close()
        view.element("save-open").focus()
        return True

    def refresh(self) -> None:
        """The words were edited: the preview follows, where it is open."""
        if not view.element("save-panel").hidden:
            start(self._preview())

    async def open(self) -> None:
        """Show what saving would do."""
        if not view.element("save-panel").hidden:
            self.close()
            return
        view.element("save-panel").hidden = False
        view.element("save-open").setAttribute("aria-expanded", "true")
        view.set_text("save-said", "")
        await self._preview()

    async def _preview(self) -> None:
        entry = self.entry
        if entry is None:
            return
        self._turn += 1
        turn = self._turn
        downloads.offerDrag(view.element("save"), None, "")
        view.element("save").disabled = True  # until it says what it would do
        self._prepare(entry)
        sentence = ""
        there: "dict[str, Any]" = {}
        change: "Any" = None
        if entry.picture and entry.picture.format not in FORMATS:
            sentence = words_texts.no_room(entry.picture.format)
        else:
            try:
                words, options = self._writing(entry)
                change = Record(await self._captioner.planMetadata(entry.file, words, options))
                there = {one["name"]: one["before"] for one in change.fields}
                if view.element("save-remove").checked:
                    words, options = _removal(entry, there)
                    change = Record(await self._captioner.planMetadata(entry.file, words, options))
            except JsException as error:  # a rejection of the JavaScript API
                sentence = view.sentence(error)
        is_writable = await file_handles.isWritable(entry.file)
        if turn == self._turn:
            self._there = there
            self._show(change, sentence, bool(is_writable))

    def _show(self, change: "Any", sentence: str, is_writable: bool) -> None:
        """Write the preview: what happens to each field, and what else is to be known."""
        lines = []
        is_kept = False
        is_removal = bool(view.element("save-remove").checked)
        if change:
            for one in change.fields:
                line = words_texts.field_change(one)
                if line:
                    lines.append(line)
                is_kept = is_kept or one["outcome"] == "kept"
            is_kept = is_kept or bool(view.element("save-replace").checked)
            sentence = " ".join(change.warnings)
            if not change.places:
                lines = [words_texts.NOTHING_TO_SAVE] if not is_kept else lines
                lines = [words_texts.NOTHING_TO_REMOVE] if is_removal else lines
        view.show_list("save-fields", lines)
        view.set_text("save-problem", sentence)
        view.element("save-replace-choice").hidden = is_removal or not is_kept
        view.element("save-description-choice").hidden = is_removal
        view.element("save-remove-choice").hidden = not (is_removal or record.is_ours(self._there))
        is_possible = bool(change and change.places and not change.signed)
        view.element("save").hidden = not is_possible
        in_place = words_texts.REMOVE_IN_PLACE if is_removal else words_texts.SAVE_IN_PLACE
        view.set_text("save", in_place if is_writable else words_texts.SAVE_COPY)
        view.element("save").disabled = False

    def _order(self, entry: "Entry") -> "tuple[Any, Any]":
        """Return what is to be done to the file, as JavaScript takes it: words and options."""
        if view.element("save-remove").checked:
            return _removal(entry, self._there)
        return self._writing(entry)

    def _writing(self, entry: "Entry") -> "tuple[Any, Any]":
        """Return the words to write, and the options, as JavaScript takes them."""
        words = record.written(entry)
        if view.element("save-description").checked:
            words["description"] = entry.caption
        replace = record.FIELDS if view.element("save-replace").checked else []
        return ffi.to_js(words), ffi.to_js({"replace": replace})

    async def prepare_drag(self) -> None:
        """Have the copy ready: a drag waits for nothing once it begins."""
        entry, turn = self.entry, self._turn
        if entry is None:
            return
        words, options = self._order(entry)
        try:
            written = await self._captioner.writeMetadata(entry.file, words, options)
        except JsException:  # a rejection of the JavaScript API, which a click tells of
            return
        if turn == self._turn:
            downloads.offerDrag(view.element("save"), written.file, entry.file_name)

    async def save(self) -> None:
        """Save in place where that is possible, else hand out a copy."""
        entry = self.entry
        if entry is None:
            return
        view.set_text("save-said", "")
        is_removal = bool(view.element("save-remove").checked)
        file = entry.file
        is_in_place = await file_handles.isWritable(file) and await file_handles.isAllowed(file)
        words, options = self._order(entry)
        try:
            written = await self._captioner.writeMetadata(file, words, options)
        except JsException as error:  # a rejection of the JavaScript API
            view.set_text("save-said", view.sentence(error))
            return
        if is_in_place:
            saved = await file_handles.replaceFile(file, written.file)
            if saved.problem:
                view.set_text("save-said", words_texts.SAVE_PROBLEMS[saved.problem])
                return
            take_saved(entry, saved)
            self._on_saved(entry)
            say = words_texts.taken_out if is_removal else words_texts.saved
            said = say(entry.file_name)
        else:
            downloads.download(written.file, entry.file_name)
            said = words_texts.COPY_WITHOUT if is_removal else words_texts.COPY_SAVED
        if entry is self.entry:
            self.close()
            view.element("save-remove").checked = False
            view.set_text("save-said", said)

    async def save_sidecar(self) -> None:
        """Hand out the words as a file beside the image."""
        entry = self.entry
        if entry is None:
            return
        self._prepare(entry)
        words, options = self._writing(entry)
        try:
            sidecar = await self._captioner.makeSidecar(words, options)
        except JsException as error:  # a rejection of the JavaScript API
            view.set_text("save-said", view.sentence(error))
            return
        downloads.download(sidecar, record.sidecar_name(entry.file_name))
        view.set_text("save-said", words_texts.SIDECAR_SAVED)


def _removal(entry: "Entry", there: "dict[str, Any]") -> "tuple[Any, Any]":
    """Return the words to take out, and the options, as JavaScript takes them."""
    return ffi.to_js(record.removable(entry, there)), ffi.to_js({"remove": True})
