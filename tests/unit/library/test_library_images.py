"""Images, captions, deleting."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pycore.errors import InputError
from pycore.library.listing import Query
from pycore.library.records import Order, PersonWords, Place, Thumbnail
from tests.unit.helpers import run_sync
from tests.unit.library.library_samples import (
    ORDER,
    OTHER,
    THUMBNAIL,
    add,
    dump,
    new_database,
    new_image,
    new_library,
    words,
)


def test_the_same_bytes_are_one_image_with_two_places() -> None:
    library = new_library()
    first = add(library, 1)
    assert add(library, 1, folder="copies", name="copy.jpg") == first
    assert add(library, 1) == first
    assert run_sync(library.images.places(first)) == [
        Place("2026/Sweden", "IMG_0001.jpg"),
        Place("copies", "copy.jpg"),
    ]
    image = run_sync(library.images.get(new_image(1).sha256))
    assert image is not None
    assert (image.id, image.name, image.folder) == (first, "IMG_0001.jpg", "2026/Sweden")
    assert (image.text, image.model, image.looks_like_text, image.keywords) == (None,) * 4
    counts = run_sync(library.listing.counts())
    assert (counts.images, counts.folders) == (1, {"2026/Sweden": 1, "copies": 1})


def test_a_size_that_nobody_knew_is_said_later_and_once() -> None:
    library = new_library()
    unknown = run_sync(library.images.add(replace(new_image(1), width=0, height=0)))
    for size in ((640, 480), (1, 1)):
        run_sync(library.images.set_size(unknown, *size))
    image = run_sync(library.images.get(new_image(1).sha256))
    assert image is not None
    assert (image.width, image.height) == (640, 480)


def test_many_are_added_in_their_order() -> None:
    library = new_library()
    numbers = [3, 1, 3, 2]
    ids = run_sync(library.images.add_all([new_image(number) for number in numbers]))
    assert ids[0] == ids[2]
    assert len(set(ids)) == 3
    assert run_sync(library.images.add_all([])) == []
    assert run_sync(library.images.get("0" * 64)) is None


@pytest.mark.parametrize("handle", ["", "0" * 63, "A" * 64, "g" * 64])
def test_a_handle_is_a_sha256(handle) -> None:
    with pytest.raises(InputError, match="64"):
        add(new_library(), 1, sha256=handle)


def test_names_that_are_no_unicode_are_kept_readable() -> None:
    library = new_library()
    add(library, 1, name="caf\udce9.jpg", folder="a\0b")
    (row,) = run_sync(library.listing.rows(Query(text="caf")))
    assert (row.name, row.folder) == ("caf?.jpg", "a\0b")


def test_thumbnails_come_by_id() -> None:
    library = new_library()
    with_one, without = add(library, 1), add(library, 2, thumbnail=None, thumbnail_type=None)
    assert run_sync(library.images.thumbnails([with_one, without, 99])) == {
        with_one: Thumbnail("image/jpeg", THUMBNAIL)
    }
    add(library, 2, thumbnail=b"late")
    assert run_sync(library.images.thumbnails([without]))[without].data == b"late"


def test_a_caption_each_for_model_and_options() -> None:
    library = new_library()
    image_id = add(library, 1, "a dog")
    images = library.images
    run_sync(images.set_caption(image_id, words("a cat", looks_like_text=True), OTHER))
    run_sync(images.set_caption(image_id, words("a wolf"), ORDER))
    current, other = run_sync(images.captions(image_id))
    assert (current.words, current.order) == (words("a wolf"), ORDER)
    assert (other.words.text, other.words.looks_like_text, other.order) == ("a cat", True, OTHER)
    (row,) = run_sync(library.listing.rows(Query()))
    assert (row.text, row.model, row.confidence) == ("a wolf", "vit-gpt2", 0.75)
    assert row.looks_like_text is False
    assert row.keywords == ("animal", "sea")


def test_where_the_model_looked_goes_with_its_words() -> None:
    library = new_library()
    image_id = add(library, 1, "a dog")
    statements = library.images._statements
    look: dict[str, Any] = {"height": 1, "width": 1, "seen": "[0, 0, 1, 1]", "levels": b"\xf0"}

    def kept() -> list[Any]:
        rows = run_sync(statements.rows("captions", image_id=image_id))
        assert rows[0]["has_look"] == len(run_sync(statements.rows("get_look", image_id=image_id)))
        return [row["has_look"] for row in rows]

    assert kept() == [0]
    for text in ("a cat", "a dog", "a dog"):  # of other words it is not taken; once more it is
        run_sync(statements.rows("set_look", image_id=image_id, text=text, **look))
    assert kept() == [1]
    assert run_sync(statements.rows("get_look", image_id=image_id)) == [{"text": "a dog", **look}]
    run_sync(library.images.set_caption(image_id, words("a dog", confidence=0.5), ORDER))
    assert kept() == [1]
    run_sync(library.images.set_caption(image_id, words("a cat"), OTHER))
    assert kept() == [0, 1]
    run_sync(library.images.set_caption(image_id, words("a wolf"), ORDER))
    assert kept() == [0, 0]


def test_the_order_of_options_makes_no_other_caption() -> None:
    one, other = Order("m", "r", {"a": 1, "b": 2}), Order("m", "r", {"b": 2, "a": 1})
    assert one.parameters() == other.parameters()


SECRETS = (
    b"zebra",
    b"umbrella",
    b"Xanadu",
    b"quagmire",
    b"telescope",
    b"PIXELS-OF-IT",
    b"LOOKED-T",
)


def _secret_image(library) -> int:
    image_id = add(
        library, 77, "a zebra under an umbrella", folder="Xanadu", thumbnail=b"PIXELS-OF-IT"
    )
    text, look = "a zebra under an umbrella", {"height": 1, "width": 1, "levels": b"LOOKED-THERE"}
    statements = library.images._statements
    run_sync(statements.rows("set_look", image_id=image_id, text=text, seen="[]", **look))
    run_sync(library.reviews.edit(image_id, PersonWords(text="a quagmire")))
    run_sync(library.reviews.edit(image_id, PersonWords(text="a telescope")))
    run_sync(library.reviews.undo())
    run_sync(library.queue.add(ORDER, over_person=True))
    return image_id


def test_nothing_is_left_of_a_deleted_image(tmp_path) -> None:
    path = tmp_path / "library.sqlite"
    database = new_database(path)
    library = new_library(database)
    others = [add(library, number, f"a dog, number {number}") for number in range(40)]
    run_sync(library.queue.add(ORDER, ids=others))
    run_sync(library.reviews.edit(others[0], PersonWords(text="mine")))
    before = dump(database)
    image_id = _secret_image(library)
    assert all(secret in path.read_bytes() for secret in SECRETS)
    run_sync(library.delete([image_id]))
    content = path.read_bytes()
    assert not [secret for secret in SECRETS if secret in content]
    assert dump(database) == before
    assert [step.image_count for step in run_sync(library.reviews.undo_steps())] == [1]


def test_the_room_of_what_was_deleted_is_given_back(tmp_path) -> None:
    path = tmp_path / "library.sqlite"
    library = new_library(new_database(path))
    empty = path.stat().st_size
    ids = [add(library, number, f"a dog, number {number}") for number in range(40)]
    run_sync(library.delete(ids))
    assert path.stat().st_size > empty
    run_sync(library.compact())
    assert path.stat().st_size <= empty
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_ids_are_never_used_again() -> None:
    library = new_library()
    first = add(library, 1)
    run_sync(library.delete([first]))
    assert add(library, 2) > first


def test_an_image_is_itself_after_words_were_saved_into_its_file() -> None:
    library = new_library()
    image_id, other = add(library, 1, "a dog"), add(library, 2, "a cat")
    former, taken = new_image(1).sha256, new_image(2).sha256
    run_sync(library.images.set_sha256(former, "ab" * 32, 4321))
    row = run_sync(library.images.get("ab" * 32))
    assert row is not None
    assert (row.id, row.size_bytes, row.text) == (image_id, 4321, "a dog")
    assert run_sync(library.images.get(former)) is None
    (said,) = run_sync(library.listing.words_to_export([image_id]))
    assert (said["sha256"], said["earlier"]) == ("ab" * 32, [former])
    again = new_image(1, sha256="ab" * 32, size_bytes=4321)
    assert run_sync(library.images.add(again)) == image_id
    # The new bytes are an image of their own already: both stay.
    run_sync(library.images.set_sha256("ab" * 32, taken, 1))
    assert run_sync(library.images.get("ab" * 32)) is not None
    found = run_sync(library.images.get(taken))
    assert found is not None
    assert found.id == other
