"""Image files as containers of metadata blocks: each module reads and writes one format's."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pycore.errors import BrokenImageError, MetadataError
from pycore.metadata.containers import jpeg, png, tiff, webp
from pycore.metadata.containers.blocks import SIDECAR, Blocks

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FORMATS", "SIDECAR", "Blocks", "Container", "container_of"]

FORMATS = ("JPEG", "PNG", "WebP", "TIFF")
"""Into which words can be written; all others have them in a sidecar."""


class Container(NamedTuple):
    """How one format is read and written; foreign errors are not mapped yet."""

    read: Callable[[bytes], Blocks]
    write: Callable[[bytes, Blocks, Blocks], bytes]


_JPEG = Container(jpeg.read, jpeg.write)
_PNG = Container(png.read, png.write)
_WEBP = Container(webp.read, webp.write)
_TIFF = Container(tiff.read, tiff.write)


def container_of(data: bytes) -> Container:
    """Choose by the first bytes.

    Raises:
        BrokenImageError: the file is empty.
        MetadataError: a format that keeps no words, or that Seesay does not write.
    """
    if not data:
        raise BrokenImageError("That file is empty: it has 0 bytes. Choose another one.")
    if data.startswith(b"\xff\xd8\xff"):
        return _JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _PNG
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _WEBP
    if data.startswith((b"II*\x00", b"MM\x00*")):
        return _TIFF
    if data.startswith((b"II+\x00", b"MM\x00+")):
        raise MetadataError(
            "That is a BigTIFF file, into which Seesay does not write. "
            "Take a sidecar, a file beside it."
        )
    raise MetadataError(
        "Words can be written into JPEG, PNG, WebP and TIFF files, and this is none of them. "
        "Take a sidecar, a file beside it."
    )
