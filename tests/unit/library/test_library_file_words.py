"""Words that files carry: they stand above the machine's, and below those that a person writes."""

from __future__ import annotations

import pytest

from pycore.library.listing import Query
from pycore.library.records import FileWords, PersonWords
from pycore.library.reviews import RuledImage
from tests.unit.helpers import run_sync
from tests.unit.library.library_samples import ORDER, OTHER, add, new_library, words

GRANDMA = FileWords("Grandma feeds ducks", "At the lake, 1987.", "Album", ("family", "Oma"))


def library_of(file_words: FileWords, text: str = "a woman with birds"):
    """Return a library with one image whose file has words, and its id."""
    library = new_library()
    image_id = add(library, 1, text)
    run_sync(library.images.set_file_words(image_id, file_words))
    return library, image_id


def row_of(library, image_id):
    (row,) = run_sync(library.listing.of_ids([image_id]))
    return row


def found(library, text):
    return len(run_sync(library.listing.ids(Query(text=text))))


def test_words_of_the_file_stand_and_the_machines_beside_them() -> None:
    library, image_id = library_of(GRANDMA)
    row = row_of(library, image_id)
    assert (row.state, row.text, row.description) == (
        "file",
        "Grandma feeds ducks",
        "At the lake, 1987.",
    )
    assert row.keywords == ("family", "Oma")
    assert row.machine_text == "a woman with birds"
    run_sync(library.images.set_caption(image_id, words("a person near water"), OTHER))
    assert row_of(library, image_id).text == "Grandma feeds ducks"
    assert [found(library, text) for text in ("duck", "1987", "album", "oma")] == [1, 1, 1, 1]
    assert found(library, "person") == 0


def test_a_caption_in_the_file_stands_where_there_is_no_alt_text() -> None:
    library, image_id = library_of(FileWords(description="Oma, 1987"))
    row = row_of(library, image_id)
    assert (row.state, row.text, row.description) == ("file", "Oma, 1987", None)


def test_keywords_alone_leave_the_machines_text_to_be_read() -> None:
    library, image_id = library_of(FileWords(keywords=("Oma",)))
    row = row_of(library, image_id)
    assert (row.state, row.text, row.keywords) == ("automatic", "a woman with birds", ("Oma",))
    (one,) = run_sync(library.listing.words_to_export([image_id]))
    assert (one["source"], one["state"], one["by_person"]) == (
        "trainedAlgorithmicMedia",
        "draft",
        ["keywords"],
    )


def test_counts_and_filters_know_them() -> None:
    library, image_id = library_of(GRANDMA)
    other = add(library, 2, "a dog")
    assert dict(run_sync(library.listing.counts()).states) == {"file": 1, "automatic": 1}
    assert run_sync(library.listing.ids(Query(state="file"))) == [image_id]
    assert run_sync(library.listing.ids(Query(state="automatic"))) == [other]
    run_sync(library.reviews.accept([image_id]))
    assert dict(run_sync(library.listing.counts()).states) == {"reviewed": 1, "automatic": 1}
    run_sync(library.reviews.undo())
    run_sync(library.delete([image_id, other]))
    assert dict(run_sync(library.listing.counts()).states) == {}


def test_accepting_takes_the_files_words_and_going_back_leads_to_them() -> None:
    library, image_id = library_of(GRANDMA)
    run_sync(library.reviews.accept([image_id]))
    row = row_of(library, image_id)
    assert (row.state, row.text, row.keywords) == (
        "reviewed",
        "Grandma feeds ducks",
        ("family", "Oma"),
    )
    run_sync(library.reviews.edit(image_id, PersonWords("Oma Erna")))
    assert row_of(library, image_id).text == "Oma Erna"
    run_sync(library.reviews.reset([image_id]))
    assert row_of(library, image_id).state == "file"
    assert row_of(library, image_id).text == "Grandma feeds ducks"


def test_a_person_may_prefer_the_machines_words() -> None:
    library, image_id = library_of(GRANDMA)
    run_sync(library.reviews.choose(image_id, PersonWords("a woman with birds")))
    row = row_of(library, image_id)
    assert (row.state, row.text) == ("reviewed", "a woman with birds")
    (one,) = run_sync(library.listing.words_to_export([image_id]))
    assert one["source"] == "trainedAlgorithmicMedia"


@pytest.mark.parametrize("is_accepted", [False, True])
def test_an_export_says_that_a_person_wrote_them(is_accepted) -> None:
    library, image_id = library_of(GRANDMA)
    if is_accepted:
        run_sync(library.reviews.accept([image_id]))
    (one,) = run_sync(library.listing.words_to_export([image_id]))
    assert (one["alt_text"], one["caption"]) == ("Grandma feeds ducks", "a woman with birds")
    assert (one["extended_description"], one["keywords"]) == (
        "At the lake, 1987.",
        ["family", "Oma"],
    )
    assert (one["source"], one["state"], one["reviewed"]) == ("humanEdits", "reviewed", True)
    assert one["by_person"] == ["keywords"]


def test_no_model_is_set_on_them_unasked() -> None:
    library, image_id = library_of(GRANDMA)
    assert run_sync(library.queue.count_of_person([image_id])) == 1
    assert run_sync(library.queue.add(ORDER, ids=[image_id])) == 0
    assert run_sync(library.queue.add(ORDER, ids=[image_id], over_person=True)) == 1


def test_rules_take_the_files_words_for_read() -> None:
    library, image_id = library_of(GRANDMA)
    run_sync(library.reviews.write_by_rules([RuledImage(image_id, "reviewed")]))
    run_sync(library.images.set_caption(image_id, words("something else"), OTHER))
    row = row_of(library, image_id)
    assert (row.state, row.text) == ("reviewed", "Grandma feeds ducks")


def test_what_another_version_of_the_file_words_says_takes_their_place() -> None:
    library, image_id = library_of(GRANDMA)
    run_sync(library.images.set_file_words(image_id, FileWords(keywords=("Oma",))))
    assert row_of(library, image_id).state == "automatic"
    assert (found(library, "ducks"), found(library, "oma")) == (0, 1)
