"""Scripts that need no browser: see the .test.mjs files, which Node runs."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tools import npm

SCRIPTS = sorted(Path(__file__).parent.glob("*.test.mjs"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_in_node(script: Path) -> None:
    command: list[str | Path] = [npm.node(), "--test", "--test-reporter=spec", script]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
