"""A table that comes back: words are merged by name and hash, and what clashes is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pycore.errors import InputError
from pycore.exports import Conflict, ExportRecord, Update, merge, table

DRAFT = ExportRecord(
    "trip/dog.jpg", "a dog", "A dog.", "", ("dog",), source="trainedAlgorithmicMedia", sha256="aa"
)
WRITTEN = ExportRecord("cat.jpg", "a cat", "My cat.", "Long.", source="humanEdits", sha256="bb")
TWIN = ExportRecord("twin.jpg", "x", "X.", sha256="cc")
RECORDS = [DRAFT, WRITTEN, TWIN, TWIN]


def test_the_same_table_brings_nothing() -> None:
    found = merge([DRAFT, WRITTEN], b"".join(table([DRAFT, WRITTEN])))
    assert (found.updates, found.conflicts, found.same) == ([], [], 2)


def test_rows_are_found_by_hash_and_else_by_name() -> None:
    assert merge(RECORDS, b"name,alt_text,sha256\nother,New.,aa\n").updates == [
        Update(0, {"alt_text": "New."})
    ]
    assert merge(RECORDS, b"name,alt_text\ntrip/dog.jpg,New.\n").updates == [
        Update(0, {"alt_text": "New."})
    ]
    assert merge(RECORDS, b"name,alt_text,sha256\ntrip/dog.jpg,New.,zz\n").changed == [
        "trip/dog.jpg"
    ]
    saved = replace(DRAFT, sha256="dd", earlier=("aa", "ab"))  # words went into it since
    for known in (b"aa", b"ab", b"dd"):
        rows = b"name,alt_text,sha256\nother,New.," + known + b"\n"
        assert merge([saved, WRITTEN], rows).updates == [Update(0, {"alt_text": "New."})]
    # Two images alike: no row can say which of them it means.
    assert merge(RECORDS, b"name,alt_text,sha256\ntwin.jpg,New.,cc\n").unknown == ["twin.jpg"]


def test_columns_that_are_not_there_leave_their_fields_alone() -> None:
    found = merge([DRAFT], b"name,keywords\ntrip/dog.jpg,dog; beach\n")
    assert found.updates == [Update(0, {"keywords": ("dog", "beach")})]
    found = merge([DRAFT], b"name,alt_text,keywords\ntrip/dog.jpg,,\n")
    assert (found.updates, found.same) == ([], 1)
    found = merge([DRAFT], b"name,caption,model\ntrip/dog.jpg,another,gpt\n")
    assert (found.updates, found.same) == ([], 1)


@pytest.mark.parametrize("cell", [b"", b"false", b"no", b"x", b"FALSCH"])
def test_no_table_takes_a_review_back(cell) -> None:
    reviewed = replace(WRITTEN, reviewed=True)
    found = merge([reviewed], b"name,reviewed\ncat.jpg," + cell + b"\n")
    assert (found.updates, found.conflicts, found.same) == ([], [], 1)


@pytest.mark.parametrize("cell", [b"true", b"TRUE", b"yes", b"1"])
def test_a_review_comes_with_a_table(cell) -> None:
    found = merge([WRITTEN], b"name,reviewed\ncat.jpg," + cell + b"\n")
    assert found.updates == [Update(0, {"reviewed": True})]


def test_words_of_a_person_are_never_overwritten() -> None:
    rows = b"name,alt_text,extended_description,text\ncat.jpg,A cat.,Longer.,EXIT\n"
    found = merge(RECORDS, rows)
    assert found.conflicts == [
        Conflict(1, "cat.jpg", "alt_text", "My cat.", "A cat."),
        Conflict(1, "cat.jpg", "extended_description", "Long.", "Longer."),
    ]
    assert found.updates == [Update(1, {"text": "EXIT"})]


def test_other_files_are_refused() -> None:
    with pytest.raises(InputError):
        merge(RECORDS, b"a,b\n1,2\n")
