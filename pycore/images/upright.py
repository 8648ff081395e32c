"""How a camera was held, as browsers take it: from Exif alone, and not for every format."""

from __future__ import annotations

import warnings

from PIL import Image

from pycore.images.decoding.damage import DamagedImageError, foreign_bytes

_TAG_ORIENTATION = 274
_TRANSPOSES = {
    # Source: Exif 2.32, tag 0x0112. Not ImageOps.exif_transpose: that one also rewrites the
    # metadata, and fails where only the metadata is broken.
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_QUARTER_TURNS = (5, 6, 7, 8)


def read_orientation(exif: bytes | None) -> int:
    """Read the orientation from Exif data: 1 (upright) to 8; 1 where they are broken.

    Chromium 156 heeds it in JPEG (APP1) and in PNG (eXIf), not in WebP, and nowhere does it heed
    XMP or the raw profiles that ImageMagick writes. The model must see what the person sees.

    Args:
        exif: with or without "Exif" in front.
    """
    if not exif:
        return 1
    tags = Image.Exif()
    try:
        with warnings.catch_warnings(), foreign_bytes():
            warnings.simplefilter("ignore")  # they would reach the console
            tags.load(exif)
            orientation = tags.get(_TAG_ORIENTATION, 1)
    except DamagedImageError:
        return 1
    return orientation if orientation in _TRANSPOSES else 1


def is_quarter_turn(orientation: int) -> bool:
    """Tell whether width and height change places."""
    return orientation in _QUARTER_TURNS


def turn(image: Image.Image, orientation: int) -> Image.Image:
    """Return an image turned upright; the argument itself where it is."""
    transpose = _TRANSPOSES.get(orientation)
    return image if transpose is None else image.transpose(transpose)
