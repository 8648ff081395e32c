"""The blocks of metadata that a container hands out and takes back, whatever its format."""

from __future__ import annotations

from dataclasses import dataclass

AMPLE = 1 << 30
"""Room in bytes, where a format has no narrower limit."""

MOST_PARTS = 100_000
"""Segments or chunks of a file. Files of photographs have tens, and the largest some thousands;
of nothing but the emptiest, a file would take a hundred times its own memory."""

SIDECAR = "XMP"
"""The format of a packet that is a file by itself."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """What a file holds of the blocks that Seesay changes.

    Attributes:
        format: of the file: "JPEG", "PNG", "WebP", "TIFF" or `SIDECAR`.
        xmp: the packet; None if there is none.
        extension: the second packet of a JPEG file, for what is over 64 KiB.
        exif_description: content of the tag ImageDescription; None without it.
        iim: the stream of IPTC-IIM data sets.
        iim_digest: MD5 of the stream when a program that knows XMP last wrote it.
        signed: whether a C2PA manifest is in the file.
        xmp_room: bytes that the packet may have.
        exif_room: bytes that ImageDescription may have; 0 if there is no sound EXIF to hold it.
        iim_room: bytes that the stream may have.
    """

    format: str
    xmp: bytes | None = None
    extension: bytes | None = None
    exif_description: bytes | None = None
    iim: bytes | None = None
    iim_digest: bytes | None = None
    signed: bool = False
    xmp_room: int = AMPLE
    exif_room: int = 0
    iim_room: int = AMPLE
