"""Tags in the first directory of a TIFF structure: a TIFF file, or the EXIF in another file.

Nothing in the structure moves, since maker notes and strips are found by their offsets. New values
and a new copy of the directory are appended as a tail, and the header points to that copy. The tail
ends in a record of where the old directory was and how long the file: so Seesay can take its tail
away again, to the byte.

Source: TIFF 6.0, section 2; Exif 2.32, 4.6.2.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

BYTE, ASCII, SHORT, LONG, UNDEFINED, IFD = 1, 2, 3, 4, 7, 13
_TYPE_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_MAX_SIZE = 0xFFFF_FFFF  # what an offset reaches

_MOST_CHANGED = 16
"""Tags that a tail of Seesay's changes; it is made for a few. More are another's work."""

_MARK = b"Seesay\x00\x01"
_RECORD = struct.Struct(">8sIII")  # mark, old directory, old length, CRC-32


class Value(NamedTuple):
    """What a tag holds: the type, by its number, and the bytes in the file's byte order."""

    type: int
    content: bytes


class _Entry(NamedTuple):
    tag: int
    raw: bytes  # the 12 bytes in the directory


@dataclass(frozen=True, slots=True)
class Directory:
    """The first directory of a structure.

    Attributes:
        data: the structure, from its header.
        order: of bytes, as `struct` writes it.
        start: of the directory.
        entries: as they stand.
        rows: the 12 bytes of each tag, of the first entry where several have one.
        next: where the next directory is, as it stands, in 4 bytes.
    """

    data: bytes
    order: str
    start: int
    entries: tuple[_Entry, ...]
    rows: Mapping[int, bytes]
    next: bytes

    def value(self, tag: int) -> Value | None:
        """Return what a tag holds; None if it is not there.

        Raises:
            ValueError: it lies outside of the structure, or is of an unknown type.
        """
        raw = self.rows.get(tag)
        if raw is None:
            return None
        kind, content = self._content(raw)
        return Value(kind, bytes(content))

    def numbers(self, tag: int, most: int = 1) -> tuple[int, ...]:
        """Return the first whole numbers that a tag holds.

        Args:
            tag: the tag.
            most: so many of them.

        Returns:
            None of them if the tag is not there, or holds others.

        Raises:
            ValueError: it lies outside of the structure, or is of an unknown type.
        """
        raw = self.rows.get(tag)
        if raw is None:
            return ()
        kind, content = self._content(raw)
        letter = {BYTE: "B", SHORT: "H", LONG: "I", IFD: "I"}.get(kind)
        if letter is None:
            return ()
        count = min(most, len(content) // _TYPE_SIZES[kind])
        return struct.unpack_from(f"{self.order}{count}{letter}", content)

    def check(self) -> None:
        """Look at where every value lies, and read none.

        Raises:
            ValueError: one lies outside of the structure, or is of an unknown type.
        """
        for raw in self.rows.values():
            self._content(raw)

    def _content(self, raw: bytes) -> tuple[int, memoryview]:
        """Return the type of an entry, and where what it holds lies."""
        tag, kind, count = struct.unpack_from(f"{self.order}HHI", raw)
        if kind not in _TYPE_SIZES:
            raise ValueError(f"tag {tag} has type {kind}")
        size = _TYPE_SIZES[kind] * count
        if size <= 4:
            return kind, memoryview(raw)[8 : 8 + size]
        (offset,) = struct.unpack_from(f"{self.order}I", raw, 8)
        if offset + size > len(self.data):
            raise ValueError(f"tag {tag} ends at {offset + size} of {len(self.data)} bytes")
        return kind, memoryview(self.data)[offset : offset + size]


def read(data: bytes) -> Directory:
    """Find the first directory.

    Raises:
        ValueError: there is none.
    """
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(bytes(data[:4]), "")
    if not order or len(data) < 8:
        raise ValueError("no TIFF header")
    (start,) = struct.unpack_from(f"{order}I", data, 4)
    return _directory(data, order, start)


def following(directory: Directory) -> Directory | None:
    """Find the directory of the next page; None behind the last.

    Raises:
        ValueError: it lies outside of the structure.
    """
    (start,) = struct.unpack(f"{directory.order}I", directory.next)
    return _directory(directory.data, directory.order, start) if start else None


def tail_size(count: int, *values: Value) -> int:
    """Return how much longer than without a tail a structure gets, at most.

    Args:
        count: of the entries in its directory.
        values: that will be in the tail.
    """
    contents = sum(len(value.content) + 1 for value in values)
    return contents + 12 * (count + len(values)) + 8 + _RECORD.size


def edit(data: bytes, changes: Mapping[int, Value | None]) -> bytes:
    """Set tags in the first directory, or take them out.

    Returns:
        The structure: what was there, changed in the four bytes that point to the directory, and a
        tail; without any tail where nothing but Seesay's own had been changed.

    Raises:
        ValueError: the structure is damaged, or would be too long for its offsets.
    """
    current = read(data)
    base = _without_tail(current)
    old = set(base.entries)
    wanted = {entry.tag: current.value(entry.tag) for entry in current.entries if entry not in old}
    wanted |= dict.fromkeys(base.rows.keys() - current.rows.keys()) | dict(changes)
    wanted = {tag: value for tag, value in wanted.items() if value != base.value(tag)}
    return _with_tail(base, wanted) if wanted else base.data


def _directory(data: bytes, order: str, start: int) -> Directory:
    if not 8 <= start <= len(data) - 6:
        raise ValueError(f"the directory is at {start} of {len(data)} bytes")
    (count,) = struct.unpack_from(f"{order}H", data, start)
    end = start + 2 + 12 * count
    if end + 4 > len(data):
        raise ValueError(f"the directory ends at {end + 4} of {len(data)} bytes")
    entries = [
        _Entry(struct.unpack_from(f"{order}H", data, at)[0], bytes(data[at : at + 12]))
        for at in range(start + 2, end, 12)
    ]
    rows = {entry.tag: entry.raw for entry in reversed(entries)}  # of equal tags the first
    return Directory(data, order, start, tuple(entries), rows, bytes(data[end : end + 4]))


def _check(base: Directory, tail: bytearray | memoryview) -> int:
    """Return the checksum of a tail and of the directory that it stands for."""
    check = zlib.crc32(b"".join(entry.raw for entry in base.entries) + base.next)
    return zlib.crc32(tail, check)


def _without_tail(current: Directory) -> Directory:
    """Return the directory as it was before Seesay appended to the structure, if it did."""
    data = current.data
    if len(data) < 8 + _RECORD.size:
        return current
    mark, start, length, check = _RECORD.unpack_from(data, len(data) - _RECORD.size)
    if mark != _MARK or not 8 <= length <= current.start:
        return current
    header = data[:4] + struct.pack(f"{current.order}I", start)
    old = b"".join((header, memoryview(data)[8:length]))
    try:
        base = _directory(old, current.order, start)
    except ValueError:
        return current  # a record that only looks like ours
    tail = memoryview(data)[length : -_RECORD.size]
    is_more = len(set(current.entries) - set(base.entries)) > _MOST_CHANGED
    return current if is_more or _check(base, tail) != check else base


def _with_tail(base: Directory, wanted: Mapping[int, Value | None]) -> bytes:
    order, length = base.order, len(base.data)
    tail = bytearray(length % 2)
    # The old entries stay in their order, even where that is not by number, as it should be.
    rows = [entry for entry in base.entries if entry.tag not in wanted]
    for tag, value in wanted.items():
        if value is not None:
            count = len(value.content) // _TYPE_SIZES[value.type]
            place = value.content
            if len(place) > 4:
                place = struct.pack(f"{order}I", length + len(tail))
                tail += value.content + bytes(len(value.content) % 2)
            raw = struct.pack(f"{order}HHI", tag, value.type, count) + place.ljust(4, b"\x00")
            behind = (number for number, entry in enumerate(rows) if entry.tag > tag)
            rows.insert(next(behind, len(rows)), _Entry(tag, raw))
    start = length + len(tail)
    tail += struct.pack(f"{order}H", len(rows)) + b"".join(row.raw for row in rows) + base.next
    record = _RECORD.pack(_MARK, base.start, length, _check(base, tail))
    if length + len(tail) + len(record) > _MAX_SIZE:
        raise ValueError("over 4 GiB, which TIFF cannot address")
    header = base.data[:4] + struct.pack(f"{order}I", start)
    return b"".join((header, memoryview(base.data)[8:], tail, record))
