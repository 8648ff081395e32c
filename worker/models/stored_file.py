"""One file of a model on this device: which pieces are there, and whether it is proven right."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from worker.models.pieces import FallbackPieces, Piece, pieces_of

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from pycore.models.catalogue import ModelFile


class StoredFile:
    """The pieces of one file in a model's store.

    "Verified" needs two things: a marker, written only after the SHA-256 over the whole file was
    right, and every piece still being there. Browsers evict silently, so the marker alone says
    nothing.

    Args:
        file: path, size and hash from the catalogue.
        store: where the pieces are.
    """

    def __init__(self, file: ModelFile, store: FallbackPieces) -> None:
        self.file = file
        self.pieces = pieces_of(file.sha256, file.size_bytes)
        self._store = store
        self._marker = f"{file.sha256}/verified"

    def stored_bytes(self, names: AbstractSet[str]) -> int:
        """Bytes of whole pieces among the store's names."""
        return sum(piece.size_bytes for piece in self.pieces if piece.name in names)

    def is_verified(self, names: AbstractSet[str]) -> bool:
        """Whether the marker and every piece are among the store's names."""
        return self._marker in names and all(piece.name in names for piece in self.pieces)

    async def read(self, piece: Piece) -> bytes | None:
        """A whole piece; None when it is not there, or not of the right size."""
        data = await self._store.read(piece.name)
        return data if data is not None and len(data) == piece.size_bytes else None

    async def read_into(self, piece: Piece, target: memoryview) -> bool:
        """Fill ``target`` with a whole piece; False when it is not there, or of another size."""
        return await self._store.read_into(piece.name, target)

    async def write(self, piece: Piece, data: bytes | memoryview) -> None:
        """Keep a whole piece, and drop the beginning of it that a pause may have left."""
        await self._store.write(piece.name, data)
        await self._store.delete([_beginning(piece)])

    async def read_beginning(self, piece: Piece) -> bytes:
        """What a paused download had of a piece; empty when nothing."""
        data = await self._store.read(_beginning(piece))
        return data if data is not None and len(data) < piece.size_bytes else b""

    async def write_beginning(self, piece: Piece, data: memoryview) -> None:
        """Keep what has come of a piece, so that a pause costs nothing."""
        await self._store.write(_beginning(piece), data)

    async def mark_verified(self) -> None:
        """Note that the hash over all pieces was right."""
        note = {"path": self.file.path, "size_bytes": self.file.size_bytes}
        await self._store.write(self._marker, json.dumps(note).encode())

    async def forget(self) -> None:
        """Delete the marker and every piece."""
        names = [name for piece in self.pieces for name in (piece.name, _beginning(piece))]
        await self._store.delete([self._marker, *names])


def _beginning(piece: Piece) -> str:
    return f"{piece.name}.part"
