"""Programs of others that judge the image files which Seesay has written words into."""

from __future__ import annotations

import os
import shutil

from tools import environment
from tools.project import BuildError

PACKAGES = {
    "exiftool": "libimage-exiftool-perl",
    "exiv2": "exiv2",
    "jpeginfo": "jpeginfo",
    "pngcheck": "pngcheck",
    "webpinfo": "webp",
}
"""Debian's package of each program."""


def ensure() -> dict[str, str]:
    """Return the path of each program, installing Debian's packages where some are missing.

    Raises:
        BuildError: some are missing and cannot be installed.
    """
    found = _find()
    missing = [PACKAGES[name] for name in PACKAGES if name not in found]
    if missing and shutil.which("apt-get") and os.geteuid() == 0:
        environment.apt_install(*missing)
        found = _find()
    if missing := [PACKAGES[name] for name in PACKAGES if name not in found]:
        names = " ".join(missing)
        raise BuildError(
            "The programs that judge image files are missing: install them (on Debian: "
            f"sudo apt-get install {names}) and try again."
        )
    return found


def _find() -> dict[str, str]:
    return {name: path for name in PACKAGES if (path := shutil.which(name))}
