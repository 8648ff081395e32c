"""``python -m seesay``: the command ``seesay``."""

from __future__ import annotations

import sys

from seesay.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
