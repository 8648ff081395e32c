"""The edge of the command: every end is an exit status and, if it is bad, one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

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
    status = run.run(sys.argv[1:] if arguments is None else arguments)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_stdout()
    return status


def _forget_stdout() -> None:
    """Keep Python from complaining, at its end, about a reader that has gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
