"""The edge of the command: every end is an exit status and, if it is bad, one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

_PACKAGES = {"onnxruntime", "tqdm"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return the exit status."""
    try:
        from seesay.cli import run  # noqa: PLC0415 - its packages may be missing
    except ModuleNotFoundError as error:
        if error.name not in _PACKAGES:
            raise
        sys.stderr.write(
            f"seesay: the package {error.name} is missing. Install Seesay as seesay[cli].\n"
        )
        return 3
    _open_what_is_closed()
    status = run.run(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:  # a reader that has gone, or a full disk, of which was told
            _forget(stream)
    return status


def _open_what_is_closed() -> None:
    """Give Python something to write to where whoever started it closed its output."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115


def _forget(stream: TextIO) -> None:
    """Keep Python from complaining, at its end, about what it cannot write."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    sys.exit(main())
