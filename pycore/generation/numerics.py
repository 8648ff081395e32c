"""Fast pieces of arithmetic on whole vocabularies (50,257 scores a row, float32)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pycore.errors import InferenceError
from pycore.generation.tie_order import torch_top_k

if TYPE_CHECKING:
    from pycore.interfaces import FloatArray, IntArray, StepOutput

_GROUP = 64
"""Scores in a group of ``top_k``; between 32 and 256 the time hardly changes."""


def log_normalizer(output: StepOutput) -> FloatArray:
    """Return what turns logits into the model's log-probabilities when it is subtracted.

    Args:
        output: of a decoder step.

    Returns:
        float32 of shape (batch, 1).

    Raises:
        InferenceError: when a row holds NaN or +inf, or nothing but -inf.
    """
    if output.logsumexp is None:
        return logsumexp(output.logits)
    _check_finite(output.logsumexp)
    return output.logsumexp


def logsumexp(logits: FloatArray) -> FloatArray:
    """Return the logarithm of the sum of exponentials of each row.

    ``logits - logsumexp(logits)`` is the log-softmax; callers that need only some of its entries
    subtract only there.

    Args:
        logits: float32 of shape (rows, vocab_size), unbounded; -inf is allowed.

    Returns:
        float32 of shape (rows, 1).

    Raises:
        InferenceError: when a row holds NaN or +inf, or nothing but -inf.
    """
    highest = logits.max(axis=-1, keepdims=True)
    _check_finite(highest)
    shifted = logits - highest
    np.exp(shifted, out=shifted)
    total: FloatArray = np.log(shifted.sum(axis=-1, keepdims=True, dtype=np.float32))
    total += highest
    return total


def _check_finite(rows: FloatArray) -> None:
    """Refuse logits that are no numbers.

    Raises:
        InferenceError: when what stands for a row is not finite.
    """
    if not np.isfinite(rows).all():
        raise InferenceError(
            "The model gave values that are not numbers. Reload the page and try again.",
            detail=f"each row's largest logit, or their sum: {rows.ravel().tolist()}",
        )


def top_k(scores: FloatArray, k: int) -> IntArray:
    """Return the positions of the ``k`` highest scores, best first, equal ones as PyTorch does.

    A full sort or ``np.argpartition`` of a vocabulary takes milliseconds. Here the scores are
    split into groups: the k-th highest group maximum is a lower bound for the k-th highest score,
    and only the few scores that reach it are sorted.

    Args:
        scores: float32 of shape (n,) with n >= k, no NaN.
        k: how many, at least 1.

    Returns:
        int64 of shape (k,).
    """
    groups = scores.size // _GROUP
    if groups > k:
        grouped = scores[: groups * _GROUP].reshape(_GROUP, groups)
        maxima = grouped.max(axis=0)
        bound = np.partition(maxima, groups - k)[groups - k]
        # Positions within the few groups that reach the bound, and in what no group has.
        reaching = np.flatnonzero(maxima >= bound)
        within, which = np.nonzero(grouped[:, reaching] >= bound)
        rest = np.arange(grouped.size, scores.size)
        candidates = np.concatenate([within * groups + reaching[which], rest])
    else:
        candidates = np.arange(scores.size)
    # One more than asked for, to see whether equal scores compete for the last place.
    best = candidates[np.argsort(-scores[candidates])[: k + 1]]
    ordered = scores[best]
    if (ordered[1:] == ordered[:-1]).any():
        return np.array(torch_top_k(scores, k), dtype=np.int64)
    return best[:k].astype(np.int64)  # indices have 32 bits in wasm
