"""A model as one zip file, made of headers and the pieces that are already on the device.

Python's zipfile writes the archive, into a file object that notes which piece stands where
instead of holding the bytes: the zip is as large as the model, Python's memory is not.
"""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, cast

from worker.models.stored_model import evicted

if TYPE_CHECKING:
    from pycore.download.fetcher import StopSignal
    from pycore.download.transfer_meter import TransferMeter
    from worker.models.pieces import Device, FallbackPieces, Piece
    from worker.models.stored_file import StoredFile


@dataclass
class _Part:
    start: int
    content: bytes | Piece


class PartsFile:
    """A write-only file that keeps small writes, and of a piece only its name.

    Seekable, so that zipfile can go back and put sizes and checksums into a member's header;
    without that, some unzip programs refuse stored members.
    """

    def __init__(self) -> None:
        self._parts: list[_Part] = []
        self._position = 0
        self._piece: Piece | None = None

    def expect(self, piece: Piece | None) -> None:
        """The writes that follow are the bytes of ``piece``."""
        self._piece = piece

    def write(self, data: bytes) -> int:
        """Note ``data`` at the present position."""
        if self._piece is not None:
            self._parts.append(_Part(self._position, self._piece))
        else:
            self._put(bytes(data))
        self._position += len(data)
        return len(data)

    def _put(self, data: bytes) -> None:
        for part in self._parts:
            if part.start == self._position:  # A header written again, of the same length.
                part.content = data
                return
        self._parts.append(_Part(self._position, data))

    def tell(self) -> int:
        """The present position."""
        return self._position

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a position counted from the start.

        Raises:
            ValueError: ``whence`` says otherwise.
        """
        if whence != 0:
            raise ValueError("only positions from the start")
        self._position = offset
        return offset

    def flush(self) -> None:
        """Nothing is buffered."""

    async def blob(self, store: FallbackPieces, device: Device) -> Any | None:
        """Everything as one Blob; None when a piece has gone."""
        parts: list[Any] = []
        for part in self._parts:
            if isinstance(part.content, bytes):
                parts.append(part.content)
                continue
            blob = await store.blob(part.content.name)
            if blob is None:
                return None
            parts.append(blob)
        return device.new_blob(parts)


async def export_zip(
    files: list[StoredFile],
    store: FallbackPieces,
    device: Device,
    meter: TransferMeter,
    stop: StopSignal,
) -> Any:
    """The whole model as a Blob: a zip of stored members in the hub's layout.

    The same model gives the same bytes every time.

    Raises:
        AssetError: when a piece has gone.
        CancelledError: on a stop.
    """
    parts = PartsFile()
    with zipfile.ZipFile(cast(IO[bytes], parts), "w", zipfile.ZIP_STORED) as archive:
        for stored in files:
            meter.file = stored.file.path
            info = zipfile.ZipInfo(stored.file.path)
            info.file_size = stored.file.size_bytes
            with archive.open(info, "w") as member:
                async for piece, data in _read_pieces(stored, stop):
                    parts.expect(piece)
                    member.write(data)
                    parts.expect(None)
                    meter.count(len(data), "exporting", "device")
    blob = await parts.blob(store, device)
    if blob is None:
        raise evicted("the model")
    return blob


async def _read_pieces(stored: StoredFile, stop: StopSignal) -> AsyncIterator[tuple[Piece, bytes]]:
    for piece in stored.pieces:
        await asyncio.sleep(0)  # reading from memory waits for nothing, and a stop would go unheard
        stop.raise_if_cancelled()
        data = await stored.read(piece)
        if data is None:
            raise evicted(stored.file.path)
        yield piece, data
