"""What tells photographs, drawings and pages of text apart without knowing what they show.

Drawings have areas of one colour with sharp edges and few colours; photographs have noise and
gradual changes everywhere; pages have two colours and edges in lines. A photograph of a thing on a
plain ground is told by its tiles: where they are not flat, they have grain and many colours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pycore.interfaces import FloatArray

NAMES = (
    "equal",
    "near",
    "noisy",
    "sharp",
    "peaked",
    "equal_coarse",
    "sharp_coarse",
    "colours",
    "first_colour",
    "four_colours",
    "sixteen_colours",
    "white",
    "black",
    "grey",
    "vivid",
    "line_gaps",
    "line_contrast",
    "column_contrast",
    "middle_tones",
    "smooth",
    "mean_equal",
    "mean_near",
    "mean_noisy",
    "mean_sharp",
    "mean_peaked",
    "mean_flat_blocks",
    "mean_busy_blocks",
    "mean_vivid",
    "spread_of_tones",
    "tiles_flat",
    "tiles_near",
    "tiles_textured",
    "tiles_edged",
    "grain_least",
    "grain_low",
    "grain_middle",
    "grain_high",
    "roughness",
    "tile_colours",
    "tile_colours_low",
    "distinct_colours",
    "grain_of_hue",
    "grain_of_calm",
    "grain_of_edges",
)
"""The statistics, in the order of ``measure``."""

_ROWS = 192
"""Rows and columns that are looked at in full: enough for a share within a few per cent."""

_SIDE = 96
"""Side of the small versions in which colours are counted and the picture is seen from afar."""

_BLOCK = 8
"""Side of the parts of the small version that are flat or busy, and of the tiles."""

_TILES = 24
"""Tiles of the full picture that are looked at, a side."""


def measure(pixels: NDArray[np.uint8]) -> FloatArray:
    """Measure a picture.

    Args:
        pixels: uint8 of shape (height, width, 3), RGB, both sides at least 2.

    Returns:
        float32 of shape (len(NAMES),), each 0 to 1 or thereabouts.
    """
    height, width = pixels.shape[:2]
    rows = pixels[_spread(height, _ROWS)].astype(np.int16)
    columns = pixels[:, _spread(width, _ROWS)].astype(np.int16)
    across = _strongest(np.abs(np.diff(rows, axis=1)))
    down = _strongest(np.abs(np.diff(columns, axis=0)))
    steps = np.concatenate([across.ravel(), down.ravel()])
    small = _shrink(pixels, _SIDE)
    coarse = _strongest(np.abs(np.diff(small.astype(np.int16), axis=1)))
    brightness = _strongest(small)
    share = np.bincount(steps, minlength=256)[:256] / steps.size
    gentle = share[1:9].sum()
    return np.array(
        [
            share[0],
            share[:3].sum(),
            share[3:13].sum(),
            share[48:].sum(),
            _peakedness(steps),
            np.mean(coarse <= 2),
            np.mean(coarse > 48),
            *_colours(small),
            *_tones(small),
            *_lines(across, down),
            np.mean((brightness > 60) & (brightness < 200)),
            gentle / (gentle + share[9:].sum() + 1e-6),
            *_from_afar(pixels),
            *_tiles(pixels),
        ],
        np.float32,
    )


def _spread(length: int, most: int) -> NDArray[np.intp]:
    """Return up to ``most`` places, evenly spread over a length."""
    # Steps of at least one, so that no place comes twice.
    return np.linspace(0, length - 1, min(length, most)).astype(np.intp)


def _shrink(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return a version of at most ``side`` pixels a side, of single pixels: no colour is mixed."""
    height, width = pixels.shape[:2]
    return pixels[_spread(height, side)][:, _spread(width, side)]


def _average(pixels: NDArray[np.uint8], side: int) -> NDArray[np.float32]:
    """Return a version of at most ``side`` pixels a side, each the mean of those it stands for."""
    small = pixels.astype(np.float32)
    for axis in (0, 1):
        length = small.shape[axis]
        edges = np.linspace(0, length, min(length, side) + 1).astype(np.intp)
        small = _means(small, edges, axis).astype(np.float32)
    return small


def _deviations(tones: NDArray[np.float32], side: int) -> NDArray[np.float64]:
    """Return the standard deviation within each square of ``side`` pixels; some are cut off."""
    means = tones.astype(np.float64)
    squares = means**2
    for axis, length in enumerate(tones.shape):
        edges = np.array([*range(0, length, side), length], np.intp)
        means, squares = _means(means, edges, axis), _means(squares, edges, axis)
    return np.asarray(np.sqrt(np.maximum(squares - means**2, 0)))


def _means(values: NDArray[Any], edges: NDArray[np.intp], axis: int) -> NDArray[Any]:
    """Return the means of the parts of an axis that lie between edges."""
    shape = [1] * values.ndim
    shape[axis] = -1
    counts = np.diff(edges).astype(values.dtype).reshape(shape)
    means: NDArray[Any] = np.add.reduceat(values, edges[:-1], axis=axis) / counts
    return means


def _from_afar(pixels: NDArray[np.uint8]) -> tuple[float, ...]:
    """Measure the picture at one size, whatever its own: a small photograph is still one."""
    height, width = pixels.shape[:2]
    # Four times as many pixels a side as are wanted make a good mean; millions only take time.
    small = _average(
        pixels[:: max(1, height // (4 * _SIDE)), :: max(1, width // (4 * _SIDE))], _SIDE
    )
    steps = np.concatenate(
        [
            _strongest(np.abs(np.diff(small, axis=1))).ravel(),
            _strongest(np.abs(np.diff(small, axis=0))).ravel(),
        ]
    )
    tones = small.mean(axis=2)
    blocks = _deviations(tones, _BLOCK)
    histogram = np.histogram(tones, bins=32, range=(0, 256))[0] / tones.size
    entropy = -(histogram * np.log(histogram + 1e-9)).sum() / np.log(32)
    return (
        float(np.mean(steps < 1)),
        float(np.mean(steps < 3)),
        float(np.mean((steps >= 3) & (steps < 14))),
        float(np.mean(steps > 40)),
        _peakedness(steps),
        float(np.mean(blocks < 1.5)),
        float(np.mean(blocks > 12)),
        float(np.mean(_strongest(small) - _weakest(small)) / 255),
        float(max(0.0, entropy)),
    )


def _tiles(pixels: NDArray[np.uint8]) -> tuple[float, ...]:
    """Measure grain and colours in tiles of the full picture, spread over it."""
    tiles = _cut_tiles(pixels)
    tones = tiles.astype(np.int16).sum(axis=3)  # 0 to 765
    reach = tones.max(axis=(1, 2)) - tones.min(axis=(1, 2))
    first = [np.abs(np.diff(tones, axis=axis)).mean(axis=(1, 2)) for axis in (1, 2)]
    # A slope bends nowhere, an edge once; grain bends everywhere.
    second = [
        np.abs(np.diff(tones, 2, axis=axis)).sum(axis=(1, 2)) / max(1, (side - 2) * other)
        for axis, side, other in ((1, *tones.shape[1:]), (2, *tones.shape[:0:-1]))
    ]
    slope, grain = sum(first) / 6, sum(second) / 6
    lively, middling = reach > 6, (reach > 6) & (reach < 120)
    colours = (tiles.astype(np.int32) << [16, 8, 0]).sum(axis=3).reshape(len(tiles), -1)
    new = np.diff(np.sort(colours, axis=1), axis=1) != 0
    distinct = (1 + new.sum(axis=1)) / colours.shape[1]
    hue = tiles[..., 0].astype(np.int16) - tiles[..., 1]
    grain_of_hue = np.abs(np.diff(hue, axis=1)).mean(axis=(1, 2))
    some = colours[:, ::3]
    return (
        float(np.mean(reach == 0)),
        float(np.mean(reach <= 6)),
        float(np.mean(middling & (distinct > 0.6))),
        float(np.mean(reach >= 120)),
        *(_squeezed(_quantile(grain[middling], share)) for share in (0.25, 0.5, 0.75, 0.9)),
        _quantile(grain[middling] / (slope[middling] + 0.3), 0.5) / 2,
        _quantile(distinct[lively], 0.5),
        _quantile(distinct[lively], 0.2),
        _distinct(some) / some.size,
        _squeezed(_quantile(grain_of_hue[lively], 0.5)),
        _squeezed(_quantile(grain[(reach > 0) & (reach <= 30)], 0.5)),
        _squeezed(_quantile(grain[reach >= 120], 0.5) / 5),
    )


def _cut_tiles(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return up to ``_TILES`` times ``_TILES`` tiles; uint8 (tiles, side, side, 3)."""
    height, width = pixels.shape[:2]
    side = min(_BLOCK, height, width)
    rows, columns = (
        np.linspace(0, length - side, min(length // side, _TILES)).astype(np.intp)[:, None]
        + np.arange(side)
        for length in (height, width)
    )
    part = pixels[rows.ravel()][:, columns.ravel()]
    tiles = part.reshape(len(rows), side, len(columns), side, 3)
    return tiles.transpose(0, 2, 1, 3, 4).reshape(-1, side, side, 3)


def _strongest(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return the largest of each pixel's three channels.

    Plane by plane: along rows of three NumPy's own ``max`` takes thirty times as long.
    """
    largest: NDArray[Any] = np.maximum(np.maximum(pixels[..., 0], pixels[..., 1]), pixels[..., 2])
    return largest


def _weakest(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return the smallest of each pixel's three channels."""
    smallest: NDArray[Any] = np.minimum(np.minimum(pixels[..., 0], pixels[..., 1]), pixels[..., 2])
    return smallest


def _distinct(values: NDArray[Any]) -> int:
    """Count different values; numpy's unique asks for numpy.ma."""
    return int(np.count_nonzero(np.diff(np.sort(values, axis=None)))) + 1


def _quantile(values: NDArray[Any], share: float) -> float:
    """Give a quantile; numpy's own asks for numpy.ma, which the site leaves out."""
    if not values.size:
        return 0.0
    ordered = np.sort(values, axis=None)
    place = share * (ordered.size - 1)
    below = int(place)
    low, high = (float(ordered[min(at, ordered.size - 1)]) for at in (below, below + 1))
    return low + (high - low) * (place - below)


def _squeezed(value: float) -> float:
    """Squeeze what has no upper limit into 0 to 1."""
    return value / (value + 3)


def _peakedness(steps: NDArray[Any]) -> float:
    """How much of all change happens in few places; 0 to 1."""
    values = steps.astype(np.float64)
    total = values.sum()
    return float(1 - total**2 / (values.size * (values**2).sum())) if total else 1.0


def _colours(small: NDArray[np.uint8]) -> tuple[float, float, float, float]:
    """Return how many colours there are, and the shares of the 1, 4 and 16 most frequent."""
    coarse = (small >> 4).astype(np.int64)
    keys = (coarse[..., 0] << 8 | coarse[..., 1] << 4 | coarse[..., 2]).ravel()
    counts = np.sort(np.bincount(keys))[::-1] / keys.size
    number = np.log1p(np.count_nonzero(counts)) / np.log(4096)
    return float(number), float(counts[0]), float(counts[:4].sum()), float(counts[:16].sum())


def _tones(small: NDArray[np.uint8]) -> tuple[float, float, float, float]:
    """Return the shares of white, black, grey and vivid pixels."""
    high, low = _strongest(small).astype(np.int16), _weakest(small).astype(np.int16)
    range_ = high - low
    return (
        float(np.mean(low > 235)),
        float(np.mean(high < 45)),
        float(np.mean(range_ < 16)),
        float(np.mean(range_ > 120)),
    )


def _lines(across: NDArray[np.int16], down: NDArray[np.int16]) -> tuple[float, float, float]:
    """Return how edges are spread over rows and columns: text comes in lines with gaps.

    The share of rows without any edge, and how unevenly edges fall on rows and on columns.
    """
    by_row = np.mean(across > 48, axis=1)
    by_column = np.mean(down > 48, axis=0)
    return float(np.mean(by_row < 0.004)), _unevenness(by_row), _unevenness(by_column)


def _unevenness(values: NDArray[np.floating[Any]]) -> float:
    """Return spread over mean, squeezed into 0 to 1."""
    mean = values.mean()
    return float(np.tanh(values.std() / mean / 2)) if mean > 0 else 0.0
