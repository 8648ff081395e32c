"""The page's Python travels in one file, and nothing of it is left behind."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tools import page_bundle
from tools.project import ROOT

WEB = ROOT / "web"
MODULES = {path.relative_to(WEB).as_posix() for path in WEB.rglob("*.py")} - {page_bundle.APP}


def test_bundle_writes_every_module_and_then_runs_the_app(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    shutil.copytree(WEB, site)
    (site / page_bundle.APP).write_text("ran = True\n", encoding="utf-8")
    page_bundle.bundle(site)
    assert [path.relative_to(site).as_posix() for path in site.rglob("*.py")] == [page_bundle.APP]

    files = tmp_path / "files"  # stands in for MicroPython's own
    files.mkdir()
    monkeypatch.chdir(files)
    names: dict[str, object] = {}
    exec((site / page_bundle.APP).read_text(encoding="utf-8"), names)  # noqa: S102 - it is ours
    assert names["ran"] is True
    assert MODULES
    for name, text in page_bundle.shared():
        assert (files / name).read_text(encoding="utf-8") == text
    for name in MODULES:
        assert (files / name).read_text(encoding="utf-8") == (WEB / name).read_text("utf-8")
