"""The guides are walks that work: their files, programs and what they print are tried."""

from __future__ import annotations

import contextlib
import io
import re

from tools.project import ROOT

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _blocks(name: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = BLOCK.findall((ROOT / "docs" / name).read_text("utf-8"))
    return found


def _run(program: str) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(program, "a guide", "exec"), {})  # noqa: S102 - our own page
    return out.getvalue()


def test_a_blog_gets_its_alt_text(tmp_path, monkeypatch) -> None:
    blocks = _blocks("documents.md")
    (_, before), (_, walk), (_, printed), (_, after) = blocks
    files = {
        "posts/sea.md": before.encode(),
        **dict.fromkeys(("images/boat.png", "images/IMG_2.JPG", "images/sea.jpg"), b"picture"),
    }
    for name, data in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    monkeypatch.chdir(tmp_path)
    assert _run(walk) == printed
    found = {path.relative_to(tmp_path).as_posix(): path.read_bytes()
             for path in tmp_path.rglob("*") if path.is_file()}  # fmt: skip
    assert found == {**files, "posts/sea.md": after.encode()}


def test_rules_run() -> None:
    (_, program), (_, said) = _blocks("rules.md")
    assert _run(program) == said
