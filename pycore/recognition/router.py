"""Which of three kinds a picture is: a drawing, a photograph or a page of text."""

from __future__ import annotations

from dataclasses import dataclass, fields
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
"""Share of sharp edges that a page of words has at least: screenshots in training begin at 0.0092,
and what is blurred more cannot be read. A few shapes in flat colours have a third of that."""


@dataclass(frozen=True)
class Router:
    """A network with one hidden layer, on the statistics of a picture.

    models/photo/router.py trains it and models/photo/router.json holds its numbers.

    Attributes:
        mean, deviation: of each statistic in training; float32, shape (statistics,).
        hidden_weights: float32, shape (statistics, units).
        hidden_bias: float32, shape (units,).
        weights: float32, shape (units, kinds).
        bias: float32, shape (kinds,).
    """

    mean: FloatArray
    deviation: FloatArray
    hidden_weights: FloatArray
    hidden_bias: FloatArray
    weights: FloatArray
    bias: FloatArray

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Router:
        """Read router.json.

        Raises:
            AssetError: when it was trained on other statistics, or on other kinds.
        """
        try:
            router = cls(
                **{part.name: np.array(data[part.name], np.float32) for part in fields(cls)}
            )
            fits = tuple(data["statistics"]) == NAMES and tuple(data["kinds"]) == KINDS
            fits &= router.logits(np.zeros((1, len(NAMES)), np.float32)).shape == (1, len(KINDS))
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

    def logits(self, statistics: FloatArray) -> FloatArray:
        """Return what the network makes of pictures' statistics.

        Args:
            statistics: float32 (pictures, statistics).

        Returns:
            float32 (pictures, kinds).
        """
        scaled = np.clip((statistics - self.mean) / self.deviation, -4, 4)
        hidden = np.tanh(scaled @ self.hidden_weights + self.hidden_bias)
        return np.asarray(hidden @ self.weights + self.bias, np.float32)

    def shares(self, pixels: NDArray[np.uint8]) -> dict[Kind, float]:
        """Return how likely a picture is of each kind; 0 to 1, together 1.

        Args:
            pixels: uint8 of shape (height, width, 3), RGB, of any size.
        """
        if min(pixels.shape[:2]) < 2:  # nothing to compare neighbours with
            pixels = np.repeat(np.repeat(pixels, 2, axis=0), 2, axis=1)
        found = measure(pixels)
        (logits,) = self.logits(found[np.newaxis])
        shares = np.exp(logits - logits.max())
        if found[NAMES.index("sharp")] < LEAST_SHARP:
            shares[KINDS.index("text")] = 0.0
        return dict(zip(KINDS, (shares / shares.sum()).tolist(), strict=True))

    def kind(self, pixels: NDArray[np.uint8]) -> Kind:
        """Return the likeliest kind of a picture; ``pixels`` as for ``shares``."""
        return likeliest(self.shares(pixels))


def likeliest(shares: Mapping[Kind, float]) -> Kind:
    """Return the kind that a picture is most likely of; see ``Router.shares``."""
    return max(KINDS, key=lambda kind: shares[kind])
