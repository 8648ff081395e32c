"""What this device has of a model, and reading it once it is verified."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pycore.errors import AssetError
from pycore.models.catalogue import DERIVED_FOLDER
from pycore.models.model_json import parse_model_json
from worker.models.stored_file import StoredFile

if TYPE_CHECKING:
    from pycore.models.catalogue import ModelEntry, ModelFile
    from worker.models.pieces import Device, FallbackPieces


@dataclass(frozen=True)
class ModelStatus:
    """What this device has of a model.

    Attributes:
        state: ready (every file complete and verified), partial, or absent.
        size_bytes: of all files.
        stored_bytes: of whole pieces that are here, in memory or on the device.
        in_memory: some of it is not kept, or would not be, and is gone when the worker ends.
        hosted: the site itself offers the files, so that no other host is asked.
    """

    state: Literal["ready", "partial", "absent"]
    size_bytes: int
    stored_bytes: int
    in_memory: bool
    hosted: bool


class ModelNotHereError(AssetError):
    """A model, or part of it, is not on this device: it must be downloaded or imported first."""


class StoredModel:
    """A verified model, ready to be read; the ``ModelFiles`` of worker/inference/model_files.py.

    Args:
        entry: the model.
        store: its pieces.
        device: makes buffers.

    Attributes:
        on_read: told the size in bytes of each piece that ``read_bytes`` has read.
    """

    def __init__(self, entry: ModelEntry, store: FallbackPieces, device: Device) -> None:
        self.entry = entry
        self.on_read: Callable[[int], None] = lambda _size_bytes: None
        self._store = store
        self._device = device

    async def read_bytes(self, path: str) -> Any:
        """A file in one buffer outside Python's memory: a Uint8Array in the browser.

        Raises:
            AssetError: when a piece has gone since, or the model has no such file.
        """
        file = self._find(path)
        buffer = self._device.new_buffer(file.size_bytes)
        for piece in StoredFile(file, self._store).pieces:
            copied = await self._store.copy_to(piece.name, buffer, piece.start)
            if copied != piece.size_bytes:
                raise evicted(file.path)
            self.on_read(copied)
        return buffer

    async def read_json(self, path: str) -> Any:
        """A JSON file, parsed.

        Raises:
            AssetError: when it has gone since, is no JSON, or the model has no such file.
        """
        file = self._find(path)
        stored = StoredFile(file, self._store)
        pieces = [await stored.read(piece) for piece in stored.pieces]
        if None in pieces:
            raise evicted(file.path)
        return parse_model_json(path, b"".join(piece for piece in pieces if piece is not None))

    async def read_derived(self, name: str) -> bytes | None:
        """What ``write_derived`` kept under ``name``, None when there is nothing."""
        return await self._store.read(DERIVED_FOLDER + name)

    async def write_derived(self, name: str, data: bytes) -> None:
        """Keep something made from this model's files beside them; forgotten with the model."""
        await self._store.write(DERIVED_FOLDER + name, data)

    def _find(self, path: str) -> ModelFile:
        for file in self.entry.files:
            if file.path == path:
                return file
        raise AssetError(f"The model {self.entry.id} has no file {path}.")


def evicted(name: str) -> ModelNotHereError:
    """The error for a piece that was there before."""
    message = f"The browser has removed part of {name} from this device. Download it again."
    return ModelNotHereError(message)
