"""Fast pieces of arithmetic on whole vocabularies (50,257 scores a row, float32)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pycore.errors import InferenceError
from pycore.generation.torch_topk import torch_top_k

if TYPE_CHECKING:
    from collections.abc import Callable

    from pycore.interfaces import FloatArray, IntArray, StepOutput

_GROUP = 64
"""Values in a group of ``top_candidates``; between 32 and 256 the time hardly changes."""


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

    Args:
        scores: float32 of shape (n,) with n >= k, no NaN.
        k: how many, at least 1.

    Returns:
        int64 of shape (k,).
    """
    positions = top_candidates(scores[None], k, lambda part, _row: part)
    return best_of(positions, scores[positions], k, lambda: scores)


def top_candidates(
    rows: FloatArray, k: int, score: Callable[[FloatArray, IntArray], FloatArray]
) -> IntArray:
    """Return the positions of few scores that the ``k`` highest are among.

    A full sort or ``np.argpartition`` of a vocabulary takes milliseconds. Here the values are
    split into groups: the k-th highest score of a group's maximum is a lower bound for the k-th
    highest score, and only what reaches it is returned.

    Args:
        rows: float32 of shape (rows, width), no NaN.
        k: how many, at least 1.
        score: from some columns of rows, float32 (n, columns), and which rows they are of, int64
            (n,), to their scores. Within a row a higher value must not have a lower score.

    Returns:
        int64 of shape (at least k,), positions in the flattened rows, in no order.
    """
    count, width = rows.shape
    groups = width // _GROUP
    if count * groups <= k:
        return np.arange(rows.size)
    grouped = rows[:, : groups * _GROUP].reshape(count, _GROUP, groups)
    maxima = score(grouped.max(axis=1), np.arange(count))
    bound = np.partition(maxima, maxima.size - k, axis=None)[maxima.size - k]
    # Positions within the few groups that reach the bound, and in what no group has.
    row, group = np.nonzero(maxima >= bound)
    which, within = np.nonzero(score(grouped[row, :, group], row) >= bound)
    reaching = row[which] * width + within * groups + group[which]
    rest = np.arange(count)[:, None] * width + np.arange(groups * _GROUP, width)
    return np.concatenate([reaching, rest.ravel()])


def best_of(
    positions: IntArray, scores: FloatArray, k: int, all_scores: Callable[[], FloatArray]
) -> IntArray:
    """Return the positions of the ``k`` highest scores, best first, equal ones as PyTorch does.

    Args:
        positions: int64 of shape (n,), from ``top_candidates``.
        scores: float32 of shape (n,), at these positions.
        k: how many, at least 1.
        all_scores: asked, rarely, for the scores at all positions.

    Returns:
        int64 of shape (k,).
    """
    # One more than asked for, to see whether equal scores compete for the last place.
    best = np.argsort(-scores)[: k + 1]
    ordered = scores[best]
    if (ordered[1:] == ordered[:-1]).any():
        return np.array(torch_top_k(all_scores(), k), dtype=np.int64)
    return positions[best[:k]].astype(np.int64)  # indices have 32 bits in wasm
