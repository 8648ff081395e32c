"""The walks of docs/catalogue.md and docs/family.md work, on details of the tests' photographs."""

from __future__ import annotations

import contextlib
import csv
import io
import re
from pathlib import Path

import pytest
from PIL import Image

from tests.contract.cli.command import FIXTURES, seesay
from tests.contract.metadata.metadata_judges import exiftool
from tools.project import ROOT

PHOTOS = sorted((FIXTURES / "photos").glob("*.[jp][pn]g"))
CUTS = ((0, 1), (0, 0.75), (0.25, 1))
"""From where to where a detail goes, in widths of its photograph."""
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _run(guide: str, **changes: str) -> str:
    (program,) = BLOCK.findall((ROOT / "docs" / guide).read_text("utf-8"))
    for before, after in changes.items():
        program = program.replace(before, after)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(program, guide, "exec"), {})  # noqa: S102 - our own page
    return out.getvalue()


def _details(folder: Path) -> None:
    """Write three photographs for each that is there: the whole, its left, its right."""
    folder.mkdir()
    for path in PHOTOS:
        with Image.open(path) as image:
            width, height = image.size
            for number, (left, right) in enumerate(CUTS):
                detail = image.crop((int(left * width), 0, int(right * width), height))
                detail = detail.convert("RGB")
                detail.thumbnail((320, 320))
                detail.save(folder / f"{path.stem}-{number}.jpg", quality=85)


def test_thirty_photographs_for_a_catalogue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _details(tmp_path / "photos")
    before = {path: path.read_bytes() for path in (tmp_path / "photos").iterdir()}
    said = _run("catalogue.md")
    with (tmp_path / "catalogue.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["name"] for row in rows}) == len({row["sha256"] for row in rows}) == 30
    assert len([row for row in rows if row["keywords"]]) >= 15
    with_people = [row for row in rows if re.search(r"\b(person|people)\b", row["caption"])]
    assert said == f"30 photographs, {len(with_people)} need a release\n"
    assert len(with_people) >= 3
    for row in rows:
        assert row["model_release"] == ("needed" if row in with_people else "")
    sidecars = sorted((tmp_path / "photos").glob("*.xmp"))
    found = {Path(one["SourceFile"]).stem: one for one in exiftool(sidecars)}
    assert {path: path.read_bytes() for path in before} == before
    for row in rows:
        said_there = found[Path(row["name"]).stem]
        if row["caption"]:
            assert said_there["XMP-dc:Description"] == row["caption"]
        keywords = said_there.get("XMP-dc:Subject", [])
        keywords = keywords if isinstance(keywords, list) else [keywords]
        assert "; ".join(keywords) == row["keywords"]


def test_a_family_folder_is_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "family").mkdir()
    _details(tmp_path / "family" / "2019")
    assert seesay(monkeypatch, "caption", "family", "--library", "family.sqlite").status == 0
    said = _run("family.md", dog="cat").splitlines()
    assert len(said) >= 2
    assert all(line.startswith("family/2019/skimage_chelsea-") for line in said[:-1])
    assert said[-1] == "['Rex, asleep on the sofa']"
