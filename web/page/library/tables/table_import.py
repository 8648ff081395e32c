"""An edited table comes back into the library: what is new is taken, what clashes is shown.

Runs in MicroPython (the page) and in CPython (tests).
"""

from jsffi import JsException

from page import view
from page.browser.file_field import take_file
from page.browser.js_data import Record
from page.library.image import fields
from page.library.query import Query
from page.words import conflicts, words_texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from page.library.library import Library

NAMES = {
    "alt_text": "text",
    "extended_description": "description",
    "keywords": "keywords",
    "text": "text_in_picture",
}
"""Columns that come back, and what the library calls them."""


class TableImport:
    """One table."""

    def __init__(
        self,
        captioner: "Any",
        library: "Library",
        link: "Any",
        on_change: "Callable[[], Awaitable[None]]",
    ) -> None:
        """Take the JavaScript API, the library with its line, and ``on_change()`` for news."""
        self._captioner = captioner
        self._library = library
        self._link = link
        self._on_change = on_change

    async def take(self) -> None:
        """Take the file that was chosen."""
        table = take_file("library-table-file")
        if table is None:
            return
        ids, _ = await self._library.find(Query())
        records = await self._link.wordsToExport(ids.part(0, ids.length))
        try:
            merge = Record(await self._captioner.mergeTable(records, table))
        except JsException as error:  # a rejection of the JavaScript API
            view.set_text("library-table-said", view.sentence(error))
            return
        updates = [(int(ids.at(int(one["index"]))), one["fields"]) for one in merge.updates]
        if not await self._write(updates):
            return
        view.set_text("library-table-said", words_texts.merged(merge))
        lines = [self._line(int(ids.at(int(one["index"]))), one) for one in merge.conflicts]
        view.element("library-conflicts").replaceChildren(*lines)

    def _line(self, image_id: int, conflict: "dict[str, Any]") -> "Any":
        words = {conflict["field"]: conflict["there"]}
        return conflicts.line(
            conflict,
            conflict["name"],
            lambda: self._write([(image_id, words)]),
            view.element("library-table"),
        )

    async def _write(self, updates: "list[tuple[int, dict[str, Any]]]") -> bool:
        """Write words into the library as one step of its undo; say why where that fails."""
        if not updates:
            return True
        rows = {row["id"]: row for row in await self._library.of_ids([one[0] for one in updates])}
        edited, read = [], []
        for image_id, found in updates:
            changed = {NAMES[name]: found[name] for name in found if name in NAMES}
            if image_id not in rows:  # it was deleted meanwhile
                continue
            if changed:
                edited.append((image_id, _words(rows[image_id], changed)))
            elif found.get("reviewed"):
                read.append(image_id)
        try:
            await self._library.take_table(edited, read)
        except JsException as error:
            view.set_text("library-table-said", view.sentence(error))
            return False
        await self._on_change()
        return True


def _words(row: "dict[str, Any]", changed: "dict[str, Any]") -> "dict[str, Any]":
    """All words that are a person's, with those of the table among them."""
    words = fields.person_words(row, {})
    for name in changed:
        value = changed[name]
        words[name] = list(value) if name == "keywords" else value
    return words
