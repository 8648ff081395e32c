"""Opening a library: a new database is laid out, an older one upgraded, all else refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycore.errors import LibraryError, StorageError
from pycore.library.database import Call
from pycore.library.sql_files import migrations

if TYPE_CHECKING:
    from pycore.library.database import Database

APPLICATION_ID = 0x53656573
"""Stands in the header of every library file; the first migration sets it."""


_FAIL_IF_TAKEN = "SELECT json('no JSON') FROM pragma_user_version WHERE user_version >= {target};"
"""Ends a step that another process took after the version was read: taken twice, it could succeed,
and would set the version back."""


async def open_schema(database: Database) -> None:
    """Bring a database to the newest version of the schema.

    Each step is one transaction: what ends it half-way leaves the version before.

    Raises:
        LibraryError: it is another program's, or of a newer version of Seesay. It is not touched.
        StorageError: it cannot be read or written.
    """
    version = await _version(database)
    for target, sql in migrations().items():
        if target <= version:
            continue
        try:
            await database.script(
                f"BEGIN IMMEDIATE;\n{_FAIL_IF_TAKEN.format(target=target)}\n{sql}\n"
                f"PRAGMA user_version = {target};\nCOMMIT;"
            )
        except StorageError:
            # Another process may have taken the same step in the meantime.
            if await _version(database) < target:
                raise


async def check_version(database: Database) -> int:
    """Return the version of a library's schema; at least 1.

    Raises:
        LibraryError: it is no library, or of a newer version of Seesay.
        StorageError: it cannot be read.
    """
    version = await _version(database)
    if version == 0:
        raise LibraryError("That file is empty: it holds no library.")
    return version


async def _version(database: Database) -> int:
    """Return the version, 0 for an empty database; refuse what is not ours to touch."""
    ((application,),), ((version,),), ((objects,),) = (
        [tuple(row.values()) for row in rows]
        for rows in await database.run(
            [
                Call("PRAGMA application_id", {}),
                Call("PRAGMA user_version", {}),
                Call("SELECT count(*) FROM sqlite_schema", {}),
            ]
        )
    )
    if (application, version, objects) == (0, 0, 0):
        return 0
    if application != APPLICATION_ID or not isinstance(version, int) or version < 1:
        raise LibraryError(
            "That file is not a Seesay library: another program made it. It was left as it is."
        )
    newest = max(migrations())
    if version > newest:
        raise LibraryError(
            f"This library was made by a newer Seesay (version {version} of its layout; this one "
            f"knows up to {newest}). Update Seesay and open it again; it was left as it is."
        )
    return version
