"""Many files as one zip, written piece by piece: no more than one of them is in memory."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# What Windows forbids in names; "/" parts folders.
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_PACKED = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".heic", ".tif", ".tiff", ".zip")
_DATE = (1980, 1, 1, 0, 0, 0)  # the first day that zip knows


def zip_file(
    files: Iterable[tuple[str, bytes]], *, date: tuple[int, int, int, int, int, int] = _DATE
) -> Iterator[bytes]:
    """Yield a zip file, one piece for each file in it and one for its index.

    Args:
        files: name, with folders parted by "/", and content; names are made safe and different.
        date: year, month, day, hour, minute, second, from 1980 on.
    """
    with ZipWriter(date) as archive:
        for name, content in files:
            yield archive.add(name, content)
        yield archive.finish()


class ZipWriter:
    """A zip file that grows file by file; nothing of what was handed out is kept.

    Args:
        date: of all files in it: year, month, day, hour, minute, second, from 1980 on.
    """

    def __init__(self, date: tuple[int, int, int, int, int, int] = _DATE) -> None:
        self._date = date
        self._sink = _Sink()
        self._names = _Names()
        self._archive = zipfile.ZipFile(self._sink, "w", allowZip64=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._archive.close()  # before the sink, whoever goes first

    def add(self, name: str, content: bytes) -> bytes:
        """Return the piece for one file; its name is made safe, and different from all before."""
        safe = self._names.take(name)
        info = zipfile.ZipInfo(safe, self._date)
        info.external_attr = 0o644 << 16
        is_packed = safe.lower().endswith(_PACKED)
        info.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
        self._archive.writestr(info, content)
        return self._sink.take()

    def finish(self) -> bytes:
        """Return the last piece, the index."""
        self._archive.close()
        return self._sink.take()


def safe_names(names: Iterable[str]) -> list[str]:
    """Return names that every system can unpack: inside the folder, no two alike."""
    taken = _Names()
    return [taken.take(name) for name in names]


class _Names:
    """Gives out names, each once, whatever the case of its letters."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}

    def take(self, name: str) -> str:
        parts = [_safe_part(part) for part in name.replace("\\", "/").split("/")]
        safe = "/".join(part for part in parts if part) or "file"
        stem, dot, suffix = safe.rpartition(".")
        if not stem or "/" in suffix:
            stem, dot, suffix = safe, "", ""
        key = safe.casefold()
        number = self._next.get(key, 2)
        while safe.casefold() in self._taken:
            safe = f"{stem} ({number}){dot}{suffix}"
            number += 1
        self._next[key] = number
        self._taken.add(safe.casefold())
        return safe


def _safe_part(part: str) -> str:
    part = part.encode("utf-8", "replace").decode()
    part = _FORBIDDEN.sub("_", part).strip().rstrip(". ")
    return f"_{part}" if _RESERVED.match(part) else part


class _Sink(io.RawIOBase):
    """Keeps what was written since the last `take`; behind that, one cannot go back.

    The zip writer goes back only to the head of the file it has just written.
    """

    def __init__(self) -> None:
        super().__init__()
        self._given = 0
        self._kept = io.BytesIO()

    def take(self) -> bytes:
        data = self._kept.getvalue()
        self._given += len(data)
        self._kept = io.BytesIO()
        return data

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        return self._kept.write(data)

    def tell(self) -> int:
        return self._given + self._kept.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if whence != io.SEEK_SET or offset < self._given:
            raise io.UnsupportedOperation("what was taken is out of reach")
        return self._given + self._kept.seek(offset - self._given)
