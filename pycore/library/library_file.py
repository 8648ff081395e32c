"""The whole library out and in, as one .sqlite file, on a machine with a file system."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from pycore.errors import LibraryError, StorageError
from pycore.library.database import Call
from pycore.library.sql_files import statements
from pycore.library.stdlib_database import StdlibDatabase
from pycore.library.validation import damaged, validate

HEADER = b"SQLite format 3\0"
_COMPANIONS = ("-journal", "-wal", "-shm")


async def export_library(database: StdlibDatabase, target: Path) -> None:
    """Write a library, as it is now, into one file; an older one there stays until it is whole.

    Raises:
        StorageError: there is no room, or the folder is not there or not writable.
    """
    with _beside(target) as fresh:
        await database.run([Call(statements()["copy_to"], {"path": str(fresh)})])
        fresh.replace(target)


async def import_library(source: Path, target: Path) -> None:
    """Put a library file in the place of the one at ``target``, which nothing has open.

    The source is copied first, and the copy checked and brought to the newest schema. Until all of
    that went well ``target`` is not touched; then it is replaced in one step.

    Raises:
        LibraryError: the source is not a sound library of this version of Seesay or an older one.
        StorageError: there is no room, or another program has the target open.
    """
    with _beside(target) as fresh:
        try:
            shutil.copyfile(source, fresh)
        except OSError as error:
            raise StorageError(
                "That file could not be read, or there is no room for it.", detail=str(error)
            ) from error
        with fresh.open("rb") as file:
            if file.read(len(HEADER)) != HEADER:
                raise LibraryError("That file is not a Seesay library. It was left as it is.")
        await _validate(fresh)
        await _settle(target)
        fresh.replace(target)


async def _validate(path: Path) -> None:
    try:
        candidate = StdlibDatabase(path)
    except StorageError as error:
        raise damaged(error.detail) from error
    with closing(candidate), closing(StdlibDatabase()) as reference:
        await validate(candidate, reference)


async def _settle(target: Path) -> None:
    """Make sure that no journal lies beside ``target``: SQLite would play it into the new file."""
    try:
        with closing(StdlibDatabase(target)) as database:
            # Finishes what a kill left, and fails while another program writes.
            await database.script("BEGIN EXCLUSIVE; COMMIT;")
    except StorageError as error:
        # What is damaged beyond reading may be replaced.
        if "SQLITE_BUSY" in error.detail:
            raise
    for ending in _COMPANIONS:
        target.with_name(target.name + ending).unlink(missing_ok=True)


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Give a path in a new folder on the same disk, so that a rename puts a file in place."""
    try:
        folder = tempfile.mkdtemp(dir=target.parent, prefix=".seesay-")
    except OSError as error:
        raise StorageError(
            f"There is no folder {target.parent} to write to.", detail=str(error)
        ) from error
    try:
        yield Path(folder) / "library.sqlite"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
