"""What loading a model asks of whoever has its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from pycore.models.catalogue import ModelEntry


class ModelFiles(Protocol):
    """Gives the files of one model; all that are named in its entry, and verified."""

    @property
    def entry(self) -> ModelEntry:
        """The model."""

    async def read_json(self, path: str) -> Any:
        """A JSON file, parsed.

        Raises:
            AssetError: when it is missing or no JSON.
        """

    async def read_bytes(self, path: str) -> Any:
        """A file as a JavaScript Uint8Array, which the caller owns.

        Raises:
            AssetError: when it is missing.
        """

    async def read_derived(self, name: str) -> bytes | None:
        """What ``write_derived`` kept, None when there is nothing."""

    async def write_derived(self, name: str, data: bytes) -> None:
        """Keep something made from the files beside them, where that is possible."""
