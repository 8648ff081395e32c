"""A table that was exported, edited elsewhere and comes back: what is new in it, and what clashes.

Rows find their images by the file's hash, or else by its name. Words that a person wrote here, and
that read otherwise in the table, are never overwritten: they are told as conflicts. That an image
was reviewed is taken from a table, and never taken back by one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pycore.exports.record import cell
from pycore.exports.tables import read_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pycore.exports.record import ExportRecord

EDITABLE = ("alt_text", "extended_description", "keywords", "text", "reviewed")
"""Columns whose words are taken back; all others describe the image and who wrote."""


@dataclass(frozen=True, slots=True)
class Update:
    """New words for an image.

    Attributes:
        index: of its record.
        fields: new values by name, of ``EDITABLE``; keywords as a tuple.
    """

    index: int
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Words of a person here against others in the table.

    Attributes:
        index: of the image's record.
        name: of the image.
        field: whose words they are.
        here: as they are now; keywords as a tuple.
        there: as the table has them, likewise.
    """

    index: int
    name: str
    field: str
    here: str | tuple[str, ...]
    there: str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Merge:
    """What a table brings.

    Attributes:
        updates: for images whose words differ, without what clashes.
        conflicts: to be decided by a person.
        same: how many rows say what is there already.
        unknown: names in rows that no image here has.
        changed: names that belong to another image here: the file is not the one of the table.
    """

    updates: list[Update] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    same: int = 0
    unknown: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)


def merge(records: Sequence[ExportRecord], table: bytes) -> Merge:
    """Compare a table with the words that are here; nothing is changed.

    Args:
        records: of the images here.
        table: a CSV file; columns that it lacks, and empty cells, leave their fields alone.

    Raises:
        InputError: it is no such table.
    """
    columns, rows = read_rows(table)
    fields = [name for name in EDITABLE if name in columns]
    by_hash = _by_hash(records)
    by_name = _unique((one.name, i) for i, one in enumerate(records))
    found = Merge()
    same = 0
    for row in rows:
        index = by_hash.get(row.sha256) if row.sha256 else None
        if index is None:
            index = by_name.get(row.name)
            if index is None:
                found.unknown.append(row.name)
                continue
            if row.sha256 and not _hashes(records[index]) & {"", row.sha256}:
                found.changed.append(row.name)
                continue
        same += not _compare(found, index, records[index], row, fields)
    return Merge(found.updates, found.conflicts, same, found.unknown, found.changed)


def _by_hash(records: Sequence[ExportRecord]) -> dict[str, int]:
    """Return the index of each image by hashes that no other has; present ones come first."""
    now = {one.sha256 for one in records}
    earlier = ((one, i) for i, record in enumerate(records) for one in {*record.earlier} - now)
    return _unique(earlier) | _unique((one.sha256, i) for i, one in enumerate(records))


def _unique(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Return pairs by what comes first in them, without those that share it."""
    listed = [*pairs]
    counts = Counter(name for name, _ in listed)
    return {name: index for name, index in listed if counts[name] == 1}


def _hashes(record: ExportRecord) -> set[str]:
    """Return the hashes that tables may know the image by: words were saved into it since."""
    return {record.sha256, *record.earlier}


def _compare(
    found: Merge, index: int, here: ExportRecord, row: ExportRecord, fields: Sequence[str]
) -> bool:
    """Note what a row has to say; return whether that is anything new."""
    there = {name: value for name in fields if (value := getattr(row, name))}
    # As cells: there a keyword has no semicolon.
    new = {name: value for name, value in there.items() if cell(value) != cell(getattr(here, name))}
    is_new = bool(new)
    for name in sorted(_by_person(here) & new.keys(), key=EDITABLE.index):
        words = new.pop(name)
        found.conflicts.append(Conflict(index, here.name, name, getattr(here, name), words))
    if new:
        found.updates.append(Update(index, new))
    return is_new


def _by_person(record: ExportRecord) -> set[str]:
    """Return the fields whose words are a person's, an emptied one among them."""
    found = {*record.by_person}
    if record.source == "humanEdits" and record.alt_text:
        found.add("alt_text")
    if record.extended_description:
        found.add("extended_description")
    return found
