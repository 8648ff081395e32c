"""TIFF files compressed with Deflate ("ZIP"), unpacked with Python's zlib.

The libtiff in Pyodide 314's Pillow was built without Deflate. So such a file is rewritten before
Pillow sees it: the unpacked strips or tiles are appended, and its directory points to them.

Source: TIFF 6.0, sections 2, 14 (predictor) and 15 (tiles); Adobe Photoshop TIFF technical notes
(Deflate).
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

import numpy as np

from pycore.errors import UnsupportedImageError

_WIDTH, _LENGTH, _BITS_PER_SAMPLE, _COMPRESSION = 256, 257, 258, 259
_STRIP_OFFSETS, _SAMPLES_PER_PIXEL, _ROWS_PER_STRIP, _STRIP_BYTE_COUNTS = 273, 277, 278, 279
_PLANAR, _PREDICTOR = 284, 317
_TILE_WIDTH, _TILE_LENGTH, _TILE_OFFSETS, _TILE_BYTE_COUNTS = 322, 323, 324, 325
_NO_COMPRESSION = 1
_TYPE_FORMATS = {3: "H", 4: "I"}
_LONG = 4
_STEP_BYTES = 1 << 16  # what comes before damage within one step is kept


def inflate(data: bytes, max_bytes: int, *, tolerant: bool) -> bytes:
    """Rewrite a Deflate-compressed TIFF file so that its first image is not compressed.

    Args:
        data: the file.
        max_bytes: most bytes that the pixels may take.
        tolerant: whether what cannot be unpacked becomes zeros.

    Raises:
        UnsupportedImageError: for a BigTIFF, or an unknown predictor.
        ValueError: when there would be too many bytes.
        EOFError, LookupError, struct.error, zlib.error: when the file is damaged.
    """
    directory = _Directory.read(data)
    tiled = _TILE_OFFSETS in directory.entries
    offsets_tag = _TILE_OFFSETS if tiled else _STRIP_OFFSETS
    offsets = directory.values(offsets_tag)
    counts = directory.values(_TILE_BYTE_COUNTS if tiled else _STRIP_BYTE_COUNTS)
    layout = _Layout.of(directory, tiled=tiled)
    if layout.size_bytes * len(offsets) > max_bytes:
        raise ValueError(f"{len(offsets)} parts of {layout.size_bytes} bytes are too many")

    output = bytearray(data)
    new_offsets = []
    for offset, count in zip(offsets, counts, strict=True):
        part = _unpack(data[offset : offset + count], layout.size_bytes, tolerant=tolerant)
        new_offsets.append(len(output))
        output += layout.undo_prediction(part)
    place = len(output)
    output += struct.pack(f"{directory.order}{len(new_offsets)}I", *new_offsets)
    directory.set(output, offsets_tag, _LONG, len(new_offsets), place)
    directory.set(output, _COMPRESSION, _LONG, 1, _NO_COMPRESSION)
    if _PREDICTOR in directory.entries:
        directory.set(output, _PREDICTOR, _LONG, 1, 1)
    return bytes(output)


def _unpack(packed: bytes, size_bytes: int, *, tolerant: bool) -> bytes:
    """Unpack one strip or tile; only a whole strip may be shorter than ``size_bytes``."""
    unpacker = zlib.decompressobj()
    part = bytearray()
    try:
        for start in range(0, len(packed), _STEP_BYTES):
            step = packed[start : start + _STEP_BYTES]
            part += unpacker.decompress(step, size_bytes - len(part) + 1)
            if len(part) >= size_bytes:
                return bytes(part[:size_bytes])
    except zlib.error:
        if not tolerant:
            raise
    if unpacker.eof:
        return bytes(part)
    if not tolerant:
        raise EOFError("a strip or tile ends early")
    return bytes(part.ljust(size_bytes, b"\x00"))


@dataclass(frozen=True, slots=True)
class _Directory:
    """The first image file directory of a TIFF file.

    Attributes:
        data: the file.
        order: of bytes, as `struct` writes it.
        entries: tag to the place of its 12-byte entry.
    """

    data: bytes
    order: str
    entries: dict[int, int]

    @classmethod
    def read(cls, data: bytes) -> _Directory:
        """Find the entries of a classic TIFF."""
        order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(data[:4])
        if order is None:
            raise _unsupported("BigTIFF")
        (start,) = struct.unpack_from(f"{order}I", data, 4)
        (count,) = struct.unpack_from(f"{order}H", data, start)
        places = (start + 2 + 12 * index for index in range(count))
        tags = ((struct.unpack_from(f"{order}H", data, place)[0], place) for place in places)
        return cls(data, order, dict(tags))

    def values(self, tag: int) -> tuple[int, ...]:
        """Read all values of a tag of whole numbers."""
        place = self.entries[tag]
        kind, count = struct.unpack_from(f"{self.order}HI", self.data, place + 2)
        layout = f"{self.order}{count}{_TYPE_FORMATS[kind]}"
        if struct.calcsize(layout) <= 4:
            return struct.unpack_from(layout, self.data, place + 8)
        (offset,) = struct.unpack_from(f"{self.order}I", self.data, place + 8)
        return struct.unpack_from(layout, self.data, offset)

    def first(self, tag: int, default: int) -> int:
        """Read the first value of a tag, or the default where the tag is not there."""
        return self.values(tag)[0] if tag in self.entries else default

    def set(self, output: bytearray, tag: int, kind: int, count: int, value: int) -> None:
        """Rewrite an entry in a copy of the file; ``value`` of one LONG, else its place."""
        if count == 1 and tag in (_STRIP_OFFSETS, _TILE_OFFSETS):
            (value,) = struct.unpack_from(f"{self.order}I", output, value)
        entry = struct.pack(f"{self.order}HHII", tag, kind, count, value)
        output[self.entries[tag] : self.entries[tag] + 12] = entry


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the samples of one strip or tile lie, all of the same size but perhaps the last strip."""

    width: int
    rows: int
    samples: int
    bits: int
    order: str
    is_predicted: bool

    @classmethod
    def of(cls, directory: _Directory, *, tiled: bool) -> _Layout:
        samples = directory.first(_SAMPLES_PER_PIXEL, 1)
        if directory.first(_PLANAR, 1) == 2:  # each band has parts of its own
            samples = 1
        predictor = directory.first(_PREDICTOR, 1)
        bits = directory.first(_BITS_PER_SAMPLE, 1)
        if predictor not in (1, 2) or (predictor == 2 and bits not in (8, 16, 32)):
            raise _unsupported(f"predictor {predictor} with {bits} bits")
        length = directory.first(_LENGTH, 0)
        return cls(
            width=directory.first(_TILE_WIDTH if tiled else _WIDTH, 0),
            rows=directory.first(_TILE_LENGTH, 0)
            if tiled
            else min(directory.first(_ROWS_PER_STRIP, length), length),
            samples=samples,
            bits=bits,
            order=directory.order,
            is_predicted=predictor == 2,
        )

    @property
    def row_bytes(self) -> int:
        return (self.width * self.samples * self.bits + 7) // 8

    @property
    def size_bytes(self) -> int:
        return self.row_bytes * self.rows

    def undo_prediction(self, part: bytes) -> bytes:
        """Turn differences to the pixel on the left into samples; a cut row at the end is lost."""
        if not self.is_predicted:
            return part
        rows = len(part) // self.row_bytes
        differences = np.frombuffer(
            part[: rows * self.row_bytes], dtype=f"{self.order}u{self.bits // 8}"
        ).reshape(rows, self.width, self.samples)
        samples = np.cumsum(differences, axis=1, dtype=differences.dtype.newbyteorder("="))
        return samples.astype(differences.dtype).tobytes()


def _unsupported(detail: str) -> UnsupportedImageError:
    return UnsupportedImageError(
        "That TIFF file is compressed in a way that Seesay cannot read. "
        "Save it as JPEG or PNG and try again.",
        detail=detail,
    )
