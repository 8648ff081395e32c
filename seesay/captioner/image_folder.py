"""The images in a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

SUFFIXES = frozenset(
    {".avif", ".bmp", ".gif", ".ico", ".jp2", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}
)
"""Of the files that are taken from a folder; files that are named may be called anything."""


def images_in(
    folder: Path, on_error: Callable[[OSError], None] = lambda _error: None
) -> Iterator[Path]:
    """Yield the image files in a folder, at any depth and in order; hidden ones are left out.

    So is what is no file and would never end: pipes, devices. Links that lead nowhere are not.

    Args:
        folder: to be searched.
        on_error: told of each folder that cannot be read; its path is the error's ``filename``.
    """
    for place, folders, names in os.walk(folder, onerror=on_error):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(place, name)
            is_meant = path.suffix.lower() in SUFFIXES and not name.startswith(".")
            # What may not be looked at is taken for lost: Path's own tests raise PermissionError.
            if is_meant and (os.path.isfile(path) or not os.path.exists(path)):  # noqa: PTH110, PTH113
                yield path
