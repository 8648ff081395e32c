"""The best continuations are those of the whole table of scores, which is never written down."""

import numpy as np
import pytest

from pycore.generation.continuations import Continuations, LogProbs
from pycore.generation.torch_topk import torch_top_k


def make(beams, vocab_size, seed, levels=None):
    """Return random continuations; with ``levels`` only so many values occur, so many are equal."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(beams, vocab_size)).astype(np.float32)
    if levels:
        logits = np.round(logits * levels) / np.float32(levels)
    normalizer = rng.normal(10, 1, size=(beams, 1)).astype(np.float32)
    beam_scores = rng.normal(-9, 0.5, size=(beams, 1)).astype(np.float32)
    return Continuations(LogProbs(logits, normalizer), beam_scores)


@pytest.mark.parametrize("vocab_size", [5, 64, 1000, 50257])
@pytest.mark.parametrize("beams", [1, 2, 4, 8])
@pytest.mark.parametrize("levels", [None, 4, 1000])
def test_best_is_the_top_of_the_table(beams, vocab_size, levels):
    for seed in range(5):
        continuations = make(beams, vocab_size, seed, levels)
        log_probs, beam_scores = continuations.log_probs, continuations.beam_scores
        table = ((log_probs.logits - log_probs.normalizer) + beam_scores).ravel()
        k = min(2 * beams, table.size)
        assert continuations.scores().tobytes() == table.tobytes()
        chosen = continuations.best(k)
        assert chosen.dtype == np.int64
        assert chosen.tolist() == torch_top_k(table, k)
        assert continuations.at(chosen).tobytes() == table[chosen].tobytes()


def test_excluded_continuations_come_last():
    continuations = make(2, 640, seed=1)
    continuations.log_probs.logits[:] = -np.inf
    continuations.log_probs.logits[1, 7] = 3.0
    continuations.log_probs.logits[0, 639] = 2.0
    assert set(continuations.best(4)[:2].tolist()) == {647, 639}


def test_logits_stay_as_they_are():
    continuations = make(4, 1000, seed=2)
    before = continuations.log_probs.logits.copy()
    continuations.log_probs.logits.flags.writeable = False
    continuations.best(8)
    assert (continuations.log_probs.logits == before).all()
