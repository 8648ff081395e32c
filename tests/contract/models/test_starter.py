"""The starter model's folder: layout, size, settings, and captions of scenes it never saw."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from models.training.captions import parse
from models.training.evaluate import caption_bytes, photographs
from models.training.onnx_model import captioner

ROOT = Path(__file__).resolve().parents[3]
STARTER = ROOT / "models" / "starter"
SCENES = ROOT / "tests" / "fixtures" / "scenes"
FILES = {
    "README.md",
    "config.json",
    "generation_config.json",
    "preprocessor_config.json",
    "seesay.json",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "onnx/decoder_model_merged_quantized.onnx",
    "onnx/encoder_model_quantized.onnx",
}


@pytest.fixture(scope="module")
def starter():
    return captioner(STARTER)


def read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((STARTER / name).read_text(encoding="utf-8"))
    return content


def test_folder_has_hub_layout_and_at_most_8_megabytes():
    paths = [path for path in STARTER.rglob("*") if path.is_file()]
    assert {path.relative_to(STARTER).as_posix() for path in paths} == FILES
    assert sum(path.stat().st_size for path in paths) <= 8_000_000


def test_settings_agree_with_each_other():
    config, generation = read("config.json"), read("generation_config.json")
    tokens = read("tokenizer.json")["model"]["vocab"]
    assert config["model_type"] == "vision-encoder-decoder"
    assert config["decoder"]["vocab_size"] == len(tokens)
    assert generation["max_new_tokens"] < config["decoder"]["n_positions"]
    end = tokens[read("special_tokens_map.json")["eos_token"]]
    names = ("bos_token_id", "decoder_start_token_id", "eos_token_id", "pad_token_id")
    assert [generation[name] for name in names] == [end] * 4
    side = config["encoder"]["image_size"]
    assert read("preprocessor_config.json")["size"] == {"height": side, "width": side}
    assert 0 < read("seesay.json")["confidence_threshold"] < 1


def test_scenes_are_captioned_right_and_with_confidence(starter):
    captions = json.loads((SCENES / "captions.json").read_text(encoding="utf-8"))
    assert len(captions) >= 6
    for name, wanted in captions.items():
        result = caption_bytes(starter, (SCENES / name).read_bytes())
        assert parse(result.caption) == parse(wanted), name
        assert not result.flagged, name


def test_photographs_are_flagged(starter):
    results = photographs(starter, ROOT / "tests" / "fixtures" / "photos")
    assert len(results) == 10
    assert sum(result.flagged for _, result in results) >= 9
