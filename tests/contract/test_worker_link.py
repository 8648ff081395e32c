"""The page's side of the worker: see worker_link.test.mjs, which Node runs."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tools import npm


def test_worker_link_in_node() -> None:
    script = Path(__file__).with_name("worker_link.test.mjs")
    command = [npm.node(), "--test", "--test-reporter=spec", script]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
