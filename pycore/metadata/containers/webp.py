"""WebP files: XMP and EXIF in chunks of those names, which need the extended header VP8X.

Source: RFC 9649, sections 2.3 to 2.7; RFC 6386, section 9.1; C2PA 2.2, annex A.3.6 (RIFF).
"""

from __future__ import annotations

from typing import NamedTuple

from pycore.metadata import exif
from pycore.metadata.containers.blocks import AMPLE, MOST_PARTS, Blocks
from pycore.metadata.splices import Splice, apply
from pycore.metadata.xmp_block import PROGRAM_MARK

_XMP_FLAG, _EXIF_FLAG, _ALPHA_FLAG = 0x04, 0x08, 0x10
_IMAGE = (b"VP8 ", b"VP8L")
_BEFORE_XMP = (*_IMAGE, b"ALPH", b"ANMF", b"EXIF")
_MAX_RIFF = 0xFFFF_FFFE


class _Chunk(NamedTuple):
    type: bytes
    start: int
    size: int
    end: int  # padding included

    @property
    def content_start(self) -> int:
        """Behind type and size."""
        return self.start + 8


def read(data: bytes) -> Blocks:
    """Find the blocks.

    Raises:
        ValueError: the file is damaged or cut.
    """
    chunks = _chunks(data)
    xmp = _first(chunks, b"XMP ")
    description, room = _description(data, _first(chunks, b"EXIF"))
    return Blocks(
        "WebP",
        xmp=_content(data, xmp) if xmp else None,
        exif_description=description,
        signed=_first(chunks, b"C2PA") is not None,
        exif_room=room,
    )


def write(data: bytes, old: Blocks, new: Blocks) -> bytes:
    """Put changed blocks into the file.

    Raises:
        ValueError: the file is damaged or cut, or would be over 4 GiB.
    """
    chunks = _chunks(data)
    splices = []
    if new.xmp != old.xmp:
        written = b"" if new.xmp is None else _chunk(b"XMP ", new.xmp)
        if holder := _first(chunks, b"XMP "):
            splices.append(Splice(holder.start, holder.end, written))
        else:
            place = max(one.end for one in chunks if one.type in _BEFORE_XMP)
            splices.append(Splice(place, place, written))
        splices += _header(data, chunks, old, new)
    if new.exif_description != old.exif_description:
        holder = _first(chunks, b"EXIF")
        if holder is None:
            raise ValueError("no EXIF to hold a description")
        head, block = _exif(_content(data, holder))
        written = _chunk(b"EXIF", head + exif.edit(block, new.exif_description))
        splices.append(Splice(holder.start, holder.end, written))
    size = int.from_bytes(data[4:8], "little") + sum(
        len(new) - (end - start) for start, end, new in splices
    )
    if size > _MAX_RIFF:
        raise ValueError("over 4 GiB, which WebP cannot hold")
    return apply(data, [Splice(4, 8, size.to_bytes(4, "little")), *splices])


def _header(data: bytes, chunks: list[_Chunk], old: Blocks, new: Blocks) -> list[Splice]:
    """Say in the extended header that there is XMP or none; add the header, or take ours away."""
    first = chunks[0]
    if first.type != b"VP8X":
        return [] if new.xmp is None else [Splice(12, 12, _chunk(b"VP8X", _vp8x(data, first)))]
    flags = data[first.content_start]
    changed = flags & ~_XMP_FLAG if new.xmp is None else flags | _XMP_FLAG
    # A file in the simple form was given the header by Seesay, with its XMP; they go together.
    is_simple = [one.type for one in chunks] in ([b"VP8X", kind, b"XMP "] for kind in _IMAGE)
    if new.xmp is None and is_simple and PROGRAM_MARK in (old.xmp or b""):
        image = chunks[1]
        if _content(data, first) == _vp8x(data, image):
            return [Splice(first.start, first.end, b"")]
    return [Splice(first.content_start, first.content_start + 1, bytes([changed]))]


def _vp8x(data: bytes, image: _Chunk) -> bytes:
    """Return the extended header for a file in the simple form, with the flag for XMP.

    Raises:
        ValueError: the image says no size.
    """
    head = data[image.content_start : image.content_start + min(image.size, 10)]
    flags = _XMP_FLAG
    if image.type == b"VP8 " and len(head) == 10 and head[3:6] == b"\x9d\x01\x2a":
        width = int.from_bytes(head[6:8], "little") & 0x3FFF
        height = int.from_bytes(head[8:10], "little") & 0x3FFF
    elif image.type == b"VP8L" and len(head) >= 5 and head[0] == 0x2F:
        bits = int.from_bytes(head[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        flags |= _ALPHA_FLAG * (bits >> 28 & 1)
    else:
        raise ValueError("no WebP frame header")
    if not (width and height):
        raise ValueError(f"size is {width} x {height}")
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return bytes([flags, 0, 0, 0]) + size


def _chunks(data: bytes) -> list[_Chunk]:
    """Return all chunks.

    Raises:
        ValueError: the file is cut, has too many chunks, or does not begin with an image or an
            extended header.
    """
    riff_end = 8 + int.from_bytes(data[4:8], "little")
    if riff_end > len(data):
        raise ValueError(f"the file ends at {len(data)} of {riff_end} bytes")
    found: list[_Chunk] = []
    position = 12
    while position + 8 <= riff_end:
        size = int.from_bytes(data[position + 4 : position + 8], "little")
        end = position + 8 + size + size % 2
        if position + 8 + size > riff_end or len(found) == MOST_PARTS:
            raise ValueError(f"chunk {len(found)} ends at {end} of {riff_end} bytes")
        found.append(_Chunk(bytes(data[position : position + 4]), position, size, end))
        position = end
    types = [one.type for one in found]
    is_animated = types[:1] == [b"VP8X"] and b"ANMF" in types
    has_image = types[:1] == [b"VP8X"] and any(kind in types for kind in _IMAGE)
    if position != riff_end or not (is_animated or has_image or types[:1] in ([k] for k in _IMAGE)):
        raise ValueError("no WebP image, or no sound chunks")
    if types[0] == b"VP8X" and found[0].size < 10:
        raise ValueError("a short extended header")
    for one in found:
        if one.type in _IMAGE:
            _vp8x(data, one)  # raises where the image says no size
    return found


def _first(chunks: list[_Chunk], kind: bytes) -> _Chunk | None:
    return next((one for one in chunks if one.type == kind), None)


def _content(data: bytes, chunk: _Chunk) -> bytes:
    return bytes(data[chunk.content_start : chunk.content_start + chunk.size])


def _description(data: bytes, holder: _Chunk | None) -> tuple[bytes | None, int]:
    if holder is None:
        return None, 0
    try:
        return exif.read(_exif(_content(data, holder))[1])[0], AMPLE
    except ValueError:
        return None, 0


def _exif(content: bytes) -> tuple[bytes, bytes]:
    """Part the block from the head that belongs to JPEG and that some writers leave before it."""
    head = b"Exif\x00\x00"
    return (head, content[len(head) :]) if content.startswith(head) else (b"", content)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return kind + len(content).to_bytes(4, "little") + content + bytes(len(content) % 2)
