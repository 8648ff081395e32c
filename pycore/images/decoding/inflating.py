"""Deflate streams, unpacked step by step, as far as they are sound."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_STEP_BYTES = 1 << 16  # of the packed data
_CAREFUL_STEP_BYTES = 16
_MOST_AT_ONCE = 1 << 20  # of the unpacked data: a step may hold a thousand times its size
_ZLIB_HEADER_BYTES = 2
_DEFLATE = 8


class Inflater:
    """A zlib stream, unpacked while it is iterated over; what comes before damage is given.

    The checksum at the end of the stream is not looked at, as browsers do not look at it either.

    Args:
        parts: the stream, in pieces of any size.

    Attributes:
        is_whole: the stream's own end has been reached.
    """

    def __init__(self, parts: Iterable[bytes | memoryview]) -> None:
        self.is_whole = False
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        """Yield pieces of what was packed, at most 1 MiB each."""
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        header = b""
        for step in _steps(self._parts):
            if len(header) < _ZLIB_HEADER_BYTES:
                header += step
                if len(header) < _ZLIB_HEADER_BYTES:
                    continue
                if header[0] & 0xF != _DEFLATE:
                    return
                step = header[_ZLIB_HEADER_BYTES:]  # noqa: PLW2901 - the rest of it
            before = unpacker.copy()
            given = 0
            try:
                for piece in _feed(unpacker, step):
                    given += len(piece)
                    yield piece
            except zlib.error:
                yield from _up_to_damage(before, step, given)
                return
            if unpacker.eof:
                self.is_whole = True
                return


def _steps(parts: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    for part in parts:
        for start in range(0, len(part), _STEP_BYTES):
            yield bytes(part[start : start + _STEP_BYTES])


def _feed(unpacker: zlib._Decompress, step: bytes) -> Iterator[bytes]:
    while True:
        piece = unpacker.decompress(step, _MOST_AT_ONCE)
        if piece:
            yield piece
        step = unpacker.unconsumed_tail
        if unpacker.eof or (not step and len(piece) < _MOST_AT_ONCE):
            return


def _up_to_damage(unpacker: zlib._Decompress, step: bytes, given: int) -> Iterator[bytes]:
    """Unpack a step once more, in small ones, without the first ``given`` bytes of the result."""
    try:
        for start in range(0, len(step), _CAREFUL_STEP_BYTES):
            for piece in _feed(unpacker, step[start : start + _CAREFUL_STEP_BYTES]):
                if len(piece) > given:
                    yield piece[given:]
                given = max(0, given - len(piece))
    except zlib.error:
        return
