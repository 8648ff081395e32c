"""Words of all images into their own files; each failure is told by itself, and the rest goes on.

Runs in MicroPython.
"""

from jsffi import JsException
from pyscript import ffi
from pyscript.js_modules import file_handles

from page import view
from page.browser.confirm import confirm
from page.words import in_file, record, words_texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from page.image.image_item import Entry


class SaveAll:
    """The button below the list.

    Attributes:
        is_saving: whether files are being written.
    """

    def __init__(
        self,
        captioner: "Any",
        entries: "Callable[[], list[Entry]]",
        prepare: "Callable[[Entry], None]",
        on_saved: "Callable[[Entry], None]",
    ) -> None:
        """Take the JavaScript API and three functions.

        ``entries()`` returns the images; ``prepare(entry)`` brings the words of one up to date;
        ``on_saved(entry)`` is told that its own file has them now.
        """
        self.is_saving = self._is_asking = False
        self._captioner = captioner
        self._entries = entries
        self._prepare = prepare
        self._on_saved = on_saved

    async def save(self) -> None:
        """Ask, then write one file after the other; pressed again, stop after the present one."""
        if self.is_saving:
            self.is_saving = False
            return
        view.show_list("save-all-notes", [])
        entries = [one for one in self._entries() if one.picture and (one.result or one.alt.said())]
        if not entries:
            view.set_text("save-all-said", words_texts.NOTHING_TO_SAVE_YET)
            return
        if self._is_asking:  # a second click
            return
        self._is_asking = True
        try:
            may_save = await self._may_save(entries)
        finally:
            self._is_asking = False
        if not may_save:
            return
        self.is_saving = True
        view.set_text("save-all", words_texts.STOP)
        try:
            await self._save(entries)
        finally:
            self.is_saving = False
            view.set_text("save-all", words_texts.SAVE_ALL)

    async def _may_save(self, entries: "list[Entry]") -> bool:
        """Ask the person, and let them name the folder where the page was not told of one."""
        is_known = False
        for entry in entries:
            is_known = is_known or bool(await file_handles.isWritable(entry.file))
        if not is_known and not file_handles.canChooseFolder():
            view.set_text("save-all-said", words_texts.SAVE_ALL_NOWHERE)
            return False
        question = words_texts.ask_save_all(len(entries), is_known)
        action = words_texts.SAVE if is_known else words_texts.CHOOSE_FOLDER
        if not await confirm(question, action):
            return False
        if is_known:
            return True
        wanted = [{"file": entry.file, "path": entry.path} for entry in entries]
        return bool(await file_handles.chooseFolder(ffi.to_js(wanted)))

    async def _save(self, entries: "list[Entry]") -> None:
        files = ffi.to_js([entry.file for entry in entries])
        allowed = list(await file_handles.whichAllowed(files))
        notes, count = [], 0
        for i, entry in enumerate(entries):
            if not self.is_saving:
                notes.append(words_texts.left(len(entries) - i))
                break
            view.set_text("save-all-said", words_texts.saving_all(i, len(entries)))
            problem = (
                await self._save_one(entry) if allowed[i] else words_texts.NO_FILE_TO_SAVE_INTO
            )
            if problem:
                notes.append(words_texts.not_saved(entry.name, problem))
            else:
                count += 1
        view.set_text("save-all-said", words_texts.saved_all(count))
        view.show_list("save-all-notes", notes)

    async def _save_one(self, entry: "Entry") -> str:
        """Write into one file; return why not, or ""."""
        self._prepare(entry)
        replace = record.FIELDS if view.element("export-replace").checked else []
        try:
            written = await self._captioner.writeMetadata(
                entry.file, ffi.to_js(record.written(entry)), ffi.to_js({"replace": replace})
            )
        except JsException as error:  # a rejection of the JavaScript API
            return view.sentence(error)
        saved = await file_handles.replaceFile(entry.file, written.file)
        if saved.problem:
            return words_texts.SAVE_PROBLEMS[saved.problem]
        in_file.take_saved(entry, saved)
        self._on_saved(entry)
        return ""
