"""The model store of this browser: everything it needs, put together once."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import IO, Any

import js
from pyodide.ffi import JsException

from pycore.download.fetcher import AsyncioClock
from pycore.download.offers import OfferedFile
from pycore.download.origins import DEFAULT_HUB, hub_host
from pycore.download.retrying_stream import Network
from worker.browser.cache_storage import JsDevice
from worker.browser.download_lock import open_tabs
from worker.browser.fetcher import JsFetcher
from worker.models.store import ModelStore

READ_AHEAD_BYTES = 2**20


def open_model_store(hub: str | None = None, hosted: Mapping[str, str] | None = None) -> ModelStore:
    """The store, with nothing fetched and nothing read yet.

    Args:
        hub: address of a mirror; None for the hub itself.
        hosted: manifest addresses, absolute, of models that the site holds, by model id.

    Raises:
        ConfigurationError: when ``hub`` is not a web address.
    """
    hub = hub or DEFAULT_HUB
    hub_host(hub)
    network = Network(JsFetcher(), AsyncioClock())
    return ModelStore(JsDevice(), network, open_tabs(), hub=hub, hosted=hosted)


def offer(file: Any) -> OfferedFile:
    """A JavaScript File or Blob as an import takes it."""
    name = getattr(file, "webkitRelativePath", "") or getattr(file, "name", "") or "the file"
    return OfferedFile(str(name), int(file.size), lambda: _open(file))


def _open(file: Any) -> IO[bytes]:
    return io.BufferedReader(_BlobFile(file), READ_AHEAD_BYTES)


class _BlobFile(io.RawIOBase):
    """A Blob as a file, read without waiting: workers have FileReaderSync for that."""

    def __init__(self, blob: Any) -> None:
        super().__init__()
        self._blob = blob
        self._size = int(blob.size)
        self._position = 0
        self._reader = js.FileReaderSync.new()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        end = min(self._position + len(buffer), self._size)
        if end <= self._position:
            return 0
        try:
            part = self._reader.readAsArrayBuffer(self._blob.slice(self._position, end))
        except JsException as error:  # NotReadableError: moved or changed since it was chosen
            raise OSError(str(error)) from error
        size = end - self._position
        part.assign_to(memoryview(buffer)[:size])
        self._position = end
        return size
