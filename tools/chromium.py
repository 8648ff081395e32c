"""The browser that tests and benchmarks drive: Debian's Chromium, or the one in SEESAY_CHROMIUM."""

from __future__ import annotations

import os
import shutil

from tools import environment
from tools.project import BuildError

NAMES = ("chromium", "chromium-browser", "google-chrome")

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""No sandbox, because Chromium refuses one to root; the rest keeps it from calling out."""


def ensure() -> str:
    """Return the path of a Chromium, installing Debian's where there is none.

    Raises:
        BuildError: there is none and it cannot be installed.
    """
    chosen = os.environ.get("SEESAY_CHROMIUM")
    if chosen:
        return chosen
    found = _find()
    if found is None and shutil.which("apt-get") and os.geteuid() == 0:
        environment.apt_install("chromium")
        found = _find()
    if found is None:
        raise BuildError(
            "Chromium is missing: install it (on Debian: sudo apt-get install chromium) or name "
            "it in SEESAY_CHROMIUM, and try again."
        )
    return found


def _find() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)
