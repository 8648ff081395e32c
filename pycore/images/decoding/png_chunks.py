"""The chunks of PNG files: metadata never cost the image.

Pillow's reader looks at every chunk on its way to the pixels, and gives up where any is damaged or
large. Here chunks are only found.

Source: PNG (third edition), sections 5 (chunks), 11.2 and 11.3.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pycore.images.decoding.damage import DamagedImageError

if TYPE_CHECKING:
    from collections.abc import Iterator

GREY, RGB, PALETTE = 0, 2, 3
"""Colour types that are treated by themselves."""

_SIGNATURE_BYTES = 8
_MOST_CHUNKS = 500_000  # a view of an empty one takes fifteen times its own memory
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}


@dataclass(frozen=True, slots=True)
class PngFile:
    """What the chunks of a PNG file say.

    Attributes:
        width: in pixels.
        height: in pixels.
        depth: bits a sample: 1, 2, 4, 8 or 16.
        colour_type: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA.
        is_interlaced: the pixels come in seven passes.
        palette: bytes of red, green, blue, or empty.
        transparency: content of tRNS, where it has a length that makes sense.
        is_animated: it has more frames than the default image.
        metadata: content of the first ancillary chunk of each name in ``METADATA``.
        pixels: the zlib stream, in pieces.
    """

    width: int
    height: int
    depth: int
    colour_type: int
    is_interlaced: bool
    palette: bytes = b""
    transparency: bytes | None = None
    is_animated: bool = False
    metadata: dict[str, bytes] = field(default_factory=dict)
    pixels: tuple[memoryview, ...] = ()


METADATA = frozenset({"cHRM", "cICP", "eXIf", "gAMA", "iCCP", "sRGB"})


def read_png(data: bytes) -> PngFile:
    """Find the chunks of a PNG file.

    Raises:
        DamagedImageError: when there is no header, or no pixel data.
    """
    header: PngFile | None = None
    palette, transparency, is_animated = b"", None, False
    metadata: dict[str, bytes] = {}
    pixels: list[memoryview] = []
    for name, content, is_sound in _chunks(data):
        if header is None:
            header = _header(name, bytes(content), is_sound=is_sound)
        elif name == "IDAT":
            pixels.append(content)
        elif name == "PLTE" and is_sound:
            palette = bytes(content[:768])
        elif name == "tRNS" and not pixels:
            transparency = bytes(content[:256])
        elif name == "acTL":
            is_animated = is_animated or not pixels
        elif name in METADATA and not pixels:
            metadata.setdefault(name, bytes(content))
    if header is None or not pixels:
        raise DamagedImageError("the file ends before its first pixel")
    if header.colour_type == PALETTE and not palette:
        raise DamagedImageError("there is no palette")
    return PngFile(
        width=header.width,
        height=header.height,
        depth=header.depth,
        colour_type=header.colour_type,
        is_interlaced=header.is_interlaced,
        palette=palette,
        transparency=_checked(transparency, header.colour_type),
        is_animated=is_animated,
        metadata=metadata,
        pixels=tuple(pixels),
    )


def without_metadata(data: bytes) -> bytes:
    """Write a PNG file anew, with right checksums and nothing but its frames."""
    kept = {"IHDR", "PLTE", "tRNS", "IDAT", "IEND", "acTL", "fcTL", "fdAT"}
    parts: list[bytes | memoryview] = [data[:_SIGNATURE_BYTES]]
    for name, content, _ in _chunks(data):
        if name in kept:
            checksum = zlib.crc32(content, zlib.crc32(name.encode("ascii")))
            parts += [
                struct.pack(">I", len(content)),
                name.encode("ascii"),
                content,
                struct.pack(">I", checksum),
            ]
    return b"".join(parts)


def _chunks(data: bytes) -> Iterator[tuple[str, memoryview, bool]]:
    """Yield name, content and whether the checksum is right of each chunk, up to the first ruin."""
    view = memoryview(data)
    position = _SIGNATURE_BYTES
    for _ in range(_MOST_CHUNKS):
        if position + 8 > len(data):
            return
        length = int.from_bytes(view[position : position + 4], "big")
        raw_name = bytes(view[position + 4 : position + 8])
        if not (raw_name.isascii() and raw_name.isalpha()):
            return
        end = position + 8 + length
        content = view[position + 8 : end]
        name = raw_name.decode("ascii")
        is_small = length <= 1024  # nobody asks about the others
        is_sound = is_small and view[end : end + 4] == zlib.crc32(
            content, zlib.crc32(raw_name)
        ).to_bytes(4, "big")
        yield name, content, is_sound
        if name == "IEND":
            return
        position = end + 4


def _header(name: str, content: bytes, *, is_sound: bool) -> PngFile:
    if name != "IHDR" or len(content) != 13 or not is_sound:
        raise DamagedImageError("the header is damaged")
    width, height, depth, colour_type, packing, filtering, interlacing = struct.unpack(
        ">IIBBBBB", content
    )
    if depth not in _DEPTHS.get(colour_type, ()) or packing or filtering or interlacing > 1:
        raise DamagedImageError(f"there is no PNG of this kind: {content[8:]!r}")
    return PngFile(width, height, depth, colour_type, bool(interlacing))


def _checked(transparency: bytes | None, colour_type: int) -> bytes | None:
    """Drop a tRNS chunk that cannot be what it should be."""
    lengths = {GREY: (2,), RGB: (6,), PALETTE: range(1, 257)}
    is_right = transparency is not None and len(transparency) in lengths.get(colour_type, ())
    return transparency if is_right else None
