"""Bring one file of a model to this device: what is there is checked, the rest is fetched."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pycore.download.retrying_stream import GaveUpError, Network, RetryingStream
from pycore.errors import AssetError, CancelledError, NetworkError

if TYPE_CHECKING:
    from pycore.download.fetch_failures import Setback
    from pycore.download.fetcher import StopSignal
    from pycore.download.origins import Origin
    from pycore.download.transfer_meter import OriginKind, Phase, TransferMeter
    from worker.models.pieces import Piece
    from worker.models.stored_file import StoredFile


class FileDownload:
    """Fetches, hashes and keeps one file.

    Args:
        stored: the file on this device.
        origins: where to fetch it, the first choice first.
        meter: told about every byte.
        stop: pauses or cancels.
        network: asks the origins' hosts.
    """

    def __init__(
        self,
        stored: StoredFile,
        origins: Sequence[Origin],
        meter: TransferMeter,
        stop: StopSignal,
        network: Network,
    ) -> None:
        self._stored = stored
        self._origins = list(origins)
        self._meter = meter
        self._stop = stop
        self._network = network
        self._counted = 0
        # One buffer for all pieces: Python's memory never shrinks, and growing buffers tear it.
        self._buffer = memoryview(bytearray(max((p.size_bytes for p in stored.pieces), default=0)))

    async def run(self) -> None:
        """Return when every piece is on this device and the file's SHA-256 is right.

        A file that turns out wrong, or does not fit the server's, is deleted and fetched once
        more; a origin that fails for good gives way to the next.

        Raises:
            NetworkError: when no origin gives the file.
            AssetError: when what they give is not this file.
            CancelledError: on a stop; what has come is kept.
        """
        *first_choices, last = self._origins
        for origin in first_choices:
            try:
                await self._fetch_from(origin)
            except (NetworkError, AssetError):
                continue
            return
        await self._fetch_from(last)

    async def _fetch_from(self, origin: Origin) -> None:
        try:
            await self._attempt(origin)
        except _UnfitError:
            await self._stored.forget()
        else:
            return
        try:
            await self._attempt(origin)
        except _UnfitError as error:
            await self._stored.forget()
            raise AssetError(error.message, detail=error.detail) from error

    async def _attempt(self, origin: Origin) -> None:
        if self._counted:
            self._count(-self._counted, "checking", "device")
        try:
            sha256 = await self._read_or_fetch(origin)
        except GaveUpError as error:
            setback = error.setback
            if setback.restart:
                raise _UnfitError(setback.message, setback.detail) from error
            kind = AssetError if setback.wrong_file else NetworkError
            raise kind(setback.message, detail=setback.detail) from error
        if sha256 != self._stored.file.sha256:
            message = (
                f"{self._stored.file.path} came damaged twice and was thrown away: its checksum "
                "is wrong. Try again later, use another mirror, or import the model from a file."
            )
            detail = f"SHA-256 {sha256} from {origin.host}, not {self._stored.file.sha256}"
            raise _UnfitError(message, detail)
        await self._stored.mark_verified()

    async def _read_or_fetch(self, origin: Origin) -> str:
        """Go over the file once, piece by piece; returns its SHA-256 in hexadecimal."""
        digest = hashlib.sha256()
        stream: RetryingStream | None = None
        try:
            for piece in self._stored.pieces:
                await asyncio.sleep(
                    0
                )  # reading from memory waits for nothing: a stop is heard here
                self._stop.raise_if_cancelled()
                data = self._buffer[: piece.size_bytes]
                if await self._stored.read_into(piece, data):
                    self._count(piece.size_bytes, "checking", "device")
                else:
                    beginning = await self._stored.read_beginning(piece)
                    self._count(len(beginning), "checking", "device")
                    position = piece.start + len(beginning)
                    if stream is None or stream.position != position:
                        if stream is not None:
                            stream.close()
                        stream = self._open(origin, position)
                    data[: len(beginning)] = beginning
                    await self._fetch(piece, data, len(beginning), stream, origin)
                    stream.note_progress()
                digest.update(data)
        finally:
            if stream is not None:
                stream.close()
        return digest.hexdigest()

    async def _fetch(
        self, piece: Piece, data: memoryview, size: int, stream: RetryingStream, origin: Origin
    ) -> None:
        """Fill ``data`` from ``size`` on, and keep it; what a failure leaves is kept, too."""
        try:
            while size < len(data):
                chunk = await stream.read(len(data) - size)
                data[size : size + len(chunk)] = chunk
                size += len(chunk)
                self._count(len(chunk), "downloading", origin.kind)
        except (CancelledError, GaveUpError):
            # Shorter files are always read from their start: see RetryingStream.
            if len(self._stored.pieces) > 1:
                await self._stored.write_beginning(piece, data[:size])
            raise
        await self._stored.write(piece, data)

    def _open(self, origin: Origin, position: int) -> RetryingStream:
        def tell(setback: Setback, wait_s: float) -> None:
            self._meter.wait(setback.message, wait_s, origin.kind)

        return RetryingStream(
            self._stored.file,
            origin,
            position,
            network=self._network,
            stop=self._stop,
            on_wait=tell,
        )

    def _count(self, size_bytes: int, phase: Phase, origin: OriginKind) -> None:
        self._counted += size_bytes
        self._meter.count(size_bytes, phase, origin)


class _UnfitError(Exception):
    """What is on this device cannot be made into this file: it must be fetched from its start."""

    def __init__(self, message: str, detail: str) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
