"""What rules run on: the images of the first view, or the library.

Runs in MicroPython (the page) and in CPython (tests).
"""

import json

from page.library.query import Query
from page.rules import rules_texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from page.image.image_item import Entry
    from page.library.keeper import Keeper
    from page.library.library import Library, Row

    Subject = dict[str, Any]  # RuledImage of seesay.d.ts
    Image = tuple[Any, Subject]  # what the target knows it by, and as it is
    Change = tuple[Any, Subject, Subject]  # likewise, and as it is to be


class Images:
    """The images of the first view, as they are when it is made."""

    def __init__(
        self,
        entries: "list[Entry]",
        prepare: "Callable[[Entry], None]",
        on_change: "Callable[[Entry], None]",
    ) -> None:
        """Take the images, and two functions.

        ``prepare(entry)`` brings its words up to date; ``on_change(entry)`` is told of news.
        """
        self._entries = [entry for entry in entries if entry.picture]
        self._prepare = prepare
        self._on_change = on_change
        self._before: "dict[Entry, tuple[Any, ...]]" = {}  # words as they were before a run

    async def count(self) -> int:
        """How many there are."""
        return len(self._entries)

    async def part(self, first: int, last: int) -> "list[Image]":
        """Some of them."""
        return [(entry, self._subject(entry)) for entry in self._entries[first:last]]

    async def apply(self, changes: "list[Change]") -> "list[Change]":
        """Change images; those that are not as they were any more stay. Return what was done."""
        done = []
        for entry, before, after in changes:
            if self._subject(entry) == before:
                self._before[entry] = entry.words_now()
                take(entry, before, after)
                done.append((entry, before, self._subject(entry)))
                self._on_change(entry)
        return done

    async def undo(self, done: "list[Change]") -> "tuple[int, str]":
        """Take changes back; return how many, and why not all of them, or ""."""
        count = 0
        for entry, before, after in done:
            if self._subject(entry) == after:
                take(entry, after, before)
                entry.put_words_back(self._before[entry])
                count += 1
                self._on_change(entry)
        return count, ""

    def _subject(self, entry: "Entry") -> "Subject":
        self._prepare(entry)
        return subject(entry)


def subject(entry: "Entry") -> "Subject":
    """An image of the first view as rules know it."""
    words = entry.alt
    state = "reviewed" if words.is_reviewed else "automatic"
    if words.is_edited:
        state = "edited"
    if words.is_decorative:
        state = "decorative"
    known: "Subject" = {
        "name": entry.path,
        "caption": entry.caption,
        "alt_text": words.said(),
        "keywords": list(entry.keywords),
        "text": entry.words or "",
        "state": state,
        "folder": entry.folder,
        "is_flagged": entry.is_marked,
        "fields": dict(entry.fields),
    }
    if entry.result:
        known["confidence"] = entry.confidence
    return known


def take(entry: "Entry", before: "Subject", after: "Subject") -> None:
    """Let an image be as rules have it; no person wrote its keywords by that.

    Args:
        entry: the image.
        before: as it is.
        after: as it is to be.
    """
    entry.folder = after["folder"]
    entry.is_marked = bool(after["is_flagged"])
    entry.fields = dict(after["fields"])
    if after["state"] != before["state"]:
        _set_state(entry, after["state"])
    if after["keywords"] != before["keywords"]:
        entry.keywords = list(after["keywords"])
        entry.has_ruled_keywords = True


def _set_state(entry: "Entry", state: str) -> None:
    words = entry.alt
    words.is_decorative = state == "decorative"
    if state == "automatic":
        entry.start_over()
    elif state != "decorative":  # whose words stay, in case that is taken back
        words.is_reviewed = True
        words.is_edited = words.is_edited or state == "edited"


class Kept:
    """The images of the library, or some of them."""

    def __init__(self, keeper: "Keeper", ids: "list[int] | None" = None) -> None:
        """Take the Keeper, which opens the library, and the images' ids; None for all."""
        self._keeper = keeper
        self._some = ids
        self._ids: "Any" = None
        self._step = 0  # of the library's undo, which this one made

    async def count(self) -> int:
        """How many there are now."""
        if self._some is not None:
            return len(self._some)
        self._ids, _ = await (await self._library()).find(Query())
        return int(self._ids.length)

    async def part(self, first: int, last: int) -> "list[Image]":
        """Some of those that were counted; none that were deleted since."""
        ids = self._some[first:last] if self._some else json.loads(self._ids.part(first, last))
        rows = await (await self._library()).of_ids(ids)
        return [(row["id"], _of_row(row)) for row in rows]

    async def apply(self, changes: "list[Change]") -> "list[Change]":
        """Change images; those that are not as they were any more stay. Return what was done."""
        library = await self._library()
        done = []
        for first in range(0, len(changes), AT_ONCE):
            some = changes[first : first + AT_ONCE]
            rows = {row["id"]: row for row in await library.of_ids([one[0] for one in some])}
            done.extend([one for one in some if _is_same(rows.get(one[0]), one[1])])
        if done:
            await library.write_by_rules([_written(one) for one in done])
            self._step = await self._newest_step(library)
            self._keeper.on_kept()
        return done

    async def undo(self, done: "list[Change]") -> "tuple[int, str]":
        """Take the newest step of the library back, if it is that of the rules."""
        library = await self._library()
        if self._step == 0 or await self._newest_step(library) != self._step:
            return 0, rules_texts.NOT_NEWEST
        await library.undo()
        self._keeper.on_kept()
        return len(done), ""

    async def _newest_step(self, library: "Library") -> int:
        steps = await library.rows("undo_steps", limit=1)
        return int(steps[0]["id"]) if steps else 0

    async def _library(self) -> "Library":
        library = await self._keeper.library()
        await library.open()
        return library


COLUMNS = {
    "state": "state",
    "keywords": "keywords",
    "folder": "export_folder",
    "fields": "fields",
    "is_flagged": "is_flagged",
}
"""What rules change, and what it is called in the library."""

AT_ONCE = 200
"""Images that are looked at in one go."""


def _of_row(row: "Row") -> "Subject":
    known: "Subject" = {
        "name": f"{row['folder']}/{row['name']}".strip("/"),
        "caption": row["machine_text"] or "",
        "alt_text": row["text"] or "",
        "keywords": json.loads(row["keywords"] or "[]"),
        "text": row["text_in_picture"] or "",
        "state": "edited" if row["state"] == "file" else row["state"],  # a person's words
        "folder": row["export_folder"],
        "is_flagged": bool(row["is_flagged"]),
        "fields": json.loads(row["fields"]),
    }
    if row["confidence"] is not None:
        known["confidence"] = row["confidence"]
    return known


def _is_same(row: "Row | None", before: "Subject") -> bool:
    return row is not None and _of_row(row) == before


def _written(change: "Change") -> "dict[str, Any]":
    image_id, before, after = change
    written = {"id": image_id}
    for name, column in COLUMNS.items():
        if before[name] != after[name]:
            written[column] = after[name]
    # What a rule declares read stays as it is, whatever a model writes later.
    if written.get("state") in ("reviewed", "edited"):
        written["keywords"] = list(after["keywords"])
    return written
