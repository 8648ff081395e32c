"""What the library asks of a database: two methods, so that a bridge to another thread can be one.

A transaction is a list of calls that is handed over whole. Begin and commit as messages of their
own would let two tabs' changes mix between them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

Value = None | int | float | str | bytes
"""What SQLite holds. Integers stay below 2**31: MicroPython, on the page, wraps larger ones."""

Row = dict[str, Value]
"""One row, by column name."""


class Call(NamedTuple):
    """A statement and what goes into its ``:name`` places."""

    sql: str
    parameters: Mapping[str, Value]


class Database(Protocol):
    """One SQLite database, with foreign keys and secure_delete switched on."""

    async def run(self, calls: Sequence[Call]) -> list[list[Row]]:
        """Run statements, all or none, and return the rows of each.

        Several are one transaction. One alone is run as it is, so that VACUUM may be it.

        Raises:
            StorageError: SQLite refused: no room, a lock that another holds, a broken file.
        """

    async def script(self, sql: str) -> None:
        """Run a text of many statements that brings its own BEGIN and COMMIT.

        Raises:
            StorageError: SQLite refused; what its transaction had done is taken back.
        """
