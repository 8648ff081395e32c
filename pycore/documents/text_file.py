"""A text file as characters, changed without touching the bytes of what stays.

The encoding is the file's own: UTF-8 and UTF-16, with or without a byte order mark, or any that
writes ASCII as ASCII. Of the latter the bytes stand for themselves and new words are written in
ASCII, with character references: so no table of the encoding is needed, and the browser's Python
has few. So are they in a page that has nothing but ASCII yet and does not say that it is UTF-8:
browsers take such a page for Windows-1252.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pycore.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_BYTES = 16 << 20
"""Of one document; the longest novels have 4 MB."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(
    rb"<\?xml[^>]{0,200}\sencoding\s*=\s*[\"']([\w.:-]+)|<meta[^>]{1,200}?charset\s*=\s*[\"']?([\w.:-]+)",
    re.IGNORECASE,
)
# They shift between sets of characters or fill the upper halves of others with ASCII's bytes.
_NOT_ASCII = re.compile(r"iso-?2022|hz|utf-?7|utf-?32|ucs-?4|ebcdic|cp037", re.IGNORECASE)
# In East Asian encodings the second byte of a character may look like Markdown's signs.
_MISLEADING = re.compile(rb"[\x81-\xfe][\[\\\]`]")


class Change(NamedTuple):
    """Characters to be put in the place of others.

    Attributes:
        start: where the old ones begin.
        end: where they end; equal to ``start`` for an insertion.
        new: what comes there.
    """

    start: int
    end: int
    new: str


@dataclass(frozen=True, slots=True)
class TextFile:
    """A decoded file.

    Attributes:
        name: for errors.
        mark: the byte order mark, as it stands in the file.
        text: the characters behind it.
        encoding: Python's name; "latin-1" for bytes that stand for themselves.
        has_references: new words are written in ASCII, with character references.
    """

    name: str
    mark: bytes
    text: str
    encoding: str
    has_references: bool = False

    @classmethod
    def decode(cls, name: str, data: bytes, *, is_markdown: bool = False) -> TextFile:
        """Read a file.

        Raises:
            DocumentError: too large, or in an encoding that cannot be changed safely.
        """
        if len(data) > MAX_BYTES:
            raise DocumentError(
                f"{name} has {len(data) / 1e6:.0f} MB; the limit for a document is "
                f"{MAX_BYTES / 1e6:.0f} MB. Split it and try again."
            )
        for mark, encoding in _MARKS:
            if data.startswith(mark) and not data.startswith(codecs.BOM_UTF32_LE):
                # Bytes that are none of its characters are kept as they are.
                errors = "surrogateescape" if encoding == "utf-8" else "surrogatepass"
                body = data[len(mark) :]
                try:
                    return cls(name, mark, body.decode(encoding, errors), encoding)
                except UnicodeDecodeError as error:
                    raise _unknown(name, encoding) from error
        declared = "" if is_markdown else _declared(data)
        if _NOT_ASCII.match(declared) or b"\0" in data[:1000]:
            raise _unknown(name, declared or "UTF-16 or UTF-32 without a byte order mark")
        is_utf_8 = is_markdown or declared in {"utf-8", "utf8"}
        # Where a page says something else than what its bytes are, its server may know better.
        has_references = not is_utf_8 and (bool(declared) or data.isascii())
        try:
            return cls(name, b"", data.decode("utf-8"), "utf-8", has_references)
        except UnicodeDecodeError as error:
            if declared in {"utf-8", "utf8"}:
                return cls(name, b"", data.decode("utf-8", "surrogateescape"), "utf-8")
            if is_markdown and _MISLEADING.search(data):
                raise _unknown(name, "an encoding that is not UTF-8") from error
            return cls(name, b"", data.decode("latin-1"), "latin-1", has_references=True)

    def change(self, changes: Iterable[Change]) -> bytes:
        """Return the file with all changes made and every other byte kept.

        Raises:
            ValueError: two changes overlap, which is a fault of the caller.
        """
        parts = [self.mark]
        position = 0
        for start, end, new in sorted(changes):
            if not position <= start <= end <= len(self.text):
                raise ValueError(f"change {start}:{end} overlaps or leaves {len(self.text)}")
            parts += [self._kept(position, start), self._new(new)]
            position = end
        return b"".join([*parts, self._kept(position, len(self.text))])

    def _kept(self, start: int, end: int) -> bytes:
        errors = "surrogatepass" if self.encoding.startswith("utf-16") else "surrogateescape"
        return self.text[start:end].encode(self.encoding, errors)

    def _new(self, text: str) -> bytes:
        # Halves of characters alone are no text.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        if self.has_references:
            return text.encode("ascii", "xmlcharrefreplace")
        return text.encode(self.encoding)


def _declared(data: bytes) -> str:
    """Return the encoding that the beginning of an HTML or XML file names, in lower case."""
    match = _DECLARED.search(data, 0, 4096)
    return (match[1] or match[2]).decode("ascii", "replace").lower() if match else ""


def _unknown(name: str, encoding: str) -> DocumentError:
    return DocumentError(
        f"{name} is in {encoding}, which Seesay cannot change safely. "
        "Save it as UTF-8 and try again."
    )
