"""The browser's Blobs: large results leave Python in pieces, large files come in one by one."""

from __future__ import annotations

from typing import Any

from js import Blob, Object
from pyodide.ffi import to_js

_JOINED_BYTES = 8 << 20
"""Pieces are handed to a Blob from this size on: the browser may then keep them on its disk."""


class BlobWriter:
    """Collects bytes outside Python's memory."""

    def __init__(self) -> None:
        self._blob = Blob.new()
        self._pieces: list[Any] = []
        self._size_bytes = 0

    def add(self, piece: bytes) -> None:
        """Append bytes."""
        self._pieces.append(to_js(piece))
        self._size_bytes += len(piece)
        if self._size_bytes >= _JOINED_BYTES:
            self._join("")

    def finish(self, media_type: str) -> Any:
        """Return the Blob."""
        self._join(media_type)
        return self._blob

    def _join(self, media_type: str) -> None:
        parts = to_js([self._blob, *self._pieces])
        options = to_js({"type": media_type}, dict_converter=Object.fromEntries)
        self._blob = Blob.new(parts, options)
        self._pieces = []
        self._size_bytes = 0


async def read_blob(blob: Any) -> bytes:
    """Return the bytes of a Blob or File."""
    data: bytes = (await blob.arrayBuffer()).to_bytes()
    return data
