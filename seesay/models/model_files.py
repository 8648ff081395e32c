"""What loading a model asks of whoever has its files, and files that lie in a folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pycore.errors import AssetError
from pycore.json_data import parse_json
from pycore.models.catalogue import ModelFile

if TYPE_CHECKING:
    from pycore.models.catalogue import ModelEntry

_PIECE_BYTES = 1 << 20


class ModelFiles(Protocol):
    """Gives the files of one model; all that are named in its entry."""

    @property
    def entry(self) -> ModelEntry:
        """The model."""

    def read_json(self, path: str) -> Any:
        """A JSON file, parsed.

        Raises:
            AssetError: it is missing or no JSON.
        """

    def read_bytes(self, path: str) -> bytes:
        """A file.

        Raises:
            AssetError: it is missing.
        """


class FolderFiles:
    """Files of a folder, by their paths in it, with forward slashes.

    Args:
        folder: may be gone.
        what: completes "of"; begins no sentence.
        remedy: a sentence: what to do where a file is missing or damaged.
    """

    def __init__(self, folder: Path, what: str, remedy: str) -> None:
        self.folder = folder
        self._what = what
        self._remedy = remedy

    def read_json(self, path: str) -> Any:
        """A JSON file, parsed; see ModelFiles."""
        data = self.read_bytes(path)
        try:
            return parse_json(data)
        except ValueError as error:
            message = f"{path} of {self._what} is damaged. {self._remedy}"
            raise AssetError(message, detail=f"{self.folder / path}: {error}") from error

    def read_bytes(self, path: str) -> bytes:
        """A file; see ModelFiles."""
        try:
            return (self.folder / path).read_bytes()
        except OSError as error:
            message = f"{path} of {self._what} cannot be read. {self._remedy}"
            raise AssetError(message, detail=str(error)) from error


def pieces_of(path: Path) -> Iterator[bytes]:
    """Yield a file's bytes, a megabyte at a time.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            yield piece


def sha256_of(path: Path) -> str:
    """Return a file's SHA-256, in hexadecimal digits.

    Raises:
        OSError: it cannot be read.
    """
    digest = hashlib.sha256()
    for piece in pieces_of(path):
        digest.update(piece)
    return digest.hexdigest()


def describe_file(folder: Path, path: str) -> ModelFile:
    """Return size and hash of a file in a folder.

    Raises:
        OSError: it cannot be read.
    """
    whole = folder / path
    return ModelFile(path, whole.stat().st_size, sha256_of(whole))
