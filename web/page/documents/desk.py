"""The desk: documents that were opened, their images without words, drafts, and the way out.

Runs in MicroPython.
"""

from jsffi import JsException
from pyscript import document, ffi, window
from pyscript.js_modules import downloads

from page import view
from page.browser.confirm import confirm
from page.browser.events import on, start
from page.browser.js_data import Record
from page.documents import documents_texts as texts
from page.documents.row import Row
from pycore.alt_text import cleaning
from pycore.alt_text.draft import claimed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from page.models.model_choice import ModelChoice

AT_ONCE = 200  # rows that are added at a time
ZIPS = (".zip", ".epub", ".docx")
TEXTS = (".md", ".markdown", ".mdown", ".mkd", ".html", ".htm", ".xhtml", ".xht")


class Desk:
    """What is open, and what a person makes of it."""

    def __init__(self, captioner: "Any", models: "ModelChoice") -> None:
        """Take Seesay's API, and which model writes; make the view."""
        self._captioner = captioner
        self._models = models
        self._set: "Any" = None  # DocumentSet of the JavaScript API
        self._rows: list[Row] = []
        self._saved: dict[str, str] = {}  # the words that were put in last
        self._job: "Any" = None  # AbortController of the drafts in work
        self._turn = 0  # counts what was opened, so that what was overtaken shows nothing
        style = document.createElement("link")
        style.rel = "stylesheet"
        style.href = "styles/documents.css"
        document.head.append(style)
        made = view.element("documents-view").content.cloneNode(True)
        view.element("documents").append(made)

    def listen(self) -> None:
        """Connect the controls."""
        on("document-files", "change", lambda: self._choose("document-files"))
        on("document-folder", "change", lambda: self._choose("document-folder"))
        on("documents-more", "click", self._show_more)
        on("documents-draft", "click", self._draft)
        on("documents-stop", "click", self.stop)
        on("documents-use-all", "click", self._use_all)
        on("documents-save", "click", self._save)
        page = document.defaultView  # what PyScript calls window cannot be listened to
        page.addEventListener("beforeunload", self._on_unload)

    async def open(self, items: "list[Any]") -> None:
        """Read documents; items have a file and its path.

        What is open, and the words for it, stay until others take their place.
        """
        wanted = [item for item in items if item.file and not _is_internal(item.path)]
        taken, left_out = _without_zips(wanted)
        files = [{"file": item.file, "path": item.path} for item in taken]
        if not files:
            if items:  # else it was a paste of nothing
                self._say("", texts.NO_DOCUMENT)
            return
        self._turn += 1
        turn = self._turn
        self._say(texts.READING)
        try:
            found = await self._captioner.documents.open(ffi.to_js(files))
        except JsException as error:  # a rejection of the JavaScript API
            if turn == self._turn:
                self._say("", view.sentence(error))
            return
        is_wanted = turn == self._turn and await self._may_close()
        if turn != self._turn or not is_wanted:
            start(_close(found))
            if turn == self._turn:
                self._say()
            return
        self._clear()
        self._set = found
        notes = [note.message for note in found.notes]
        if left_out:
            notes.append(texts.zips_left_out(left_out))
        need, total = int(found.images.length), int(found.imageCount)
        self._say(texts.found(need, total), " ".join(notes))
        view.element("documents-work").hidden = not need
        await self._show_more()

    async def _show_more(self) -> None:
        """Add rows for the next images that need words."""
        found, first = self._set, len(self._rows)
        images = [Record(one) for one in list(found.images)[first : first + AT_ONCE]]
        fresh = [Row(first + i, image, self._refresh) for i, image in enumerate(images)]
        self._rows.extend(fresh)
        rows = view.element("document-rows")
        for row in fresh:
            row.put_into(rows)
        left = int(found.images.length) - len(self._rows)
        view.element("documents-more").hidden = not left
        view.set_text("documents-more", texts.show_more(min(left, AT_ONCE), left))
        if first and fresh:
            fresh[0].focus()
        self._refresh()
        for row in fresh:
            if self._set is not found:
                return
            await self._show_picture(row, found)

    def stop(self) -> None:
        """Write no more drafts."""
        if self._job:
            self._job.abort()

    def _on_unload(self, event: "Any") -> None:
        """The tab is about to close: the browser asks, where words are not saved yet."""
        if self._words() != self._saved:
            event.preventDefault()

    async def _may_close(self) -> bool:
        """Ask, where words would be lost that a person has read and not saved."""
        return self._words() == self._saved or await confirm(texts.REPLACE, texts.OPEN)

    async def _show_picture(self, row: Row, found: "Any") -> None:
        picture, problem = None, ""
        try:
            picture = await found.picture(row.index)
        except JsException as error:
            problem = view.sentence(error)
        if self._set is found and not row.picture:
            row.show_picture(picture)
            if problem:
                row.say(problem)

    def _choose(self, name: str) -> None:
        chosen = view.element(name)
        files = [_Item(one) for one in list(chosen.files)]
        chosen.value = ""  # so that choosing the same file again is a change, too
        if files:
            start(self.open(files))

    def _clear(self) -> None:
        self.stop()
        if self._set:
            start(_close(self._set))
        self._set = None
        for row in self._rows:
            row.release()
        self._rows = []
        self._saved = {}
        view.element("document-rows").replaceChildren()
        view.element("documents-work").hidden = True

    # Drafts

    def _draft(self) -> None:
        if not self._models.usable():
            self._say(problem=texts.NO_MODEL)
        elif not self._job:
            self._job = window.AbortController.new()
            start(self._draft_all(self._job))

    async def _draft_all(self, job: "Any") -> None:
        """Caption the pictures of all images that nobody has decided about, each once."""
        found, count = self._set, 0
        self._show_drafting(True)
        rows = [row for row in self._rows if row.wants_draft() and row.picture]
        for number, row in enumerate(rows, 1):
            self._say(texts.drafting(number, len(rows)))
            options = {"model": self._models.chosen, "signal": job.signal, "numBeams": 1}
            try:
                result = await self._captioner.caption(row.picture, ffi.to_js(options))
            except JsException as error:
                if job.signal.aborted:
                    break
                row.say(view.sentence(error))
            else:
                said = claimed(str(result.caption), result.confidence)
                row.draft(cleaning.clean(said) if said else "", is_guess=bool(result.flagged))
                row.say(texts.doubt(said, bool(result.flagged)))
                count += bool(said)
        self._job = None
        self._show_drafting(False)
        if self._set is found:
            self._say(texts.drafted(count, len(rows)))
            self._refresh()

    def _show_drafting(self, is_drafting: bool) -> None:
        view.element("documents-draft").hidden = is_drafting
        view.element("documents-stop").hidden = not is_drafting

    def _use_all(self) -> None:
        """Use the drafts that the model stands for; each other one is for a person to read."""
        used = sum([row.use() for row in self._rows])
        self._say(texts.used(used, sum([row.is_open_guess() for row in self._rows])))
        self._refresh()

    # The way out

    async def _save(self) -> None:
        found, words = self._set, self._words()
        self._say(texts.WRITING)
        try:
            file = await found.write(ffi.to_js(words))
        except JsException as error:
            self._say("", view.sentence(error))
            return
        downloads.download(file, file.name)
        if self._set is found:
            self._saved = words
        self._say(texts.saved(str(file.name), len(words)))

    def _words(self) -> dict[str, str]:
        found = {str(row.index): row.words() for row in self._rows}
        return {index: words for index, words in found.items() if words is not None}

    def _refresh(self) -> None:
        count = len(self._words())
        save = view.element("documents-save")
        save.textContent = texts.save(count)
        save.disabled = not count

    def _say(self, state: str = "", problem: str = "") -> None:
        view.set_text("documents-state", state)
        view.set_text("documents-problem", problem)


class _Item:
    """A file that was chosen, as those that were dropped have it."""

    def __init__(self, file: "Any") -> None:
        self.file = file
        self.path = file.webkitRelativePath or file.name


async def _close(found: "Any") -> None:
    await found.close()


def _is_internal(path: str) -> bool:
    """Whether a file of a folder is a program's own: of git, of npm."""
    folders = path.split("/")[:-1]
    return any(name.startswith(".") or name == "node_modules" for name in folders)


def _without_zips(items: "list[Any]") -> "tuple[list[Any], int]":
    """Leave the zips in a folder of documents out, which are opened one by one; count them."""
    others = [item for item in items if not item.path.lower().endswith(ZIPS)]
    is_folder = any("/" in item.path for item in items)
    if not is_folder or not any(item.path.lower().endswith(TEXTS) for item in others):
        return items, 0
    return others, len(items) - len(others)
