"""SQLite by the standard library: the command line's database, and the tests'."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from pycore.errors import StorageError
from pycore.library.database import Call, Row

BUSY_TIMEOUT_S = 5.0
"""How long to wait for another process that writes; each of its transactions takes milliseconds."""


class StdlibDatabase:
    """A database file, or one in memory.

    Every change is on the disk when ``run`` returns (``synchronous = FULL``): a kill, or a power
    cut, takes what has not returned and nothing else.

    Args:
        path: of the file, made when there is none; None for memory.
        read_only: writing fails, and so does opening a file that is not there.

    Raises:
        StorageError: the file cannot be opened.
    """

    def __init__(self, path: Path | None = None, *, read_only: bool = False) -> None:
        self._read_only = read_only
        place = ":memory:" if path is None else path.absolute().as_uri()
        if read_only:
            place += "?mode=ro"
        with _errors_mapped():
            # Without an isolation level, sqlite3 begins no transactions of its own.
            self._connection = sqlite3.connect(
                place, timeout=BUSY_TIMEOUT_S, isolation_level=None, uri=path is not None
            )
        self._connection.row_factory = sqlite3.Row
        # One damaged word must not keep a whole list from being shown.
        self._connection.text_factory = partial(str, encoding="utf-8", errors="replace")
        try:
            with _errors_mapped():
                for pragma in ("foreign_keys = ON", "secure_delete = ON", "synchronous = FULL"):
                    self._connection.execute(f"PRAGMA {pragma}")
        except StorageError:
            self.close()
            raise

    async def run(self, calls: Sequence[Call]) -> list[list[Row]]:
        """Run statements, all or none; see ``Database.run``."""
        with _errors_mapped():
            if len(calls) == 1:
                return [self._execute(calls[0])]
            self._connection.execute("BEGIN" if self._read_only else "BEGIN IMMEDIATE")
            with self._rolled_back_on_errors():
                results = [self._execute(call) for call in calls]
                self._connection.execute("COMMIT")
                return results

    async def script(self, sql: str) -> None:
        """Run a text of many statements; see ``Database.script``."""
        with _errors_mapped(), self._rolled_back_on_errors():
            self._connection.executescript(sql)

    def close(self) -> None:
        """Close the file. Harmless when called twice."""
        self._connection.close()

    def _execute(self, call: Call) -> list[Row]:
        rows = self._connection.execute(call.sql, dict(call.parameters)).fetchall()
        return [dict(row) for row in rows]

    @contextmanager
    def _rolled_back_on_errors(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise


_SENTENCES = {
    "SQLITE_FULL": "The library could not be written: the disk is full. Make room and try again.",
    "SQLITE_BUSY": "Another program is writing to the library. Try again when it is done.",
    "SQLITE_READONLY": "The library could not be written: its file is read-only.",
    "SQLITE_CANTOPEN": "The library could not be opened: its file or folder is not there.",
    "SQLITE_NOTADB": "The library could not be read: its file is not a library.",
    "SQLITE_CORRUPT": "The library could not be read: its file is damaged.",
}


@contextmanager
def _errors_mapped() -> Iterator[None]:
    try:
        yield
    # Of a damaged file, the message itself may be no text.
    except (sqlite3.Error, UnicodeDecodeError) as error:
        # Extended codes begin with the plain one: SQLITE_READONLY_DIRECTORY.
        name = getattr(error, "sqlite_errorname", "")
        sentence = next(
            (text for code, text in _SENTENCES.items() if name.startswith(code)),
            "The library could not be read or written.",
        )
        raise StorageError(sentence, detail=f"{name}: {error}") from error
