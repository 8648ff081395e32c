"""Draws a network's tensors by seed, with NumPy alone: the same seed gives the same files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from models.graph_builder import Array

Shape = tuple[str, tuple[int, ...], float]
"""Name, shape and standard deviation of a tensor."""


def generator(seed: int) -> np.random.Generator:
    """Return NumPy's PCG64, which gives the same numbers everywhere."""
    return np.random.Generator(np.random.PCG64(seed))


def draw(shapes: Iterable[Shape], source: np.random.Generator) -> dict[str, Array]:
    """Draw tensors by name, in order.

    Returns:
        float32 arrays around 0; the gains of normalisations (vectors called weight) around 1.
    """
    weights = {}
    for name, shape, scale in shapes:
        array = source.standard_normal(shape, dtype=np.float32) * np.float32(scale)
        if name.endswith(".weight") and len(shape) == 1:
            array = 1 + array
        weights[name] = array
    return weights


def last_gains(width: int, source: np.random.Generator) -> Array:
    """Draw the gains of a decoder's last normalisation, with random signs.

    Without that, a tied output layer prefers the token just read, and every caption repeats it.
    """
    return source.standard_normal(width, dtype=np.float32) * np.float32(3 * width**-0.5)


def norm(key: str, width: int) -> Iterator[Shape]:
    """Yield the tensors of a normalisation."""
    yield f"{key}.weight", (width,), 0.1
    yield f"{key}.bias", (width,), 0.1


def linear(key: str, fan_in: int, fan_out: int, gain: float = 1.0) -> Iterator[Shape]:
    """Yield the tensors of a linear layer, which keep the size of what goes in times ``gain``."""
    yield f"{key}.weight", (fan_out, fan_in), gain * fan_in**-0.5
    yield f"{key}.bias", (fan_out,), 0.1
