#!/usr/bin/env python3
"""Build, serve, test and measure Seesay: ``python3 build.py --help``.

Runs on the standard library alone and makes its own environment (.venv); what it does is in
tools/. Every message for a person is one sentence; a traceback is a bug.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this is the check itself
    sys.exit(f"build.py: Python is {sys.version.split()[0]}; Seesay needs 3.11 or later.")

from tools.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
