"""The images in a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

SUFFIXES = frozenset(
    {".avif", ".bmp", ".gif", ".ico", ".jp2", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}
)
"""Of the files that are taken from a folder; files that are named may be called anything."""


def images_in(folder: Path) -> Iterator[Path]:
    """Yield the image files in a folder, at any depth and in order; hidden ones are left out."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(place, name)
            if path.suffix.lower() in SUFFIXES and not name.startswith("."):
                yield path
