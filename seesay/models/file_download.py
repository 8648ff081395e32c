"""Bring one file of a model to this machine: resumed, verified, in place only when it is right."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from pycore.download.origins import PIECE_BYTES
from pycore.download.retrying_stream import GaveUpError, Network, RetryingStream
from pycore.errors import AssetError, NetworkError
from seesay.models.model_files import pieces_of
from seesay.run_now import run_now

if TYPE_CHECKING:
    from pycore.download.fetch_failures import Setback
    from pycore.download.origins import Origin
    from pycore.models.catalogue import ModelFile
    from seesay.jobs import EventStop
    from seesay.models.transfer import Transfer


def part_of(target: Path) -> Path:
    """Return the place of a file that is not whole."""
    return target.with_name(f"{target.name}.part")


class FileDownload:
    """Fetches a file into ``target``; what has come of it lies in ``target.part``.

    Args:
        file: what to fetch.
        target: where to.
        origin: knows its address.
        network: asks.
        transfer: told how far it is.
        stop: ends it.
    """

    def __init__(
        self,
        file: ModelFile,
        target: Path,
        origin: Origin,
        network: Network,
        transfer: Transfer,
        stop: EventStop,
    ) -> None:
        self._file = file
        self._target = target
        self._part = part_of(target)
        self._origin = origin
        self._network = network
        self._transfer = transfer
        self._stop = stop

    def run(self) -> None:
        """Fetch the file.

        Raises:
            NetworkError: after bounded retries; what has come is kept.
            AssetError: the host offers something else.
            CancelledError: stopped; what has come is kept.
            OSError: it cannot be written.
        """
        self._target.parent.mkdir(parents=True, exist_ok=True)
        before = self._transfer.loaded
        # A file that was begun here may be another one's, or the host may have sent it damaged.
        failure = self._attempt()
        if failure is not None:
            self._begin_again(before)
            failure = self._attempt()
        if failure is not None:
            self._begin_again(before)
            raise failure
        self._part.replace(self._target)

    def _begin_again(self, before: int) -> None:
        self._part.unlink(missing_ok=True)
        self._transfer.count(before - self._transfer.loaded, "checking")

    def _attempt(self) -> AssetError | None:
        """Go over the file once; say why it must be fetched from its start, if so."""
        try:
            sha256 = self._read_and_fetch()
        except GaveUpError as error:
            setback = error.setback
            if setback.restart:
                return AssetError(setback.message, detail=setback.detail)
            kind = AssetError if setback.wrong_file else NetworkError
            raise kind(setback.message, detail=setback.detail) from error
        if sha256 == self._file.sha256:
            return None
        return AssetError(
            f"{self._file.path} came damaged twice and was thrown away: its checksum is wrong. "
            "Try again later, use another mirror, or import the model from files.",
            detail=f"SHA-256 {sha256} from {self._origin.host}, not {self._file.sha256}",
        )

    def _read_and_fetch(self) -> str:
        """Return the file's SHA-256."""
        digest = hashlib.sha256()
        with self._part.open("ab") as part:
            if part.tell() > self._file.size_bytes:
                part.truncate(0)
            for piece in pieces_of(self._part):
                self._stop.raise_if_cancelled()
                digest.update(piece)
                self._transfer.count(len(piece), "checking")
            position = self._part.stat().st_size
            since = 0
            stream = self._open(position)
            try:
                while stream.position < self._file.size_bytes:
                    chunk = run_now(stream.read(self._file.size_bytes - stream.position))
                    part.write(chunk)
                    digest.update(chunk)
                    self._transfer.count(len(chunk), "downloading")
                    since += len(chunk)
                    if since >= PIECE_BYTES:  # enough to call the connection alive
                        stream.note_progress()
                        since = 0
            finally:
                stream.close()
        return digest.hexdigest()

    def _open(self, position: int) -> RetryingStream:
        def tell(setback: Setback, wait_s: float) -> None:
            self._transfer.wait(setback.message, wait_s)

        return RetryingStream(
            self._file,
            self._origin,
            position,
            network=self._network,
            stop=self._stop,
            on_wait=tell,
        )
