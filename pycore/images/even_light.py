"""Photographed paper as if it were lit evenly: Tesseract drops lines that lie in shade."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageFilter

if TYPE_CHECKING:
    from pycore.interfaces import FloatArray

_LEAST_SIDE = 32
"""In pixels; smaller pictures are no pages."""

_SIDE = 128
"""In pixels, the longer one of the map of light: letters vanish, shade does not."""

_UNEVEN = 0.8
"""The darkest paper's share of the brightest; what is above is read well as it is."""

_SMOOTH = 0.08
"""The largest step between neighbours in the map, as a natural logarithm. The photographed page of
scikit-image has 0.04; photographs of things have 0.085 and more, panes on screens far more."""

_PAPER = 217
"""Median brightness, 0 to 255, of what is paper for the most part, once it is lit evenly."""


def even_light(image: Image.Image) -> Image.Image:
    """Divide shaded paper by its own light; every other picture is given back as it is.

    Args:
        image: mode RGB.

    Returns:
        The image itself, or one of the same size and mode, in grey.
    """
    if min(image.size) < _LEAST_SIDE:
        return image
    grey = image.convert("L")
    paper = _paper(grey)
    light = _light(paper)
    if not (_is_uneven(light) and _is_gradual(light)):
        return image
    whole = np.asarray(paper.resize(image.size, Image.Resampling.BILINEAR), np.float32)
    even = np.asarray(grey, np.float32) / np.maximum(whole, 1)
    lit = Image.fromarray((255 * np.minimum(even, 1)).astype(np.uint8))
    if 2 * sum(lit.histogram()[_PAPER:]) < image.width * image.height:
        return image
    return lit.convert("RGB")


def is_lit_like_paper(image: Image.Image) -> bool:
    """Say whether light changes gradually all over a picture, as it does on a sheet of paper.

    Args:
        image: mode RGB.
    """
    if min(image.size) < _LEAST_SIDE:
        return False
    return _is_gradual(_light(_paper(image.convert("L"))))


def _paper(grey: Image.Image) -> Image.Image:
    """Return a small version without letters.

    They are darker than paper: the brightest pixel near each one is paper.
    """
    reduced = grey.reduce(max(1, max(grey.size) // _SIDE))
    return reduced.filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.BoxBlur(4))


def _light(paper: Image.Image) -> FloatArray:
    """Return a map of light, float32 of shape (height, width), 1 to 255."""
    return np.maximum(np.asarray(paper, np.float32), 1)


def _is_uneven(light: FloatArray) -> bool:
    """Say whether light varies."""
    # numpy's percentile asks for numpy.ma, which the site leaves out.
    ordered = np.sort(light, axis=None)
    outliers = ordered.size // 50
    return bool(ordered[outliers] <= _UNEVEN * ordered[-1 - outliers])


def _is_gradual(light: FloatArray) -> bool:
    """Say whether light changes in small steps only."""
    if min(light.shape) < 2:
        return False
    steps = [np.abs(np.diff(np.log(light), axis=axis)).max() for axis in (0, 1)]
    return bool(max(steps) < _SMOOTH)
