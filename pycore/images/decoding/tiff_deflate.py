"""TIFF files compressed with Deflate ("ZIP"), unpacked with Python's zlib.

The libtiff in Pyodide 314's Pillow was built without Deflate. So such a file is rewritten before
Pillow sees it: the unpacked strips or tiles are appended, and its directory points to them.

Source: TIFF 6.0, sections 2, 14 (predictor) and 15 (tiles); Adobe Photoshop TIFF technical notes
(Deflate).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from pycore.errors import UnsupportedImageError
from pycore.images.decoding.damage import foreign_bytes
from pycore.images.decoding.inflating import Inflater

_WIDTH, _LENGTH, _BITS_PER_SAMPLE, _COMPRESSION = 256, 257, 258, 259
_STRIP_OFFSETS, _SAMPLES_PER_PIXEL, _ROWS_PER_STRIP, _STRIP_BYTE_COUNTS = 273, 277, 278, 279
_PLANAR, _PREDICTOR = 284, 317
_TILE_WIDTH, _TILE_LENGTH, _TILE_OFFSETS, _TILE_BYTE_COUNTS = 322, 323, 324, 325
_NO_COMPRESSION = 1
_TYPE_FORMATS = {3: "H", 4: "I"}
_LONG = 4
_MOST = 16
"""Times the file's length that its parts may have together: many can be the same bytes."""


def inflate(data: bytes, max_bytes: int, *, tolerant: bool, filling: int = 0) -> bytes:
    """Rewrite a Deflate-compressed TIFF file so that its first image is not compressed.

    Args:
        data: the file.
        max_bytes: most bytes that the pixels may take.
        tolerant: whether what cannot be unpacked is filled.
        filling: with which byte.

    Raises:
        UnsupportedImageError: for a BigTIFF, or an unknown predictor.
        DamagedImageError: when the file is damaged, or there would be too many bytes.
    """
    with foreign_bytes():
        return _inflate(data, max_bytes, tolerant=tolerant, filling=filling)


def _inflate(data: bytes, max_bytes: int, *, tolerant: bool, filling: int) -> bytes:
    directory = _Directory.read(data)
    tiled = _TILE_OFFSETS in directory.entries
    offsets_tag = _TILE_OFFSETS if tiled else _STRIP_OFFSETS
    offsets = directory.values(offsets_tag)
    counts = directory.values(_TILE_BYTE_COUNTS if tiled else _STRIP_BYTE_COUNTS)
    layout = _Layout.of(directory, tiled=tiled)
    view = memoryview(data)
    packed = sum(min(count, len(data)) for count in counts)
    if max(layout.size_bytes, 1) * len(offsets) > max_bytes or packed > _MOST * len(data):
        raise ValueError(f"{len(offsets)} parts of {layout.size_bytes} bytes are too many")

    parts = [
        layout.undo_prediction(
            _unpack(view[offset : offset + count], layout.size_bytes, tolerant, filling)
        )
        for offset, count in zip(offsets, counts, strict=True)
    ]
    output = bytearray(data)
    if layout.is_planar and not tiled:
        # Pillow cannot read planes where there are more than colours: pixel by pixel it can.
        parts = [layout.interleave(parts)]
        directory.set(output, _PLANAR, _LONG, 1, 1)
        directory.set(output, _ROWS_PER_STRIP, _LONG, 1, layout.height)
        counts_place = _keep(output, directory.order, [len(parts[0])])
        directory.set(output, _STRIP_BYTE_COUNTS, _LONG, 1, counts_place)
    new_offsets = []
    for part in parts:
        new_offsets.append(len(output))
        output += part
    place = _keep(output, directory.order, new_offsets)
    directory.set(output, offsets_tag, _LONG, len(new_offsets), place)
    directory.set(output, _COMPRESSION, _LONG, 1, _NO_COMPRESSION)
    if _PREDICTOR in directory.entries:
        directory.set(output, _PREDICTOR, _LONG, 1, 1)
    return bytes(output)


def _keep(output: bytearray, order: str, numbers: list[int]) -> int:
    """Append numbers to a file; return their place."""
    place = len(output)
    output += struct.pack(f"{order}{len(numbers)}I", *numbers)
    return place


def _unpack(packed: memoryview, size_bytes: int, tolerant: bool, filling: int) -> bytes:
    """Unpack one strip or tile; only a whole strip may be shorter than ``size_bytes``."""
    stream = Inflater([packed])
    part = bytearray()
    for piece in stream:
        part += piece
        if len(part) >= size_bytes:
            return bytes(part[:size_bytes])
    if stream.is_whole:
        return bytes(part)
    if not tolerant:
        raise EOFError("a strip or tile is cut or damaged")
    return bytes(part.ljust(size_bytes, bytes([filling])))


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
    is_planar: bool
    planes: int
    height: int

    @classmethod
    def of(cls, directory: _Directory, *, tiled: bool) -> _Layout:
        planes = directory.first(_SAMPLES_PER_PIXEL, 1)
        is_planar = directory.first(_PLANAR, 1) == 2  # each band has parts of its own
        samples = 1 if is_planar else planes
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
            is_planar=is_planar and bits in (8, 16, 32),
            planes=planes,
            height=length,
        )

    @property
    def row_bytes(self) -> int:
        return (self.width * self.samples * self.bits + 7) // 8

    @property
    def size_bytes(self) -> int:
        return self.row_bytes * self.rows

    def interleave(self, strips: list[bytes]) -> bytes:
        """Turn the strips of separate planes into one strip of whole pixels.

        Raises:
            ValueError: when they are not as large as all pixels.
        """
        planes = np.frombuffer(b"".join(strips), np.uint8)
        shape = (self.planes, self.height, self.width, self.bits // 8)
        return planes.reshape(shape).transpose(1, 2, 0, 3).tobytes()

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
