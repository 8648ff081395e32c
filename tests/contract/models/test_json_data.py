"""JSON from elsewhere: whatever is wrong with it is one kind of error."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from pycore.alt_text import preset
from pycore.errors import AssetError, UnsupportedModelError
from pycore.json_data import parse_json
from pycore.models.model_json import parse_model_json
from seesay.models.models import ModelFolder

DEEP = "[" * 200_000


@pytest.mark.parametrize("data", ['{"a": [1, "é"]}', '{"a": [1, "é"]}'.encode()])
def test_json_is_read(data: Any) -> None:
    assert parse_json(data) == {"a": [1, "é"]}


@pytest.mark.parametrize("data", ["", "{", b"\xff\xfe\xff", "[1, nothing]", DEEP, DEEP.encode()])
def test_anything_else_is_a_value_error(data: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_json(data)


@pytest.mark.parametrize("deepest", [3, 16])
def test_what_is_sound_but_too_deep_is_refused_before_it_is_read(deepest: int) -> None:
    """In Pyodide, reading it could end Python."""
    for depth, is_refused in ((deepest, False), (deepest + 1, True)):
        data = '{"a": ' * (depth - 1) + '["[[[[", "\\"[["]' + "}" * (depth - 1)
        with pytest.raises(ValueError, match="over") if is_refused else nullcontext():
            parse_json(data, deepest=deepest)
    assert len(parse_json(f"[{'[[]],' * 9}1]", deepest=deepest)) == 10  # beside each other


def test_a_models_settings(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(DEEP, encoding="ascii")
    with pytest.raises(AssetError, match=r"config\.json of .* is damaged"):
        ModelFolder(tmp_path).read_json("config.json")
    with pytest.raises(UnsupportedModelError, match=r"its config\.json is not JSON"):
        parse_model_json("config.json", DEEP.encode())


def test_presets() -> None:
    with pytest.raises(preset.PresetError, match="no presets of Seesay"):
        preset.from_json(DEEP)
