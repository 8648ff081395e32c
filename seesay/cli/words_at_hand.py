"""The words that an image has already: in its file, and in sidecars beside it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from pycore.errors import BrokenImageError, MetadataError
from pycore.metadata import ImageWords, joined_words, read_by_person, read_metadata

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def sidecar_of(path: Path) -> Path:
    """Return the place of an image's sidecar: ``photo.gif.xmp``, so that no two share one."""
    return path.with_name(f"{path.name}.xmp")


def has_words(path: Path | None, data: bytes) -> bool:
    """Tell whether an image file, or a sidecar beside it, says what is to be seen."""
    found = _found(read_metadata, data, *_sidecars(path))
    return bool(found.alt_text or found.description)


def words_by_person(path: Path | None, data: bytes) -> ImageWords:
    """Return what a person wrote into an image file and beside it; the sidecar goes first."""
    return _found(read_by_person, *_sidecars(path), data)


def words_beside(path: Path) -> ImageWords:
    """Return what a person wrote into the sidecars of an image alone."""
    return _found(read_by_person, *_sidecars(path))


def _sidecars(path: Path | None) -> list[bytes]:
    """Read the sidecars of an image, those of its whole name first.

    ``photo.xmp`` is what Adobe's programs write, ``photo.jpg.xmp`` darktable and Seesay.
    """
    found = []
    for place in [] if path is None else [sidecar_of(path), path.with_suffix(".xmp")]:
        with suppress(OSError):
            found.append(place.read_bytes())
    return found


def _found(read: Callable[[bytes], ImageWords], *files: bytes) -> ImageWords:
    found = []
    for data in files:
        with suppress(MetadataError, BrokenImageError):  # nobody can read it
            found.append(read(data))
    return joined_words(*found)
