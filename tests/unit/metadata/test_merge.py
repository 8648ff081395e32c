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


def test_keywords_and_text_of_a_person_are_never_overwritten() -> None:
    """A table went out with the machine's, a person wrote others, the table comes back."""
    rows = b"".join(table([replace(DRAFT, keywords=("animal",), text="BEVVARE")]))
    mine = replace(DRAFT, keywords=("Rex", "pet"), text="BEWARE", by_person=("keywords", "text"))
    found = merge([mine], rows)
    assert found.updates == []
    assert found.conflicts == [
        Conflict(0, "trip/dog.jpg", "keywords", ("Rex", "pet"), ("animal",)),
        Conflict(0, "trip/dog.jpg", "text", "BEWARE", "BEVVARE"),
    ]
    emptied = replace(mine, keywords=(), by_person=("keywords",))
    found = merge([emptied], rows)
    assert found.conflicts == [Conflict(0, "trip/dog.jpg", "keywords", (), ("animal",))]
    assert found.updates == [Update(0, {"text": "BEVVARE"})]
    # In a cell the semicolon parts keywords: what only lost it is no other.
    parted = replace(mine, keywords=("Rex;pet",))
    assert merge([parted], b"".join(table([parted]))).same == 1


def test_what_a_file_is_counts_before_what_another_was() -> None:
    saved = replace(DRAFT, sha256="dd", earlier=("aa",))
    copy = replace(DRAFT, name="copy.jpg")  # of the file as it was before
    rows = b"name,alt_text,sha256\nother,New.,aa\n"
    for records in ([saved, copy], [copy, saved]):
        found = merge(records, rows)
        assert found.updates == [Update(records.index(copy), {"alt_text": "New."})]
    # Two images alike, and one that was like them: no row can say which of the two it means.
    assert merge([saved, copy, copy], rows).unknown == ["other"]


def test_other_files_are_refused() -> None:
    with pytest.raises(InputError):
        merge(RECORDS, b"a,b\n1,2\n")
