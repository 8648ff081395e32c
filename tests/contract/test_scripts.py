"""Scripts that need no browser: see the .test.mjs files, which Node runs."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tools import npm


@pytest.mark.parametrize(
    "name",
    [
        "worker_link",
        "caption_all",
        "steps",
        "runtime",
        "boot_failure",
        "service_worker",
        "handed_in",
        "heat_canvas",
        "image_decoder",
        "image_input",
    ],
)
def test_in_node(name: str) -> None:
    script = Path(__file__).with_name(f"{name}.test.mjs")
    command: list[str | Path] = [npm.node(), "--test", "--test-reporter=spec", script]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
