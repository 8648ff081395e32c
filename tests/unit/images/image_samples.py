"""Images that the tests draw themselves: small, repeatable, in every format and mode."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

FIXTURES = Path(__file__).parents[2] / "fixtures"
ODD_SHAPES = ((1, 1), (1, 500), (500, 1), (3, 224), (223, 225), (224, 224), (37, 91), (600, 401))
"""(height, width) in pixels."""


def pattern(height: int, width: int) -> Image.Image:
    """Draw an RGB image with gradients and sharp edges, no two rows or columns alike."""
    y, x = np.mgrid[0:height, 0:width]
    channels = (x * 255 // max(width - 1, 1), y * 255 // max(height - 1, 1), (x * 7 + y * 13) % 256)
    return Image.fromarray(np.stack(channels, axis=-1).astype(np.uint8))


def noise(height: int, width: int) -> Image.Image:
    """Draw an RGB image in which every sample is different from its neighbours."""
    counter = np.arange(height * width * 3, dtype=np.uint32)
    samples = counter * np.uint32(2654435761) >> np.uint32(24)
    return Image.fromarray(samples.astype(np.uint8).reshape(height, width, 3))


def encode(image: Image.Image, format: str, **options: Any) -> bytes:  # noqa: A002
    """Write an image with Pillow; ``format`` is one of its names."""
    buffer = io.BytesIO()
    image.save(buffer, format=format, **options)
    return buffer.getvalue()


def open_sample(name: str) -> Image.Image:
    """Give an RGB image by name.

    Args:
        name: of a file under tests/fixtures, "pattern HEIGHTxWIDTH" or "noise HEIGHTxWIDTH".
    """
    kind, _, size = name.partition(" ")
    if not size:
        return Image.open(FIXTURES / name).convert("RGB")
    height, width = map(int, size.split("x"))
    return {"pattern": pattern, "noise": noise}[kind](height, width)
