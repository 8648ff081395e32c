"""The library's statements, ready to be called on a database."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pycore.library.database import Call
from pycore.library.sql_files import statements

if TYPE_CHECKING:
    from pycore.library.database import Database, Row, Value

Clock = Callable[[], str]
"""Tells the time, UTC: ``2026-11-27T12:00:00Z``."""


class NamedStatements:
    """Statements by their names in the .sql files.

    Args:
        database: runs them.
        clock: fills in ``:now`` wherever a statement asks for it.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._statements = statements()

    def call(self, name: str, /, **parameters: Value) -> Call:
        """Return a call of the statement ``name``."""
        sql = self._statements[name]
        # Some builds of SQLite refuse parameters that a statement does not have.
        if ":now" in sql:
            parameters["now"] = self._clock()
        return Call(sql, {key: _storable(value) for key, value in parameters.items()})

    async def run(self, *calls: Call) -> list[list[Row]]:
        """Run calls as one transaction; see ``Database.run`` for what it raises."""
        return await self._database.run(calls)

    async def rows(self, name: str, /, **parameters: Value) -> list[Row]:
        """Run one statement and return its rows."""
        (rows,) = await self.run(self.call(name, **parameters))
        return rows


def _storable(value: Value) -> Value:
    """Return text without what UTF-8 cannot say: file names of old disks have halves of characters.

    SQLite's drivers fail on them; a replacement character in a name does no harm.
    """
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-8", "replace").decode("utf-8")
    return value
