"""JPEG files: XMP and EXIF in APP1, IIM in APP13, C2PA in APP11.

Source: ITU-T T.81, annex B; ISO 16684-3:2021 (XMP in files), section 5.1 (JPEG, extended XMP);
C2PA 2.2, annex A.3.1.
"""

from __future__ import annotations

import hashlib
import re
import struct
from typing import TYPE_CHECKING, NamedTuple

from pycore.metadata import exif
from pycore.metadata.containers import mpf, photoshop
from pycore.metadata.containers.blocks import MOST_PARTS, Blocks
from pycore.metadata.located_xml import MAX_BYTES
from pycore.metadata.splices import Splice, apply

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_SEGMENT = 65_533
"""Bytes in one segment."""

_APP0, _APP1, _APP2, _APP11, _APP13, _START_OF_SCAN = 0xE0, 0xE1, 0xE2, 0xEB, 0xED, 0xDA
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_NOT_HERE = frozenset({0x00, 0xD8, 0xD9})

_XMP = b"http://ns.adobe.com/xap/1.0/\x00"
_EXTENSION = b"http://ns.adobe.com/xmp/extension/\x00"
_EXIF = b"Exif\x00\x00"
_PHOTOSHOP = b"Photoshop 3.0\x00"
_MPF = b"MPF\x00"

_PART = struct.Struct(">32sII")  # digest of the whole, its length, offset of this part
_PART_SIZE = 65_400
_FILLING = re.compile(rb"\xff++")
_POINTER = re.compile(rb"HasExtendedXMP\s*+(?:=\s*+[\"']|>)\s*+([0-9A-Fa-f]{32})")


class _Segment(NamedTuple):
    marker: int
    start: int
    content: bytes
    end: int


def read(data: bytes) -> Blocks:
    """Find the blocks.

    Raises:
        ValueError: the file is damaged before its first scan.
    """
    segments = _segments(data)
    xmp = _first(segments, _APP1, _XMP)
    packet = xmp.content[len(_XMP) :] if xmp else None
    description, exif_room = _description(_first(segments, _APP1, _EXIF))
    holder, iim, digest = _iim(segments)
    return Blocks(
        "JPEG",
        xmp=packet,
        extension=_extension(_parts(segments, packet)),
        exif_description=description,
        iim=iim,
        iim_digest=digest,
        signed=any(_is_manifest(one) for one in segments),
        xmp_room=MAX_SEGMENT - len(_XMP),
        exif_room=exif_room,
        iim_room=MAX_SEGMENT - len(holder.content) + len(iim or b"") - 1 if holder else 0,
    )


def write(data: bytes, old: Blocks, new: Blocks) -> bytes:
    """Put changed blocks into the file.

    Raises:
        ValueError: the file is damaged before its first scan, or a block is too long.
    """
    segments = _segments(data)
    splices: list[Splice] = []
    if (new.xmp, new.extension) != (old.xmp, old.extension):
        splices += _xmp_splices(segments, old, new)
    if new.exif_description != old.exif_description:
        holder = _first(segments, _APP1, _EXIF)
        if holder is None:
            raise ValueError("no EXIF to hold a description")
        block = exif.edit(holder.content[len(_EXIF) :], new.exif_description)
        splices.append(_replaced(holder, _EXIF + block))
    if new.iim != old.iim:
        holder, _, _ = _iim(segments)
        if holder is None:
            raise ValueError("no IIM to be changed")
        resources = photoshop.edit(holder.content[len(_PHOTOSHOP) :], new.iim, new.iim_digest)
        splices.append(_replaced(holder, _PHOTOSHOP + resources))
    for one in segments:
        if one.marker == _APP2 and one.content.startswith(_MPF):
            splices += mpf.moved(one.content[4:], one.end - len(one.content) + 4, splices)
    return apply(data, splices)


def _segments(data: bytes) -> list[_Segment]:
    """Return all segments before the first scan.

    Raises:
        ValueError: there is no scan, or something else than a segment before it, or too many.
    """
    found: list[_Segment] = []
    position = 2
    for _ in range(MOST_PARTS):
        filling = _FILLING.match(data, position)
        if filling is None or filling.end() + 3 > len(data):
            break
        position = filling.end() - 1
        marker = data[position + 1]
        if marker in _STANDALONE:
            position += 2
        elif marker in _NOT_HERE:
            break
        else:
            end = position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")
            if end < position + 4 or end > len(data):
                break
            if marker == _START_OF_SCAN:
                return found
            found.append(_Segment(marker, position, bytes(data[position + 4 : end]), end))
            position = end
    raise ValueError(f"no sound segment at byte {position} of {len(data)}")


def _first(segments: Iterable[_Segment], marker: int, head: bytes) -> _Segment | None:
    fitting = (one for one in segments if one.marker == marker and one.content.startswith(head))
    return next(fitting, None)


def _is_manifest(segment: _Segment) -> bool:
    """Say whether a segment holds (a part of) a C2PA manifest: JUMBF in APP11."""
    content = segment.content
    return segment.marker == _APP11 and content[:2] == b"JP" and b"c2pa" in content[:128]


def _description(holder: _Segment | None) -> tuple[bytes | None, int]:
    if holder is None:
        return None, 0
    try:
        description, overhead = exif.read(holder.content[len(_EXIF) :])
    except ValueError:
        return None, 0
    return description, max(0, MAX_SEGMENT - len(holder.content) - overhead)


def _iim(segments: list[_Segment]) -> tuple[_Segment | None, bytes | None, bytes | None]:
    """Find the segment with the IIM stream; resources that span segments are left alone."""
    for one in segments:
        if one.marker == _APP13 and one.content.startswith(_PHOTOSHOP):
            try:
                iim, digest = photoshop.read(one.content[len(_PHOTOSHOP) :])
            except ValueError:
                break
            if iim is not None:
                return one, iim, digest
    return None, None, None


def _parts(segments: list[_Segment], packet: bytes | None) -> list[_Segment]:
    """Find the segments of the second packet that the first one points to."""
    pointer = _POINTER.search(packet or b"")
    if pointer is None:
        return []
    head = _EXTENSION + pointer[1]
    return [one for one in segments if one.marker == _APP1 and one.content.startswith(head)]


def _extension(parts: list[_Segment]) -> bytes | None:
    """Join the second packet; None if it is not all there."""
    pieces = []
    for one in parts:
        if len(one.content) < len(_EXTENSION) + _PART.size:
            return None
        _, length, offset = _PART.unpack_from(one.content, len(_EXTENSION))
        pieces.append((offset, length, one.content[len(_EXTENSION) + _PART.size :]))
    joined = 0
    for offset, length, piece in sorted(pieces):
        if offset != joined or length != pieces[0][1] or length > MAX_BYTES:
            return None
        joined += len(piece)
    if not pieces or joined != pieces[0][1]:
        return None
    return b"".join(piece for _, _, piece in sorted(pieces))


def _xmp_splices(segments: list[_Segment], old: Blocks, new: Blocks) -> list[Splice]:
    """Put the packets in the place of the old ones, or behind JFIF and EXIF."""
    holder = _first(segments, _APP1, _XMP)
    main = b"" if new.xmp is None else _segment(_APP1, _XMP + new.xmp)
    place = Splice(holder.start, holder.end, main) if holder else None
    if place is None:
        start = _behind_head(segments)
        place = Splice(start, start, main)
    if new.extension == old.extension:
        return [place]
    parts = _parts(segments, old.xmp)
    gone = [Splice(one.start, one.end, b"") for one in parts]
    return [place._replace(new=main + _extension_segments(new.extension or b"")), *gone]


def _extension_segments(extension: bytes) -> bytes:
    digest = extension_digest(extension).encode()
    return b"".join(
        _segment(
            _APP1,
            _EXTENSION
            + _PART.pack(digest, len(extension), offset)
            + extension[offset : offset + _PART_SIZE],
        )
        for offset in range(0, len(extension), _PART_SIZE)
    )


def extension_digest(extension: bytes) -> str:
    """Return the name by which the first packet points to the second."""
    return hashlib.md5(extension, usedforsecurity=False).hexdigest().upper()


def _behind_head(segments: list[_Segment]) -> int:
    """Return where a new segment goes: before all whose offsets would be wrong behind it."""
    position = 2
    for one in segments:
        if one.marker != _APP0 and not (one.marker == _APP1 and one.content.startswith(_EXIF)):
            break
        position = one.end
    return position


def _replaced(holder: _Segment, content: bytes) -> Splice:
    return Splice(holder.start, holder.end, _segment(holder.marker, content))


def _segment(marker: int, content: bytes) -> bytes:
    if len(content) > MAX_SEGMENT:
        raise ValueError(f"a segment of {len(content)} bytes")
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content
