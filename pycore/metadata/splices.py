"""Changes of bytes as a list of splices: what no splice names stays as it is, byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Splice(NamedTuple):
    """Bytes to be put in the place of others.

    Attributes:
        start: where the old bytes begin.
        end: where they end; equal to ``start`` for an insertion.
        new: what comes there.
    """

    start: int
    end: int
    new: bytes


def apply(data: bytes, splices: Iterable[Splice]) -> bytes:
    """Return the bytes with all splices made, in one copy.

    Insertions at the same place come in the order given.

    Raises:
        ValueError: two splices overlap, which is a fault of the caller.
    """
    view = memoryview(data)
    parts: list[bytes | memoryview] = []
    position = 0
    for start, end, new in sorted(splices, key=lambda splice: splice[:2]):
        if not position <= start <= end <= len(data):
            raise ValueError(f"splice {start}:{end} overlaps or leaves {len(data)} bytes")
        parts += (view[position:start], new)
        position = end
    return b"".join((*parts, view[position:]))
