"""The whole library out and in: foreign, changed and damaged files replace nothing."""

from __future__ import annotations

import random
import sqlite3

import pytest

from pycore.errors import LibraryError, SeesayError, StorageError
from pycore.library.library_file import export_library, import_library
from pycore.library.records import PersonWords
from tests.unit.helpers import run_sync
from tests.unit.library.library_samples import (
    ORDER,
    add,
    dump,
    new_database,
    new_library,
    open_database,
)


@pytest.fixture
def source(tmp_path):
    """A library of 30 images, and its path."""
    path = tmp_path / "source.sqlite"
    database = new_database(path)
    library = new_library(database)
    for number in range(30):
        image_id = add(library, number, f"a dog, number {number}")
    run_sync(library.reviews.edit(image_id, PersonWords(text="Rex")))
    run_sync(library.queue.add(ORDER))
    yield path
    database.close()


@pytest.fixture
def target(tmp_path):
    """Another library, closed."""
    path = tmp_path / "target.sqlite"
    database = new_database(path)
    add(new_library(database), 99, "a cat")
    database.close()
    return path


def _content(path):
    database = open_database(path)
    try:
        return dump(database)
    finally:
        database.close()


def _sql(path, *statements) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_out_and_in_again(tmp_path, source, target) -> None:
    out = tmp_path / "out.sqlite"
    out.write_bytes(b"an older file")
    run_sync(export_library(open_database(source), out))
    assert _content(out) == _content(source)
    run_sync(import_library(out, target))
    assert _content(target) == _content(source)
    assert {path.name for path in tmp_path.iterdir()} == {
        "source.sqlite",
        "target.sqlite",
        "out.sqlite",
    }


def test_in_where_there_was_none(tmp_path, source) -> None:
    run_sync(import_library(source, tmp_path / "new.sqlite"))
    assert _content(tmp_path / "new.sqlite") == _content(source)


def _write(data):
    return lambda path: path.write_bytes(data)


def _execute(*statements):
    return lambda path: _sql(path, *statements)


KINDS = (
    "UPDATE caption SET keywords = '5'",
    "UPDATE caption SET keywords = '[1]'",
    "UPDATE caption SET keywords = '{}'",
    "UPDATE caption SET candidates = 'null'",
    "UPDATE caption SET candidates = '[[]]'",
    "UPDATE caption SET options = '[]'",
    "UPDATE review SET keywords = '5'",
    "UPDATE review SET keywords = '[null]'",
    "UPDATE review SET fields = '[]'",
    """UPDATE review SET fields = '{"a": 1}'""",
    "UPDATE look SET seen = '[]'",
    "UPDATE look SET seen = '{}'",
    """UPDATE look SET seen = '["a", 0, 1, 1]'""",
    "UPDATE job SET options = '[]'",
)
"""JSON of another kind than Seesay writes."""
BEFORE = (
    "INSERT INTO undo_step (label, made_at, phase) VALUES ('', '', 'open')",
    "INSERT INTO look SELECT id, 1, 1, '[0, 0, 1, 1]', x'00' FROM caption LIMIT 1",
)
"""Without which reviews cannot change, and a map of which the words may be spoilt."""


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (_write(b""), "not a Seesay library"),
        (_write(b"\x89PNG" * 5000), "not a Seesay library"),
        (_write(b"SQLite format 3\0"), "damaged, or no"),
        (_execute("PRAGMA application_id = 1"), "another program made it"),
        (_execute("PRAGMA user_version = 99"), "newer Seesay"),
        (_execute("CREATE TABLE more (a)"), "changed by another program"),
        (_execute("DROP TABLE thumbnail"), "changed by another program"),
        (
            _execute("CREATE TRIGGER spy AFTER INSERT ON setting BEGIN DELETE FROM image; END"),
            "changed by another program",
        ),
        (
            _execute("DROP VIEW listing", "CREATE VIEW listing AS SELECT 1 AS id"),
            "changed by another program",
        ),
        (_execute("INSERT INTO place VALUES (999, '', 'x')"), "damaged|could not"),
        (_execute("DELETE FROM search_data WHERE id > 10"), "damaged"),
        *[(_execute(*BEFORE, statement), "damaged") for statement in KINDS],
    ],
)
def test_what_is_not_taken(source, target, spoil, sentence) -> None:
    before = target.read_bytes()
    spoil(source)
    with pytest.raises(LibraryError, match=sentence):
        run_sync(import_library(source, target))
    assert target.read_bytes() == before
    assert {path.name for path in target.parent.iterdir()} == {source.name, target.name}


def test_what_stands_before_spoilt_words_does_no_harm(source, target) -> None:
    _sql(source, *BEFORE, "UPDATE look SET seen = '[0.5, 0, 1, 0.75]'")
    run_sync(import_library(source, target))
    assert _content(target) == _content(source)


def test_damage_anywhere_is_found_or_does_no_harm(source, target) -> None:
    """Any 64 bytes overwritten, or the end missing: refused with a sentence, or a sound library."""
    sound, before = source.read_bytes(), target.read_bytes()
    chance = random.Random(7)
    refused = 0
    for number in range(60):
        at = chance.randrange(len(sound))
        spoilt = sound[:at] + (b"" if number % 3 == 0 else chance.randbytes(64) + sound[at + 64 :])
        source.write_bytes(spoilt)
        try:
            run_sync(import_library(source, target))
        except SeesayError as error:
            assert error.message
            assert target.read_bytes() == before
            refused += 1
        else:
            database = new_database(target)
            assert [*database._connection.execute("PRAGMA integrity_check").fetchone()] == ["ok"]
            database.close()
            target.write_bytes(before)
    assert refused > 15  # those that were cut, at least


def test_a_library_that_is_open_elsewhere_is_not_replaced(source, target, monkeypatch) -> None:
    monkeypatch.setattr("pycore.library.stdlib_database.BUSY_TIMEOUT_S", 0)
    other = open_database(target)
    other._connection.execute("BEGIN IMMEDIATE")
    before = target.read_bytes()
    with pytest.raises(StorageError, match="Another program"):
        run_sync(import_library(source, target))
    assert target.read_bytes() == before
    other.close()


def test_a_journal_of_the_old_library_never_meets_the_new_one(source, target) -> None:
    target.write_bytes(b"no database any more" * 1000)
    journal = target.with_name(target.name + "-journal")
    journal.write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + bytes(600))
    run_sync(import_library(source, target))
    assert not journal.exists()
    assert _content(target) == _content(source)


def test_there_must_be_a_folder(tmp_path, source) -> None:
    with pytest.raises(StorageError, match="no folder"):
        run_sync(export_library(open_database(source), tmp_path / "none" / "out.sqlite"))
    with pytest.raises(StorageError, match="could not be read"):
        run_sync(import_library(tmp_path / "none.sqlite", tmp_path / "new.sqlite"))
