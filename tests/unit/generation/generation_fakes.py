"""A decoder whose logits follow from the last two tokens by arithmetic.

The same numbers come out in any Python, so PyTorch's searches and Seesay's can be compared token
for token: ``tests/fixtures/make_generation_fixtures.py`` wraps ``Table`` for transformers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from pycore.errors import CancelledError
from pycore.interfaces import FloatArray, IntArray, StepOutput


def scattered(one: IntArray, other: IntArray) -> IntArray:
    """Return integers below 2**24 that look random but follow from two integers."""
    mixed = one.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed = mixed + other.astype(np.uint64) * np.uint64(0xBF58476D1CE4E5B9)
    for shift, factor in ((29, 0x94D049BB133111EB), (32, 0xD6E8FEB86659FD93)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return (mixed >> np.uint64(40)).astype(np.int64)


def noise_images(count: int, size: int) -> FloatArray:
    """Return pixel_values of images of noise: float32 (count, 3, size, size) in [-1, 1]."""
    index = np.arange(3 * size * size)
    noise = scattered(np.arange(count)[:, None] + 7, index) % 201
    return (noise / 100 - 1).astype(np.float32).reshape(count, 3, size, size)


@dataclass(frozen=True)
class Table:
    """Logits by image, last token but one, and last token.

    Attributes:
        vocab_size: the last token is the end token, and the start token too.
        levels: how many different logits there are; few make equal scores common.
        end_bonus: added to the end token's logit; high makes beams end early.
    """

    vocab_size: int
    levels: int
    end_bonus: float

    @property
    def end(self) -> int:
        return self.vocab_size - 1

    def logits(self, image: IntArray, sequences: IntArray) -> FloatArray:
        """Return float32 (rows, vocab_size) for image (rows,) and sequences (rows, length)."""
        last = sequences[:, -1]
        previous = sequences[:, -2] % 4 if sequences.shape[1] > 1 else np.zeros_like(last)
        state = (image * 1009 + previous * 101 + last * 37 + 1)[:, None]
        level = scattered(state, np.arange(self.vocab_size)) % self.levels
        logits = (level * (8 / self.levels) - 4).astype(np.float32)
        logits[:, self.end] += np.float32(self.end_bonus)
        return logits


TABLES = {
    "plain": Table(vocab_size=32, levels=65536, end_bonus=0.0),
    "early": Table(vocab_size=32, levels=65536, end_bonus=3.0),
    "ties": Table(vocab_size=32, levels=5, end_bonus=1.0),
    # Large enough for the other of PyTorch's two ways to pick the best.
    "large_ties": Table(vocab_size=1500, levels=9, end_bonus=3.0),
}


class TableSession:
    """A decoder session on a table; fails when the contract of ``DecoderSession`` is broken."""

    def __init__(self, table: Table, batch_size: int = 1) -> None:
        self._table = table
        self._image = np.arange(batch_size)
        self._sequences: IntArray | None = None
        self.steps: list[tuple[IntArray, IntArray | None]] = []
        self.released = False

    async def open(self, prompt_ids: Sequence[int] = ()) -> Self:
        """Be the one session about the images; see EncodedImages."""
        assert not prompt_ids
        return self

    async def step(self, input_ids: IntArray, beam_idx: IntArray | None = None) -> StepOutput:
        assert not self.released
        assert input_ids.dtype == np.int64
        assert input_ids.ndim == 2
        self.steps.append((input_ids, beam_idx))
        if self._sequences is None:
            assert beam_idx is None
            assert input_ids.shape[0] == self._image.size
            self._sequences = input_ids
        else:
            assert input_ids.shape[1] == 1
            rows = np.arange(self._image.size, dtype=np.int64) if beam_idx is None else beam_idx
            assert rows.dtype == np.int64
            assert rows.shape == (input_ids.shape[0],)
            self._image = self._image[rows]
            self._sequences = np.concatenate([self._sequences[rows], input_ids], axis=1)
        logits = self._table.logits(self._image, self._sequences)
        logits.flags.writeable = False  # it belongs to the session
        return StepOutput(logits)

    async def attend(self, input_ids: IntArray, images: IntArray) -> FloatArray | None:
        raise AssertionError("a search asks for no attention")

    def release(self) -> None:
        self.released = True


class ConstantSession(TableSession):
    """The same logits in every step."""

    def __init__(self, logits: FloatArray) -> None:
        super().__init__(Table(logits.size, 1, 0.0))
        self._row = logits.astype(np.float32)

    async def step(self, input_ids: IntArray, beam_idx: IntArray | None = None) -> StepOutput:
        await super().step(input_ids, beam_idx)
        return StepOutput(np.tile(self._row, (input_ids.shape[0], 1)))


class CancelAfter:
    """A cancel token that lets a number of checks pass."""

    def __init__(self, checks: int) -> None:
        self._left = checks

    def raise_if_cancelled(self) -> None:
        if self._left == 0:
            raise CancelledError
        self._left -= 1
