"""A zip file of documents: read within limits, and written again with only some files changed.

All other files stay byte for byte what they are, compressed data, dates, order and notes included;
so an EPUB's ``mimetype`` stays first and stored. Nothing is unpacked to a disk, and no member is
read further than its limit, whatever size it says it has.

Source: PKWARE APPNOTE 6.3.10, 4.3.7 (local headers), 4.3.12 (central directory), 4.3.16 (its end).
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, NamedTuple

from pycore.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_BYTES = 512 << 20
MAX_FILES = 20_000
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_DESCRIPTOR = 0x8
_IN_ZIP64 = 0xFFFFFFFF


class _Entry(NamedTuple):
    """A file in the zip.

    Attributes:
        info: as the standard library reads it.
        record: its part of the central directory.
        start: of its local header.
        end: behind its data, and what may follow up to the next file.
    """

    info: zipfile.ZipInfo
    record: bytes
    start: int
    end: int


class ZipFolder:
    """The files of a zip, by name.

    Args:
        name: of the zip file, for errors.
        data: all of it.

    Raises:
        DocumentError: not a zip, damaged, or beyond the limits.
    """

    def __init__(self, name: str, data: bytes) -> None:
        self._name = name
        self._data = data
        if len(data) > MAX_BYTES:
            raise self._error(
                f"has {len(data) / 1e6:.0f} MB; the limit is {MAX_BYTES / 1e6:.0f} MB"
            )
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise self._error("is not a zip file, or is damaged", detail=str(error)) from error
        if len(self._archive.infolist()) > MAX_FILES:
            raise self._error(
                f"has {len(self._archive.infolist())} files; the limit is {MAX_FILES}"
            )
        self._entries = self._read_entries()

    @property
    def names(self) -> list[str]:
        """The files in the order of the zip, folders left out."""
        return [name for name in self._entries if not name.endswith("/")]

    def size(self, name: str) -> int:
        """Return the size that a file is said to have, in bytes."""
        return self._entries[name].info.file_size

    def read(self, name: str, limit: int) -> bytes:
        """Return a file's content.

        Args:
            name: one of `names`.
            limit: of its size, in bytes.

        Raises:
            DocumentError: larger than the limit, encrypted, damaged, or neither stored nor
                deflated.
        """
        info = self._entries[name].info
        if info.flag_bits & _ENCRYPTED:
            raise self._error(f"has {name} under a password", advice="Take the password off")
        if info.compress_type not in _METHODS:  # whose readers raise what they like
            raise self._error(f"has {name} compressed in a way that is not for documents")
        if info.file_size > limit:
            raise self._error(
                f"has {name} with {info.file_size / 1e6:.0f} MB; the limit is {limit / 1e6:.0f} MB"
            )
        try:
            with self._archive.open(info) as file:
                return file.read(limit)
        except (
            zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError,
            ValueError,
        ) as error:  # fmt: skip
            raise self._error(f"has a damaged file: {name}", detail=str(error)) from error

    def replace(self, changes: Mapping[str, bytes]) -> Iterator[bytes | memoryview]:
        """Yield the zip with other content for some files.

        Args:
            changes: new content by name.
        """
        view = memoryview(self._data)
        directory: list[bytes] = []
        written = 0
        for entry in self._in_order():
            content = changes.get(entry.info.filename)
            head, record = b"", bytearray(entry.record)
            kept: bytes | memoryview = view[entry.start : entry.end]
            if content is not None:
                head, kept = self._packed(entry, content, record)
            # Where the local header is: the last field of the fixed part.
            struct.pack_into("<I", record, _CENTRAL.size - 4, written)
            directory.append(bytes(record))
            written += len(head) + len(kept)
            if head:
                yield head
            yield kept
        records = b"".join(directory[index] for index in self._directory_order())
        yield records
        comment = self._archive.comment
        count = len(directory)
        yield (
            _END.pack(b"PK\5\6", 0, 0, count, count, len(records), written, len(comment)) + comment
        )

    def _read_entries(self) -> dict[str, _Entry]:
        """Find where each file begins and ends, and that no two overlap."""
        infos = self._archive.infolist()
        start = self._archive.start_dir
        places = sorted(info.header_offset for info in infos)
        ends = dict(zip(places, [*places[1:], start], strict=False))  # of no files, none
        if len(ends) != len(infos) or (places and places[0] != 0):
            raise self._error("has files that overlap, or something before them")
        entries: dict[str, _Entry] = {}
        position = start
        for info in infos:
            fixed = self._data[position : position + _CENTRAL.size]
            if len(fixed) < _CENTRAL.size or fixed[:4] != b"PK\1\2":
                raise self._error("is damaged: its list of files cannot be read")
            fields = _CENTRAL.unpack(fixed)
            if _IN_ZIP64 in (*fields[8:10], fields[16]):
                raise self._error("is in the format for more than 4 GB")
            end = position + _CENTRAL.size + sum(fields[10:13])
            entry = _Entry(info, self._data[position:end], fields[16], ends[info.header_offset])
            position = end
            least = entry.start + _LOCAL.size + info.compress_size
            if entry.start != info.header_offset or least > entry.end:
                raise self._error("has files that overlap, or something before them")
            if info.filename in entries:
                raise self._error(f"has two files of the name {info.filename}")
            entries[info.filename] = entry
        return entries

    def _in_order(self) -> list[_Entry]:
        return sorted(self._entries.values(), key=lambda entry: entry.start)

    def _directory_order(self) -> list[int]:
        places = {entry.start: index for index, entry in enumerate(self._in_order())}
        return [places[entry.start] for entry in self._entries.values()]

    def _packed(self, entry: _Entry, content: bytes, record: bytearray) -> tuple[bytes, bytes]:
        """Return a local header and data for new content; the record is brought up to date."""
        local = list(_LOCAL.unpack_from(self._data, entry.start))
        after_fixed = entry.start + _LOCAL.size
        variable = self._data[after_fixed : after_fixed + local[9] + local[10]]
        is_stored = entry.info.compress_type == zipfile.ZIP_STORED
        packed = content
        if not is_stored:
            packer = zlib.compressobj(wbits=-15)
            packed = packer.compress(content) + packer.flush()
        # Sizes are known now, so none follows the data.
        flags = entry.info.flag_bits & ~_DESCRIPTOR
        method = zipfile.ZIP_STORED if is_stored else zipfile.ZIP_DEFLATED
        sums = (zlib.crc32(content), len(packed), len(content))
        local[2], local[3] = flags, method
        local[6:9] = sums
        struct.pack_into("<2H", record, 8, flags, method)
        struct.pack_into("<3I", record, 16, *sums)
        return _LOCAL.pack(*local) + variable, packed

    def _error(self, what: str, *, advice: str = "Make it anew", detail: str = "") -> DocumentError:
        return DocumentError(f"{self._name} {what}. {advice} and try again.", detail=detail)
