"""The index of a JPEG file with several pictures: where they are, once something before them grew.

Source: CIPA DC-007-2009 (Multi-Picture Format), section 5.2.3.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from pycore.metadata import tiff_tags
from pycore.metadata.splices import Splice

if TYPE_CHECKING:
    from collections.abc import Sequence

_MP_ENTRY = 0xB002
_ENTRY_SIZE = 16  # attributes, size, offset, and two numbers of other pictures


def moved(index: bytes, start: int, splices: Sequence[Splice]) -> list[Splice]:
    """Correct the index: the size of the first picture, the offsets of the others.

    Args:
        index: from its TIFF header, which is what offsets are counted from.
        start: of the index in the file.
        splices: that the file is about to undergo, all of them in the first picture.

    Returns:
        The splices that the index needs; none if it is damaged, or nothing changes.
    """
    grown = sum(len(new) - (end - begin) for begin, end, new in splices)
    behind = sum(len(new) - (end - begin) for begin, end, new in splices if begin >= start)
    try:
        directory = tiff_tags.read(index)
        entries = directory.value(_MP_ENTRY)
    except ValueError:
        return []
    if entries is None or not entries.content:
        return []
    row = next(entry.raw for entry in directory.entries if entry.tag == _MP_ENTRY)
    (offset,) = struct.unpack_from(f"{directory.order}I", row, 8)
    corrections = []
    for number in range(len(entries.content) // _ENTRY_SIZE):
        at, by = number * _ENTRY_SIZE + 8, behind
        if number == 0:
            at, by = 4, grown
        (old,) = struct.unpack_from(f"{directory.order}I", entries.content, at)
        if old and by and 0 <= old + by <= 0xFFFF_FFFF:
            place = start + offset + at
            new = struct.pack(f"{directory.order}I", old + by)
            corrections.append(Splice(place, place + 4, new))
    return corrections
