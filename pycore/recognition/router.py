"""Which of three kinds a picture is: a drawing, a photograph or a page of text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from pycore.errors import AssetError
from pycore.recognition.image_statistics import NAMES, measure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pycore.interfaces import FloatArray

Kind = Literal["drawing", "photograph", "text"]

KINDS: tuple[Kind, ...] = ("drawing", "photograph", "text")

LEAST_SHARP = 0.008
"""Share of sharp edges that a page of words has at least: those in training begin at 0.0092. Few
shapes in flat colours, which training lacks, have a third of that."""


@dataclass(frozen=True)
class Router:
    """A logistic regression on the statistics of a picture and their products.

    models/photo/router.py trains it and models/photo/router.json holds its numbers.

    Attributes:
        mean, deviation: of each statistic in training; float32, shape (statistics,).
        weights: float32, shape (features, kinds).
        bias: float32, shape (kinds,).
    """

    mean: FloatArray
    deviation: FloatArray
    weights: FloatArray
    bias: FloatArray

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Router:
        """Read router.json.

        Raises:
            AssetError: when it was trained on other statistics, or on other kinds.
        """
        parts = ("mean", "deviation", "weights", "bias")
        try:
            router = cls(**{part: np.array(data[part], np.float32) for part in parts})
            fits = tuple(data["statistics"]) == NAMES and tuple(data["kinds"]) == KINDS
            fits &= router.weights.shape == (features(router.mean[None]).shape[1], len(KINDS))
            fits &= router.bias.shape == (len(KINDS),)
        except (KeyError, TypeError, ValueError) as error:
            raise AssetError(
                "The numbers that tell photographs from drawings cannot be read. Reload the page.",
                detail=repr(error),
            ) from error
        if not fits:
            raise AssetError(
                "The numbers that tell photographs from drawings are of another version. "
                "Reload the page."
            )
        return router

    def shares(self, pixels: NDArray[np.uint8]) -> dict[Kind, float]:
        """Return how likely a picture is of each kind; 0 to 1, together 1.

        Args:
            pixels: uint8 of shape (height, width, 3), RGB, of any size.
        """
        if min(pixels.shape[:2]) < 2:  # nothing to compare neighbours with
            pixels = np.repeat(np.repeat(pixels, 2, axis=0), 2, axis=1)
        found = measure(pixels)
        scaled = (found - self.mean) / self.deviation
        logits = features(scaled[None])[0] @ self.weights + self.bias
        shares = np.exp(logits - logits.max())
        if found[NAMES.index("sharp")] < LEAST_SHARP:
            shares[KINDS.index("text")] = 0.0
        return dict(zip(KINDS, (shares / shares.sum()).tolist(), strict=True))

    def kind(self, pixels: NDArray[np.uint8]) -> Kind:
        """Return the likeliest kind of a picture; ``pixels`` as for ``shares``."""
        shares = self.shares(pixels)
        return max(KINDS, key=lambda kind: shares[kind])


def features(scaled: FloatArray) -> FloatArray:
    """Return scaled statistics and all products of two of them; float32 (pictures, features)."""
    clipped = np.clip(scaled, -4, 4)
    first, second = np.triu_indices(clipped.shape[1])
    return np.concatenate([clipped, clipped[:, first] * clipped[:, second]], axis=1)
