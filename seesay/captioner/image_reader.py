"""Image files to pixels: by pycore, and what a browser would be asked for by Pillow's plugins."""

from __future__ import annotations

import hashlib
import io
import time
import warnings
from dataclasses import replace

from PIL import Image, ImageOps

from pycore.errors import BrokenImageError, ImageTooLargeError, UnsupportedImageError
from pycore.images.decoded import DecodedImage
from pycore.images.decoding.damage import DamagedImageError, foreign_bytes
from pycore.images.decoding.header import check_pixels
from pycore.images.file import from_rgba, read_image
from pycore.images.format import REFUSALS, identify
from pycore.images.limits import MAX_FILE_BYTES, MAX_PIXELS

_PLUGINS = {"AVIF": "AVIF", "JPEG 2000": "JPEG2000", "ICO": "ICO"}
"""Formats that pycore leaves to others, by the names of Pillow's plugins."""


def read_anyhow(data: bytes, target_size: tuple[int, int] | None) -> DecodedImage:
    """Decode an image file.

    Args:
        data: the file.
        target_size: (height, width) in pixels that the image will be resized to; None for no size.

    Raises:
        InputError: it cannot be decoded, or is too large.
    """
    began = time.perf_counter()
    name = identify(data)
    if name in _PLUGINS and len(data) <= MAX_FILE_BYTES:
        image = _read_by_plugin(data, name)
    else:
        image = read_image(data, target_size=target_size)
    return replace(image, decode_ms=1e3 * (time.perf_counter() - began))


def _read_by_plugin(data: bytes, name: str) -> DecodedImage:
    plugin = _PLUGINS[name]
    Image.init()
    if plugin not in Image.OPEN:  # this Pillow was built without it
        raise UnsupportedImageError(REFUSALS[name], detail=f"Pillow has no {plugin}")
    try:
        with foreign_bytes(), warnings.catch_warnings(action="ignore"):
            stored = Image.open(io.BytesIO(data), formats=[plugin])
            check_pixels(*stored.size, MAX_PIXELS)
            stored.load()
            check_pixels(*stored.size, MAX_PIXELS)  # an icon may hold another image than announced
            image = ImageOps.exif_transpose(stored).convert("RGBA")
    except (DamagedImageError, Image.DecompressionBombError) as error:
        raise BrokenImageError(
            f"That {name} file is damaged or incomplete, and no image could be read from it. "
            "Try another copy.",
            detail=str(error),
        ) from error
    except MemoryError as error:
        raise ImageTooLargeError(
            "That image needs more memory than there is. Make it smaller and try again."
        ) from error
    digest = hashlib.sha256(data).hexdigest()
    return from_rgba(image.tobytes(), image.size, image.size, name, digest)
