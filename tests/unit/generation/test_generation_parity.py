"""Seesay's searches against PyTorch's transformers, token for token.

The expected values come from tests/fixtures/make_generation_fixtures.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pycore.generation import GenerationConfig, Hypothesis, generate
from pycore.generation.logits_process import logits_processors
from tests.unit.generation.generation_fakes import TABLES, TableSession
from tests.unit.helpers import run_sync

FOLDER = Path(__file__).parents[2] / "fixtures" / "generation"
SEARCHES: list[dict[str, Any]] = json.loads((FOLDER / "search.json").read_text("utf-8"))
WARPERS: list[dict[str, Any]] = json.loads((FOLDER / "warpers.json").read_text("utf-8"))
MAX_NEW_TOKENS = 10


def search_id(case: dict[str, Any]) -> str:
    names = (
        f"{name}={value}" if isinstance(value, (int, float, str)) else name
        for name, value in case["options"].items()
    )
    return f"{case['table']}:{','.join(names)}"


def configured(case: dict[str, Any]) -> GenerationConfig:
    options = dict(case["options"])
    end = TABLES[case["table"]].end
    ends = options.pop("eos_token_id", end)
    limit = {} if "max_length" in options else {"max_new_tokens": MAX_NEW_TOKENS}
    model = GenerationConfig.from_model(
        {"decoder": {}}, {"decoder_start_token_id": end, "eos_token_id": ends}
    )
    return model.with_options(limit | options)


def check_hypotheses(found: list[Hypothesis], expected: list[dict[str, Any]]) -> None:
    assert [list(hypothesis.token_ids) for hypothesis in found] == [e["ids"] for e in expected]
    for hypothesis, reference in zip(found, expected, strict=True):
        assert hypothesis.logprobs == pytest.approx(reference["logprobs"], abs=1e-4)
        if reference["score"] is not None:
            assert hypothesis.score == pytest.approx(reference["score"], abs=1e-4)


@pytest.mark.parametrize("case", SEARCHES, ids=search_id)
def test_batch_of_images_gives_the_tokens_of_transformers(case: dict[str, Any]) -> None:
    batch_size = len(case["expected"])
    session = TableSession(TABLES[case["table"]], batch_size)
    found = run_sync(generate(session, configured(case), batch_size=batch_size))
    for hypotheses, expected in zip(found, case["expected"], strict=True):
        check_hypotheses(hypotheses, expected)


def test_fixtures_hold_what_they_are_for() -> None:
    """The cases would prove little if beams never ended early or scores were never equal."""
    plain = [case["expected"] for case in SEARCHES if case["table"] == "early"]
    lengths = {len(h["ids"]) for images in plain for image in images for h in image}
    assert lengths >= {1, 2, 3, MAX_NEW_TOKENS}
    for name in ("ties", "large_ties"):
        logits = TABLES[name].logits(np.array([0]), np.array([[3, 5]]))[0, :-1]
        assert (logits == logits.max()).sum() > 2


@pytest.mark.parametrize("case", WARPERS[1:], ids=lambda case: str(case["options"]))
def test_sampling_filters_keep_the_same_tokens(case: dict[str, Any]) -> None:
    options = case["options"]
    # Beam search with one end token keeps at least two; with none, at least one.
    config = GenerationConfig(
        decoder_start_token_id=0,
        eos_token_ids=(0,) if options["num_beams"] == 2 else (),
        do_sample=True,
        **options,
    )
    scores = np.array(WARPERS[0]["logits"], dtype=np.float32)
    for process in logits_processors(config):
        process(np.zeros((len(scores), 1), dtype=np.int64), scores)
    assert [np.flatnonzero(row > -np.inf).tolist() for row in scores] == case["kept"]
