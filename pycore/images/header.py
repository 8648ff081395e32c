"""Checks on an image file that come before any decoding: what its header claims."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from pycore.errors import ImageTooLargeError, UnsupportedImageError
from pycore.images.format import REFUSALS

if TYPE_CHECKING:
    from PIL import Image

_TAG_NEW_SUBFILE_TYPE = 254
_TAG_TILE_WIDTH = 322
_TAG_TILE_LENGTH = 323
_TAG_SUB_IFDS = 330
_TAG_DNG_VERSION = 50706

_READABLE_COMPRESSIONS = frozenset(
    # By Pillow's names. Not all that Pillow can read: its build in Pyodide lacks JPEG, Zstandard,
    # LZMA and WebP inside of TIFF.
    {
        "raw",
        "packbits",
        "group3",
        "group4",
        "tiff_adobe_deflate",
        "tiff_ccitt",
        "tiff_deflate",
        "tiff_lzw",
        "tiff_raw_16",
    }
)


def check_pixels(width: int, height: int, max_pixels: int) -> None:
    """Hold a claimed size, in pixels, against the budget.

    Raises:
        ValueError: when there is no pixel at all.
        ImageTooLargeError: when there are more than ``max_pixels``.
    """
    if width < 1 or height < 1:
        raise ValueError(f"size is {width} x {height}")
    if width * height > max_pixels:
        raise ImageTooLargeError(
            f"That image is {width} x {height} pixels; the limit is {megapixels(max_pixels)} "
            "megapixels. Make it smaller and try again."
        )


def webp_size(data: bytes) -> tuple[int, int]:
    """Read width and height from a WebP header.

    Needed because Pillow's reader reserves two whole canvases before anyone can ask for the size:
    38 bytes can ask for 3.4 GB.

    Source: RFC 9649 (WebP), sections 2.5 to 2.7; RFC 6386 (VP8), section 9.1.

    Raises:
        ValueError: when there is no such header.
    """
    chunk, header = data[12:16], data[20:30]
    if len(header) == 10 and chunk == b"VP8X":
        return (
            int.from_bytes(header[4:7], "little") + 1,
            int.from_bytes(header[7:10], "little") + 1,
        )
    if len(header) == 10 and chunk == b"VP8 ":
        width, height = struct.unpack("<HH", header[6:10])
        return width & 0x3FFF, height & 0x3FFF
    if len(header) >= 5 and chunk == b"VP8L":
        bits = int.from_bytes(header[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    raise ValueError("no WebP frame header")


def check_tiff(image: Image.Image, max_pixels: int) -> None:
    """Refuse raw camera files in TIFF clothes (DNG, NEF, ARW) and tiles beyond the budget.

    Raises:
        UnsupportedImageError: for a raw camera file, or a compression that cannot be read.
        ImageTooLargeError: when one tile has more than ``max_pixels``.
        ValueError: when a tile has no pixels.
    """
    tags = getattr(image, "tag_v2", {})
    is_preview = bool(tags.get(_TAG_NEW_SUBFILE_TYPE, 0) & 1) and _TAG_SUB_IFDS in tags
    if is_preview or _TAG_DNG_VERSION in tags:
        raise UnsupportedImageError(REFUSALS["camera raw"])
    compression = image.info.get("compression")
    if compression not in _READABLE_COMPRESSIONS:
        raise UnsupportedImageError(
            "That TIFF file is compressed in a way that Seesay cannot read. "
            "Save it as JPEG or PNG and try again.",
            detail=f"compression: {compression}",
        )
    if _TAG_TILE_WIDTH in tags and _TAG_TILE_LENGTH in tags:
        # libtiff reserves a whole tile, however small the image is.
        check_pixels(tags[_TAG_TILE_WIDTH], tags[_TAG_TILE_LENGTH], max_pixels)


def check_tiles(image: Image.Image) -> None:
    """Refuse a file that asks for the same pixels over and over, to cost time.

    Raises:
        ValueError: when the parts cover more than one whole image for each band, twice.
    """
    parts = getattr(image, "tile", [])
    area = sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in (part.extents for part in parts))
    if area > 2 * len(image.getbands()) * image.width * image.height:
        raise ValueError(f"{len(parts)} parts cover the image many times")


def megapixels(pixels: int) -> str:
    """Write a number of pixels in millions, without needless zeros."""
    return f"{pixels / 1e6:.10g}"
