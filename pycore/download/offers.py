"""Model files that a person hands in: loose ones, a folder's, or a zip's."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING

from pycore.download.origins import PIECE_BYTES
from pycore.errors import AssetError

if TYPE_CHECKING:
    from pycore.models.catalogue import ModelEntry, ModelFile

ZIP_START = b"PK\x03\x04"
_ENCRYPTED = 0x1  # a member's flag: .ZIP File Format Specification 6.3.10, section 4.4.4
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,  # a name that is no UTF-8
)
"""What zipfile raises on a damaged or exotic archive, and a file that has gone when it is read."""


@dataclass(frozen=True)
class OfferedFile:
    """A file that the person chose, or one inside a zip.

    Attributes:
        name: its path or bare name.
        size_bytes: its length.
        open: opens it for reading; seekable when it is not inside a zip.
    """

    name: str
    size_bytes: int
    open: Callable[[], IO[bytes]]


def unpack_zips(offers: Sequence[OfferedFile]) -> list[OfferedFile]:
    """Replace every zip by its members; which files are zips is judged by content.

    Raises:
        AssetError: when a file, or the list of a zip's members, cannot be read.
    """
    return [member for offer in offers for member in _members(offer)]


def _members(offer: OfferedFile) -> Iterator[OfferedFile]:
    with _reading(offer.name):
        file = offer.open()
        archive = zipfile.ZipFile(file) if file.read(len(ZIP_START)) == ZIP_START else None
    if archive is None:
        file.close()
        yield offer
        return
    for info in archive.infolist():
        if not info.is_dir():
            yield OfferedFile(info.filename, info.file_size, _opener(archive, info))


def _opener(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    def open_member() -> IO[bytes]:
        if info.flag_bits & _ENCRYPTED:
            raise AssetError(
                f"{info.filename} is protected by a password. Unpack the zip yourself and choose "
                "the files that were in it."
            )
        if info.compress_type not in _METHODS:  # whose readers raise what they like
            raise NotImplementedError(f"compressed by method {info.compress_type}")
        return archive.open(info)

    return open_member


def read_pieces(offer: OfferedFile) -> Iterator[bytes]:
    """The bytes of an offer: pieces of PIECE_BYTES, the last one shorter.

    Raises:
        AssetError: when it cannot be read, or is shorter than it says.
    """
    left = offer.size_bytes
    with _reading(offer.name), offer.open() as file:
        while left:
            piece = _read_exactly(file, min(left, PIECE_BYTES))
            left -= len(piece)
            yield piece


def _read_exactly(file: IO[bytes], size: int) -> bytes:
    data = file.read(size)
    while len(data) < size:
        more = file.read(size - len(data))
        if not more:
            raise EOFError(f"{size - len(data)} bytes missing")
        data += more
    return data


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """Map what fails while a file is read."""
    try:
        yield
    except _UNREADABLE as error:
        message = f"{name} cannot be read: it is damaged, of an unknown kind, or has been moved."
        raise AssetError(message, detail=f"{type(error).__name__}: {error}") from error


def candidates(file: ModelFile, offers: Sequence[OfferedFile]) -> list[OfferedFile]:
    """The offers that may be ``file``, the likeliest first.

    A file of another size never is. Names decide only the order, because browsers rename
    ("config (1).json"): the hash has the last word.
    """
    fitting = [offer for offer in offers if offer.size_bytes == file.size_bytes]
    return sorted(fitting, key=lambda offer: _distance(offer, file.path))


def named(path: str, offers: Sequence[OfferedFile]) -> OfferedFile | None:
    """The offer that is called like ``path``, or at least like its last part."""
    nearest = min(offers, key=lambda offer: _distance(offer, path), default=None)
    return nearest if nearest is not None and _distance(nearest, path) < 2 else None


def _distance(offer: OfferedFile, path: str) -> int:
    wanted = PurePosixPath(path).parts
    parts = PurePosixPath(offer.name.replace("\\", "/")).parts
    if parts[-len(wanted) :] == wanted:
        return 0
    return 1 if parts[-1:] == wanted[-1:] else 2


def incomplete(
    entry: ModelEntry, missing: Sequence[ModelFile], offers: Sequence[OfferedFile]
) -> AssetError:
    """The error that names the files that an import did not bring."""
    offered = {PurePosixPath(offer.name.replace("\\", "/")).name for offer in offers}
    wrong = [file.path for file in missing if PurePosixPath(file.path).name in offered]
    if wrong:
        message = f"Not the right file for {entry.name}: {', '.join(wrong)}."
        return AssetError(f"{message} Get it again from {entry.repository} at {entry.revision}.")
    names = ", ".join(file.path for file in missing)
    return AssetError(f"These files of {entry.name} are still missing: {names}. Choose them, too.")
