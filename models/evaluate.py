"""Score the starter on drawings, photographs and text: `python3 build.py evaluate`."""

from __future__ import annotations

import sys

from models import reading
from models.photo import evaluate as photographs
from models.photo import router
from models.training import evaluate as drawings


def main(argv: list[str] | None = None) -> int:
    """Print all tables; options are those of models/training/evaluate.py."""
    return max(drawings.main(argv), photographs.main(), router.main(), reading.main())


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
