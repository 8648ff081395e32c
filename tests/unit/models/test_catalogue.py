"""The catalogue: entries as data, references checked strictly."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import Any

import pytest

from pycore.errors import AssetError, ConfigurationError, UnsupportedModelError
from pycore.models.catalogue import (
    FLORENCE_2,
    HUB_ENTRIES,
    VIT_GPT2,
    ModelEntry,
    ModelFile,
    check_model_config,
    entry_of,
    starter_entry,
)
from pycore.models.layouts import FLORENCE2_PATHS, RUNTIME_PATHS, runtime_paths
from pycore.models.reference import ModelReference, parse_model_reference, resolve_url
from tests.unit.images.image_samples import FIXTURES

COMMIT = "0123456789abcdef0123456789abcdef01234567"
OFFICIAL = FIXTURES / "vit-gpt2-image-captioning"
FILES = [ModelFile(path, 10, "0" * 64) for path in RUNTIME_PATHS]


def test_files_tell_the_layout() -> None:
    """A Florence-2 has all files of the others, and two more."""
    assert runtime_paths(RUNTIME_PATHS, "o/n") == RUNTIME_PATHS
    assert runtime_paths([*FLORENCE2_PATHS, "README.md"], "o/n") == FLORENCE2_PATHS
    with pytest.raises(UnsupportedModelError, match=r"o/n has no tokenizer\.json"):
        runtime_paths([path for path in RUNTIME_PATHS if path != "tokenizer.json"], "o/n")


def test_entries_are_complete() -> None:
    for name, entry in HUB_ENTRIES.items():
        assert entry.id == name
        assert {file.path for file in entry.files} >= set(RUNTIME_PATHS)
        for file in entry.files:
            assert re.fullmatch("[0-9a-f]{64}", file.sha256)
            assert file.size_bytes > 0
        assert ModelReference(entry.repository, entry.revision).is_pinned
        assert parse_model_reference(f"{entry.repository}@{entry.revision}")
        assert entry.licence
        assert 0 < entry.confidence_threshold < 1


def test_the_official_model() -> None:
    assert FLORENCE_2.size_bytes == 277_470_179
    assert VIT_GPT2.size_bytes == 248_167_043
    assert dict(VIT_GPT2.generation) == {
        "num_beams": 4,
        "max_length": 16,
        "num_return_sequences": 4,
    }


@pytest.mark.parametrize("file", VIT_GPT2.files[:4], ids=lambda file: file.path)
def test_the_official_model_is_the_one_in_the_fixtures(file: ModelFile) -> None:
    data = (OFFICIAL / file.path).read_bytes()
    assert (len(data), sha256(data).hexdigest()) == (file.size_bytes, file.sha256)


def _assets(*names: str) -> dict[str, Any]:
    urls = [f"models/starter/{name}" for name in names]
    return {"model": [{"url": url, "size_bytes": 5, "sha256": "a" * 64} for url in urls]}


def test_the_starter_is_made_from_what_the_build_wrote() -> None:
    entry = starter_entry(_assets("config.json", "onnx/x.onnx"), {"confidence_threshold": 0.7})
    assert [file.path for file in entry.files] == ["config.json", "onnx/x.onnx"]
    assert entry.size_bytes == 10
    assert entry.confidence_threshold == 0.7
    assert entry.base_url == "models/starter/"
    assert re.fullmatch("[0-9a-f]{40}", entry.revision)


def test_the_starter_has_another_revision_when_a_file_changes() -> None:
    def revision(assets: dict[str, Any]) -> str:
        return starter_entry(assets, {"confidence_threshold": 0.5}).revision

    assets = _assets("config.json", "onnx/x.onnx")
    before = revision(assets)
    assert revision({"model": assets["model"][::-1]}) == before
    assets["model"][0]["sha256"] = "b" * 64
    assert revision(assets) != before


@pytest.mark.parametrize(
    ("assets", "settings"),
    [
        ({}, {"confidence_threshold": 0.5}),
        ({"model": [{"url": "models/starter/x"}]}, {"confidence_threshold": 0.5}),
        ({"model": [None]}, {"confidence_threshold": 0.5}),
        ({"model": []}, {}),
        ({"model": []}, {"confidence_threshold": "high"}),
        ({"model": []}, {"confidence_threshold": None}),
    ],
    ids=str,
)
def test_a_damaged_description_of_the_starter(
    assets: dict[str, Any], settings: dict[str, Any]
) -> None:
    with pytest.raises(AssetError, match="built-in model's description is damaged"):
        starter_entry(assets, settings)


@pytest.mark.parametrize(
    "revision", [COMMIT, "main", "v1.0", "refs/pr/1", "feature/x_y-z", "1", "a.b"]
)
def test_references(revision: str) -> None:
    reference = parse_model_reference(f"Mozilla/distil-vit_2.0@{revision}")
    assert reference == ModelReference("Mozilla/distil-vit_2.0", revision)
    assert reference.is_pinned == (revision == COMMIT)
    assert str(reference) == f"Mozilla/distil-vit_2.0@{revision}"


@pytest.mark.parametrize(
    "text",
    [
        *("", "@", "/@", "a/b", "a/b@", "a@main", "/b@main", "a/@main", "a/b/c@main"),
        *("../b@main", "a/..@main", "a/.b@main", "a/b.@main", "-a/b@main", "a/b-@main"),
        *("a--b/c@main", "a/b..c@main", "a/b.git@main", "a b/c@main", "é/b@main", "a/b@é"),
        *("a/b@-x", "a/b@/x", "a/b@x/", "a/b@x//y", "a/b@x..y", "a/b@.x", "a/b@x/.y"),
        *("a/b@x.lock", "a/b@x.", "a/b@x y", "a/b@x?y", "a/b@x#y", "a/b@x%2Fy", "a/b@x\n"),
        *("a/b\n@main", "https://huggingface.co/a/b@main", "a/b@main@main", "a\\b@main"),
        "a/" + "b" * 97 + "@main",
        "a/b@" + "c" * 101,
    ],
)
def test_what_is_no_reference(text: str) -> None:
    with pytest.raises(ConfigurationError, match="owner/name@revision"):
        parse_model_reference(text)


def test_addresses() -> None:
    reference = ModelReference("owner/name", "refs/pr/1")
    expected = "https://hub.example/owner/name/resolve/refs%2Fpr%2F1/onnx/a%20b.onnx"
    for hub in ("https://hub.example", "https://hub.example/"):
        assert resolve_url(hub, reference, "onnx/a b.onnx") == expected


def test_an_entry_for_an_unknown_model() -> None:
    reference = parse_model_reference(f"Mozilla/distilvit@{COMMIT}")
    extra = ModelFile("README.md", 1, "0" * 64)
    entry = entry_of(reference, [extra, *reversed(FILES)])
    assert isinstance(entry, ModelEntry)
    assert entry.id == f"Mozilla/distilvit@{COMMIT}"
    assert tuple(file.path for file in entry.files) == RUNTIME_PATHS
    assert entry.base_url is None


def test_an_unknown_model_must_be_pinned_and_whole() -> None:
    with pytest.raises(ConfigurationError, match="does not name a commit"):
        entry_of(ModelReference("owner/name", "main"), FILES)
    with pytest.raises(AssetError, match=r"owner/name has no config\.json"):
        entry_of(ModelReference("owner/name", COMMIT), FILES[1:])


def _config(kind: object, encoder: object, decoder: object) -> dict[str, Any]:
    return {
        "model_type": kind,
        "encoder": {"model_type": encoder},
        "decoder": {"model_type": decoder},
    }


@pytest.mark.parametrize("encoder", ["vit", "deit"])
def test_models_that_can_run(encoder: str) -> None:
    check_model_config(_config("vision-encoder-decoder", encoder, "gpt2"))


def test_the_official_config_can_run() -> None:
    check_model_config(json.loads((OFFICIAL / "config.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "config",
    [
        {},
        _config("vision-encoder-decoder", "swin", "gpt2"),
        _config("vision-encoder-decoder", "vit", "bert"),
        _config("vision-encoder-decoder", ["vit"], "gpt2"),
        _config("blip", "vit", "gpt2"),
        {"model_type": "vision-encoder-decoder", "encoder": None, "decoder": []},
        {"model_type": "gpt2"},
        [],
        None,
    ],
    ids=str,
)
def test_models_that_cannot_run(config: object) -> None:
    with pytest.raises(UnsupportedModelError, match="cannot run this model: it is not a") as caught:
        check_model_config(config)
    assert "model_type" in caught.value.detail
