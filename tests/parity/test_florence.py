"""The tiny random Florence-2 on CPU onnxruntime, steered by Seesay, against PyTorch's transformers.

The expected values come from tests/fixtures/make_florence_fixtures.py.
"""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.florence.random_model import TINY_SIZE, write_tiny
from pycore.errors import ConfigurationError
from pycore.families import family_of
from pycore.generation import GenerationConfig, generate
from pycore.images.processor import ImageProcessor
from pycore.interfaces import FloatArray
from pycore.text.tokenizer import Tokenizer
from seesay import Captioner
from seesay.inference.florence_model import FlorenceModel
from seesay.models.models import ModelFolder
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


class FloatFiles(ModelFolder):
    """The same folder, with the graphs in float32."""

    def read_bytes(self, path: str) -> bytes:
        return super().read_bytes(path.replace("_quantized.onnx", ".onnx"))


def model_of(files: ModelFolder, **mends: bool) -> FlorenceModel:
    return FlorenceModel(files, files.read_json("config.json"), SIZE, 1, mends=mends)


@pytest.fixture(scope="module")
def model(folder: Path) -> FlorenceModel:
    return model_of(FloatFiles(folder))


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
    seen = seen_by(model, pixel_values)
    np.testing.assert_allclose(seen, reference["image_features"], atol=1e-4)


def seen_by(model: FlorenceModel, pixel_values: FloatArray) -> FloatArray:
    return np.concatenate(run_sync(model.encode(pixel_values)).features)


def seen_without_mends(files: ModelFolder, pixel_values: FloatArray, **mends: bool) -> FloatArray:
    """What the vision encoder makes of the images, with no mend but those named."""
    off = dict.fromkeys(("scales", "depthwise", "chunks", "gelus"), False)
    return seen_by(model_of(files, **{**off, **mends}), pixel_values)


def test_scales_as_they_were_frozen_spoil_the_features(
    folder: Path, pixel_values: FloatArray, reference: dict[str, FloatArray]
) -> None:
    """The defect of the official file: see docs/florence.md."""
    expected = reference["image_features"]
    spoilt = seen_without_mends(FloatFiles(folder), pixel_values)
    assert np.corrcoef(spoilt.ravel(), expected.ravel())[0, 1] < 0.97
    mended = seen_without_mends(FloatFiles(folder), pixel_values, scales=True)
    np.testing.assert_allclose(mended, expected, atol=1e-4)


def test_chunks_change_nothing_in_floats(folder: Path, pixel_values: FloatArray) -> None:
    whole = seen_without_mends(FloatFiles(folder), pixel_values)
    chunked = seen_without_mends(FloatFiles(folder), pixel_values, chunks=True)
    np.testing.assert_allclose(chunked, whole, atol=1e-5)


def test_all_mends_bring_the_quantised_features_nearer(
    folder: Path, model: FlorenceModel, pixel_values: FloatArray
) -> None:
    """On forty images: on three, chance weighs as much as a mend."""
    noise = np.random.default_rng(0).standard_normal((40, *pixel_values.shape[1:]))
    many = noise.astype(np.float32)
    expected = seen_by(model, many).ravel()
    mends = dict.fromkeys(("scales", "depthwise", "chunks", "gelus"), True)
    before = seen_without_mends(ModelFolder(folder), many)
    after = seen_without_mends(ModelFolder(folder), many, **mends)
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
def captioner(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Captioner]:
    """The Python API with the tiny model in float32, under the names of the quantised files."""
    copy = tmp_path_factory.mktemp("float") / "florence"
    shutil.copytree(folder, copy)
    for path in (copy / "onnx").glob("*_quantized.onnx"):
        path.with_name(path.name.replace("_quantized", "")).replace(path)
    with Captioner(model=str(copy), num_threads=1) as captioner:
        yield captioner


def png(index: int) -> bytes:
    file = io.BytesIO()
    images()[index].save(file, "PNG")
    return file.getvalue()


def test_one_look_serves_several_tasks(
    captioner: Captioner, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []
    run = FlorenceModel.encode

    async def encode(self: FlorenceModel, pixel_values: FloatArray, **options: bool) -> Any:
        looks.append(pixel_values.shape)
        return await run(self, pixel_values, **options)

    monkeypatch.setattr(FlorenceModel, "encode", encode)
    expected = [case for case in SEARCHES if case["options"].get("num_return_sequences") == 3]
    tasks: Any = list(PROMPTS)
    answers = captioner.answer(png(1), tasks, max_new_tokens=MAX_NEW_TOKENS)
    assert looks == [(1, 3, *SIZE)]
    assert [case["task"] for case in expected] == list(answers)
    for case, answer in zip(expected, answers.values(), strict=True):
        assert answer.caption == case["expected"][1][0]["text"].strip()


def test_a_caption_is_the_first_of_the_tasks(captioner: Captioner) -> None:
    """The model's own settings hold: three beams, no three tokens twice, forced ends."""
    result = captioner.caption(png(1), max_new_tokens=MAX_NEW_TOKENS)
    case = SEARCHES[1]
    assert case["options"] == {"num_beams": 3, "num_return_sequences": 3}
    ids = [token.id for token in result.candidates[0].tokens]
    assert ids == case["expected"][1][0]["ids"]


def test_a_prefix_is_written_on(captioner: Captioner) -> None:
    found = captioner.caption(png(1), prefix="a cat", max_new_tokens=MAX_NEW_TOKENS)
    assert found.caption.startswith("a cat")


def test_a_batch_says_what_single_images_say(captioner: Captioner) -> None:
    files = [png(index) for index in range(3)]
    ends = captioner.caption_all(files, batch_size=3, num_beams=1, max_new_tokens=8)
    for file, end in zip(files, ends, strict=True):
        alone = captioner.caption(file, num_beams=1, max_new_tokens=8)
        assert end.result is not None
        assert end.result.caption == alone.caption


def test_a_task_that_the_model_does_not_know_is_refused(captioner: Captioner) -> None:
    wrong: Any = ["sing"]
    with pytest.raises(ConfigurationError, match="cannot do 'sing'"):
        captioner.answer(png(0), wrong)
    with pytest.raises(ConfigurationError, match="cannot do 'text'"):
        captioner.answer(png(0), ["text"], model="starter")
