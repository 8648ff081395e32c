from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pycore.captioning.attention_map import decoder_inputs, map_words, patch_grid

GRID = (2, 3)


def rows(*patches: int, summaries: int = 1) -> Any:
    """Weights of tokens that look at one patch each, and a little at the summary tokens."""
    weights = np.zeros((len(patches), summaries + 6), dtype=np.float32)
    weights[:, :summaries] = 0.25
    weights[range(len(patches)), [summaries + patch for patch in patches]] = 0.5
    return weights


@pytest.mark.parametrize(
    ("config", "grid"),
    [
        ({"image_size": 224, "patch_size": 16}, (14, 14)),
        ({"image_size": [96, 128], "patch_size": 32}, (3, 4)),
        ({"image_size": 128, "patch_size": [16, 32]}, (8, 4)),
        ({"image_size": 224}, None),
        ({"image_size": 8, "patch_size": 16}, None),
        ({"image_size": 8, "patch_size": 0}, None),
        ({"image_size": "8", "patch_size": True}, None),
        ({"image_size": [8, 8, 8], "patch_size": 2}, None),
    ],
)
def test_patch_grid(config: dict[str, Any], grid: tuple[int, int] | None) -> None:
    assert patch_grid(config) == grid


def test_each_token_is_predicted_after_the_one_before_it() -> None:
    inputs = decoder_inputs(9, [(1, 2, 3), (4, 9)])
    assert inputs.dtype == np.int64
    assert inputs.tolist() == [[9, 1, 2], [9, 4, 0]]


@pytest.mark.parametrize("summaries", [0, 1, 2])
def test_words_gather_their_tokens(summaries: int) -> None:
    texts = ["a", " rhino", "ceros", " sleeps", ".", ""]
    found = map_words(rows(0, 1, 2, 3, 4, 5, summaries=summaries), texts, GRID)
    assert found is not None
    assert (found.height, found.width) == GRID
    assert [word.text for word in found.words] == ["a", "rhinoceros", "sleeps."]
    assert [word.weights for word in found.words] == [
        (1, 0, 0, 0, 0, 0),
        (0, 0.5, 0.5, 0, 0, 0),
        (0, 0, 0, 0.5, 0.5, 0),
    ]


def test_weights_sum_to_one() -> None:
    weights = np.random.default_rng(0).random((3, 7), dtype=np.float32)
    found = map_words(weights, ["two", " words", ""], GRID)
    assert found is not None
    for word in found.words:
        assert sum(word.weights) == pytest.approx(1, abs=1e-9)
        assert all(type(weight) is float for weight in word.weights)


def test_parts_of_characters_belong_to_the_word_they_complete() -> None:
    found = map_words(rows(0, 1, 2, 3), ["a", "", " \N{SNOWMAN}", " b"], GRID)
    assert found is not None
    assert [word.text for word in found.words] == ["a", "\N{SNOWMAN}", "b"]
    assert found.words[1].weights == (0, 0.5, 0.5, 0, 0, 0)


def test_one_token_of_two_words_and_a_word_that_comes_twice() -> None:
    found = map_words(rows(0, 1, 2), ["a b", " a", "b"], GRID)
    assert found is not None
    assert [word.text for word in found.words] == ["a", "b", "ab"]
    assert [word.weights.index(max(word.weights)) for word in found.words] == [0, 0, 1]
    assert found.words[2].weights == (0, 0.5, 0.5, 0, 0, 0)


def test_rows_of_padding_do_not_matter() -> None:
    padded = map_words(rows(0, 1, 5), ["a", " b"], GRID)
    assert padded == map_words(rows(0, 1), ["a", " b"], GRID)


def test_no_attention_on_the_image_is_spread_evenly() -> None:
    found = map_words(np.zeros((1, 6), np.float32), ["a"], GRID)
    assert found is not None
    assert found.words[0].weights == pytest.approx((1 / 6,) * 6)


@pytest.mark.parametrize("tokens", [5, 9, 50])
def test_encoders_of_another_kind_have_no_map(tokens: int) -> None:
    assert map_words(np.ones((1, tokens), np.float32), ["a"], GRID) is None


def test_no_words() -> None:
    found = map_words(rows(0), [""], GRID)
    assert found is not None
    assert found.words == ()
