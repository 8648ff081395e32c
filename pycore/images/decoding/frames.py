"""Of an animation the first frame that shows something: many begin with an empty one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from pycore.images.decoding.damage import DamagedImageError, foreign_bytes
from pycore.images.pixels import on_ground, to_8_bits

if TYPE_CHECKING:
    from PIL import ImageFile

_TELLING = 64  # levels of 255 between the darkest and the lightest part, in any channel
_MOST_FRAMES = 64
_MOST_PIXELS = 50_000_000  # of all frames looked at
_GLANCE = 64  # pixels in width and height


def telling_frame(image: ImageFile.ImageFile, first: Image.Image) -> Image.Image:
    """Look for a frame that shows something.

    Args:
        image: Pillow's reader, at its first frame.
        first: that frame, as `to_8_bits` gives it.

    Returns:
        The first frame that shows something; where none does, the one that shows most.
    """
    best, most = first, _contrast(first)
    if most < _TELLING:
        best = first.copy()  # `to_8_bits` may have given the reader itself, which goes on
    frames = min(_MOST_FRAMES, _MOST_PIXELS // (image.width * image.height))
    for number in range(1, frames):
        if most >= _TELLING:
            break
        try:
            with foreign_bytes():
                image.seek(number)
                image.load()
        except DamagedImageError:  # EOFError among others: there are no more
            break
        frame = to_8_bits(image)
        contrast = _contrast(frame)
        if contrast > most:
            best, most = frame.copy(), contrast
    return best


def _contrast(image: Image.Image) -> int:
    """Return the widest range of levels, 0 to 255, in any channel of what is seen."""
    small = image.copy()
    small.thumbnail((_GLANCE, _GLANCE), Image.Resampling.BOX)
    samples = np.asarray(on_ground(small)).reshape(-1, 3)
    return int(np.ptp(samples, axis=0).max())
