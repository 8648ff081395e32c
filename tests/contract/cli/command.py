"""The command, run in this process or in one of its own."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seesay.cli import run

FIXTURES = Path(__file__).parents[2] / "fixtures"
SCENES = FIXTURES / "scenes-128"
CASES: list[dict[str, Any]] = json.loads((FIXTURES / "starter" / "pytorch.json").read_text("utf-8"))
CAPTIONS = {case["image"]: case["text"] for case in CASES}
BEE = SCENES / "5-a-bee-on-a-street.png"


@dataclass(frozen=True)
class Ended:
    """How the command ended."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


def seesay(monkeypatch: Any, *arguments: object, stdin: bytes = b"") -> Ended:
    """Run the command in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        try:
            status = run.run([str(argument) for argument in arguments])
        except SystemExit as end:  # argparse
            status = int(str(end.code))
    texts = []
    for stream in (out, err):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())
    return Ended(status, *texts)
