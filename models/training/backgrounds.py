"""Drawn backgrounds: places as flat-coloured, slightly textured pictures, and plain colours."""

from __future__ import annotations

import colorsys

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.training.captions import COLOURS, PLACES

Pixels = NDArray[np.float32]
SIDE = 192

# Hue, saturation and value ranges, apart from each other so that the names stay clear.
_PLAIN = {
    "white": ((0.0, 1.0), (0.0, 0.03), (0.95, 1.0)),
    "black": ((0.0, 1.0), (0.0, 0.3), (0.0, 0.10)),
    "grey": ((0.0, 1.0), (0.0, 0.05), (0.40, 0.72)),
    "red": ((-0.02, 0.015), (0.75, 0.95), (0.70, 0.95)),
    "orange": ((0.065, 0.09), (0.80, 1.0), (0.92, 1.0)),
    "yellow": ((0.14, 0.17), (0.55, 0.95), (0.92, 1.0)),
    "green": ((0.28, 0.40), (0.50, 0.90), (0.45, 0.85)),
    "blue": ((0.57, 0.65), (0.60, 0.90), (0.50, 0.95)),
    "purple": ((0.74, 0.79), (0.45, 0.80), (0.45, 0.80)),
    "pink": ((0.90, 0.95), (0.25, 0.50), (0.95, 1.0)),
    "brown": ((0.05, 0.08), (0.55, 0.75), (0.32, 0.48)),
}


def smooth_noise(
    rng: np.random.Generator, cells: tuple[int, int], channels: int = 1, side: int = SIDE
) -> Pixels:
    """Random values on a coarse grid of (height, width) cells, drawn smoothly to full size.

    Returns:
        float32 [side, side, channels], about -1..1.
    """
    grid = rng.uniform(-1, 1, (*cells, channels)).astype(np.float32)
    layers = [
        np.asarray(Image.fromarray(grid[:, :, c]).resize((side, side), Image.Resampling.BICUBIC))
        for c in range(channels)
    ]
    return np.stack(layers, axis=2)


def fractal_noise(
    rng: np.random.Generator, octaves: int = 5, decay: float = 0.6, channels: int = 1
) -> Pixels:
    """Sum of smooth_noise over doubling frequencies; float32 [SIDE, SIDE, channels]."""
    total = np.zeros((SIDE, SIDE, channels), np.float32)
    for octave in range(1, octaves + 1):
        total += decay**octave * smooth_noise(rng, (2**octave + 1, 2**octave + 1), channels)
    return total


def _flat(rng: np.random.Generator, hue: object, saturation: object, value: object) -> Pixels:
    h, s, v = (float(rng.uniform(*span)) for span in (hue, saturation, value))  # type: ignore[misc]
    return np.full((SIDE, SIDE, 3), np.array(colorsys.hsv_to_rgb(h % 1.0, s, v)) * 255, np.float32)


def plain(rng: np.random.Generator, colour: str) -> Pixels:
    """A background of one colour with a faint gradient; float32 [SIDE, SIDE, 3], 0..255."""
    return _flat(rng, *_PLAIN[colour]) + rng.uniform(0, 9) * smooth_noise(rng, (2, 2))


def _sky(rng: np.random.Generator) -> Pixels:
    ramp = np.linspace(rng.uniform(-25, 0), rng.uniform(5, 45), SIDE, dtype=np.float32)
    return _flat(rng, (0.54, 0.60), (0.35, 0.65), (0.85, 1.0)) + ramp[:, None, None]


def _with_horizon(rng: np.random.Generator, ground: Pixels, above: Pixels, share: float) -> Pixels:
    """Put another picture above a wavy horizon in `share` of the cases."""
    if rng.random() > share:
        return ground
    wave = smooth_noise(rng, (2, 4))[SIDE // 2, :, 0] * rng.uniform(0, 12)
    height = SIDE * rng.uniform(0.2, 0.42) + wave
    mask = (np.arange(SIDE)[:, None] < height[None, :])[:, :, None]
    return np.where(mask, above, ground)


def _grass(rng: np.random.Generator) -> Pixels:
    base = _flat(rng, (0.24, 0.36), (0.55, 0.85), (0.45, 0.75))
    blades = smooth_noise(rng, (int(rng.integers(12, 30)), int(rng.integers(60, 140))))
    noise = rng.uniform(8, 28) * blades + rng.uniform(5, 30) * fractal_noise(rng)
    return _with_horizon(rng, base + noise, _sky(rng), 0.4)


def _sand(rng: np.random.Generator) -> Pixels:
    base = _flat(rng, (0.10, 0.125), (0.28, 0.48), (0.82, 0.96))
    grain = rng.normal(0, rng.uniform(3, 10), (SIDE, SIDE, 1)).astype(np.float32)
    waves = rng.uniform(0, 18) * smooth_noise(rng, (int(rng.integers(8, 20)), 4))
    above = _sky(rng) if rng.random() < 0.6 else _water(rng)
    return _with_horizon(rng, base + grain + waves, above, 0.4)


def _snow(rng: np.random.Generator) -> Pixels:
    base = _flat(rng, (0.55, 0.62), (0.02, 0.10), (0.90, 0.98))
    drifts = rng.uniform(6, 20) * smooth_noise(rng, (int(rng.integers(3, 9)), 4))
    picture = _with_horizon(
        rng, base + drifts, _flat(rng, (0.55, 0.62), (0.12, 0.35), (0.6, 0.85)), 0.6
    )
    rows, columns = rng.integers(0, SIDE - 2, (2, int(rng.integers(60, 200))))
    for dy, dx in ((0, 0), (0, 1), (1, 0), (1, 1)):
        picture[rows + dy, columns + dx] = 255
    return picture


def _water(rng: np.random.Generator) -> Pixels:
    base = _flat(rng, (0.50, 0.60), (0.55, 0.85), (0.55, 0.85))
    waves = smooth_noise(rng, (int(rng.integers(18, 50)), int(rng.integers(5, 14))))
    crests = np.maximum(waves - 0.35, 0) * rng.uniform(60, 160)
    return _with_horizon(rng, base + rng.uniform(10, 28) * waves + crests, _sky(rng), 0.2)


def _night(rng: np.random.Generator) -> Pixels:
    picture = _flat(rng, (0.60, 0.70), (0.55, 0.9), (0.10, 0.26))
    picture += np.linspace(0, rng.uniform(0, 45), SIDE, dtype=np.float32)[:, None, None]
    rows, columns = rng.integers(0, SIDE - 2, (2, int(rng.integers(30, 110))))
    light = rng.uniform(140, 255, (len(rows), 1)).astype(np.float32)
    picture[rows, columns] = light
    picture[rows, columns + 1] = light * 0.7
    picture[rows + 1, columns] = light * 0.7
    return picture


def _room(rng: np.random.Generator) -> Pixels:
    wall = _flat(rng, (0.0, 1.0), (0.08, 0.30), (0.70, 0.95))
    if rng.random() < 0.5:  # striped wallpaper
        period = int(rng.integers(10, 30))
        wall[:, np.arange(SIDE) % period < period // 2] -= rng.uniform(5, 18)
    floor_y = int(SIDE * rng.uniform(0.55, 0.78))
    floor = _flat(rng, (0.04, 0.10), (0.25, 0.6), (0.35, 0.65))
    wall[floor_y:] = floor[floor_y:]
    wall[floor_y - int(rng.integers(3, 8)) : floor_y] = rng.uniform(225, 250)
    if rng.random() < 0.6:  # a window frame with sky in it
        top, left = int(rng.integers(8, 40)), int(rng.integers(5, 120))
        height, width = int(rng.integers(40, 65)), int(rng.integers(35, 65))
        wall[top : top + height, left : left + width] = 250
        inner = (slice(top + 4, top + height - 4), slice(left + 4, left + width - 4))
        wall[inner] = _sky(rng)[inner]
        wall[top + height // 2 - 1 : top + height // 2 + 2, left : left + width] = 250
    return wall


def _table(rng: np.random.Generator) -> Pixels:
    picture = _flat(rng, (0.06, 0.09), (0.45, 0.68), (0.58, 0.80))
    planks = int(rng.integers(4, 8))
    grain = smooth_noise(rng, (int(rng.integers(40, 90)), int(rng.integers(3, 6))))
    rows = np.arange(SIDE) * planks // SIDE
    picture += rng.uniform(-14, 14, planks).astype(np.float32)[rows][:, None, None]
    picture += rng.uniform(6, 16) * grain
    picture[np.flatnonzero(np.diff(rows))] -= 55
    return picture if rng.random() < 0.5 else np.ascontiguousarray(picture.transpose(1, 0, 2))


def _street(rng: np.random.Generator) -> Pixels:
    road = _flat(rng, (0.55, 0.70), (0.0, 0.08), (0.28, 0.42))
    road += rng.normal(0, rng.uniform(3, 9), (SIDE, SIDE, 1)).astype(np.float32)
    middle = int(SIDE * rng.uniform(0.62, 0.82))
    dashes = (np.arange(SIDE) + rng.integers(0, 40)) % 48 < 28
    road[middle : middle + int(rng.integers(4, 8)), dashes] = rng.uniform(215, 250)
    top = int(SIDE * rng.uniform(0.22, 0.42))
    road[:top] = _sky(rng)[:top]
    road[top : top + int(rng.integers(6, 16))] = rng.uniform(165, 200)
    return road


_PLACES = dict(
    zip(
        PLACES,
        (_grass, _sand, _snow, _water, _night, _sky, _room, _table, _street),
        strict=True,
    )
)


def pools(rng: np.random.Generator, variants: int) -> dict[str, list[Image.Image]]:
    """Draw `variants` pictures of each place and of each plain colour, SIDE x SIDE, RGB."""

    def finish(pixels: Pixels) -> Image.Image:
        return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))

    drawn = {place: [finish(draw(rng)) for _ in range(variants)] for place, draw in _PLACES.items()}
    for colour in COLOURS:
        drawn[colour] = [finish(plain(rng, colour)) for _ in range(variants)]
    return drawn
