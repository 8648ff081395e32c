"""The tiny random Florence-2 on CPU onnxruntime, steered by Seesay, against PyTorch's transformers.

The expected values come from tests/fixtures/make_florence_fixtures.py.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.florence.onnx_model import FlorenceModel, florence_captioner
from models.florence.random_model import TINY_SIZE, write_tiny
from pycore.captioning.pipeline import ImageToText
from pycore.errors import ConfigurationError
from pycore.families import family_of
from pycore.families.florence2 import davit_shape
from pycore.generation import GenerationConfig, generate
from pycore.images.processor import ImageProcessor
from pycore.interfaces import FloatArray
from pycore.text.tokenizer import Tokenizer
from tests.parity.florence_cases import DECODER_INPUT_IDS, MAX_NEW_TOKENS, PROMPTS, images
from tests.unit.helpers import run_sync

FIXTURES = Path(__file__).parents[1] / "fixtures" / "florence"
SEARCHES = json.loads((FIXTURES / "searches.json").read_text("utf-8"))
SIZE = (TINY_SIZE, TINY_SIZE)


@pytest.fixture(scope="module")
def reference() -> dict[str, FloatArray]:
    with np.load(FIXTURES / "tiny_model.npz") as arrays:
        return dict(arrays)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model, with its float32 graphs."""
    path = tmp_path_factory.mktemp("florence")
    write_tiny(path, keep_float=True)
    return path


def read(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text("utf-8"))


@pytest.fixture(scope="module")
def model(folder: Path) -> FlorenceModel:
    return FlorenceModel(folder, davit_shape(read(folder, "config.json"), SIZE), suffix="")


@pytest.fixture(scope="module")
def pixel_values(folder: Path) -> FloatArray:
    processor = ImageProcessor.from_config(read(folder, "preprocessor_config.json"))
    return np.concatenate([processor(image) for image in images()])


@pytest.fixture(scope="module")
def tokenizer(folder: Path) -> Tokenizer:
    return Tokenizer.from_json((folder / "tokenizer.json").read_bytes())


def test_pixel_values(pixel_values: FloatArray, reference: dict[str, FloatArray]) -> None:
    assert np.array_equal(pixel_values[:1], reference["pixel_values"])


def test_image_features(
    model: FlorenceModel, pixel_values: FloatArray, reference: dict[str, FloatArray]
) -> None:
    seen = run_sync(model.encode(pixel_values)).features
    np.testing.assert_allclose(seen, reference["image_features"], atol=1e-4)


def seen_by(folder: Path, suffix: str, pixel_values: FloatArray, **mends: bool) -> FloatArray:
    """What the vision encoder makes of the images, with no mend but those named."""
    every = {"scales": False, "depthwise": False, "chunks": False, **mends}
    shape = davit_shape(read(folder, "config.json"), SIZE)
    return run_sync(FlorenceModel(folder, shape, suffix, **every).encode(pixel_values)).features


def test_scales_as_they_were_frozen_spoil_the_features(
    folder: Path, pixel_values: FloatArray, reference: dict[str, FloatArray]
) -> None:
    """The defect of the official file: see docs/florence.md."""
    expected = reference["image_features"]
    spoilt = seen_by(folder, "", pixel_values)
    assert np.corrcoef(spoilt.ravel(), expected.ravel())[0, 1] < 0.97
    mended = seen_by(folder, "", pixel_values, scales=True)
    np.testing.assert_allclose(mended, expected, atol=1e-4)


def test_chunks_change_nothing_in_floats(folder: Path, pixel_values: FloatArray) -> None:
    whole = seen_by(folder, "", pixel_values)
    chunked = seen_by(folder, "", pixel_values, chunks=True)
    np.testing.assert_allclose(chunked, whole, atol=1e-5)


def test_all_mends_bring_the_quantised_features_nearer(
    folder: Path, pixel_values: FloatArray, reference: dict[str, FloatArray]
) -> None:
    expected = reference["image_features"].ravel()
    mends = {"scales": True, "depthwise": True, "chunks": True}
    before = seen_by(folder, "_quantized", pixel_values)
    after = seen_by(folder, "_quantized", pixel_values, **mends)
    before, after = (np.corrcoef(each.ravel(), expected)[0, 1] for each in (before, after))
    assert before < 0.94
    assert after > 0.96


@pytest.mark.parametrize("task", PROMPTS)
def test_logits(
    task: str,
    model: FlorenceModel,
    tokenizer: Tokenizer,
    pixel_values: FloatArray,
    reference: dict[str, FloatArray],
) -> None:
    seen = run_sync(model.encode(pixel_values))
    prompt = tokenizer.encode(f"<s>{PROMPTS[task]}</s>")
    session = run_sync(seen.open(prompt))
    for place, token in enumerate(DECODER_INPUT_IDS):
        logits = run_sync(session.step(np.full((len(pixel_values), 1), token))).logits
        np.testing.assert_allclose(logits, reference[f"logits_{task}"][:, place], atol=1e-3)
    whole = np.array([DECODER_INPUT_IDS] * len(pixel_values))
    logits = run_sync(run_sync(seen.open(prompt)).step(whole)).logits
    np.testing.assert_allclose(logits, reference[f"logits_{task}"][:, -1], atol=1e-3)


@pytest.mark.parametrize("case", SEARCHES, ids=lambda case: f"{case['task']} {case['options']}")
def test_tokens_scores_and_text(
    case: dict[str, Any],
    folder: Path,
    model: FlorenceModel,
    tokenizer: Tokenizer,
    pixel_values: FloatArray,
) -> None:
    """One look for each case; forced tokens at both ends come from the model's settings."""
    config_json = read(folder, "config.json")
    family = family_of(config_json)
    own = {"max_new_tokens": MAX_NEW_TOKENS, **case["options"]}
    config: GenerationConfig = family.generation_config(
        config_json, read(folder, "generation_config.json"), own
    )
    assert config.no_repeat_ngram_size == case["options"].get("no_repeat_ngram_size", 3)
    prompt = tokenizer.encode(f"<s>{PROMPTS[case['task']]}</s>")
    session = run_sync(run_sync(model.encode(pixel_values)).open(prompt))
    found = run_sync(generate(session, config, batch_size=len(pixel_values)))
    for hypotheses, expected in zip(found, case["expected"], strict=True):
        assert [list(each.token_ids) for each in hypotheses] == [e["ids"] for e in expected]
        for hypothesis, told in zip(hypotheses, expected, strict=True):
            assert tokenizer.decode(hypothesis.token_ids) == told["text"]
            if told["score"] is not None:
                assert hypothesis.score == pytest.approx(told["score"], abs=1e-3)


@pytest.fixture(scope="module")
def captioner(folder: Path) -> ImageToText:
    return florence_captioner(folder, suffix="")


class Watch:
    """What a call needs around it."""

    def __init__(self) -> None:
        self.progress: list[tuple[str, int, int]] = []

    def on_token(self, text: str, token: object) -> None:
        """See TokenCallback."""

    def on_progress(self, *stage: Any) -> None:
        self.progress.append(stage)

    def raise_if_cancelled(self) -> None:
        """Never."""


def answer(captioner: ImageToText, tasks: tuple[Any, ...], **options: Any) -> dict[Any, Any]:
    file = io.BytesIO()
    images()[1].save(file, "PNG")
    watch = Watch()
    return run_sync(
        captioner.answer(
            file.getvalue(),
            tasks,
            options={"max_new_tokens": MAX_NEW_TOKENS, **options},
            on_token=watch.on_token,
            on_progress=watch.on_progress,
            cancel=watch,
        )
    )


def test_one_look_serves_several_tasks(captioner: ImageToText) -> None:
    model: Any = captioner._model
    before = model.looks
    answers = answer(captioner, ("caption", "text"))
    assert model.looks == before + 1
    expected = [case for case in SEARCHES if case["options"].get("num_return_sequences") == 3]
    assert [case["task"] for case in expected] == list(answers)
    for case in expected:
        told = case["expected"][1][0]
        assert answers[case["task"]].caption == told["text"].strip()


def test_a_prefix_is_written_on(captioner: ImageToText) -> None:
    found = answer(captioner, ("caption",), prefix="a cat")["caption"]
    assert found.caption.startswith("a cat")


def test_a_task_that_the_model_does_not_know_is_refused(captioner: ImageToText) -> None:
    with pytest.raises(ConfigurationError, match="cannot do 'sing'"):
        answer(captioner, ("sing",))
