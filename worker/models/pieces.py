"""Files on this device, in pieces of a fixed size.

A piece is written once it is whole, so whatever ends a download (a cut, a closed tab, a dead
battery) costs at most one piece. Each model has a store of its own, a set of named byte strings;
a file's pieces are named by its hash, so that a new revision never mixes with an old one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from pycore.download.origins import PIECE_BYTES
from pycore.errors import StorageError


class StorageFullError(Exception):
    """The device has no room, or lends none, for what was to be written."""


class PieceStore(Protocol):
    """Named byte strings that outlive the page; the Cache API in the browser."""

    async def names(self) -> set[str]:
        """Every name that is there now."""

    async def read(self, name: str) -> bytes | None:
        """The bytes under ``name``, None when they are gone."""

    async def read_into(self, name: str, target: memoryview) -> bool:
        """Fill ``target`` with the bytes under ``name``; False for none, or of another size."""

    async def write(self, name: str, data: bytes | memoryview) -> None:
        """Keep ``data``, whole or not at all.

        Raises:
            StorageFullError: when there is no room on the device.
            MemoryError: when there is none in memory.
        """

    async def delete(self, names: Iterable[str]) -> None:
        """Forget these names; those that are not there do no harm."""

    async def copy_to(self, name: str, buffer: Any, offset: int) -> int:
        """Copy the bytes under ``name`` into a device buffer; returns their count, 0 for none."""

    async def blob(self, name: str) -> Any | None:
        """The bytes as a Blob that need not be in memory, None when they are gone."""


class StorageUse(NamedTuple):
    """Storage of this device; None where the browser does not tell, or keeps nothing.

    Attributes:
        used_bytes: what Seesay keeps; other apps of the same origin do not count.
        quota_bytes: what the browser lends the whole origin.
        persisted: whether the browser keeps it when space runs short.
    """

    used_bytes: int | None
    quota_bytes: int | None
    persisted: bool | None


class Device(Protocol):
    """The storage of this device, and memory outside Python's for large data."""

    async def open(self, name: str) -> PieceStore:
        """The lasting store of that name, made when there is none.

        Raises:
            StorageFullError: when this browser keeps nothing.
        """

    def open_memory(self) -> PieceStore:
        """A store that lasts as long as the worker."""

    async def stores(self) -> list[str]:
        """Names of all lasting stores."""

    async def drop(self, name: str) -> None:
        """Forget a lasting store and all that it holds."""

    async def storage(self) -> StorageUse:
        """How much Seesay keeps, and how much the device lends."""

    def new_buffer(self, size_bytes: int) -> Any:
        """A writable buffer outside Python's memory (a Uint8Array in the browser).

        Raises:
            MemoryError: when there is not so much memory.
        """

    def new_blob(self, parts: Sequence[Any]) -> Any:
        """One Blob made of byte strings and Blobs, without reading the latter."""


class FallbackPieces:
    """A lasting store while it has room; memory for what it refuses.

    Args:
        lasting: None where the browser keeps nothing.
        memory: lasts as long as the worker.
    """

    def __init__(self, lasting: PieceStore | None, memory: PieceStore) -> None:
        self._lasting = lasting
        self._memory = memory
        self._in_memory: set[str] = set()

    @property
    def holds_memory(self) -> bool:
        """Whether something is kept in memory only, or would be."""
        return self._lasting is None or self.has_memory_only

    @property
    def has_memory_only(self) -> bool:
        """Whether something is kept in memory only."""
        return bool(self._in_memory)

    def _holder(self, name: str) -> PieceStore:
        if name in self._in_memory or self._lasting is None:
            return self._memory
        return self._lasting

    async def names(self) -> set[str]:
        """Every name that is there now."""
        lasting = set() if self._lasting is None else await self._lasting.names()
        return lasting | self._in_memory

    async def read(self, name: str) -> bytes | None:
        """The bytes under ``name``, None when they are gone."""
        return await self._holder(name).read(name)

    async def read_into(self, name: str, target: memoryview) -> bool:
        """Fill ``target`` with the bytes under ``name``; False for none, or of another size."""
        return await self._holder(name).read_into(name, target)

    async def write(self, name: str, data: bytes | memoryview) -> None:
        """Keep ``data``: on the device, or else in memory.

        Raises:
            StorageError: when neither takes it.
        """
        if self._lasting is not None:
            try:
                await self._lasting.write(name, data)
            except StorageFullError:
                pass
            else:
                self._in_memory.discard(name)
                return
        try:
            await self._memory.write(name, data)
        except MemoryError as error:
            message = (
                "This device has no room left for the model, neither in its storage nor in its "
                "memory. Free some space and go on."
            )
            raise StorageError(message, detail=str(error)) from error
        self._in_memory.add(name)

    async def delete(self, names: Iterable[str]) -> None:
        """Forget these names."""
        names = list(names)
        if self._lasting is not None:
            await self._lasting.delete(names)
        await self._memory.delete(names)
        self._in_memory.difference_update(names)

    async def copy_to(self, name: str, buffer: Any, offset: int) -> int:
        """Copy the bytes under ``name`` into a device buffer; returns their count, 0 for none."""
        return await self._holder(name).copy_to(name, buffer, offset)

    async def blob(self, name: str) -> Any | None:
        """The bytes as a Blob, None when they are gone."""
        return await self._holder(name).blob(name)


@dataclass(frozen=True)
class Piece:
    """One piece of a file: bytes ``start`` to ``start + size_bytes``."""

    name: str
    start: int
    size_bytes: int


def pieces_of(sha256: str, size_bytes: int) -> list[Piece]:
    """Cut a file into pieces; an empty file has none."""
    return [
        Piece(f"{sha256}/{start // PIECE_BYTES}", start, min(PIECE_BYTES, size_bytes - start))
        for start in range(0, size_bytes, PIECE_BYTES)
    ]
