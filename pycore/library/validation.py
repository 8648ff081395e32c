"""Is a database a sound library? Asked before a file that came from elsewhere replaces anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycore.errors import LibraryError, StorageError
from pycore.library.database import Call
from pycore.library.schema_version import check_version, open_schema
from pycore.library.sql_files import migrations, statements

if TYPE_CHECKING:
    from pycore.library.database import Database, Row


async def validate(candidate: Database, reference: Database) -> None:
    """Check a copy of a file that came from elsewhere, and upgrade it if it is older.

    Its schema is compared word for word before anything else is asked of it: views and triggers
    are programs, and a foreign one would run with every change. So only a file whose every table,
    view and trigger Seesay's own migrations wrote passes.

    Args:
        candidate: the copy; written to.
        reference: an empty database; it is laid out as the candidate should be.

    Raises:
        LibraryError: it is not a library, of a newer version, changed by another program, or
            damaged.
    """
    try:
        version = await check_version(candidate)
        await _lay_out(reference, version)
        if await _rows(candidate, "schema") != await _rows(reference, "schema"):
            raise LibraryError(
                "That library was changed by another program: its layout is not the one that "
                f"Seesay gives it (version {version}). It was not taken."
            )
        pages = await _rows(candidate, "check_pages")
        references = await _rows(candidate, "check_references")
        if pages != [{"integrity_check": "ok"}] or references:
            raise damaged(f"{pages} {references[:3]}")
        await open_schema(candidate)
        await _rows(candidate, "check_search")
        if kinds := await _rows(candidate, "check_kinds"):
            raise damaged(f"{kinds}")
    except StorageError as error:
        raise damaged(error.detail) from error


async def _lay_out(reference: Database, version: int) -> None:
    for target, sql in migrations().items():
        if target <= version:
            await reference.script(sql)


async def _rows(database: Database, name: str) -> list[Row]:
    (rows,) = await database.run([Call(statements()[name], {})])
    return rows


def damaged(detail: str) -> LibraryError:
    """Return the error for a file that cannot be read as a library."""
    return LibraryError(
        "That file is damaged, or no Seesay library. It was not taken; if there is another copy of "
        "it, try that one.",
        detail=detail,
    )
