"""Pictures that are no scenes: what the starter must be unsure about.

Photographs are unlike drawings in their statistics: detail at every scale, soft light, blur,
grain, no flat areas and no clean outlines.  These pictures imitate that from noise, gradients,
blurred shapes, shaded objects of no kind and torn scenes; no photograph is used.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from models.training.backgrounds import Pixels, smooth_noise
from models.training.scenes import Composer

SIDE = 128


def _noise(rng: np.random.Generator) -> Pixels:
    """Coloured 1/f noise: the amplitude falls with frequency as in photographs."""
    fy, fx = np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)[None, :]
    stretch = math.exp(rng.normal(0, 0.4))
    frequency = np.hypot(fy * stretch, fx / stretch)
    frequency[0, 0] = 1.0
    spectrum = frequency ** -rng.uniform(0.7, 1.9)
    layers = []
    for _ in range(3):
        phase = rng.uniform(0, 2 * math.pi, spectrum.shape)
        layer = np.fft.irfft2(spectrum * np.exp(1j * phase), (SIDE, SIDE))
        layers.append((layer - layer.mean()) / (layer.std() + 1e-9))
    independent = np.stack(layers, 2)
    grey = independent[:, :, :1]
    share = rng.uniform(0.0, 0.7)
    picture = (1 - share) * grey + share * independent
    base = rng.uniform(50, 200, 3) * (0.5 + 0.5 * rng.random())
    return (base + rng.uniform(15, 60) * picture).astype(np.float32)


def _shapes(rng: np.random.Generator) -> Pixels:
    """Soft polygons and ellipses filled with noise, each blurred on its own, lit from a side."""
    canvas = _noise(rng)
    for _ in range(int(rng.integers(2, 9))):
        mask = Image.new("L", (SIDE, SIDE))
        draw = ImageDraw.Draw(mask)
        x, y = (float(place) for place in rng.uniform(-10, SIDE + 10, 2))
        if rng.random() < 0.4:
            w, h = (float(radius) for radius in rng.uniform(8, 70, 2))
            draw.ellipse((x - w, y - h, x + w, y + h), fill=255)
        else:
            angles = np.sort(rng.uniform(0, 2 * math.pi, int(rng.integers(3, 9))))
            reach = rng.uniform(12, 75, len(angles))
            outline = zip(x + reach * np.cos(angles), y + reach * np.sin(angles), strict=True)
            draw.polygon([(float(a), float(b)) for a, b in outline], fill=255)
        mask = mask.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 4)))
        alpha = np.asarray(mask, np.float32)[:, :, None] / 255
        canvas += (_noise(rng) - canvas) * alpha
    return canvas


def _strangers(rng: np.random.Generator, canvas: Pixels) -> Pixels:
    """Objects of no kind, each grown from a few soft parts with shading, on a drawn background."""
    for _ in range(int(rng.integers(1, 4))):
        centre = rng.uniform(0.2, 0.8, 2) * SIDE
        reach = float(rng.uniform(0.15, 0.45)) * SIDE
        for _ in range(int(rng.integers(2, 7))):
            part = Image.new("L", (SIDE, SIDE))
            x, y = (float(v) for v in centre + rng.normal(0, 0.4, 2) * reach)
            w, h = (float(v) for v in rng.uniform(0.15, 0.7, 2) * reach)
            draw = ImageDraw.Draw(part)
            if rng.random() < 0.7:
                draw.ellipse((x - w, y - h, x + w, y + h), fill=255)
            else:
                draw.rectangle((x - w, y - h, x + w, y + h), fill=255)
            angle = float(rng.uniform(0, 180))
            part = part.rotate(angle, Image.Resampling.BILINEAR, center=(x, y))
            part = part.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 1.5))))
            alpha = np.asarray(part, np.float32)[:, :, None] / 255
            shade = smooth_noise(rng, (3, 3), side=SIDE) * np.float32(rng.uniform(10, 70))
            ink = rng.uniform(10, 245, 3).astype(np.float32) + shade
            if rng.random() < 0.5:
                ink = ink + (_noise(rng) - 128) * np.float32(rng.uniform(0.1, 0.6))
            canvas = (canvas + (ink - canvas) * alpha).astype(np.float32)
    return canvas


def _torn(rng: np.random.Generator, picture: NDArray[np.uint8]) -> Pixels:
    """A scene cut into pieces and shuffled, or magnified past recognition, then grained."""
    if rng.random() < 0.5:
        cells = int(rng.choice([4, 8]))
        piece = SIDE // cells
        tiles = picture.reshape(cells, piece, cells, piece, 3).transpose(0, 2, 1, 3, 4)
        tiles = rng.permutation(tiles.reshape(cells**2, piece, piece, 3))
        tiles = np.stack([np.rot90(tile, int(rng.integers(4))) for tile in tiles])
        tiles = tiles.reshape(cells, cells, piece, piece, 3).transpose(0, 2, 1, 3, 4)
        whole = Image.fromarray(tiles.reshape(SIDE, SIDE, 3))
        return np.asarray(whole.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 3))), np.float32)
    size = rng.uniform(12, 30)
    left, top = rng.uniform(20, SIDE - 20 - size, 2)
    box = (left, top, left + size, top + size)
    near = Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.BICUBIC, box)
    return np.asarray(near, np.float32) + 0.25 * (_noise(rng) - 128)


def outlier(composer: Composer, index: int) -> NDArray[np.uint8]:
    """One picture without any thing to name; uint8 [128, 128, 3].

    The same composer and index always give the same picture.
    """
    rng = np.random.default_rng([composer.seed, 2, index])
    chance = rng.random()
    if chance < 0.12:
        picture = _noise(rng)
    elif chance < 0.42:
        picture = _shapes(rng)
    elif chance < 0.80:
        keys = sorted(composer.backgrounds)
        canvas = composer.background(rng, keys[int(rng.integers(len(keys)))], SIDE)
        picture = _strangers(rng, canvas)
    else:
        picture = _torn(rng, composer.scene(index).image)
    if rng.random() < 0.6:  # light from one side
        slope = rng.normal(0, 0.5, 2)
        ramp = np.linspace(-0.5, 0.5, SIDE)
        light = 1 + slope[0] * ramp[:, None] + slope[1] * ramp[None, :]
        picture = picture * light[:, :, None].astype(np.float32)
    if rng.random() < 0.5:
        picture = picture + rng.normal(0, rng.uniform(2, 12), picture.shape).astype(np.float32)
    if rng.random() < 0.15:
        picture = np.repeat(picture.mean(2, keepdims=True), 3, 2)
    pixels = np.clip(picture, 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        soft = ImageFilter.GaussianBlur(rng.uniform(0.4, 2))
        pixels = np.asarray(Image.fromarray(pixels).filter(soft))
    return pixels
