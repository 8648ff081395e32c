"""Drawing tokens at random, reproducibly.

The draws follow the same distributions as transformers'; the numbers come from NumPy's PCG64, so
the tokens for a given seed are Seesay's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pycore.generation.numerics import top_k
from pycore.generation.options import nothing_allowed

if TYPE_CHECKING:
    from pycore.generation.continuations import Continuations
    from pycore.interfaces import FloatArray, IntArray


class Sampler:
    """Draws from scores with one seeded generator.

    Attributes:
        rng: the source of randomness; each draw advances it.
    """

    def __init__(self, seed: int | None) -> None:
        self.rng = np.random.Generator(np.random.PCG64(seed))

    def draw_tokens(self, scores: FloatArray) -> IntArray:
        """Draw one token for each row from the softmax of its scores.

        Args:
            scores: float32 of shape (rows, vocab_size); -inf excludes a token.

        Returns:
            int64 of shape (rows,).

        Raises:
            ConfigurationError: when the options exclude every token.
        """
        return np.array([self._draw_one(row) for row in scores], dtype=np.int64)

    def _draw_one(self, scores: FloatArray) -> int:
        allowed = np.flatnonzero(scores > -np.inf)
        if not allowed.size:
            raise nothing_allowed()
        weights = np.exp(scores[allowed] - scores[allowed].max(), dtype=np.float64)
        cumulative = np.cumsum(weights)
        # random() is below 1, so the point lies below the total and hits a positive weight.
        point = self.rng.random() * cumulative[-1]
        return int(allowed[np.searchsorted(cumulative, point, side="right")])

    def draw_continuations(self, continuations: Continuations, k: int) -> IntArray:
        """Draw ``k`` positions without replacement from the softmax of the scores, in order.

        Adding Gumbel noise to log-probabilities and taking the best k draws without replacement.
        Source: Kool, van Hoof, Welling: Stochastic Beams and Where to Find Them (2019).

        Args:
            continuations: at least k; those with a score of -inf are drawn last.
            k: how many.

        Returns:
            int64 of shape (k,), in the order drawn.
        """
        scores = continuations.scores()
        allowed = np.flatnonzero(scores > -np.inf)
        noisy = np.full(scores.shape, -np.inf, dtype=np.float32)
        noisy[allowed] = scores[allowed] + self.rng.gumbel(size=allowed.size)
        return top_k(noisy, k)
