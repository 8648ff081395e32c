"""Scenes: one to four things on a background, with the caption that says what is there."""

from __future__ import annotations

import io
import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from models.training import backgrounds
from models.training.captions import COLOURS, PLACES, caption, plain_background
from models.training.sprites import Sprites
from models.training.things import THINGS

_TOTAL_SHARES = (0.28, 0.30, 0.23, 0.19)
# How a total splits into kinds, with the share of each split.
_SPLITS: dict[int, tuple[tuple[tuple[int, ...], float], ...]] = {
    1: (((1,), 1.0),),
    2: (((2,), 0.35), ((1, 1), 0.65)),
    3: (((3,), 0.35), ((2, 1), 0.45), ((1, 1, 1), 0.20)),
    4: (((4,), 0.35), ((3, 1), 0.25), ((2, 2), 0.20), ((2, 1, 1), 0.15), ((1, 1, 1, 1), 0.05)),
}
# For training: more things of more kinds in a picture teach more in the same time.
_HARD_TOTAL_SHARES = (0.16, 0.24, 0.30, 0.30)
_HARD_SPLITS: dict[int, tuple[tuple[tuple[int, ...], float], ...]] = {
    1: (((1,), 1.0),),
    2: (((2,), 0.25), ((1, 1), 0.75)),
    3: (((3,), 0.20), ((2, 1), 0.35), ((1, 1, 1), 0.45)),
    4: (((4,), 0.23), ((3, 1), 0.28), ((2, 2), 0.12), ((2, 1, 1), 0.27), ((1, 1, 1, 1), 0.10)),
}
# Size of a thing as a share of the picture's side, by the number of things.
_SIZES = {1: (0.46, 0.76), 2: (0.36, 0.56), 3: (0.32, 0.44), 4: (0.30, 0.40)}


@dataclass(frozen=True)
class Scene:
    """One composed picture.

    Attributes:
        image: uint8 [side, side, 3], RGB.
        caption: what it shows.
        groups: (index into THINGS, count), in the order of THINGS.
        kinds: index into THINGS of each object drawn.
        cover: uint8 [side, side]; 0 for background, i + 1 where object i is on top.
    """

    image: NDArray[np.uint8]
    caption: str
    groups: tuple[tuple[int, int], ...]
    kinds: tuple[int, ...]
    cover: NDArray[np.uint8]


@dataclass(frozen=True)
class _Layout:
    """Where things go: sizes and centres as shares of the side, and what the caption says."""

    sizes: NDArray[np.float64]
    centres: NDArray[np.float64]
    relation: str = ""
    words: tuple[str, ...] = ()


class Composer:
    """Draws scenes; the same seed and index always give the same scene.

    A hard composer puts more things of more kinds in a picture.
    """

    def __init__(
        self, seed: int, variants: int = 24, sprites: Sprites | None = None, *, hard: bool = False
    ) -> None:
        self.seed = seed
        self.totals = _HARD_TOTAL_SHARES if hard else _TOTAL_SHARES
        self.splits = _HARD_SPLITS if hard else _SPLITS
        self.sprites = sprites or Sprites()
        self.backgrounds = backgrounds.pools(np.random.default_rng([seed, 2**31]), variants)

    def scene(self, index: int, *, side: int = 128) -> Scene:
        """Compose the scene of this index; side is in pixels."""
        rng = np.random.default_rng([self.seed, index])
        groups, layout, background, text = self._plan(rng)
        kinds = list(itertools.chain.from_iterable([k] * n for k, n in groups))
        image, cover = self._paint(rng, kinds, layout, background, side)
        return Scene(image, text, groups, tuple(kinds), cover)

    def text(self, index: int) -> str:
        """The caption of the scene of this index, without drawing it."""
        return self._plan(np.random.default_rng([self.seed, index]))[3]

    def _plan(
        self, rng: np.random.Generator
    ) -> tuple[tuple[tuple[int, int], ...], _Layout, str, str]:
        """Choose groups of things, their layout and the background; write the caption."""
        total = int(rng.choice(4, p=self.totals)) + 1
        splits, shares = zip(*self.splits[total], strict=True)
        split = splits[int(rng.choice(len(splits), p=shares))]
        chosen = sorted(int(k) for k in rng.choice(len(THINGS), len(split), replace=False))
        counts = [split[int(i)] for i in rng.permutation(len(split))]
        groups = tuple(zip(chosen, counts, strict=True))
        if total == 1:
            layout = _single(rng)
        elif split == (1, 1):
            layout = _pair(rng)
        else:
            layout = _spread(rng, total, _SIZES[total])
        if rng.random() < 0.6:
            phrase = background = PLACES[int(rng.integers(len(PLACES)))]
        else:
            background = COLOURS[int(rng.integers(len(COLOURS)))]
            phrase = plain_background(background)
        return groups, layout, background, caption(groups, phrase, layout.relation, layout.words)

    def crowd(self, index: int, *, side: int = 128, most: int = 6) -> Scene:
        """A scene of 3 to `most` things without a caption, for the encoder's first lessons."""
        rng = np.random.default_rng([self.seed, 1, index])
        total = int(rng.integers(3, most + 1))
        some = rng.choice(len(THINGS), int(rng.integers(2, total + 1)), replace=False)
        kinds = [int(k) for k in rng.choice(some, total)]
        layout = _spread(rng, total, (0.27, 0.42))
        key = (*PLACES, *COLOURS)[int(rng.integers(len(PLACES) + len(COLOURS)))]
        image, cover = self._paint(rng, kinds, layout, key, side)
        return Scene(image, "", (), tuple(kinds), cover)

    def background(self, rng: np.random.Generator, key: str, side: int) -> NDArray[np.float32]:
        """A random crop of a background; float32 [side, side, 3], 0..255."""
        pool = self.backgrounds[key]
        picture = pool[int(rng.integers(len(pool)))]
        size = float(rng.uniform(0.66, 1.0)) * picture.width
        left = float(rng.uniform(0, picture.width - size))
        # Horizons and floors must stay in view: crop the lower part only a little.
        top = float(rng.uniform(0, picture.height - size)) * 0.5
        box = (left, top, left + size, top + size)
        pixels = np.asarray(picture.resize((side, side), Image.Resampling.BILINEAR, box))
        if rng.random() < 0.5:
            pixels = pixels[:, ::-1]
        return pixels.astype(np.float32) * np.float32(rng.uniform(0.94, 1.04))

    def _paint(
        self,
        rng: np.random.Generator,
        kinds: list[int],
        layout: _Layout,
        background: str,
        side: int,
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        canvas = self.background(rng, background, side)
        cover = np.zeros((side, side), np.uint8)
        usual = {k: int(rng.integers(len(THINGS[k].emoji))) for k in kinds}
        for i in rng.permutation(len(kinds)):
            kind = kinds[i]
            mixed = rng.random() < 0.25
            variant = int(rng.integers(len(THINGS[kind].emoji))) if mixed else usual[kind]
            pixels = self.sprites.draw(rng, kind, variant, layout.sizes[i] * side)
            _paste(canvas, cover, pixels, layout.centres[i] * side, int(i) + 1)
        plain_colours = not any(THINGS[k].coloured for k in kinds)
        return _effects(rng, canvas, plain_colours and background in PLACES), cover


def _paste(
    canvas: NDArray[np.float32],
    cover: NDArray[np.uint8],
    pixels: NDArray[np.float32],
    centre: NDArray[np.float64],
    label: int,
) -> None:
    """Lay premultiplied pixels over the canvas, in place; what falls outside is cut off."""
    side = canvas.shape[0]
    height, width = pixels.shape[:2]
    left, top = round(centre[0] - width / 2), round(centre[1] - height / 2)
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + width, side), min(top + height, side)
    part = pixels[y0 - top : y1 - top, x0 - left : x1 - left]
    alpha = part[:, :, 3:]
    region = canvas[y0:y1, x0:x1]
    region *= 1 - alpha / 255
    region += part[:, :, :3]
    cover[y0:y1, x0:x1][alpha[:, :, 0] > 128] = label


def _single(rng: np.random.Generator) -> _Layout:
    chance = rng.random()
    if chance < 0.12:
        size, word = rng.uniform(0.84, 0.98), "large"
    elif chance < 0.24:
        size, word = rng.uniform(0.27, 0.35), "small"
    else:
        size, word = rng.uniform(*_SIZES[1]), ""
    room = max(0.02, 0.5 - size / 2)
    centre = 0.5 + rng.uniform(-room, room, 2)
    return _Layout(np.array([size]), centre[None], words=(word,))


def _pair(rng: np.random.Generator) -> _Layout:
    """Two single things: beside or above each other, of very different sizes, or diagonal."""
    chance = rng.random()
    sizes = rng.uniform(0.38, 0.52, 2)
    swap = -1.0 if rng.random() < 0.5 else 1.0
    if chance < 0.2:
        half = np.array([rng.uniform(0.23, 0.27), rng.uniform(-0.03, 0.03)])
        relation = "to the left of" if swap > 0 else "to the right of"
    elif chance < 0.4:
        half = np.array([rng.uniform(-0.03, 0.03), rng.uniform(0.23, 0.27)])
        relation = "above" if swap > 0 else "below"
    else:
        half = rng.uniform(0.17, 0.26, 2) * np.array([1.0, rng.choice([-1.0, 1.0])])
        relation = ""
    words: tuple[str, ...] = ()
    middle = 0.5 + rng.uniform(-0.03, 0.03, 2)
    if chance > 0.85:
        sizes = np.array([rng.uniform(0.62, 0.70), rng.uniform(0.27, 0.32)])
        words = ("large", "small")
        # The large one near its corner's side of the middle, the small one in the far corner.
        sign = np.sign(half)
        centres = np.stack([0.5 - sign * rng.uniform(0.12, 0.16, 2), 0.5 + sign * 0.32])
        if swap < 0:
            sizes, words, centres = sizes[::-1], words[::-1], centres[::-1]
        return _Layout(sizes, centres, "", words)
    centres = np.stack([middle - swap * half, middle + swap * half])
    return _Layout(sizes, centres, relation, words)


def _spread(rng: np.random.Generator, total: int, span: tuple[float, float]) -> _Layout:
    """Things anywhere, mostly apart; at times neighbours cover each other a little."""
    sizes = rng.uniform(*span, total)
    gap = 0.45 if rng.random() < 0.25 else 0.54
    for attempt in itertools.count():
        if attempt % 40 == 39:
            sizes = sizes * 0.96
        room = 0.5 - sizes * 0.44
        centres = 0.5 + rng.uniform(-1, 1, (total, 2)) * room[:, None]
        away = np.hypot(*(centres[:, None] - centres[None]).transpose(2, 0, 1))
        if (away + np.eye(total) * 9 > gap * (sizes[:, None] + sizes[None])).all():
            break
    return _Layout(sizes, centres)


def _effects(
    rng: np.random.Generator, canvas: NDArray[np.float32], colour_free: bool
) -> NDArray[np.uint8]:
    """Change the whole picture at times: blur, noise, light, few colours, grey, compression."""
    chance = rng.random(7)
    if chance[0] < 0.3:
        canvas = canvas * np.float32(rng.uniform(0.82, 1.12)) + np.float32(rng.uniform(-12, 12))
    if chance[1] < 0.12:
        canvas = canvas + rng.normal(0, rng.uniform(3, 14), canvas.shape).astype(np.float32)
    if colour_free and chance[2] < 0.04:
        grey = canvas @ np.array([[0.299], [0.587], [0.114]], np.float32)
        canvas = np.repeat(grey, 3, axis=2)
    if chance[3] < 0.03:
        step = np.float32(rng.uniform(30, 60))
        canvas = np.round(canvas / step) * step
    pixels = np.clip(canvas, 0, 255).astype(np.uint8)
    if chance[4] < 0.10:
        blur = ImageFilter.GaussianBlur(rng.uniform(0.3, 0.9) * len(pixels) / 128)
        pixels = np.asarray(Image.fromarray(pixels).filter(blur))
    if chance[5] < 0.05:
        packed = io.BytesIO()
        Image.fromarray(pixels).save(packed, "JPEG", quality=int(rng.integers(30, 80)))
        pixels = np.asarray(Image.open(packed))
    return pixels
