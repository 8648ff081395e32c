"""The browser's SQLite and Python's run the same statements and read each other's libraries."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

from pycore.library.library_file import import_library
from pycore.library.listing import Query
from pycore.library.records import PersonWords
from tests.unit.helpers import run_sync
from tests.unit.library.library_samples import add, dump, new_database, new_library
from tools import npm, site

SCRIPT = Path(__file__).with_name("library_exchange.mjs")


def _spoilt(path: Path, whole: bytes, spoil: Callable[[sqlite3.Connection], object]) -> Path:
    path.write_bytes(whole)
    connection = sqlite3.connect(path)
    spoil(connection)
    connection.commit()
    connection.close()
    return path


def test_a_library_goes_to_the_browsers_sqlite_and_back(tmp_path: Path) -> None:
    npm.ensure("site")
    incoming, outgoing = tmp_path / "in.sqlite", tmp_path / "out.sqlite"
    database = new_database(incoming)
    library = new_library(database)
    ids = [add(library, number, "a dog on a beach") for number in range(3)]
    add(library, 4, "a cat")
    run_sync(library.reviews.edit(ids[1], PersonWords(text="our dog in the snow")))
    before = dump(database)
    whole = incoming.read_bytes()
    site.write_library_sql(tmp_path)
    spoilt = [
        _spoilt(tmp_path / f"{number}.sqlite", whole, lambda c, s=sql: c.execute(s))  # type: ignore[misc]
        for number, sql in enumerate(
            (
                "PRAGMA user_version = 99",
                "PRAGMA application_id = 1",
                "CREATE TRIGGER spy AFTER INSERT ON setting BEGIN DELETE FROM image; END",
                "INSERT INTO place VALUES (999, '', 'x')",
            )
        )
    ]
    for name, content in (("cut", whole[: len(whole) // 2]), ("none", b"no database" * 999)):
        spoilt.append(tmp_path / name)
        spoilt[-1].write_bytes(content)
    module = npm.package("@sqlite.org/sqlite-wasm") / "dist" / "node.mjs"
    command: list[str | Path] = [
        npm.node(),
        SCRIPT,
        module,
        tmp_path / "sql.json",
        incoming,
        outgoing,
        *spoilt,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    run_sync(import_library(outgoing, tmp_path / "back.sqlite"))
    back = new_database(tmp_path / "back.sqlite")
    after = dump(back)
    assert all(set(before[table]) <= set(after[table]) for table in ("image", "caption", "review"))
    found = run_sync(new_library(back).listing.rows(Query(text="zeb")))
    assert [(row.name, row.text, row.state) for row in found] == [("new.png", "a zebra", "edited")]
    step = run_sync(new_library(back).reviews.undo())
    assert step is not None
    assert run_sync(new_library(back).listing.count(Query(text="zeb"))) == 0
