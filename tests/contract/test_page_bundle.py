"""The page's Python travels in one file, and nothing of it is left behind."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tools import page_bundle
from tools.project import ROOT

WEB = ROOT / "web"
MODULES = {path.name for path in WEB.glob("*.py")} - {"app.py"}


def test_every_module_of_the_page_is_listed() -> None:
    listed = json.loads((WEB / "pyscript.json").read_text(encoding="utf-8"))["files"]
    assert {Path(place).name for place in listed} == MODULES


def test_bundle_writes_every_module_and_then_runs_the_app(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    shutil.copytree(WEB, site)
    (site / "app.py").write_text("ran = True\n", encoding="utf-8")
    page_bundle.bundle(site)
    assert [path.name for path in site.glob("*.py")] == ["app.py"]
    configuration = json.loads((site / "pyscript.json").read_text(encoding="utf-8"))
    assert "files" not in configuration
    assert configuration["js_modules"]

    files = tmp_path / "files"  # stands in for MicroPython's own
    files.mkdir()
    monkeypatch.chdir(files)
    names: dict[str, object] = {}
    exec((site / "app.py").read_text(encoding="utf-8"), names)  # noqa: S102 - it is ours
    assert names["ran"] is True
    for name in MODULES:
        assert (files / name).read_text(encoding="utf-8") == (WEB / name).read_text("utf-8")
