"""The sizes that AVIF and HEIC files announce, found box by box.

Source: ISO/IEC 14496-12, sections 4.2 (box) and 8.11 (meta); ISO/IEC 23008-12 (HEIF), section 6.5.3
(ispe).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_WAY = (b"meta", b"iprp", b"ipco")
_FULL_BOXES = (b"meta",)
_MOST_BOXES = 10_000


def announced_sizes(data: bytes) -> Iterator[tuple[int, int]]:
    """Read the size of every image item: the whole picture, its tiles, its thumbnails.

    Args:
        data: an AVIF or HEIC file.

    Yields:
        (width, height) in pixels; nothing where the boxes are damaged.
    """
    start, end = 0, len(data)
    for wanted in _WAY:
        for name, inner, inner_end in _boxes(data, start, end):
            if name == wanted:
                start, end = inner + 4 * (name in _FULL_BOXES), inner_end
                break
        else:
            return
    for name, inner, inner_end in _boxes(data, start, end):
        if name == b"ispe" and inner_end - inner >= 12:  # version and flags, width, height
            width = int.from_bytes(data[inner + 4 : inner + 8], "big")
            yield width, int.from_bytes(data[inner + 8 : inner + 12], "big")


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, start and end of the content of the boxes that follow each other."""
    for _ in range(_MOST_BOXES):
        if start + 8 > end:
            return
        size, header = int.from_bytes(data[start : start + 4], "big"), 8
        if size == 1:  # the size is too large for 32 bits
            size, header = int.from_bytes(data[start + 8 : start + 16], "big"), 16
        elif size == 0:  # up to the end of the file
            size = end - start
        if size < header or start + size > end:
            return
        yield data[start + 4 : start + 8], start + header, start + size
        start += size
