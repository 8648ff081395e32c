"""A model fetched at build time, from a hub that misbehaves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pycore.models.catalogue import ModelEntry, ModelFile
from tests.browser.hub import LocalHub
from tests.browser.hub_moods import Cut, Mood, Other, Short, Status
from tools import hosted_model
from tools.project import BuildError

COMMIT = "d" * 40
BIG = "onnx/model.onnx"
FILES = {"config.json": b"{}", BIG: bytes(range(256)) * 8000}


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    files = tuple(
        ModelFile(path, len(data), hashlib.sha256(data).hexdigest()) for path, data in FILES.items()
    )
    entry = ModelEntry("big", "Big", "owner/big", COMMIT, "", "", "", files)
    monkeypatch.setattr(hosted_model, "HUB_ENTRIES", {"big": entry})
    monkeypatch.setattr(hosted_model, "PART_BYTES", 1_500_000)
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setenv("SEESAY_CACHE", str(tmp_path / "cache"))
    with LocalHub.start() as hub:
        hub.add("owner/big", COMMIT, FILES)
        yield hub


def test_fetched_once_and_cut_into_parts(hub: LocalHub, tmp_path: Path) -> None:
    for name in ("first", "second"):
        site = tmp_path / name
        place = site / hosted_model.add(site, "big", None, hub.url)
        manifest = json.loads(place.read_text(encoding="utf-8"))
        for file in manifest["files"]:
            parts = [(place.parent / part["url"]).read_bytes() for part in file["parts"]]
            assert b"".join(parts) == FILES[file["path"]]
            assert [len(part) for part in parts] == [part["size_bytes"] for part in file["parts"]]
    assert sorted(served.path for served in hub.served) == sorted(FILES)


@pytest.mark.parametrize("mood", [Cut(700_000), Short(700_000), Status(503)], ids=str)
def test_what_passes_is_tried_again(hub: LocalHub, tmp_path: Path, mood: Mood) -> None:
    hub.moods[BIG] = [mood]
    assert (tmp_path / hosted_model.add(tmp_path, "big", None, hub.url)).is_file()
    assert len(hub.starts(BIG)) == 2


@pytest.mark.parametrize("mood", [Status(404), Other(bytes(len(FILES[BIG])))], ids=str)
def test_what_does_not_is_told(hub: LocalHub, tmp_path: Path, mood: Mood) -> None:
    hub.moods[BIG] = [mood]
    with pytest.raises(BuildError, match=r"onnx/model\.onnx"):
        hosted_model.add(tmp_path, "big", None, hub.url)
    assert (tmp_path / hosted_model.add(tmp_path, "big", None, hub.url)).is_file()
