"""The size and light at which a picture's words can be read by Tesseract, in bounded time."""

from __future__ import annotations

from PIL import Image

from pycore.images.even_light import even_light

MOST_PIXELS = 4_000_000
"""Larger pictures are made smaller: a page of A4 at 190 dots an inch is as large."""

LEAST_WIDTH = 900
"""Smaller pictures are doubled: type of ten pixels is too small for Tesseract."""

DECODE_AT = (2200, 2200)
"""(height, width) in pixels at which a picture is decoded to be read."""


def readable(image: Image.Image) -> Image.Image:
    """Bring a picture, decoded at ``DECODE_AT``, to a size at which its words can be read.

    Shaded paper is lit evenly.
    """
    scale = 2.0 if image.width < LEAST_WIDTH else 1.0
    scale = min(scale, (MOST_PIXELS / (image.width * image.height)) ** 0.5)
    if scale != 1.0:
        size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        image = image.resize(size, Image.Resampling.LANCZOS)
    return even_light(image)
