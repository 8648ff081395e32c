"""How much of a cut image file is there: rows that do not depend on what might have come next.

Decoders fill what is missing with something, grey, black, or the last colour, and do not say where
it begins. So such a file is decoded several times, each time with another noise behind its end:
rows that come out alike are the file's own.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

NOISES = (1, 2, 3)
"""Seeds for `noise`."""


def noise(seed: int, size: int = 1 << 16) -> bytes:
    """Return bytes that mean nothing: none is 0 or 255, which end things in GIF and JPEG."""
    once = random.Random(seed).randbytes(min(size, 1 << 16))
    once = once.replace(b"\xff", b"\x5a").replace(b"\x00", b"\xa5")
    return (once * (size // len(once) + 1))[:size] if once else b""


def sound_rows(plain: Image.Image, others: Iterable[Image.Image]) -> NDArray[np.bool_]:
    """Compare what was decoded from a file as it is, and with noise behind it.

    Returns:
        For each row whether it is the file's own.
    """
    differs = np.zeros(plain.height, bool)
    first: dict[str, np.ndarray] = {}
    for image in (plain, *others):
        samples = np.asarray(image).reshape(plain.height, -1)
        differs |= (samples != first.setdefault(image.mode, samples)).any(axis=1)
    return ~differs


def sound_part(is_sound: NDArray[np.bool_]) -> tuple[int, int]:
    """Return (first, end) of the rows above the first that is missing.

    In files that begin with the last row (BMP) these are the rows below the last that is missing.
    """
    missing = np.flatnonzero(~is_sound)
    if not missing.size:
        return 0, len(is_sound)
    if missing[0] == 0 and missing[-1] < len(is_sound) - 1:
        return int(missing[-1]) + 1, len(is_sound)
    return 0, int(missing[0])


def without_gaps(image: Image.Image, is_sound: NDArray[np.bool_]) -> Image.Image:
    """Fill rows that are missing between others, each with the sound row above it.

    Args:
        image: of which the first row is sound.
        is_sound: what `sound_rows` returned.
    """
    places = np.where(is_sound, np.arange(len(is_sound)), 0)
    rows = np.asarray(image)[np.maximum.accumulate(places)]
    return Image.frombytes(image.mode, image.size, rows.tobytes())
