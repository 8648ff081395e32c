"""A writer of PNG files of any kind, sound or not."""

from __future__ import annotations

import struct
import zlib


def chunk(name: bytes, content: bytes, *, crc_off: int = 0) -> bytes:
    """Write a chunk, with a wrong checksum if ``crc_off`` says so."""
    checksum = zlib.crc32(name + content) ^ crc_off
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


def write_png(
    width: int,
    height: int,
    depth: int,
    colour_type: int,
    rows: bytes,
    *before: bytes,
    is_interlaced: bool = False,
) -> bytes:
    """Write rows, each with its filter in front; ``before`` are chunks that precede the pixels."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, is_interlaced)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            *before,
            chunk(b"IDAT", zlib.compress(rows)),
            chunk(b"IEND", b""),
        ]
    )


def with_chunks(data: bytes, *chunks: bytes) -> bytes:
    """Put chunks behind the header of a PNG file."""
    return data[:33] + b"".join(chunks) + data[33:]
