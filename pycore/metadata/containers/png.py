"""PNG files: XMP in an iTXt chunk, EXIF in eXIf, C2PA in caBX.

Source: PNG third edition (W3C, 2025), chapters 5 and 11; ISO 16684-3:2021, section 5.2 (PNG); C2PA
2.2, annex A.3.3.
"""

from __future__ import annotations

import zlib
from typing import NamedTuple

from pycore.metadata import exif
from pycore.metadata.containers.blocks import AMPLE, MOST_PARTS, Blocks
from pycore.metadata.located_xml import MAX_BYTES
from pycore.metadata.splices import Splice, apply

_KEYWORD = b"XML:com.adobe.xmp\x00"
_UNCOMPRESSED = b"\x00\x00\x00\x00"  # compression flag and method, no language, no translation


class _Chunk(NamedTuple):
    type: bytes
    start: int
    content_start: int
    content_end: int

    @property
    def end(self) -> int:
        """Behind the checksum."""
        return self.content_end + 4


def read(data: bytes) -> Blocks:
    """Find the blocks.

    Raises:
        ValueError: the file is damaged or cut.
    """
    chunks = _chunks(data)
    holder = _xmp_chunk(data, chunks)
    description, room = _description(data, chunks)
    return Blocks(
        "PNG",
        xmp=_packet(data[holder.content_start : holder.content_end]) if holder else None,
        exif_description=description,
        signed=any(one.type == b"caBX" for one in chunks),
        exif_room=room,
    )


def write(data: bytes, old: Blocks, new: Blocks) -> bytes:
    """Put changed blocks into the file.

    Raises:
        ValueError: the file is damaged or cut.
    """
    chunks = _chunks(data)
    splices = []
    if new.xmp != old.xmp:
        written = b"" if new.xmp is None else _chunk(b"iTXt", _KEYWORD + _UNCOMPRESSED + new.xmp)
        if holder := _xmp_chunk(data, chunks):
            splices.append(Splice(holder.start, holder.end, written))
        else:
            place = next(one.start for one in chunks if one.type == b"IDAT")
            splices.append(Splice(place, place, written))
    if new.exif_description != old.exif_description:
        (holder,) = (one for one in chunks if one.type == b"eXIf")
        block = exif.edit(data[holder.content_start : holder.content_end], new.exif_description)
        splices.append(Splice(holder.start, holder.end, _chunk(b"eXIf", block)))
    return apply(data, splices)


def _chunks(data: bytes) -> list[_Chunk]:
    """Return all chunks.

    Raises:
        ValueError: the file does not go from IHDR over IDAT to IEND, or has too many chunks.
    """
    found: list[_Chunk] = []
    position = 8
    while position + 12 <= len(data) and not (found and found[-1].type == b"IEND"):
        end = position + 8 + int.from_bytes(data[position : position + 4], "big")
        kind = bytes(data[position + 4 : position + 8])
        if end + 4 > len(data) or not kind.isalpha() or len(found) == MOST_PARTS:
            break
        found.append(_Chunk(kind, position, position + 8, end))
        position = end + 4
    types = [one.type for one in found]
    if types[:1] != [b"IHDR"] or types[-1] != b"IEND" or b"IDAT" not in types:
        raise ValueError(f"no sound chunk at byte {position} of {len(data)}")
    return found


def _xmp_chunk(data: bytes, chunks: list[_Chunk]) -> _Chunk | None:
    fitting = (
        one for one in chunks
        if one.type == b"iTXt" and data.startswith(_KEYWORD, one.content_start, one.content_end)
    )  # fmt: skip
    return next(fitting, None)


def _packet(content: bytes) -> bytes:
    """Return the text of an iTXt chunk.

    Raises:
        ValueError: the chunk is damaged, or unpacks to more than XMP may have.
    """
    flags, body = content[len(_KEYWORD) :][:2], content[len(_KEYWORD) + 2 :]
    _, first, rest = body.partition(b"\x00")
    _, second, text = rest.partition(b"\x00")
    if not (first and second) or flags not in {b"\x00\x00", b"\x00\x01", b"\x01\x00"}:
        raise ValueError("an iTXt chunk without its parts")
    if flags[0] == 0:
        return bytes(text)
    try:
        unpacker = zlib.decompressobj()
        unpacked = unpacker.decompress(text, MAX_BYTES)
    except zlib.error as error:
        raise ValueError(f"an iTXt chunk: {error}") from error
    if not unpacker.eof:
        raise ValueError("an iTXt chunk that is cut, or unpacks to too much")
    return unpacked


def _description(data: bytes, chunks: list[_Chunk]) -> tuple[bytes | None, int]:
    holders = [one for one in chunks if one.type == b"eXIf"]
    if len(holders) != 1:
        return None, 0
    try:
        content = bytes(data[holders[0].content_start : holders[0].content_end])
        return exif.read(content)[0], AMPLE
    except ValueError:
        return None, 0


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content).to_bytes(4, "big")
    return len(content).to_bytes(4, "big") + kind + content + checksum
