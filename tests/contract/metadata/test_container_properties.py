"""Containers made of any parts: words go in and out, and every part of others stays where it is."""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pycore.metadata import WritePolicy
from tests.unit.images.image_samples import encode, pattern
from tests.unit.metadata.metadata_samples import (
    FOREIGN_XMP,
    IIM,
    WORDS,
    chunk,
    exif_block,
    resources,
    riff,
    riff_chunk,
    segment,
    with_segments,
)
from tests.unit.metadata.round_trip import picture, round_trip

FEW = settings(max_examples=50, derandomize=True, deadline=None, database=None)
EXIF, XMP = b"Exif\x00\x00", b"http://ns.adobe.com/xap/1.0/\x00"
EXTENSION, PHOTOSHOP = b"http://ns.adobe.com/xmp/extension/\x00", b"Photoshop 3.0\x00"
POLICY = WritePolicy(replace=frozenset({"alt_text", "description"}))

BYTES = st.binary(max_size=40)
BLOCKS = st.sampled_from(
    [b"", FOREIGN_XMP, exif_block(), exif_block(">", description=b"x\x00"), resources(IIM), IIM]
)
"""What belongs somewhere, and is sound there."""

JPEG = encode(pattern(9, 7), "JPEG")
SEGMENTS = st.builds(
    lambda marker, head, block, tail: segment(marker, head + block + tail),
    st.sampled_from([0xE0, 0xE1, 0xE1, 0xE1, 0xE2, 0xED, 0xED, 0xEE, 0xEF, 0xFE]),
    st.sampled_from([b"", b"JFIF\x00", EXIF, XMP, EXTENSION, PHOTOSHOP, b"MPF\x00",
                     b"ICC_PROFILE\x00\x01\x01", b"Adobe\x00"]),
    BLOCKS,
    BYTES,
)  # fmt: skip
JPEGS = st.builds(
    lambda some, tail: with_segments(JPEG, *some) + tail, st.lists(SEGMENTS, max_size=6), BYTES
)

PNG = encode(pattern(9, 7), "PNG")
CHUNKS = st.builds(
    lambda kind, head, block, tail: chunk(kind, head + block + tail),
    st.sampled_from([b"iTXt", b"iTXt", b"tEXt", b"zTXt", b"eXIf", b"iCCP", b"prVt", b"vpAg"]),
    st.sampled_from([b"", b"XML:com.adobe.xmp\x00\x00\x00\x00\x00", b"Comment\x00",
                     b"XML:com.adobe.xmp\x00\x01\x00\x00\x00", b"Raw profile type iptc\x00\x00"]),
    st.one_of(BLOCKS, BLOCKS.map(zlib.compress)),
    BYTES,
)  # fmt: skip
PNGS = st.builds(
    lambda before, after, tail: PNG[:33] + b"".join(before) + PNG[33:-12] + b"".join(after)
    + PNG[-12:] + tail,
    st.lists(CHUNKS, max_size=4), st.lists(CHUNKS, max_size=3), BYTES,
)  # fmt: skip

WEBP_IMAGE = encode(pattern(9, 7), "WEBP")[12:]
RIFF_CHUNKS = st.builds(
    lambda kind, head, block, tail: riff_chunk(kind, head + block + tail),
    st.sampled_from([b"XMP ", b"EXIF", b"ICCP", b"unkn", b"ANIM"]),
    st.sampled_from([b"", EXIF]),
    BLOCKS,
    BYTES,
)
WEBPS = st.builds(
    lambda flags, before, after, tail: riff(
        riff_chunk(b"VP8X", bytes([flags, 0, 0, 0, 8, 0, 0, 6, 0, 0])),
        *before, WEBP_IMAGE, *after,
    ) + tail,
    st.integers(0, 255), st.lists(RIFF_CHUNKS, max_size=2), st.lists(RIFF_CHUNKS, max_size=4),
    BYTES,
)  # fmt: skip


def tiff_of(tags: dict[int, tuple[int, bytes]], order: str, tail: bytes) -> bytes:
    """Return a grey image of 4 x 2 pixels with further tags: type and content by number."""
    own = {256: (3, 4), 257: (3, 2), 258: (3, 8), 259: (3, 1), 262: (3, 1), 273: (4, 8),
           277: (3, 1), 278: (3, 2), 279: (4, 8)}  # fmt: skip
    body, rows = bytearray(range(8)), {}
    for tag, (kind, number) in own.items():
        value = struct.pack(f"{order}{'H' if kind == 3 else 'I'}", number).ljust(4, b"\x00")
        rows[tag] = struct.pack(f"{order}HHI", tag, kind, 1) + value
    for tag, (kind, content) in tags.items():
        place = content.ljust(4, b"\x00")
        if len(content) > 4:
            place = struct.pack(f"{order}I", 8 + len(body))
            body += content + bytes(len(content) % 2)
        rows[tag] = struct.pack(f"{order}HHI", tag, kind, len(content)) + place
    head = (b"II*\x00" if order == "<" else b"MM\x00*") + struct.pack(f"{order}I", 8 + len(body))
    directory = struct.pack(f"{order}H", len(rows)) + b"".join(rows[tag] for tag in sorted(rows))
    return head + bytes(body) + directory + bytes(4) + tail


TIFFS = st.builds(
    tiff_of,
    st.dictionaries(
        st.sampled_from([270, 271, 305, 700, 33723, 34377, 34675, 65000, 65001]),
        st.tuples(
            st.sampled_from([1, 2, 7]), st.builds(lambda block, tail: block + tail, BLOCKS, BYTES)
        ),
        max_size=5,
    ),
    st.sampled_from("<>"),
    BYTES,
)


def jpeg_parts(data: bytes) -> list[Any]:
    """Return all segments that words never go into, and what comes from the scan on."""
    parts: list[Any] = []
    at = 2
    while data[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if not data[at + 4 : end].startswith((XMP, EXTENSION, EXIF, PHOTOSHOP, b"MPF\x00")):
            parts.append(data[at:end])
        at = end
    return [*parts, data[at:]]


def png_parts(data: bytes) -> list[Any]:
    """Return all chunks that words never go into, and what is behind the last."""
    parts: list[Any] = []
    at = 8
    while at < len(data) and (not parts or parts[-1][4:8] != b"IEND"):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        one = data[at:end]
        assert zlib.crc32(one[4:-4]) == int.from_bytes(one[-4:], "big")
        if not one[8:].startswith(b"XML:com.adobe.xmp\x00") and one[4:8] != b"eXIf":
            parts.append(one)
        at = end
    return [*parts, data[at:]]


def webp_parts(data: bytes) -> list[Any]:
    """Return all chunks that words never go into, and what is behind the last."""
    parts: list[Any] = []
    at, last = 12, 8 + int.from_bytes(data[4:8], "little")
    while at < last:
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"VP8X":
            parts.append(data[at + 9 : at + 18])  # flags change
        elif data[at : at + 4] not in (b"XMP ", b"EXIF"):
            parts.append(data[at : at + 8 + size])
        at += 8 + size + size % 2
    assert at == last
    return [*parts, data[last:]]


def tiff_parts(data: bytes) -> list[Any]:
    """Return all tags that words never go into, with their values."""
    order = "<" if data.startswith(b"II") else ">"
    (start,) = struct.unpack_from(f"{order}I", data, 4)
    (count,) = struct.unpack_from(f"{order}H", data, start)
    parts: list[Any] = []
    for at in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind, number = struct.unpack_from(f"{order}HHI", data, at)
        size = number * {1: 1, 2: 1, 3: 2, 4: 4, 7: 1}[kind]
        place = at + 8 if size <= 4 else struct.unpack_from(f"{order}I", data, at + 8)[0]
        if tag not in (270, 700, 33723, 34377):
            parts.append((tag, kind, data[place : place + size]))
    return parts


def check_all(
    files: st.SearchStrategy[bytes], parts_of: Callable[[bytes], list[Any]], least: float
) -> None:
    """Check files of a format; a share of them, 0 to 1, must have been written into at least."""
    were_written: list[bool] = []

    @FEW
    @given(files)
    def check_one(data: bytes) -> None:
        were_written.append(check(data, parts_of))

    check_one()
    assert sum(were_written) >= least * len(were_written)


def check(data: bytes, parts_of: Callable[[bytes], list[Any]]) -> bool:
    """Write words into a file and take them out again, or see them refused with a sentence.

    Returns:
        Whether they were written.
    """
    with warnings.catch_warnings(action="ignore"):  # Pillow's, about what these files are made of
        trip = round_trip(data, POLICY, WORDS)
        if trip is None:
            return False
        assert parts_of(trip.written) == parts_of(trip.removed) == parts_of(data)
        if isinstance(seen := picture(data), list):  # Pillow trips over some that others read
            assert picture(trip.written) == picture(trip.removed) == seen
    return True


def test_jpeg() -> None:
    check_all(JPEGS, jpeg_parts, least=0.7)


def test_png() -> None:
    check_all(PNGS, png_parts, least=0.35)


def test_webp() -> None:
    check_all(WEBPS, webp_parts, least=0.5)


def test_tiff() -> None:
    check_all(TIFFS, tiff_parts, least=0.45)
