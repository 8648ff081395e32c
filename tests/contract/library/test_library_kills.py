"""Killed at any point, a library is sound, and lacks at most the caption in the making."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("library_kills.py")
ROUNDS = 100


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
def test_a_hundred_kills(tmp_path) -> None:
    done = subprocess.run(
        [sys.executable, SCRIPT, tmp_path / "library.sqlite", str(ROUNDS), "1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rounds = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rounds) == ROUNDS
    kept_before = said_before = 0
    for found in rounds:
        assert found["integrity"] == "ok"
        # Each process may have written one caption that it could not tell of any more.
        kept, said = found["captions"] - kept_before, found["said"] - said_before
        assert said <= kept <= said + 1
        assert found["captions"] == found["done"] == found["tally"]
        assert found["searched"] == found["captions"]
        assert found["working"] <= 1
        kept_before, said_before = found["captions"], found["said"]
    # The kills did strike in the middle of writing.
    assert any(found["had_journal"] for found in rounds)
