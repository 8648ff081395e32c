"""All that an image's beams may go on with, and the best of it.

Four beams have 200,000 continuations. Their scores are worked out only where they are looked at:
to write them all down takes longer than everything else between two steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pycore.generation.numerics import best_of, top_candidates

if TYPE_CHECKING:
    from pycore.interfaces import FloatArray, IntArray


class LogProbs(NamedTuple):
    """Log-probabilities of the next token, left as a difference.

    Attributes:
        logits: float32 of shape (rows, vocab_size).
        normalizer: float32 of shape (rows, 1), to be subtracted.
    """

    logits: FloatArray
    normalizer: FloatArray

    def of(self, rows: slice | IntArray) -> LogProbs:
        """Return those of some rows, in this order."""
        return LogProbs(self.logits[rows], self.normalizer[rows])


@dataclass(frozen=True, slots=True)
class Continuations:
    """The continuations of some beams; a position counts them beam by beam.

    A continuation's score is its log-probability plus its beam's score, in the roundings of
    transformers: what is equal there must be equal here.

    Attributes:
        log_probs: of each beam's next token, processed.
        beam_scores: float32 of shape (beams, 1).
    """

    log_probs: LogProbs
    beam_scores: FloatArray

    def best(self, k: int) -> IntArray:
        """Return the positions of the ``k`` highest scores, best first; see ``numerics.top_k``."""
        positions = top_candidates(self.log_probs.logits, k, self._scores)
        return best_of(positions, self.at(positions), k, self.scores)

    def at(self, positions: IntArray) -> FloatArray:
        """Return the scores at some positions."""
        logits = self.log_probs.logits
        beam, token = np.divmod(positions, logits.shape[1])
        return self._scores(logits[beam, token][:, None], beam)[:, 0]

    def scores(self) -> FloatArray:
        """Return all scores, float32 of shape (beams * vocab_size,)."""
        beams = np.arange(self.beam_scores.shape[0])
        return self._scores(self.log_probs.logits, beams).ravel()

    def _scores(self, logits: FloatArray, beam: IntArray) -> FloatArray:
        """Return the scores of rows of logits that belong to some beams."""
        scores: FloatArray = logits - self.log_probs.normalizer[beam]
        scores += self.beam_scores[beam]
        return scores
