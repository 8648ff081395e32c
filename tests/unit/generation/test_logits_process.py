from __future__ import annotations

import numpy as np
import pytest

from pycore.errors import ConfigurationError, InferenceError
from pycore.generation import GenerationConfig
from pycore.generation.logits_process import logits_processors
from pycore.generation.numerics import logsumexp, top_k
from pycore.generation.torch_topk import torch_top_k
from pycore.interfaces import FloatArray


def processed(scores: list[list[float]], ids: list[list[int]], **options: object) -> FloatArray:
    array = np.array(scores, dtype=np.float32)
    config = GenerationConfig(decoder_start_token_id=0, eos_token_ids=(0,)).with_options(options)
    for process in logits_processors(config):
        process(np.array(ids, dtype=np.int64), array)
    return array


def test_nothing_is_processed_by_default() -> None:
    assert logits_processors(GenerationConfig(decoder_start_token_id=0)) == []


def test_repetition_penalty_counts_each_token_once() -> None:
    scores = processed([[2.0, -2.0, 1.0, 3.0]], [[0, 1, 1]], repetition_penalty=2.0)
    assert scores.tolist() == [[1.0, -4.0, 1.0, 3.0]]


def test_no_repeat_ngram_works_row_by_row() -> None:
    zeros = [[0.0] * 5] * 2
    scores = processed(zeros, [[0, 1, 2, 1], [0, 3, 3, 3]], no_repeat_ngram_size=2)
    assert np.isneginf(scores).tolist() == [
        [False, False, True, False, False],
        [False, False, False, True, False],
    ]


def test_ngrams_longer_than_the_sequence_forbid_nothing() -> None:
    assert processed([[0.0] * 3], [[0, 1]], no_repeat_ngram_size=4).tolist() == [[0.0] * 3]


def test_bad_words_of_one_and_more_tokens() -> None:
    bad_words = [[1], [2, 3], [2, 4, 4]]
    scores = processed([[0.0] * 6] * 2, [[0, 5, 2], [0, 2, 4]], bad_words_ids=bad_words)
    assert np.flatnonzero(np.isneginf(scores[0])).tolist() == [1, 3]
    assert np.flatnonzero(np.isneginf(scores[1])).tolist() == [1, 4]


def test_a_bad_word_outside_the_vocabulary_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="token 7; this model has 3"):
        processed([[0.0] * 3], [[0]], bad_words_ids=[[1, 7]])


def test_the_first_and_the_last_token_are_forced() -> None:
    config = GenerationConfig(
        decoder_start_token_id=2, forced_bos_token_id=0, forced_eos_token_ids=(2,), max_length=4
    )
    allowed = []
    for tokens in ([2], [2, 0], [2, 0, 1]):
        scores = np.ones((1, 3), dtype=np.float32)
        for process in logits_processors(config):
            process(np.array([tokens]), scores)
        allowed.append(scores.tolist()[0])
    low = -np.inf
    assert allowed == [[0, low, low], [1, 1, 1], [low, low, 0]]


def test_the_end_is_forbidden_until_enough_tokens_are_there() -> None:
    for tokens, forbidden in (([0, 5], True), ([0, 5, 5], False)):
        scores = processed([[0.0] * 6], [tokens], min_new_tokens=2)
        assert bool(np.isneginf(scores[0, 0])) == forbidden


def test_logsumexp_survives_large_and_excluded_logits() -> None:
    logits = np.array([[1000.0, 1000.0, -np.inf], [-1e4, -1e4, -1e4]], dtype=np.float32)
    expected = [1000 + np.log(2), -1e4 + np.log(3)]
    assert logsumexp(logits)[:, 0].tolist() == pytest.approx(expected, rel=1e-6)
    assert logsumexp(logits).dtype == np.float32


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_logits_that_are_not_numbers_are_an_error_of_the_model(value: float) -> None:
    with pytest.raises(InferenceError, match="not numbers"):
        logsumexp(np.array([[0.0, value]], dtype=np.float32))


@pytest.mark.parametrize("size", [5, 64, 700, 50257])
@pytest.mark.parametrize("k", [1, 4, 5])
def test_top_k_is_the_head_of_a_sort(size: int, k: int) -> None:
    scores = np.random.default_rng(size).permutation(size).astype(np.float32)
    assert top_k(scores, k).tolist() == np.argsort(-scores)[:k].tolist()


@pytest.mark.parametrize("size", [6, 100, 3000])
@pytest.mark.parametrize("levels", [1, 3, 50])
def test_equal_scores_are_taken_as_pytorch_does(size: int, levels: int) -> None:
    """The order is PyTorch's own (see test_generation_parity); here: is it a top k at all?"""
    scores = np.random.default_rng(size).integers(0, levels, size).astype(np.float32)
    for k in (1, 2, 5):
        positions = torch_top_k(scores, k)
        assert len(set(positions)) == k
        assert scores[positions].tolist() == sorted(scores.tolist(), reverse=True)[:k]
        assert top_k(scores, k).tolist() == positions or levels == 50


def test_order_of_equal_scores_in_pytorch() -> None:
    """Values from torch.topk, PyTorch 2.13, CPU."""
    ones = np.zeros(300, dtype=np.float32)
    ones[::7] = 1
    assert top_k(np.zeros(12, dtype=np.float32), 4).tolist() == [9, 7, 8, 6]
    assert top_k(np.zeros(200, dtype=np.float32), 4).tolist() == [133, 134, 135, 132]
    assert top_k(np.zeros(2000, dtype=np.float32), 4).tolist() == [1, 3, 0, 2]
    assert top_k(ones, 4).tolist() == [14, 7, 21, 0]


def test_top_k_of_excluded_scores() -> None:
    scores = np.full(1000, -np.inf, dtype=np.float32)
    scores[[7, 900]] = 1.0, 2.0
    assert top_k(scores, 4)[:2].tolist() == [900, 7]
