"""How much memory a file would take, told by its first bytes."""

from __future__ import annotations

import struct

from pycore.errors import SeesayError
from pycore.images.decoding.damage import DamagedImageError
from pycore.images.decoding.header import check_jpeg, webp_size
from pycore.images.decoding.jpeg_colour import START_OF_FRAME, jpeg_segments
from pycore.images.format import READABLE_FORMATS
from pycore.images.memory import decoding_bytes

HEAVY_BYTES = 96_000_000
"""From here on it pays to have somebody else decode an image, whose memory is given back."""


def is_heavy(data: bytes, name: str, target_size: tuple[int, int] | None) -> bool:
    """Tell whether `read_image` would take much memory for a file.

    Args:
        data: the file.
        name: of its format; `identify` tells.
        target_size: as for `read_image`.
    """
    if name not in READABLE_FORMATS:
        return False
    try:
        kind, width, height = _claims(data, name, target_size)
    except (DamagedImageError, SeesayError, struct.error):
        return False  # read_image will say what is wrong
    return decoding_bytes(kind, width, height) > HEAVY_BYTES


def _claims(data: bytes, name: str, target_size: tuple[int, int] | None) -> tuple[str, int, int]:
    """Return the kind of the file as `decoding_bytes` names it, and its width and height."""
    if name == "WebP":
        return name, *webp_size(data)
    if name == "GIF":
        return name, *struct.unpack_from("<HH", data, 6)
    if name == "BMP" and data[14] != 12:
        width, height = struct.unpack_from("<ii", data, 18)
        return name, abs(width), abs(height)
    if name == "PNG":
        width, height = struct.unpack_from(">II", data, 16)
        return ("interlaced PNG" if data[28:29] == b"\x01" else name), width, height
    if name == "JPEG":
        kind = "progressive JPEG" if check_jpeg(data) else name
        if kind == name and target_size is not None:
            return name, 0, 0  # decoded at a fraction of its size
        for marker, start, _ in jpeg_segments(data):
            if marker in START_OF_FRAME:
                height, width = struct.unpack_from(">HH", data, start + 1)
                return kind, width, height
    return name, 0, 0
