"""The tiny random model on CPU onnxruntime, steered by Seesay, against PyTorch's transformers.

The expected values come from tests/fixtures/make_generation_fixtures.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.random_model import write_tiny
from models.training.onnx_model import OnnxModel
from pycore.generation import GenerationConfig, generate
from pycore.interfaces import FloatArray
from pycore.text.tokenizer import Tokenizer
from tests.unit.generation.generation_fakes import noise_images
from tests.unit.helpers import run_sync

FIXTURES = Path(__file__).parents[1] / "fixtures"
LOGITS, *SEARCHES = json.loads((FIXTURES / "generation" / "tiny_model.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model, with its float32 graphs."""
    path = tmp_path_factory.mktemp("tiny")
    write_tiny(path, keep_float=True)
    return path


@pytest.fixture(scope="module")
def model(folder: Path) -> OnnxModel:
    return OnnxModel(folder, suffix="")


@pytest.fixture(scope="module")
def pixel_values(folder: Path) -> FloatArray:
    config = json.loads((folder / "config.json").read_text("utf-8"))
    return noise_images(len(LOGITS["logits"]), config["encoder"]["image_size"])


def test_logits(model: OnnxModel, pixel_values: FloatArray) -> None:
    """Once in one step, once token by token with caches."""
    ids = np.array([LOGITS["decoder_input_ids"]])
    for image, expected in enumerate(LOGITS["logits"]):
        own = pixel_values[image : image + 1]
        whole = run_sync(run_sync(run_sync(model.encode(own)).open()).step(ids)).logits
        session = run_sync(run_sync(model.encode(own)).open())
        for token in ids.T[:, None]:
            stepwise = run_sync(session.step(token)).logits
        for logits in (whole, stepwise):
            np.testing.assert_allclose(logits[0], expected, atol=2e-4)


@pytest.mark.parametrize("case", SEARCHES, ids=lambda case: str(case["options"]))
def test_tokens_scores_and_text(
    case: dict[str, Any], folder: Path, model: OnnxModel, pixel_values: FloatArray
) -> None:
    config_json, generation_json = (
        json.loads((folder / name).read_text("utf-8"))
        for name in ("config.json", "generation_config.json")
    )
    own = {"max_new_tokens": 10, **case["options"]}
    config = GenerationConfig.from_model(config_json, generation_json, own)
    tokenizer = Tokenizer.from_json((folder / "tokenizer.json").read_bytes())
    for image, expected in enumerate(case["expected"]):
        session = run_sync(run_sync(model.encode(pixel_values[image : image + 1])).open())
        (found,) = run_sync(generate(session, config))
        assert [list(hypothesis.token_ids) for hypothesis in found] == [e["ids"] for e in expected]
        for hypothesis, reference in zip(found, expected, strict=True):
            assert tokenizer.decode(hypothesis.token_ids) == reference["text"]
            if reference["score"] is not None:
                assert hypothesis.score == pytest.approx(reference["score"], abs=1e-4)
