"""Opening: new, again, newer, foreign; by two at once."""

from __future__ import annotations

import sqlite3

import pytest

from pycore.errors import LibraryError, StorageError
from pycore.library.database import Call
from pycore.library.reviews import RuledImage
from pycore.library.schema_version import APPLICATION_ID, check_version, open_schema
from pycore.library.sql_files import migrations, statements
from tests.unit.helpers import run_sync
from tests.unit.library.library_samples import add, dump, new_database, new_library, open_database


def _pragma(database, name):
    return database._connection.execute(f"PRAGMA {name}").fetchone()[0]


def _review(database, image_id, values, columns=""):
    """Write a review as a version of before did: its statements are gone."""
    sql = statements()
    named = f"image_id, changed_at, state, text{columns}"
    written = f"INSERT INTO review ({named}) VALUES (:id, '2026-11-27', {values})"  # noqa: S608
    opened = Call(sql["open_step"], {"label": "accept", "now": "2026-11-27T12:00:00Z"})
    calls = [opened, Call(written, {"id": image_id}), Call(sql["close_step"], {})]
    run_sync(database.run(calls))


def test_a_new_database_is_laid_out_and_told_apart() -> None:
    database = new_database()
    assert _pragma(database, "application_id") == APPLICATION_ID
    assert run_sync(check_version(database)) == max(migrations())
    assert _pragma(database, "secure_delete") == 1
    assert _pragma(database, "foreign_keys") == 1


def test_opening_again_changes_nothing(tmp_path) -> None:
    path = tmp_path / "library.sqlite"
    database = new_database(path)
    add(new_library(database), 1, "a dog")
    before = dump(database)
    database.close()
    content = path.read_bytes()
    again = new_database(path)
    assert dump(again) == before
    again.close()
    assert path.read_bytes() == content


def test_a_newer_library_is_refused_and_not_touched(tmp_path) -> None:
    path = tmp_path / "library.sqlite"
    database = new_database(path)
    newer = max(migrations()) + 1
    database._connection.execute(f"PRAGMA user_version = {newer}")
    database.close()
    content = path.read_bytes()
    with pytest.raises(LibraryError, match=f"newer Seesay .version {newer}") as caught:
        new_database(path)
    assert caught.value.code == "library"
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "sql", ["CREATE TABLE t (a)", "PRAGMA user_version = 1", "PRAGMA application_id = 7"]
)
def test_a_database_of_another_program_is_refused(tmp_path, sql) -> None:
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as other:
        other.execute(sql)
    other.close()
    content = path.read_bytes()
    with pytest.raises(LibraryError, match="not a Seesay library"):
        new_database(path)
    assert path.read_bytes() == content


def test_a_file_that_is_no_database_is_refused(tmp_path) -> None:
    path = tmp_path / "picture.jpg"
    path.write_bytes(b"\xff\xd8" * 1000)
    with pytest.raises(StorageError, match="not a library"):
        open_database(path)


def test_a_step_that_fails_leaves_the_version_before(monkeypatch) -> None:
    database = open_database()
    last = max(migrations())
    steps = {**migrations(), last + 1: "CREATE TABLE more (a); CREATE TABLE image (a);"}
    monkeypatch.setattr("pycore.library.schema_version.migrations", lambda: steps)
    with pytest.raises(StorageError):
        run_sync(open_schema(database))
    assert _pragma(database, "user_version") == last
    assert "more" not in dump(database)


def test_a_library_of_the_first_version_keeps_its_words(tmp_path, monkeypatch) -> None:
    path = tmp_path / "library.sqlite"
    with monkeypatch.context() as old:
        old.setattr("pycore.library.schema_version.migrations", lambda: {1: migrations()[1]})
        database = new_database(path)
    library = new_library(database)
    first, second = add(library, 1, "a dog"), add(library, 2, "a cat")
    _review(database, first, "'reviewed', 'a dog'")
    before = dump(database)
    database.close()
    database = new_database(path)
    after = {name: found for name, found in dump(database).items() if name in before}
    for name in ("image", "review"):  # which have further columns by now
        after[name] = [row[: len(before[name][0])] for row in after[name]]
    assert after == before
    library = new_library(database)
    marked = RuledImage(second, "automatic", ["pet"], "dogs", {"licence": "mine"}, is_flagged=True)
    run_sync(library.reviews.write_by_rules([marked]))
    marks = run_sync(library.listing.counts()).marks
    assert marks == {"/dogs": 1, "flagged": 1, '["licence","mine"]': 1}
    run_sync(library.reviews.undo())
    run_sync(library.reviews.undo())
    assert dict(run_sync(library.listing.counts()).states) == {"automatic": 2}


def test_marks_of_a_library_of_before_are_counted_by_their_new_names(tmp_path, monkeypatch) -> None:
    path = tmp_path / "library.sqlite"
    with monkeypatch.context() as old:
        steps = {number: migrations()[number] for number in range(1, 5)}
        old.setattr("pycore.library.schema_version.migrations", lambda: steps)
        database = new_database(path)
    library = new_library(database)
    marks = "'automatic', NULL, '{\"licence\":\"mine\"}', 1"
    _review(database, add(library, 1, "a dog"), marks, ", fields, is_flagged")
    assert set(run_sync(library.listing.counts()).marks) == {"flagged", "licence: mine"}
    database.close()
    library = new_library(new_database(path))
    assert set(run_sync(library.listing.counts()).marks) == {"flagged", '["licence","mine"]'}
    run_sync(library.reviews.undo())
    assert run_sync(library.listing.counts()).marks == {}


@pytest.mark.parametrize("version", [0, 1])
def test_a_step_that_another_process_took_is_no_failure(tmp_path, monkeypatch, version) -> None:
    path = tmp_path / "library.sqlite"
    with monkeypatch.context() as old:
        first = dict(list(migrations().items())[:version])
        old.setattr("pycore.library.schema_version.migrations", lambda: first)
        if first:
            new_database(path).close()
    slow = open_database(path)
    script = slow.script

    async def overtaken(sql):
        await open_schema(open_database(path))
        await script(sql)

    monkeypatch.setattr(slow, "script", overtaken)
    run_sync(open_schema(slow))
    assert run_sync(check_version(slow)) == max(migrations())


def test_calls_are_all_or_none() -> None:
    database = new_database()
    setting = "INSERT INTO setting VALUES (:name, 'x')"
    with pytest.raises(StorageError):
        run_sync(database.run([Call(setting, {"name": "a"}), Call(setting, {"name": None})]))
    assert dump(database)["setting"] == []
    assert run_sync(database.run([])) == []


def test_another_writer_is_told_as_such(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("pycore.library.stdlib_database.BUSY_TIMEOUT_S", 0)
    path = tmp_path / "library.sqlite"
    one, other = new_database(path), new_database(path)
    one._connection.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="Another program"):
        add(new_library(other), 1)
    one._connection.execute("COMMIT")
    add(new_library(other), 1)


def test_what_is_opened_for_reading_cannot_be_written(tmp_path) -> None:
    path = tmp_path / "library.sqlite"
    with pytest.raises(StorageError, match="not there"):
        open_database(path, read_only=True)
    add(new_library(new_database(path)), 1)
    reader = open_database(path, read_only=True)
    run_sync(open_schema(reader))
    assert run_sync(new_library(reader).listing.counts()).images == 1
    with pytest.raises(StorageError, match="read-only"):
        add(new_library(reader), 2)
