"""Where documents and their pictures lie; in a zip, see zip_folder.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from pycore.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Folder(Protocol):
    """Files by name."""

    @property
    def names(self) -> list[str]:
        """All of them."""

    def read(self, name: str, limit: int) -> bytes:
        """Return a file's content, of no more than ``limit`` bytes, or raise DocumentError."""


class LooseFiles:
    """Files as they were chosen, in memory.

    Args:
        files: content by name, folders included.
        others: names of files that lie beside them, and that are read by somebody else.
    """

    def __init__(self, files: Mapping[str, bytes], others: Iterable[str] = ()) -> None:
        self._files = dict(files)
        self._others = [name for name in others if name not in self._files]

    @property
    def names(self) -> list[str]:
        """All of them."""
        return [*self._files, *self._others]

    def read(self, name: str, limit: int) -> bytes:
        """Return a file's content.

        Raises:
            DocumentError: larger than ``limit`` bytes, or one of the others.
        """
        data = self._files.get(name)
        if data is None:
            raise DocumentError(f"{name} is not here.")
        if len(data) > limit:
            raise DocumentError(
                f"{name} has {len(data) / 1e6:.0f} MB; the limit is {limit / 1e6:.0f} MB."
            )
        return data
