"""The .sql files: their format, and that SQLite understands each of them."""

from __future__ import annotations

from dataclasses import fields

import pytest

from pycore.library.database import Call
from pycore.library.records import ListedImage
from pycore.library.sql_files import migrations, parse_statements, statements
from tests.unit.helpers import run_sync
from tests.unit.library.library_samples import new_database

PARTS = {"filters", "newest", "oldest", "by_name", "by_date", "by_confidence"}


def test_blocks_comments_and_includes() -> None:
    text = """
    -- A comment.
    -- name: one
    SELECT a
    -- another
    -- include: two
    -- name: two
    FROM b
    """
    assert parse_statements([text]) == {"one": "SELECT a\nFROM b", "two": "FROM b"}


@pytest.mark.parametrize(
    "texts",
    [
        ["SELECT 1"],
        ["-- include: one\n-- name: one"],
        ["-- name: one\nSELECT 1", "-- name: one\nSELECT 2"],
        ["-- name: one\nSELECT 1", "SELECT 2"],
        ["-- name: one\n-- include: two"],
        ["-- name: one\n-- include: two\n-- name: two\n-- include: one"],
    ],
)
def test_what_is_no_format(texts) -> None:
    with pytest.raises(ValueError, match=r"name|include"):
        parse_statements(texts)


def test_migrations_are_numbered_from_one() -> None:
    assert list(migrations()) == list(range(1, len(migrations()) + 1))


@pytest.mark.parametrize("name", sorted(statements().keys() - PARTS))
def test_sqlite_understands(name) -> None:
    sql = statements()[name]
    assert ";" not in sql
    if not sql.startswith(("PRAGMA", "VACUUM")):
        database = new_database()
        # An unset parameter is an error of its own, so every name gets a value.
        database._connection.execute(f"EXPLAIN {sql}", dict.fromkeys(_parameters(sql)))


def _parameters(sql: str) -> list[str]:
    return [word[1:].rstrip("),") for word in sql.replace("(", " ").split() if word[0] == ":"]


def test_listed_image_has_the_columns_of_the_view() -> None:
    database = new_database()
    columns = [row[1] for row in database._connection.execute("PRAGMA table_info(listing)")]
    assert columns == [field.name for field in fields(ListedImage)]


def test_windows_are_found_by_an_index() -> None:
    """A window far down must not walk all that lies above it, nor sort."""
    database = new_database()
    for order in ("newest", "oldest", "by_name", "by_date", "by_confidence"):
        sql = statements()[f"rows_{order}"]
        call = Call(f"EXPLAIN QUERY PLAN {sql}", dict.fromkeys(_parameters(sql)))
        (plan,) = run_sync(database.run([call]))
        said = [str(row["detail"]) for row in plan]
        assert said[0].startswith("SEARCH image USING"), said
        assert not any("TEMP B-TREE" in line for line in said), said


def test_what_comes_to_wait_is_found_by_its_ids() -> None:
    """A batch of files must not walk the whole library."""
    database = new_database()
    sql = statements()["enqueue"]
    call = Call(f"EXPLAIN QUERY PLAN {sql}", dict.fromkeys(_parameters(sql)))
    (plan,) = run_sync(database.run([call]))
    said = [str(row["detail"]) for row in plan]
    assert "SEARCH image USING INTEGER PRIMARY KEY (rowid=?)" in said, said
    assert "SCAN image" not in said, said
