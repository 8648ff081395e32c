"""The colours of JPEG files with an Adobe marker, the same whatever JPEG library Pillow has.

The marker tells whether the samples were transformed: YCCK or CMYK, YCbCr or RGB. The libjpeg 9 in
Pyodide 314's Pillow ignores it, libjpeg-turbo in other builds heeds it, and Photoshop's CMYK files
are YCCK as a rule. So the marker is rewritten to ask for the samples as they are, which both
libraries give, and the transform is undone here.

Source: Adobe technical note 5116, section 18; libjpeg-turbo 3.1, jdapimin.c
(default_decompress_parms); ITU-T T.81, annex B.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from PIL import Image, ImageChops

from pycore.images.decoding.damage import DamagedImageError

if TYPE_CHECKING:
    from collections.abc import Iterator

_START_OF_SCAN = 0xDA
START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JFIF = 0xE0
_ADOBE = 0xEE
_MOST_SEGMENTS = 100_000  # fill bytes counted; files of photographs have some tens
_TRANSFORM_OFFSET = 11  # behind "Adobe", version and two flags


class JpegColour(Enum):
    """What the samples mean, where Pillow cannot be left to find out."""

    PLAIN = "as Pillow says"
    YCCK = "CMYK, of which CMY travel as YCbCr"
    RGB = "RGB, not YCbCr"


def take_transform(data: bytes) -> tuple[bytes, JpegColour]:
    """Rewrite the Adobe marker of a JPEG file so that its samples are decoded as they are.

    Args:
        data: the file.

    Returns:
        The file, changed in one byte at most, and what `restore` needs.
    """
    transform_at: int | None = None
    component_ids = b""
    has_jfif = False
    for marker, start, length in jpeg_segments(data):
        if marker == _ADOBE and data[start : start + 5] == b"Adobe" and length > _TRANSFORM_OFFSET:
            transform_at = start + _TRANSFORM_OFFSET
        elif marker == _JFIF and data[start : start + 5] == b"JFIF\x00":
            has_jfif = True
        elif marker in START_OF_FRAME:
            # As many as it says: where its length says otherwise, Pillow goes by this, too.
            count = int.from_bytes(data[start + 5 : start + 6], "big")
            component_ids = data[start + 6 : start + 6 + 3 * count : 3]
    if transform_at is None or transform_at >= len(data):
        return data, JpegColour.PLAIN
    transform = data[transform_at]
    colour, neutral = JpegColour.PLAIN, transform
    if len(component_ids) == 4 and transform != 0:
        colour, neutral = JpegColour.YCCK, 0
    elif len(component_ids) == 3 and transform == 0 and component_ids != b"RGB" and not has_jfif:
        colour, neutral = JpegColour.RGB, 1  # and decoded as YCbCr, which then means untouched
    if neutral == transform:
        return data, colour
    return data[:transform_at] + bytes([neutral]) + data[transform_at + 1 :], colour


def restore(image: Image.Image, colour: JpegColour) -> Image.Image:
    """Give the colours that the Adobe marker asked for.

    Args:
        image: decoded from what `take_transform` returned: CMYK for YCCK, YCbCr for RGB.
        colour: what `take_transform` returned with it.

    Returns:
        The image, CMYK or RGB.
    """
    if colour is JpegColour.RGB:
        return Image.merge("RGB", image.split())
    if colour is JpegColour.YCCK:
        # Pillow has inverted all four bands, and the YCbCr stand for inverted ink, which is light.
        *inverted, black = image.split()
        light = ImageChops.invert(Image.merge("RGB", inverted)).split()
        return Image.merge("CMYK", (*Image.merge("YCbCr", light).convert("RGB").split(), black))
    return image


def jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield (marker, start of content, length of content) of each segment before the first scan.

    Raises:
        DamagedImageError: so much else is there that Pillow would take minutes and gigabytes.
    """
    position = 2
    for _ in range(_MOST_SEGMENTS):
        if position + 4 > len(data) or data[position] != 0xFF:
            return
        marker = data[position + 1]
        if marker == 0xFF:  # filling
            position += 1
            continue
        if marker == _START_OF_SCAN:
            return
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        yield marker, position + 4, max(length - 2, 0)
        position += 2 + max(length, 2)
    raise DamagedImageError(f"over {_MOST_SEGMENTS} segments before the first scan")
