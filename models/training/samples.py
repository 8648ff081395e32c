"""Training samples: scenes with their token ids and dense labels, each used a few times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from tokenizers import Tokenizer
from torch import Tensor

from models.training.network import GRID, IMAGE_SIDE, MAX_TOKENS
from models.training.network import MOST as SLOTS
from models.training.outliers import outlier
from models.training.scenes import Composer, Scene
from models.training.things import THINGS

BACKGROUND = len(THINGS)
_IGNORE = -1


@dataclass
class Batch:
    """Tensors of one step; see Store for what they hold."""

    images: Tensor
    tokens: Tensor
    cover: Tensor
    kinds: Tensor
    centres: Tensor
    dense: Tensor

    def patch_classes(self) -> Tensor:
        """Share of each patch that each class covers: float32 [batch, 64, classes + 1]."""
        shares = torch.zeros(len(self.images), GRID**2, BACKGROUND + 1)
        index = self.kinds[:, None, :].expand(-1, GRID**2, -1)
        shares.scatter_add_(2, index, self.cover)
        shares[:, :, BACKGROUND] += 1 - self.cover.sum(2)
        return shares

    def patch_objects(self) -> tuple[Tensor, Tensor, Tensor]:
        """About the object that covers most of each patch.

        Returns:
            float32 [batch, 64, 3]: the way to its centre (x, y) in picture sides, and 1 where the
            centre lies in the patch; int64 [batch, 64]: how many of its kind the picture has;
            float32 [batch, 64]: the share of the patch that it covers.
        """
        share, slot = self.cover.max(2)
        x = torch.gather(self.centres[:, :, 0], 1, slot)
        y = torch.gather(self.centres[:, :, 1], 1, slot)
        middle = (torch.arange(GRID) + 0.5) / GRID
        dx = x - middle.repeat(GRID)
        dy = y - middle.repeat_interleave(GRID)
        inside = (dx.abs() < 0.5 / GRID) & (dy.abs() < 0.5 / GRID)
        alike = (self.kinds[:, :, None] == self.kinds[:, None, :]).sum(2)
        return torch.stack([dx, dy, inside.float()], 2), alike.gather(1, slot), share


class Store:
    """A ring of composed samples; every step renews a part and draws a batch from the rest.

    Arrays by sample: images uint8 [128, 128, 3]; tokens int64 [MAX_TOKENS], end-of-text first and
    last, -1 beyond; cover float32 [64, SLOTS], share of each patch that each object covers; kinds
    [SLOTS]; centres float32 [SLOTS, 2], x and y as shares of the side; dense: 1 where the dense
    labels mean something.
    """

    def __init__(
        self, composer: Composer, tokenizer: Tokenizer, size: int, rank: int, ranks: int
    ) -> None:
        self.composer, self.tokenizer = composer, tokenizer
        self.end = tokenizer.token_to_id("<|endoftext|>")
        self.next, self.step = rank, ranks
        self.rng = np.random.default_rng([composer.seed, 3, rank])
        self.images = np.zeros((size, IMAGE_SIDE, IMAGE_SIDE, 3), np.uint8)
        self.tokens = np.full((size, MAX_TOKENS), _IGNORE, np.int64)
        self.cover = np.zeros((size, GRID**2, SLOTS), np.float32)
        self.kinds = np.full((size, SLOTS), BACKGROUND, np.int64)
        self.centres = np.zeros((size, SLOTS, 2), np.float32)
        self.dense = np.zeros(size, np.float32)
        self.sided = np.zeros(size, bool)
        self.place = 0
        self.filled = 0

    def skip_to(self, index: int) -> None:
        """Go on after a restart: with scenes that were not drawn yet, in a new order."""
        self.next += index
        self.rng = np.random.default_rng([self.composer.seed, 3, self.next])

    def renew(self, count: int, crowds: float, outliers: float) -> None:
        """Compose `count` new samples over the oldest; shares of crowds and outliers are 0..1."""
        for _ in range(count):
            chance = self.rng.random()
            if chance < crowds:
                self._put(self.composer.crowd(self.next))
            elif chance < crowds + outliers:
                image = outlier(self.composer, self.next)
                # The caption of some other scene: on average, what one would say unseeing.
                text = self.composer.text(2**32 + self.next)
                self._put(Scene(image, text, (), (), np.zeros((1, 1), np.uint8)))
            else:
                side = int(self.rng.choice([128, 192, 256], p=[0.7, 0.2, 0.1]))
                self._put(self.composer.scene(self.next, side=side))
            self.next += self.step

    def _put(self, scene: Scene) -> None:
        i = self.place
        self.place = (i + 1) % len(self.images)
        self.filled = max(self.filled, i + 1)
        self.images[i] = fit(scene.image)
        self.tokens[i] = _IGNORE
        if scene.caption:
            ids = [self.end, *self.tokenizer.encode(scene.caption).ids, self.end]
            self.tokens[i, : len(ids)] = ids
        self.sided[i] = " left " in scene.caption or " right " in scene.caption
        self.cover[i], self.centres[i] = _dense(scene.cover, len(scene.kinds))
        self.kinds[i] = BACKGROUND
        self.kinds[i, : len(scene.kinds)] = scene.kinds
        self.dense[i] = 1.0 if scene.kinds else 0.0

    def batch(self, size: int) -> Batch:
        """Draw samples; change light a little, mirror half of those whose caption allows it."""
        rows = self.rng.choice(self.filled, size, replace=False)
        images, cover = self.images[rows], self.cover[rows]
        centres = self.centres[rows]
        mirror = (self.rng.random(size) < 0.5) & ~self.sided[rows]
        images[mirror] = images[mirror][:, :, ::-1]
        grid = cover[mirror].reshape(-1, GRID, GRID, SLOTS)[:, :, ::-1]
        cover[mirror] = grid.reshape(-1, GRID**2, SLOTS)
        centres[mirror, :, 0] = 1 - centres[mirror, :, 0]
        tokens = self.tokens[rows]
        length = max(2, int((tokens >= 0).sum(1).max()))
        return Batch(
            torch.from_numpy(images),
            torch.from_numpy(tokens[:, :length]),
            torch.from_numpy(cover),
            torch.from_numpy(self.kinds[rows]),
            torch.from_numpy(centres),
            torch.from_numpy(self.dense[rows]),
        )


def fit(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Resize to the network's input as the image processor does: Pillow, bilinear."""
    if image.shape[0] == IMAGE_SIDE:
        return image
    size = (IMAGE_SIDE, IMAGE_SIDE)
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BILINEAR))


def _dense(cover: NDArray[np.uint8], objects: int) -> tuple[NDArray[np.float32], ...]:
    """Per-patch shares [64, SLOTS] and centres [SLOTS, 2] of what is seen of each object."""
    shares = np.zeros((GRID**2, SLOTS), np.float32)
    centres = np.zeros((SLOTS, 2), np.float32)
    if not objects:
        return shares, centres
    side = cover.shape[0]
    piece = side // GRID
    tiles = cover.reshape(GRID, piece, GRID, piece).transpose(0, 2, 1, 3).reshape(GRID**2, -1)
    across = (np.arange(GRID) + 0.5) / GRID
    for slot in range(objects):
        share = (tiles == slot + 1).mean(1, dtype=np.float32)
        shares[:, slot] = share
        grid = share.reshape(GRID, GRID)
        weight = max(float(share.sum()), 1e-6)
        centres[slot] = (grid.sum(0) @ across / weight, grid.sum(1) @ across / weight)
    return shares, centres
