"""Pictures as people show them: cut, scaled, compressed, photographed, or set on a plain ground."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from pycore.recognition.router import Kind


def variant(rng: np.random.Generator, kind: Kind, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Cut, scale and compress a picture as people do before they show it."""
    image = Image.fromarray(_repainted(rng, pixels) if kind == "text" else pixels)
    if rng.random() < 0.6:
        share = rng.uniform(0.5, 1, 2)
        width, height = (max(32, int(side * s)) for side, s in zip(image.size, share, strict=True))
        left = int(rng.integers(0, max(1, image.width - width)))
        top = int(rng.integers(0, max(1, image.height - height)))
        image = image.crop(
            (left, top, min(image.width, left + width), min(image.height, top + height))
        )
    if rng.random() < 0.6:
        # A page that is much smaller cannot be read, and is none.
        lower = 0.6 if kind == "text" else 128 / max(image.size)
        lower = min(lower, 0.9)
        # Small photographs are as many as large ones.
        upper = 1.0 if max(image.size) > 500 else 2.0
        factor = float(np.exp(rng.uniform(np.log(lower), np.log(upper))))
        method = Image.Resampling(int(rng.choice([1, 2, 3])))
        image = image.resize([max(32, round(side * factor)) for side in image.size], method)
    if rng.random() < 0.5:
        image = Image.fromarray(compressed(rng, np.asarray(image)))
    if rng.random() < 0.06:
        image = image.convert("L").convert("RGB")
    return np.asarray(image)


def _repainted(rng: np.random.Generator, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give a page other colours, and a plain margin: pages are not all black on white."""
    values = pixels.astype(np.float32)
    if rng.random() < 0.35:
        paper, ink = rng.uniform(150, 255, 3), rng.uniform(0, 70, 3)
        if rng.random() < 0.4:
            paper, ink = ink, paper
        values = (ink + (paper - ink) * values / 255).astype(np.float32)
    if rng.random() < 0.4:
        width = pixels.shape[1]
        share = int(rng.uniform(0.08, 0.35) * width)
        colour = rng.uniform(0, 255, 3)
        values[:, :share] = colour
        if rng.random() < 0.6:
            values[:, width - share :] = colour
    return values.astype(np.uint8)


def photographed(rng: np.random.Generator, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Show a page as a camera does: at a slant, in uneven light, a little blurred, with noise."""
    page = Image.fromarray(pixels)
    width, height = page.size
    part = rng.uniform(0.4, 0.9, 2)
    inset = rng.uniform(0, 0.07, 8) * np.tile([width, height], 4)
    left, top = (1 - part) * rng.random(2) * [width, height]
    right, bottom = [left, top] + part * [width, height]
    corners = np.array([left, top, left, bottom, right, bottom, right, top]) + inset * [
        1, 1, 1, -1, -1, -1, -1, 1
    ]  # fmt: skip
    size = (int(right - left), int(bottom - top))
    page = page.transform(
        size, Image.Transform.QUAD, corners.tolist(), Image.Resampling.BICUBIC
    ).filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 1.2)))
    light = Image.fromarray(rng.uniform(0.35, 1, (3, 3)).astype(np.float32))
    shade = np.asarray(light.resize(size, Image.Resampling.BICUBIC))[..., None].clip(0.2, 1)
    paper, ink = rng.uniform(0.75, 1) * np.array([1, rng.uniform(0.92, 1), 0.85]), 45
    values = shade * (ink + (paper * 255 - ink) * np.asarray(page, np.float32) / 255)
    values += rng.normal(0, rng.uniform(0.5, 5), values.shape)
    if rng.random() < 0.3:
        values[:] = values.mean(axis=2, keepdims=True)
    return values.clip(0, 255).astype(np.uint8)


def on_ground(
    rng: np.random.Generator, cutout: Image.Image, *, is_photograph: bool
) -> NDArray[np.uint8]:
    """Set a thing that was cut out on a plain ground.

    Photographs of things get shadows and noise at times, drawings never.

    Args:
        rng: of everything.
        cutout: mode RGBA.
        is_photograph: of the thing.
    """
    scale = float(np.exp(rng.uniform(np.log(0.5), np.log(1.6))))
    size = [max(24, round(side * scale)) for side in cutout.size]
    thing = cutout.resize(size, Image.Resampling.BICUBIC)
    width, height = (max(128, int(side * rng.uniform(1.05, 2))) for side in thing.size)
    left = int(rng.integers(0, max(1, width - thing.width)))
    top = int(rng.integers(0, max(1, height - thing.height)))
    image = Image.fromarray(_ground(rng, width, height))
    if is_photograph and rng.random() < 0.5:
        shadow = Image.new("L", (width, height))
        place = left + int(rng.integers(-6, 7)), top + int(rng.integers(0, 10))
        shadow.paste(thing.getchannel("A"), place)
        shadow = shadow.filter(ImageFilter.GaussianBlur(rng.uniform(3, 14)))
        faint = Image.fromarray((np.asarray(shadow) * 0.45).astype(np.uint8))
        image.paste(Image.new("RGB", (width, height)), (0, 0), faint)
    image.paste(thing, (left, top), thing)
    pixels = np.asarray(image)
    if is_photograph and rng.random() < 0.35:
        noise = rng.normal(0, rng.uniform(0.5, 4), pixels.shape)
        pixels = (pixels + noise).clip(0, 255).astype(np.uint8)
    return compressed(rng, pixels) if rng.random() < 0.7 else pixels


def _ground(rng: np.random.Generator, width: int, height: int) -> NDArray[np.uint8]:
    """White most often; else one colour, or one that changes into another."""
    kind, first = rng.random(), rng.uniform(0, 255, 3)
    if kind < 0.45:
        first = np.full(3, 255.0 if rng.random() < 0.6 else rng.uniform(246, 255))
    ground = np.broadcast_to(first, (height, width, 3))
    if kind >= 0.7:
        down = np.linspace(0, 1, height)[:, None, None] * rng.random()
        across = np.linspace(0, 1, width)[None, :, None] * rng.random()
        ground = ground + rng.normal(0, 35, 3) * (down + across)
    return ground.clip(0, 255).astype(np.uint8)


def compressed(rng: np.random.Generator, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture as it comes out of a JPEG file."""
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, "JPEG", quality=int(rng.integers(40, 95)))
    return np.asarray(Image.open(packed))
