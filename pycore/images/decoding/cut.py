"""How much of a cut image file is there: rows that do not depend on what might have come next.

Decoders fill what is missing with something, grey, black, or the last colour, and do not say where
it begins. So such a file is decoded several times, each time with another noise behind its end:
rows that come out alike are the file's own.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PIL import Image

NOISES = (1, 2, 3)
"""Seeds for `noise`."""


def noise(seed: int, size: int = 1 << 16) -> bytes:
    """Return bytes that mean nothing: none is 0 or 255, which end things in GIF and JPEG."""
    once = random.Random(seed).randbytes(min(size, 1 << 16))
    once = once.replace(b"\xff", b"\x5a").replace(b"\x00", b"\xa5")
    return (once * (size // len(once) + 1))[:size] if once else b""


def sound_rows(plain: Image.Image, others: Iterable[Image.Image]) -> tuple[int, int]:
    """Compare what was decoded from a file as it is, and with noise behind it.

    Returns:
        (first, end) of the rows that are the file's own: those above the first that differs; below
        the last, in files that begin with the last row (BMP).
    """
    samples = np.asarray(plain).reshape(plain.height, -1)
    differs = np.zeros(plain.height, bool)
    for other in others:
        if other.size == plain.size and other.mode == plain.mode:
            differs |= (np.asarray(other).reshape(plain.height, -1) != samples).any(axis=1)
    places = np.flatnonzero(differs)
    if not places.size:
        return 0, plain.height
    if places[0] == 0 and places[-1] < plain.height - 1:
        return int(places[-1]) + 1, plain.height
    return 0, int(places[0])
