"""docs/documents.md is a walk that works: its files, programs and what they print are tried."""

from __future__ import annotations

import contextlib
import io
import re

from tools.project import ROOT

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _run(program: str) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(program, "docs/documents.md", "exec"), {})  # noqa: S102 - our own page
    return out.getvalue()


def test_a_blog_gets_its_alt_text_and_rules_run(tmp_path, monkeypatch) -> None:
    blocks = BLOCK.findall((ROOT / "docs" / "documents.md").read_text(encoding="utf-8"))
    (_, before), (_, walk), (_, printed), (_, after), (_, rules), (_, said) = blocks
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
    assert _run(rules) == said
