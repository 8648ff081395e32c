"""Score the starter: drawings that it never saw, then photographs: `python3 build.py evaluate`."""

from __future__ import annotations

import sys

from models.photo import evaluate as photographs
from models.training import evaluate as drawings


def main(argv: list[str] | None = None) -> int:
    """Print both tables; options are those of models/training/evaluate.py."""
    return max(drawings.main(argv), photographs.main())


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
