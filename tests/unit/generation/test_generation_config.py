from __future__ import annotations

from typing import Any

import pytest

from pycore.errors import ConfigurationError, UnsupportedModelError
from pycore.generation import OPTION_NAMES, GenerationConfig

MODEL_CONFIG: dict[str, Any] = {
    "decoder_start_token_id": 9,
    "eos_token_id": 9,
    "pad_token_id": 9,
    "decoder": {
        "n_positions": 64,
        "max_length": 20,
        "num_beams": 1,
        "top_k": 50,
        "bos_token_id": 8,
    },
}
BASE = GenerationConfig.from_model(MODEL_CONFIG)


def test_twenty_new_tokens_without_any_limit() -> None:
    assert BASE.total_length == 21
    assert BASE.with_options({"prefix_ids": [1, 2]}).total_length == 23
    assert BASE.start_ids == (9,)


def test_default_length_stays_within_the_positions() -> None:
    model = MODEL_CONFIG | {"decoder": {"n_positions": 16}}
    assert GenerationConfig.from_model(model).total_length == 16


def test_max_length_counts_the_start_and_max_new_tokens_does_not() -> None:
    assert BASE.with_options({"max_length": 16}).total_length == 16
    assert BASE.with_options({"max_new_tokens": 16}).total_length == 17
    prefixed = {"prefix_ids": [1, 2, 3]}
    assert BASE.with_options({"max_length": 16, **prefixed}).total_length == 16
    assert BASE.with_options({"max_new_tokens": 16, **prefixed}).total_length == 20


def test_the_newest_limit_replaces_the_other_kind() -> None:
    recipe = BASE.with_options({"max_length": 16, "min_length": 5})
    changed = recipe.with_options({"max_new_tokens": 4, "min_new_tokens": 2})
    assert changed.total_length == 5
    assert changed.min_length == 0
    back = changed.with_options({"max_length": 10, "min_length": 3})
    assert back.total_length == 10
    assert back.min_new_tokens == 0


def test_generation_config_goes_before_config() -> None:
    model = MODEL_CONFIG | {"num_beams": 3, "max_length": 30}
    assert GenerationConfig.from_model(model).num_beams == 3
    assert GenerationConfig.from_model(model).total_length == 30
    own = {"num_beams": 2, "eos_token_id": [9, 4], "transformers_version": "4.57.6"}
    config = GenerationConfig.from_model(model, own)
    assert (config.num_beams, config.total_length) == (2, 21)
    assert config.eos_token_ids == (9, 4)
    assert config.decoder_start_token_id == 9


def test_tokens_are_looked_up_in_all_files() -> None:
    config = GenerationConfig.from_model({"decoder": {"bos_token_id": 8, "eos_token_id": 7}}, {})
    assert config.decoder_start_token_id == 8
    assert config.eos_token_ids == (7,)
    with pytest.raises(UnsupportedModelError, match="which token a caption starts with"):
        GenerationConfig.from_model({"decoder": {}}, {})


def test_defaults_go_before_the_models_own_settings() -> None:
    config = GenerationConfig.from_model(
        MODEL_CONFIG, {"num_beams": 2}, {"num_beams": 4, "num_return_sequences": 4}
    )
    assert (config.num_beams, config.num_return_sequences) == (4, 4)


def test_fewer_beams_lower_the_number_of_captions_unless_it_was_asked_for() -> None:
    recipe = BASE.with_options({"num_beams": 4, "num_return_sequences": 4})
    assert recipe.with_options({"num_beams": 2}).num_return_sequences == 2
    assert recipe.with_options({"num_beams": 1}).num_return_sequences == 1
    assert recipe.with_options({"num_beams": 1, "do_sample": True}).num_return_sequences == 4
    with pytest.raises(ConfigurationError, match="num_beams is 2"):
        recipe.with_options({"num_beams": 2, "num_return_sequences": 3})


def test_beam_settings_of_the_recipe_do_not_stand_in_the_way_of_greedy_search() -> None:
    recipe = BASE.with_options({"num_beams": 4, "early_stopping": True})
    assert recipe.with_options({"num_beams": 1}).num_beams == 1


def test_sampling_returns_several_captions_without_beams() -> None:
    config = BASE.with_options({"do_sample": True, "num_return_sequences": 5})
    assert config.num_return_sequences == 5
    assert config.with_options({"temperature": 0.5}).num_return_sequences == 5


def test_none_means_not_given() -> None:
    assert BASE.with_options(dict.fromkeys(OPTION_NAMES)) == BASE


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"num_beam": 2}, "There is no option named num_beam."),
        ({"num_beams": 0}, "num_beams must be a whole number from 1 to 32; it is 0."),
        ({"num_beams": 33}, "from 1 to 32"),
        ({"num_beams": 2.0}, "whole number"),
        ({"num_beams": True}, "whole number"),
        ({"num_beams": "2"}, "whole number"),
        ({"num_return_sequences": 2}, "num_return_sequences is 2, but only as many"),
        ({"length_penalty": float("nan")}, "length_penalty must be a number from -10 and up to 10"),
        ({"length_penalty": "1"}, "must be a number"),
        ({"early_stopping": "always"}, 'true, false or "never"'),
        ({"early_stopping": True}, "early_stopping only works with num_beams above 1."),
        ({"early_stopping": "never"}, "num_beams above 1"),
        ({"max_new_tokens": 0}, "from 1 to"),
        ({"max_new_tokens": 64}, "sequences of 65 tokens; this model has room for 64"),
        ({"max_length": 1}, "the start of the caption alone takes 1 tokens"),
        ({"max_length": 4, "prefix_ids": [1, 2, 3]}, "alone takes 4 tokens"),
        ({"max_length": 9, "max_new_tokens": 9}, "Give max_new_tokens or max_length, not both."),
        ({"min_length": 9, "min_new_tokens": 9}, "Give min_new_tokens or min_length, not both."),
        ({"min_new_tokens": 21}, "least number of tokens asked for is above the most"),
        ({"min_length": 5, "max_length": 4}, "least number"),
        ({"no_repeat_ngram_size": -1}, "no_repeat_ngram_size must be"),
        ({"repetition_penalty": 0}, "repetition_penalty must be a number above 0"),
        ({"bad_words_ids": [[]]}, "none of them empty"),
        ({"bad_words_ids": 3}, "list of lists"),
        ({"bad_words_ids": [[-1]]}, "whole number"),
        ({"do_sample": 1}, "do_sample must be true or false; it is 1."),
        ({"temperature": 0.5}, "temperature only works with do_sample"),
        ({"top_k": 5}, "top_k only works with do_sample"),
        ({"top_p": 0.5}, "top_p only works with do_sample"),
        ({"seed": 5}, "seed only works with do_sample"),
        ({"do_sample": True, "temperature": 0}, "temperature must be a number above 0"),
        ({"do_sample": True, "top_p": 0}, "top_p must be a number above 0"),
        ({"do_sample": True, "top_p": 1.1}, "up to 1"),
        ({"do_sample": True, "seed": -1}, "seed must be"),
        ({"do_sample": True, "num_beams": 2, "num_return_sequences": 3}, "num_beams is 2"),
    ],
)
def test_impossible_options_are_refused_with_a_sentence(
    options: dict[str, object], sentence: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        BASE.with_options(options)
    assert sentence in caught.value.message


@pytest.mark.parametrize(
    "settings",
    [
        {"num_beam_groups": 2},
        {"diversity_penalty": 0.5},
        {"encoder_no_repeat_ngram_size": 2},
        {"suppress_tokens": [3]},
        {"typical_p": 0.9},
        {"penalty_alpha": 0.6},
    ],
)
def test_models_that_ask_for_unknown_arts_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(UnsupportedModelError, match=f"ask for {next(iter(settings))}"):
        GenerationConfig.from_model(MODEL_CONFIG, settings)


def test_neutral_values_of_unknown_arts_are_fine() -> None:
    neutral = {"num_beam_groups": 1, "diversity_penalty": 0.0, "suppress_tokens": None}
    assert GenerationConfig.from_model(MODEL_CONFIG, neutral) == BASE


def test_broken_settings_files_are_the_models_fault() -> None:
    with pytest.raises(UnsupportedModelError, match="settings cannot be used"):
        GenerationConfig.from_model(MODEL_CONFIG, {"num_beams": -1})


@pytest.mark.parametrize(
    "change",
    [
        {"decoder": 3},
        {"decoder": ["gpt2"]},
        {"decoder": {**MODEL_CONFIG["decoder"], "n_positions": "1024"}},
        {"decoder": {**MODEL_CONFIG["decoder"], "n_positions": [1]}},
        {"decoder_start_token_id": []},
        {"decoder_start_token_id": {}},
        {"forced_bos_token_id": []},
        {"eos_token_id": 1.5},
    ],
)
def test_settings_of_the_wrong_kind_are_the_models_fault(change: dict[str, object]) -> None:
    with pytest.raises(UnsupportedModelError, match="settings cannot be used"):
        GenerationConfig.from_model({**MODEL_CONFIG, **change})


@pytest.mark.parametrize("file", [[], [1], "x", 3, True])
def test_a_settings_file_that_is_no_object(file: Any) -> None:
    with pytest.raises(UnsupportedModelError, match="settings cannot be used"):
        GenerationConfig.from_model(MODEL_CONFIG, file)


def test_forced_tokens_are_the_models_own() -> None:
    own = {"forced_bos_token_id": 0, "forced_eos_token_id": 2}
    config = GenerationConfig.from_model(MODEL_CONFIG, own)
    assert (config.forced_bos_token_id, config.forced_eos_token_ids) == (0, (2,))
    with pytest.raises(ConfigurationError, match="no option named forced_bos_token_id"):
        config.with_options({"forced_bos_token_id": 1})


def test_a_prefix_stands_after_the_token_that_is_forced_to_come_first() -> None:
    config = GenerationConfig.from_model(MODEL_CONFIG, {"forced_bos_token_id": 0})
    assert config.start_ids == (9,)
    prefixed = config.with_options({"prefix_ids": [5, 6], "max_new_tokens": 4})
    assert prefixed.start_ids == (9, 0, 5, 6)
    assert prefixed.total_length == 8
