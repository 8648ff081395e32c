"""The starter's quantised graphs, steered by Seesay, against its float32 weights in PyTorch.

The expected values come from tests/fixtures/make_starter_fixtures.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.training.evaluate import caption_bytes
from models.training.onnx_model import captioner
from pycore.captioning.pipeline import ImageToText

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests" / "fixtures"
CASES = json.loads((FIXTURES / "starter" / "pytorch.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def starter() -> ImageToText:
    return captioner(ROOT / "models" / "starter")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["image"])
def test_tokens_and_text(case: dict[str, Any], starter: ImageToText) -> None:
    """The same tokens; probabilities differ by no more than int8 weights make them differ."""
    image = (FIXTURES / "scenes-128" / case["image"]).read_bytes()
    result = caption_bytes(starter, image)
    (candidate,) = result.candidates
    assert [token.id for token in candidate.tokens] == case["ids"]
    assert result.caption == case["text"]
    logprobs = [token.logprob for token in candidate.tokens]
    np.testing.assert_allclose(np.exp(logprobs), np.exp(case["logprobs"]), atol=0.1)
