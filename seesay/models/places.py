"""Where models lie on this machine, and how processes that write there take turns."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pycore.errors import StorageError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from pycore.models.catalogue import ModelEntry

HOME_VARIABLE = "SEESAY_HOME"
HUB_VARIABLE = "SEESAY_HUB"


def home() -> Path:
    """Return the folder of everything that is kept: SEESAY_HOME, or what the system provides."""
    chosen = os.environ.get(HOME_VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"), "seesay")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "seesay"
    return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share"), "seesay")


def folder_of(base: Path, entry: ModelEntry) -> Path:
    """Return a model's folder, whose files lie as on the hub."""
    return base / "models" / entry.repository.replace("/", "--") / entry.revision


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Make sure that a folder is there, alone write to it, and map what goes wrong.

    Raises:
        StorageError: there is no room, or it may not be written.
    """
    try:
        place.mkdir(parents=True, exist_ok=True)
        with (place / ".lock").open("w") as lock:
            if fcntl is not None:
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise StorageError(
            f"{place} could not be written: {error.strerror or error}.", detail=str(error)
        ) from error
