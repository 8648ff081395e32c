from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from pycore.errors import CancelledError, ConfigurationError, InferenceError
from pycore.generation import GenerationConfig, Partial, generate
from tests.unit.generation.generation_fakes import (
    TABLES,
    CancelAfter,
    ConstantSession,
    TableSession,
)
from tests.unit.helpers import run_sync

TABLE = TABLES["early"]
CONFIG = GenerationConfig(
    decoder_start_token_id=TABLE.end, eos_token_ids=(TABLE.end,), max_new_tokens=8
)
LOGITS = np.log(np.array([0.5, 0.25, 0.125, 0.0625, 0.0625]))


def test_greedy_feeds_the_whole_start_and_then_one_token_a_step() -> None:
    session = TableSession(TABLE)
    config = CONFIG.with_options({"prefix_ids": [3, 4], "min_new_tokens": 3, "max_new_tokens": 3})
    (found,) = run_sync(generate(session, config))[0]
    assert [ids.tolist() for ids, _ in session.steps] == [
        [[TABLE.end, 3, 4]],
        [[found.token_ids[0]]],
        [[found.token_ids[1]]],
    ]
    assert all(beam_idx is None for _, beam_idx in session.steps)


def test_complete_rows_leave_the_batch() -> None:
    session = TableSession(TABLE, 3)
    found = run_sync(generate(session, CONFIG, batch_size=3))
    lengths = [len(hypotheses[0].token_ids) for hypotheses in found]
    assert len(set(lengths)) > 1  # or the test would show nothing
    rows = [ids.shape[0] for ids, _ in session.steps]
    assert rows == [sum(length > step for length in lengths) for step in range(max(lengths))]


def test_finished_images_leave_the_beam_batch() -> None:
    session = TableSession(TABLE, 3)
    run_sync(generate(session, CONFIG.with_options({"num_beams": 2}), batch_size=3))
    rows = [ids.shape[0] for ids, _ in session.steps]
    assert rows[:2] == [3, 6]
    assert rows[-1] < 6
    assert sorted(rows[1:], reverse=True) == rows[1:]


@pytest.mark.parametrize("num_beams", [1, 3])
def test_an_image_in_a_batch_gets_the_caption_it_gets_alone(num_beams: int) -> None:
    config = CONFIG.with_options({"num_beams": num_beams, "num_return_sequences": num_beams})
    together = run_sync(generate(TableSession(TABLE, 3), config, batch_size=3))
    assert together[:1] == run_sync(generate(TableSession(TABLE, 1), config))
    assert together[:2] == run_sync(generate(TableSession(TABLE, 2), config, batch_size=2))


def test_the_session_keeps_its_logits_and_is_not_released() -> None:
    session = TableSession(TABLE)  # its arrays are read-only
    options = {"repetition_penalty": 1.5, "min_new_tokens": 3, "bad_words_ids": [[2]]}
    for beams in (1, 2):
        run_sync(
            generate(TableSession(TABLE), CONFIG.with_options({**options, "num_beams": beams}))
        )
    assert not session.released


@pytest.mark.parametrize("num_beams", [1, 4])
def test_scores_are_sums_of_logprobs_over_length_to_the_penalty(num_beams: int) -> None:
    options = {"num_beams": num_beams, "length_penalty": 0.7}
    for hypothesis in run_sync(generate(TableSession(TABLE), CONFIG.with_options(options)))[0]:
        length = len(hypothesis.token_ids)
        assert len(hypothesis.logprobs) == length
        assert hypothesis.score == pytest.approx(sum(hypothesis.logprobs) / length**0.7, rel=1e-5)


def test_logprobs_are_the_models_own_whatever_the_rules() -> None:
    options = {"bad_words_ids": [[0]], "max_new_tokens": 2, "repetition_penalty": 1.5}
    config = GenerationConfig(decoder_start_token_id=4, eos_token_ids=(4,))
    for extra in ({}, {"num_beams": 2}):
        session = ConstantSession(LOGITS)
        (best,) = run_sync(generate(session, config.with_options(options | extra)))[0]
        assert best.token_ids[0] == 1
        expected = [LOGITS[token] for token in best.token_ids]
        assert best.logprobs == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("num_beams", [1, 4])
def test_each_step_reports_the_leading_sequence(num_beams: int) -> None:
    reports: list[Sequence[Partial]] = []
    session = TableSession(TABLE)
    config = CONFIG.with_options({"num_beams": num_beams, "min_new_tokens": 4})
    (best,) = run_sync(generate(session, config, on_step=reports.append))[0]
    assert len(reports) == len(session.steps)
    assert [len(report[0].token_ids) for report in reports] == list(range(1, len(reports) + 1))
    assert all(report[0].image == 0 and report[0].logprob <= 0 for report in reports)
    if num_beams == 1:
        assert reports[-1][0].token_ids == best.token_ids
        assert tuple(report[0].logprob for report in reports) == best.logprobs


@pytest.mark.parametrize("num_beams", [1, 2])
def test_cancelling_takes_effect_before_the_next_step(num_beams: int) -> None:
    session = TableSession(TABLE)
    config = CONFIG.with_options({"num_beams": num_beams, "min_new_tokens": 6})
    with pytest.raises(CancelledError):
        run_sync(generate(session, config, cancel=CancelAfter(2)))
    assert len(session.steps) == 2


@pytest.mark.parametrize(
    "options",
    [{}, {"num_beams": 2}, {"do_sample": True}, {"do_sample": True, "top_p": 0.5, "num_beams": 2}],
)
def test_options_that_rule_out_every_word_are_refused(options: dict[str, object]) -> None:
    config = GenerationConfig(decoder_start_token_id=4, eos_token_ids=(4,)).with_options(
        {"bad_words_ids": [[0], [1], [2], [3]], "min_new_tokens": 2, **options}
    )
    with pytest.raises(ConfigurationError, match="rule out every word"):
        run_sync(generate(ConstantSession(LOGITS), config))


def test_fewer_captions_where_fewer_are_allowed() -> None:
    config = GenerationConfig(decoder_start_token_id=4, eos_token_ids=(4,)).with_options(
        {"bad_words_ids": [[0], [1], [2]], "num_beams": 4, "num_return_sequences": 4}
        | {"max_new_tokens": 2}
    )
    (found,) = run_sync(generate(ConstantSession(LOGITS), config))
    assert {hypothesis.token_ids for hypothesis in found} == {(4,), (3, 4), (3, 3)}


@pytest.mark.parametrize("num_beams", [1, 2])
def test_logits_that_are_not_numbers_stop_generation(num_beams: int) -> None:
    config = GenerationConfig(decoder_start_token_id=0, num_beams=num_beams)
    with pytest.raises(InferenceError):
        run_sync(generate(ConstantSession(np.array([0.0, np.nan])), config))


def draws(count: int, **options: object) -> np.ndarray:
    """Return how often each token is drawn first, as shares."""
    config = GenerationConfig(decoder_start_token_id=0).with_options(
        {"do_sample": True, "max_new_tokens": 1, "seed": 3, "num_return_sequences": 32, **options}
    )
    tokens = [
        hypothesis.token_ids[0]
        for seed in range(count // 32)
        for hypothesis in run_sync(
            generate(ConstantSession(LOGITS), config.with_options({"seed": seed}))
        )[0]
    ]
    return np.bincount(tokens, minlength=LOGITS.size) / len(tokens)


def test_samples_follow_the_distribution() -> None:
    assert draws(4096) == pytest.approx(np.exp(LOGITS), abs=0.025)


def test_temperature_top_k_and_top_p_shape_the_distribution() -> None:
    sharp = np.exp(LOGITS) ** 2
    assert draws(4096, temperature=0.5) == pytest.approx(sharp / sharp.sum(), abs=0.025)
    assert draws(4096, top_k=2) == pytest.approx([2 / 3, 1 / 3, 0, 0, 0], abs=0.025)
    assert draws(4096, top_p=0.7) == pytest.approx([2 / 3, 1 / 3, 0, 0, 0], abs=0.025)


def test_a_seed_fixes_the_samples() -> None:
    config = CONFIG.with_options({"do_sample": True, "num_return_sequences": 4, "seed": 5})
    first, again = (run_sync(generate(TableSession(TABLE), config)) for _ in range(2))
    assert first == again
    other = run_sync(generate(TableSession(TABLE), config.with_options({"seed": 6})))
    assert other != first
    unseeded = config.with_options({"seed": None})
    assert unseeded.seed == 5  # None means "not given"


def test_without_a_seed_draws_differ() -> None:
    config = CONFIG.with_options({"do_sample": True, "num_return_sequences": 16, "top_k": 0})
    first, again = (run_sync(generate(TableSession(TABLE), config)) for _ in range(2))
    assert first != again


def test_beam_sampling_draws_beams_without_replacement() -> None:
    """Over one step the first beam of two is drawn as a plain sample would be."""
    config = GenerationConfig(decoder_start_token_id=0).with_options(
        {"do_sample": True, "num_beams": 2, "num_return_sequences": 2, "max_new_tokens": 1}
    )
    drawn = np.zeros((LOGITS.size, LOGITS.size))
    for seed in range(1500):
        found = run_sync(generate(ConstantSession(LOGITS), config.with_options({"seed": seed})))[0]
        drawn[tuple(sorted(hypothesis.token_ids[0] for hypothesis in found))] += 1
    shares = drawn / drawn.sum()
    assert np.trace(shares) == 0
    p = np.exp(LOGITS)
    expected = p[0] * p[1] / (1 - p[0]) + p[1] * p[0] / (1 - p[1])
    assert shares[0, 1] == pytest.approx(expected, abs=0.04)
