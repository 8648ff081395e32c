"""JSON of too many lists inside each other: refused as any other that is damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from pycore.alt_text import preset
from pycore.errors import AssetError
from seesay.models.models import ModelFolder

DEEP = "[" * 200_000


def test_a_models_settings(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(DEEP, encoding="ascii")
    with pytest.raises(AssetError, match=r"config\.json of .* is damaged"):
        ModelFolder(tmp_path).read_json("config.json")


def test_presets() -> None:
    with pytest.raises(preset.PresetError, match="no presets of Seesay"):
        preset.from_json(DEEP)
