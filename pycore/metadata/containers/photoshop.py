"""Photoshop's image resources, in which JPEG and TIFF files keep IPTC-IIM and its digest.

Source: Adobe Photoshop File Formats Specification, "Image Resource Blocks".
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from pycore.metadata.splices import Splice, apply

IIM, IIM_DIGEST = 0x0404, 0x0425

_SIGNATURES = (b"8BIM", b"MeSa", b"AgHg", b"PHUT", b"DCSR")


class _Resource(NamedTuple):
    id: int
    start: int  # of the four bytes that give the size
    content: bytes
    end: int


def read(data: bytes) -> tuple[bytes | None, bytes | None]:
    """Return the IIM stream and its digest, each None if it is not there.

    Raises:
        ValueError: the resources are damaged, or go on in another segment.
    """
    found = {one.id: one.content for one in reversed(_parse(data))}
    return found.get(IIM), found.get(IIM_DIGEST)


def edit(data: bytes, iim: bytes | None, digest: bytes | None) -> bytes:
    """Set stream and digest, those of the two that are there already.

    Raises:
        ValueError: the resources are damaged, or go on in another segment.
    """
    new = {IIM: iim, IIM_DIGEST: digest}
    splices = []
    for one in _parse(data):
        content = new.pop(one.id, None)
        if content is not None and content != one.content:
            splices.append(Splice(one.start, one.end, _sized(content)))
    return apply(data, splices)


def digest_of(iim: bytes) -> bytes:
    """Return the digest of an IIM stream.

    Source: Metadata Working Group 2.0, section 3.3.1 (IPTC digest).
    """
    return hashlib.md5(iim, usedforsecurity=False).digest()


def _parse(data: bytes) -> list[_Resource]:
    found = []
    position = 0
    while position + 12 <= len(data) and data[position : position + 4] in _SIGNATURES:
        number = int.from_bytes(data[position + 4 : position + 6], "big")
        name_size = data[position + 6] + 1
        start = position + 6 + name_size + name_size % 2
        size = int.from_bytes(data[start : start + 4], "big")
        end = start + 4 + size
        if end > len(data):
            raise ValueError(f"an image resource ends at {end} of {len(data)} bytes")
        padded = min(end + size % 2, len(data))
        found.append(_Resource(number, start, bytes(data[start + 4 : end]), padded))
        position = padded
    if any(data[position:]):
        raise ValueError(f"no image resource at byte {position}")
    return found


def _sized(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content + bytes(len(content) % 2)
