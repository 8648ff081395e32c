"""Checks on an image file that come before any decoding: what its header claims."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from pycore.errors import ImageTooLargeError, UnsupportedImageError
from pycore.images.decoding.damage import DamagedImageError
from pycore.images.decoding.jpeg_colour import START_OF_FRAME, jpeg_segments
from pycore.images.format import REFUSALS

if TYPE_CHECKING:
    from PIL import Image

_TAG_NEW_SUBFILE_TYPE = 254
_TAG_PHOTOMETRIC = 262
_YCBCR = 6
_TAG_SUBSAMPLING = 530
_TAG_TILE_WIDTH = 322
_TAG_TILE_LENGTH = 323
_TAG_SUB_IFDS = 330
_TAG_DNG_VERSION = 50706

_LOSSLESS = frozenset({0xC3, 0xC7, 0xCB, 0xCF})
_HIERARCHICAL = frozenset({0xC5, 0xC6, 0xCD, 0xCE})
_PROGRESSIVE = frozenset({0xC2, 0xCA})

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
        DamagedImageError: when there is no pixel at all.
        ImageTooLargeError: when there are more than ``max_pixels``.
    """
    if width < 1 or height < 1:
        raise DamagedImageError(f"size is {width} x {height}")
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
        DamagedImageError: when there is no such header.
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
    raise DamagedImageError("no WebP frame header")


def check_tiff(image: Image.Image, max_pixels: int) -> None:
    """Refuse raw camera files in TIFF clothes (DNG, NEF, ARW) and tiles beyond the budget.

    Raises:
        UnsupportedImageError: for a raw camera file, or a compression that cannot be read.
        ImageTooLargeError: when one tile has more than ``max_pixels``.
        DamagedImageError: when a tile has no pixels.
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
    if tags.get(_TAG_PHOTOMETRIC) == _YCBCR and tuple(tags.get(_TAG_SUBSAMPLING, (2, 2))) != (1, 1):
        # Pillow takes such samples for whole pixels.
        raise UnsupportedImageError(
            "That TIFF file has YCbCr samples of which several pixels share some, and Seesay "
            "cannot read that. Save it as JPEG or PNG and try again."
        )
    if _TAG_TILE_WIDTH in tags and _TAG_TILE_LENGTH in tags:
        # libtiff reserves a whole tile, however small the image is.
        check_pixels(tags[_TAG_TILE_WIDTH], tags[_TAG_TILE_LENGTH], max_pixels)


def check_bmp(data: bytes) -> None:
    """Refuse BMP files that Pillow 12.2 decodes to noise.

    Raises:
        UnsupportedImageError: for four bits a pixel, run-length encoded (RLE4).
    """
    if data[14:18] != b"\x0c\x00\x00\x00" and data[30:34] == b"\x02\x00\x00\x00":
        raise UnsupportedImageError(
            "That BMP file is compressed as RLE4, which Seesay cannot read. "
            "Save it as JPEG or PNG and try again."
        )


def check_jpeg(data: bytes) -> bool:
    """Refuse kinds of JPEG that no library here decodes; tell whether it is progressive.

    Source: ITU-T T.81, table B.1.

    Raises:
        UnsupportedImageError: for a lossless or a hierarchical JPEG, or one of 12 bits a sample.
    """
    for marker, start, length in jpeg_segments(data):
        if marker in _LOSSLESS:
            what = "is a lossless JPEG"
        elif marker in _HIERARCHICAL:
            what = "is a hierarchical JPEG"
        elif marker in START_OF_FRAME and length > 0 and data[start : start + 1] == b"\x0c":
            what = "is a JPEG of 12 bits a sample"
        elif marker in START_OF_FRAME:
            return marker in _PROGRESSIVE
        else:
            continue
        raise UnsupportedImageError(
            f"That file {what}, which Seesay cannot read. "
            "Save it as plain JPEG or PNG and try again."
        )
    return False


def check_tiles(image: Image.Image) -> None:
    """Refuse a file that asks for the same pixels over and over, to cost time.

    Raises:
        DamagedImageError: when the parts cover more than one whole image for each band, twice.
    """
    parts = getattr(image, "tile", [])
    area = sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in (part.extents for part in parts))
    if area > 2 * len(image.getbands()) * image.width * image.height:
        raise DamagedImageError(f"{len(parts)} parts cover the image many times")


def megapixels(pixels: int) -> str:
    """Write a number of pixels in millions, without needless zeros."""
    return f"{pixels / 1e6:.10g}"
