"""One image of the library, large: its words, who stands for them, and what comes next.

Made for reviewing at speed: one key decides and goes on. Keys are heard only while the focus is on
this page and in no field. Runs in MicroPython.
"""

import json

from jsffi import JsException
from pyscript import window

from page import view
from page.browser import clipboard
from page.browser.confirm import confirm
from page.browser.events import on, start
from page.library import library_texts, routes
from page.library.image import fields, keys
from page.library.image.look import Look

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from page.library.library import Library, Row
    from page.library.tiles.grid import Grid


class ImagePage:
    """The image that is open.

    Attributes:
        row: what is known of it, or None.
        candidates: what the machine offers, the current caption first.
        look: where the model looked.
    """

    def __init__(
        self, captioner: "Any", grid: "Grid", on_problem: "Callable[[JsException | None], object]"
    ) -> None:
        """Take the JavaScript API, the list that next and previous go by, and a function.

        ``on_problem(error)`` tells why something failed; None: something is tried again.
        """
        self.look = Look(captioner)
        self.row: "Row | None" = None
        self.candidates: list[str] = []
        self._grid = grid
        self._unsaved: "dict[str, dict[str, str]]" = {}  # by handle, what could not be saved
        self._wanted: "Row | None" = None  # what is to be shown, before its fields are filled
        self._is_busy = False
        self._library: "Library | None" = None
        self._link: "Any" = None
        self._on_problem = on_problem

    def listen(self) -> None:
        """Connect buttons, fields and keys."""
        on("image-previous", "click", lambda: self._tell(lambda: self.move(-1)))
        on("image-next", "click", lambda: self._tell(lambda: self.move(1)))
        on("image-accept", "click", lambda: self._tell(self.accept))
        on("image-decorative", "click", lambda: self._tell(self.mark_decorative))
        on("image-reset", "click", lambda: self._tell(self.reset))
        on("image-undo", "click", lambda: self._tell(self.undo))
        on("image-delete", "click", lambda: self._tell(self.delete))
        on("image-copy", "click", self.copy)
        for name in fields.FIELDS:
            on(f"image-{name}", "input", self._show_action)
        self.look.listen()
        view.element("image-page").addEventListener("keydown", self._on_key)

    def open(self, library: "Library", link: "Any") -> None:
        """Use this library from now on."""
        self._library, self._link = library, link
        self.look.open(library, link.originals)

    def _tell(self, work: "Callable[[], Awaitable[None]]") -> None:
        """Do something that may fail; not while another is at work, whose image it would hit."""
        if not self._is_busy:
            self._is_busy = True
            start(self._told(work))

    async def _told(self, work: "Callable[[], Awaitable[None]]") -> None:
        self._on_problem(None)
        try:
            await work()
        except JsException as error:
            self._on_problem(error)
        finally:
            self._is_busy = False

    # Showing

    async def show(self, handle: str, is_again: bool = False) -> bool:
        """Show the image with this handle; return whether there is one.

        What was typed and could not be saved is there again; ``is_again``: it is shown already, and
        what was typed stays, whoever had the library meanwhile.
        """
        row = await self._library.get(handle) if self._library else None
        if row:
            typed = self._unsaved.pop(handle, {})
            typed.update(self._changes() if is_again else {})
            await self._show(row)
            fields.put(typed)
            self._show_action()
        return row is not None

    async def _show(self, row: "Row") -> None:
        library = self._library
        if library is None:
            return
        self._wanted = row
        try:
            captions = await library.captions(row["id"])
            _, addresses = await library.tiles(json.dumps([row["id"]]))
            original = await self._link.original(row["sha256"])
        except JsException:
            if self._wanted is row:  # the one that is shown stays
                self._wanted = self.row
            raise
        if self._wanted is not row:  # the person went on meanwhile
            return
        self.row = row  # with its fields alone: words of one image must not go to another
        found = json.loads(captions[0]["candidates"]) if captions else []
        first = row["machine_text"]
        self.candidates = [first] if first else []
        self.candidates.extend([text for text in found if text != first])
        picture = view.element("image-picture")
        picture.src = original or addresses[str(row["id"])]
        picture.alt = row["text"] or ""
        view.set_text("image-small", "" if original else library_texts.SMALL)
        view.set_text("image-name", row["name"])
        view.set_text("image-facts", library_texts.facts(row))
        view.set_text("image-state", library_texts.STATES[row["state"]])
        view.element("image-state").setAttribute("data-state", row["state"])
        view.set_text(
            "image-machine",
            library_texts.machine(
                first, row["model"] or "", row["confidence"] or 0, row["job_message"] or ""
            ),
        )
        in_file = row["file_text"] if row["file_text"] != row["text"] else ""
        view.set_text("image-in-file", library_texts.in_file(in_file) if in_file else "")
        view.set_text("image-reset", library_texts.reset(row))
        view.set_text("image-read", row["text_in_picture"] or "")
        view.element("image-read-part").hidden = not row["text_in_picture"]
        view.set_text("image-copied", "")
        self.look.show(row["sha256"], captions[0] if captions else None, bool(original))
        self._show_candidates()
        self._show_place()
        self._fill()

    def _fill(self) -> None:
        """Let the fields say what is kept."""
        fields.fill(self.row)
        self._show_action()

    def _show_candidates(self) -> None:
        items = []
        for number, text in enumerate(self.candidates, 1):
            item = view.element("candidate").content.firstElementChild.cloneNode(True)
            item.querySelector("kbd").textContent = str(number)
            item.querySelector("span").textContent = text
            item.firstElementChild.addEventListener("click", self._chooser(number - 1))
            items.append(item)
        view.element("image-candidates").replaceChildren(*items)
        view.element("image-choices").hidden = len(items) < 2

    def _chooser(self, index: int) -> "Callable[[Any], None]":
        return lambda _event: self._tell(lambda: self.choose(index))

    def _show_place(self) -> None:
        place, count = self._place(self.row), self._grid.count
        view.set_text("image-place", library_texts.place(place, count))
        view.element("image-previous").disabled = place < 1
        view.element("image-next").disabled = not 0 <= place < count - 1

    def _show_action(self) -> None:
        """The main button says whether it saves what was changed, or accepts what is there."""
        view.set_text("image-accept", "Save" if self._changes() else "Accept")
        is_reviewed = self.row is not None and self.row["state"] not in ("automatic", "file")
        view.element("image-reset").hidden = not is_reviewed

    def _place(self, row: "Row | None") -> int:
        """Where an image stands in the list; -1 where it does not."""
        ids = self._grid.ids
        return int(ids.place(row["id"])) if ids and row else -1

    # Going on

    async def move(self, way: int) -> None:
        """Show the next image of the list, or the one before; what was changed is saved."""
        target = self._place(self.row) + way
        if self._library is None or not 0 <= target < self._grid.count:
            return
        await self._save()
        await self._show_at(target)

    async def _show_at(self, target: int) -> None:
        """Show the image that stands there in the list."""
        ids = json.loads(self._grid.ids.part(target, target + 1))
        rows = await self._library.of_ids(ids) if self._library else []
        if not rows:  # it was deleted
            return
        # In the place of this one: back leads to the list, not through all that was reviewed.
        window.history.replaceState(None, "", routes.address(rows[0]["sha256"]))
        await self._show(rows[0])
        place = library_texts.place(target, self._grid.count)
        view.announce(f"{place}. {rows[0]['text'] or ''}")

    async def _decided(self, decided: "Row", library: "Library") -> None:
        """The image is dealt with: go on to the next; at the end back to the list."""
        place = self._place(decided)
        row = await library.get(decided["sha256"])
        if row:
            view.announce(library_texts.done(row["state"], row["name"]))
        if self._wanted is not decided:  # the person went elsewhere meanwhile
            return
        if 0 <= place < self._grid.count - 1:
            await self._show_at(place + 1)
        elif place >= 0:
            view.announce(library_texts.LAST)
            window.location.hash = routes.address()
        elif row:
            await self._show(row)

    # What a person does about it

    def _changes(self) -> "dict[str, Any]":
        return fields.changes(self.row)

    async def accept(self) -> None:
        """Let the words stand, or save those that were changed; then go on."""
        row, library = self.row, self._library
        if row is None or library is None:
            return
        changes = self._changes()
        if not view.element("image-text").value.strip():
            view.announce(library_texts.NEEDS_WORDS)
            view.set_text("image-copied", library_texts.NEEDS_WORDS)
            return
        if not changes:
            await library.accept([row["id"]])
        else:
            await library.edit(row["id"], fields.person_words(row, changes))
        await self._decided(row, library)

    async def leave(self) -> None:
        """The person goes elsewhere; what they typed is saved, as by going to the next image."""
        self.look.leave()
        if self._is_busy:  # with saving it, or with what takes its place
            return
        row, library = self.row, self._library
        try:
            await self._save()
            fresh = await library.get(row["sha256"]) if row and library else None
        except JsException as error:
            if row:
                self._unsaved[row["sha256"]] = self._changes()
            self._on_problem(error)
            return
        if fresh and self.row is row:  # what was saved is no longer new
            self.row = fresh

    def note(self, image_id: int) -> None:
        """An image has another caption: nobody is to accept words that were never shown."""
        if self.row and self.row["id"] == image_id and not self._changes():
            self._tell(self._reload)

    def has_changes(self) -> bool:
        """Whether something was typed that is not saved."""
        return bool(self.row and self._changes())

    async def _save(self) -> None:
        """Save what was changed before something else takes its place; it can be undone."""
        changes = self._changes()
        if not changes.get("text", "x"):  # no words are not saved
            changes.pop("text")
        if changes and self.row and self._library:
            await self._library.edit(self.row["id"], fields.person_words(self.row, changes))

    async def choose(self, index: int) -> None:
        """Take one of the machine's candidates beside what else was changed, and go on."""
        row, library = self.row, self._library
        if row is None or library is None or index >= len(self.candidates):
            return
        text, changes = self.candidates[index], self._changes()
        words = fields.person_words(row, changes)
        await self._save()
        if len(changes) > ("text" in changes):  # the description, or keywords
            words["text"] = text
            await library.edit(row["id"], words)
        else:
            await library.choose(row["id"], text)
        await self._decided(row, library)

    async def mark_decorative(self) -> None:
        """The image needs no words; go on."""
        row, library = self.row, self._library
        if row and library:
            await self._save()
            await library.mark_decorative([row["id"]])
            await self._decided(row, library)

    async def reset(self) -> None:
        """Back to the words of the file, or the machine's."""
        if self.row and self._library:
            await self._library.reset([self.row["id"]])
            await self._reload()
            view.element("image-page").focus()  # the button has gone, and keys would reach nothing

    async def undo(self) -> None:
        """Take back what was done last, be it to this image or to another."""
        if self._changes():  # typing was last
            view.announce(library_texts.UNSAVED)
            self._fill()
        elif self._library:
            step = await self._library.undo()
            view.announce(library_texts.undone(step) if step else library_texts.UNDO_NOTHING)
            await self._reload()

    async def _reload(self) -> None:
        row = await self._library.get(self.row["sha256"]) if self._library and self.row else None
        if row:
            await self._show(row)

    async def delete(self) -> None:
        """Delete the image, once a person has said so twice; back to the list."""
        row, library = self.row, self._library
        if row and library and await confirm(library_texts.ask_delete(1), "Delete"):
            await library.delete([row["id"]])
            window.location.hash = routes.address()

    async def copy(self) -> None:
        """Copy the alt text."""
        field = view.element("image-text")
        view.set_text("image-copied", await clipboard.copy(field.value, field.select))

    # Keys

    def _on_key(self, event: "Any") -> None:
        in_field = event.target.matches("textarea, input, select")
        if in_field and event.key == "Escape":
            event.stopPropagation()  # it would stop captioning
            view.element("image-page").focus()
            return
        name = keys.in_field(event) if in_field else keys.on_page(event)
        if name:
            event.preventDefault()
            self._tell(self._save_typed if in_field else self._work(name))

    async def _save_typed(self) -> None:
        """Save from within a field, and go on: the next key is meant for the next image."""
        row = self.row
        await self.accept()
        if self.row is not row:
            view.element("image-page").focus()

    def _work(self, name: str) -> "Callable[[], Awaitable[None]]":
        """What is to be done by the name that keys.py has for it."""
        if name in ("1", "2", "3", "4", "5", "6", "7", "8", "9"):
            return lambda: self.choose(int(name) - 1)
        if name in ("previous", "next"):
            return lambda: self.move(-1 if name == "previous" else 1)
        work: "Callable[[], Awaitable[None]]" = getattr(self, name)
        return work

    async def close(self) -> None:
        """Back to the list."""
        window.location.hash = routes.address()

    async def edit(self) -> None:
        """Lead the keyboard to the words."""
        view.element("image-text").focus()
        view.element("image-text").select()
