"""Scripts that need no browser: see the .test.mjs files, which Node runs."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tools import npm
from tools.project import ROOT

NEWER = ("AbortSignal.any", "URL.canParse", "URL.parse(", "Promise.withResolvers", "Promise.try",
    "Array.fromAsync", "Object.groupBy", "Map.groupBy")  # fmt: skip
"""What browsers lack that web/page/start_check.js lets in: Safari 16.4, Firefox 114."""

SCRIPTS = sorted(Path(__file__).parents[1].rglob("*.test.mjs"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_in_node(script: Path) -> None:
    command: list[str | Path] = [npm.node(), "--test", "--test-reporter=spec", script]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_scripts_need_nothing_that_browsers_lack_which_the_page_lets_in() -> None:
    scripts = [one for place in ("web", "worker") for one in (ROOT / place).rglob("*.*js")]
    assert len(scripts) > 50
    found = [
        (one.name, name) for one in scripts for name in NEWER if name in one.read_text("utf-8")
    ]
    assert found == []
