"""Emoji as sprites: drawn once from the font, then scaled, turned and recoloured for each use."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from models.training.things import THINGS, Thing

FONT = Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
# The bitmap font has one size: 109 units, which gives pictures of 136 x 128 pixels.
_FONT_SIZE = 109
_CELL = (136, 128)
_LEVELS = (1.0, 0.7, 0.5, 0.35)
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def rasterise(emoji: str, font: ImageFont.FreeTypeFont) -> Image.Image:
    """Draw one emoji and trim it; mode RGBa (premultiplied alpha)."""
    cell = Image.new("RGBA", _CELL, (0, 0, 0, 0))
    ImageDraw.Draw(cell).text((0, 0), emoji, font=font, embedded_color=True)
    box = cell.getchannel("A").point(lambda alpha: 255 * (alpha > 24)).getbbox()
    if box is None:
        raise ValueError(f"the font draws nothing for {emoji!r}")
    return cell.crop(box).convert("RGBa")


class Sprites:
    """All emoji at a few sizes each, ready to be transformed."""

    def __init__(self, font_path: Path = FONT) -> None:
        font = ImageFont.truetype(str(font_path), _FONT_SIZE)
        self._levels: list[list[list[Image.Image]]] = [
            [self._pyramid(rasterise(emoji, font)) for emoji in thing.emoji] for thing in THINGS
        ]

    @staticmethod
    def _pyramid(full: Image.Image) -> list[Image.Image]:
        width, height = full.size
        return [full] + [
            full.resize((round(width * level), round(height * level)), Image.Resampling.BOX)
            for level in _LEVELS[1:]
        ]

    def draw(
        self, rng: np.random.Generator, index: int, variant: int, size_px: float
    ) -> NDArray[np.float32]:
        """One emoji with random shape and colour changes.

        Args:
            rng: source of chance.
            index: index into THINGS.
            variant: which of the thing's emoji.
            size_px: side of the square whose area the picture's box has.

        Returns:
            float32 [height, width, 4], premultiplied RGB and alpha, 0..255.
        """
        thing = THINGS[index]
        pyramid = self._levels[index][variant]
        width, height = pyramid[0].size
        wanted = size_px / math.sqrt(width * height)
        wanted = min(wanted, 1.3 * size_px / max(width, height))
        level = next((i for i in reversed(range(len(_LEVELS))) if _LEVELS[i] >= wanted), 0)
        source = pyramid[level]
        factor = wanted / _LEVELS[level]
        pixels = np.asarray(self._transform(rng, source, factor), np.float32)
        pixels = self._recolour(rng, pixels, thing)
        if rng.random() < 0.08:
            pixels = self._outline(rng, pixels)
        return pixels

    @staticmethod
    def _transform(rng: np.random.Generator, source: Image.Image, factor: float) -> Image.Image:
        """Rotate, flip, stretch and shear by an affine map."""
        angle = rng.normal(0, 0.16) if rng.random() < 0.85 else rng.uniform(-0.9, 0.9)
        stretch = math.exp(rng.normal(0, 0.07))
        shear = rng.normal(0, 0.06)
        flip = -1.0 if rng.random() < 0.5 else 1.0
        cos, sin = math.cos(angle), math.sin(angle)
        shape = np.array([[flip * stretch, shear], [0.0, 1.0 / stretch]])
        forward = factor * np.array([[cos, -sin], [sin, cos]]) @ shape
        w, h = source.size
        extent = np.abs(forward) @ np.array([w, h], float)
        out = (math.ceil(extent[0]) + 2, math.ceil(extent[1]) + 2)
        back = np.linalg.inv(forward)
        offset = np.array([w, h]) / 2 - back @ (np.array(out) / 2)
        data = (back[0, 0], back[0, 1], offset[0], back[1, 0], back[1, 1], offset[1])
        return source.transform(out, Image.Transform.AFFINE, data, Image.Resampling.BILINEAR)

    @staticmethod
    def _recolour(
        rng: np.random.Generator, pixels: NDArray[np.float32], thing: Thing
    ) -> NDArray[np.float32]:
        """Change hue, saturation, contrast and brightness; linear, so premultiplied stays right."""
        hue = 0.0 if thing.coloured else rng.normal(0, 0.14)
        saturation = math.exp(rng.normal(0, 0.18))
        gain = math.exp(rng.normal(0, 0.10))
        # Rotation of colours about the grey axis (Rodrigues), then distance from grey scaled.
        c, s, k = math.cos(hue), math.sin(hue), 1 / 3
        r = math.sqrt(k) * s
        spin = np.full((3, 3), k * (1 - c), np.float32)
        spin += np.array([[c, -r, r], [r, c, -r], [-r, r, c]], np.float32)
        grey = np.repeat(_LUMA[None, :], 3, axis=0)
        matrix = gain * (saturation * np.eye(3, dtype=np.float32) + (1 - saturation) * grey) @ spin
        offset = rng.normal(0, 8)
        alpha = pixels[:, :, 3:]
        rgb = pixels[:, :, :3] @ matrix.T.astype(np.float32) + np.float32(offset / 255) * alpha
        return np.concatenate([np.clip(rgb, 0, alpha), alpha], axis=2)

    @staticmethod
    def _outline(rng: np.random.Generator, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Surround the picture by a light or dark edge, as stickers and comics have."""
        padded = np.pad(pixels, ((3, 3), (3, 3), (0, 0)))
        alpha = Image.fromarray(padded[:, :, 3].astype(np.uint8))
        wide = np.asarray(alpha.filter(ImageFilter.MaxFilter(5 if rng.random() < 0.4 else 3)))
        wide = wide.astype(np.float32)[:, :, None]
        ink = 250.0 if rng.random() < 0.5 else 20.0
        edge = np.concatenate([wide * (ink / 255)] * 3 + [wide], axis=2)
        return (padded + edge * (1 - padded[:, :, 3:] / 255)).astype(np.float32)
