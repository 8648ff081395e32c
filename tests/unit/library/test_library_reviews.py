"""The person's words and states, and undo."""

from __future__ import annotations

import random
import sqlite3
from typing import Any

import pytest

from pycore.library.listing import Query
from pycore.library.records import PersonWords
from pycore.library.reviews import RuledImage
from tests.unit.helpers import run_sync
from tests.unit.library.library_samples import OTHER, add, dump, new_database, new_library, words


def _row(library, number=0):
    return run_sync(library.listing.rows(Query(), sort="oldest"))[number]


def _states(library):
    return dict(run_sync(library.listing.counts()).states)


def test_the_machines_words_stay_beside_the_persons() -> None:
    library = new_library()
    image_id = add(library, 1, "a dog")
    mine = PersonWords("Our dog Rex", "He waits for the ball.", ("Rex",), "BEWARE")
    run_sync(library.reviews.edit(image_id, mine))
    row = _row(library)
    assert (row.state, row.text, row.machine_text) == ("edited", "Our dog Rex", "a dog")
    assert (row.description, row.keywords) == ("He waits for the ball.", ("Rex",))
    assert row.text_in_picture == "BEWARE"
    review = run_sync(library.reviews.get(image_id))
    assert review is not None
    assert review.words == mine
    run_sync(library.reviews.edit(image_id, PersonWords(text="Rex")))
    row = _row(library)
    assert (row.text, row.keywords, row.description) == ("Rex", ("animal", "sea"), None)


def test_another_model_changes_no_words_of_a_person() -> None:
    library = new_library()
    edited, accepted, automatic = (add(library, number, "a dog") for number in range(3))
    run_sync(library.reviews.edit(edited, PersonWords(text="Rex")))
    run_sync(library.reviews.accept([accepted]))
    for image_id in (edited, accepted, automatic):
        run_sync(library.images.set_caption(image_id, words("a cat"), OTHER))
    rows = run_sync(library.listing.of_ids([edited, accepted, automatic]))
    assert [row.text for row in rows] == ["Rex", "a dog", "a cat"]
    assert [row.machine_text for row in rows] == ["a cat"] * 3


def test_states_and_their_counts() -> None:
    library = new_library()
    ids = [add(library, number, "a dog") for number in range(4)]
    blank = add(library, 9)
    assert _states(library) == {"automatic": 5}
    run_sync(library.reviews.accept([*ids[:2], blank]))
    run_sync(library.reviews.edit(ids[2], PersonWords(text="Rex")))
    run_sync(library.reviews.mark_decorative([ids[3]]))
    assert _states(library) == {"automatic": 1, "reviewed": 2, "edited": 1, "decorative": 1}
    run_sync(library.reviews.accept(ids))
    assert _states(library) == {"automatic": 1, "reviewed": 3, "edited": 1}
    run_sync(library.reviews.mark_decorative([ids[2]]))
    run_sync(library.reviews.accept([ids[2]]))
    assert _row(library, 2).state == "edited"
    assert _row(library, 2).text == "Rex"
    run_sync(library.reviews.reset(ids))
    assert _states(library) == {"automatic": 5}
    run_sync(library.reviews.choose(ids[0], PersonWords(text="a dog at sunset")))
    assert (_row(library).state, _row(library).text) == ("reviewed", "a dog at sunset")


def test_undo_takes_back_one_step_each_time() -> None:
    library = new_library()
    ids = [add(library, number, "a dog") for number in range(3)]
    assert run_sync(library.reviews.undo()) is None
    run_sync(library.reviews.edit(ids[0], PersonWords(text="Rex")))
    run_sync(library.reviews.accept(ids))
    step = run_sync(library.reviews.undo())
    assert step is not None
    assert (step.label, step.image_count) == ("accept", 2)
    assert _states(library) == {"automatic": 2, "edited": 1}
    run_sync(library.reviews.undo())
    assert _states(library) == {"automatic": 3}
    assert run_sync(library.reviews.undo()) is None
    assert run_sync(library.reviews.undo_steps()) == []


def test_words_that_were_undone_are_not_kept() -> None:
    database = new_database()
    library = new_library(database)
    image_id = add(library, 1, "a dog")
    for text in ("Rex", "Bo"):
        run_sync(library.reviews.edit(image_id, PersonWords(text=text)))
    run_sync(library.reviews.undo())
    kept = database._connection.execute("SELECT step_id, after ->> 'text' FROM undo_entry")
    assert [tuple(row) for row in kept] == [(1, "Rex")]


def test_no_change_goes_unlogged() -> None:
    database = new_database()
    image_id = add(new_library(database), 1, "a dog")
    with pytest.raises(sqlite3.IntegrityError, match="step_id"):
        database._connection.execute(
            "INSERT INTO review (image_id, state, changed_at) VALUES (?, 'reviewed', '')",
            (image_id,),
        )


def test_what_a_person_wrote_is_found_and_what_it_replaced_is_not() -> None:
    library = new_library()
    image_id = add(library, 1, "a dog")

    def found(text):
        return run_sync(library.listing.count(Query(text=text)))

    run_sync(library.reviews.edit(image_id, PersonWords("a wolf", "by night", ("forest",))))
    assert [found(text) for text in ("wolf", "night", "forest", "dog", "animal")] == [1, 1, 1, 0, 0]
    run_sync(library.reviews.undo())
    assert [found(text) for text in ("wolf", "night", "forest", "dog", "animal")] == [0, 0, 0, 1, 1]


@pytest.mark.parametrize("seed", range(12))
def test_any_changes_undone_leave_everything_as_it_was(seed) -> None:
    """Undo walks back through every state that was; counts and index follow."""
    chance = random.Random(seed)
    database = new_database()
    library = new_library(database)
    ids = [add(library, number, f"picture {number}") for number in range(6)]
    reviews = library.reviews
    states = [dump(database)]
    for _ in range(25):
        some = chance.sample(ids, chance.randint(1, len(ids)))
        text = chance.choice([None, "", "Rex", "Ætna"])
        keywords = chance.choice([None, (), ("a", 'b"c')])
        kind: Any = chance.choice([None, "automatic", "reviewed", "edited", "decorative"])
        fields = {text: text} if text else None
        ruled = RuledImage(some[0], kind, keywords, text, fields, bool(text))
        change = chance.choice(
            [
                lambda: reviews.edit(some[0], PersonWords(text, text, keywords, text)),  # noqa: B023
                lambda: reviews.choose(some[0], PersonWords(text)),  # noqa: B023
                lambda: reviews.accept(some),  # noqa: B023
                lambda: reviews.mark_decorative(some),  # noqa: B023
                lambda: reviews.reset(some),  # noqa: B023
                lambda: reviews.write_by_rules([ruled]),  # noqa: B023
                lambda: reviews.clear_marks(some),  # noqa: B023
            ]
        )
        run_sync(change())
        if dump(database) != states[-1]:
            states.append(dump(database))
    for state in reversed(states[:-1]):
        assert run_sync(reviews.undo()) is not None
        assert dump(database) == state
    assert run_sync(reviews.undo()) is None
    database._connection.execute("INSERT INTO search (search) VALUES ('integrity-check')")


def test_rules_change_keywords_and_states_and_nothing_else() -> None:
    database = new_database()
    library = new_library(database)
    fresh, edited, declared = (add(library, number, "a dog") for number in range(3))
    mine = PersonWords("Rex", "He waits.", ("Rex",))
    run_sync(library.reviews.edit(edited, mine))
    before = dump(database)["review"]
    run_sync(
        library.reviews.write_by_rules(
            [
                RuledImage(fresh, "automatic", ("animal", "pet")),
                RuledImage(edited, "edited", ("Rex", "pet")),
                RuledImage(declared, "reviewed"),
                RuledImage(999, "automatic", ()),
            ]
        )
    )
    rows = run_sync(library.listing.of_ids([fresh, edited, declared]))
    assert [row.state for row in rows] == ["automatic", "edited", "reviewed"]
    assert [row.keywords for row in rows] == [("animal", "pet"), ("Rex", "pet"), ("animal", "sea")]
    assert (rows[1].text, rows[1].description) == ("Rex", "He waits.")
    assert run_sync(library.listing.count(Query(text="pet"))) == 2
    for image_id in (fresh, declared):  # what a rule declares read stays, as with a person
        run_sync(library.images.set_caption(image_id, words("a cat", text_in_picture="?"), OTHER))
    rows = run_sync(library.listing.of_ids([fresh, declared]))
    assert [(row.text, row.text_in_picture) for row in rows] == [("a cat", "?"), ("a dog", "")]
    assert rows[0].keywords == ("animal", "pet")
    step = run_sync(library.reviews.undo())
    assert step is not None
    assert (step.label, step.image_count) == ("rules", 3)
    assert dump(database)["review"] == before


def test_keywords_of_rules_stay_until_a_person_writes_others() -> None:
    library = new_library()
    image_id = add(library, 1, "a dog")
    run_sync(library.reviews.write_by_rules([RuledImage(image_id, "automatic", ("pet",))]))
    run_sync(library.reviews.edit(image_id, PersonWords(text="Rex")))
    assert _row(library).keywords == ("pet",)
    run_sync(library.reviews.edit(image_id, PersonWords(text="Rex")))
    assert _row(library).keywords == ("animal", "sea")


def test_fields_whose_names_and_values_read_alike_are_marks_of_their_own() -> None:
    library = new_library()
    one, other = add(library, 1, "a dog"), add(library, 2, "a cat")
    for image_id, fields in ((one, {"a": "b: c"}), (other, {"a: b": "c"})):
        run_sync(library.reviews.write_by_rules([RuledImage(image_id, fields=fields)]))
    marks = run_sync(library.listing.counts()).marks
    assert marks == {'["a","b: c"]': 1, '["a: b","c"]': 1}
    found = run_sync(library.listing.ids(Query(mark='["a: b","c"]')))
    assert found == [other]


def test_marks_of_rules_are_kept_found_exported_and_taken_back() -> None:
    database = new_database()
    library = new_library(database)
    dog, cat, bare = (add(library, number, "a dog") for number in range(3))
    before = dump(database)
    fields = {"licence": "mine", "price": "5"}
    changes = [
        RuledImage(dog, export_folder="dogs/best", fields=fields, is_flagged=True),
        RuledImage(cat, is_flagged=True),
    ]
    run_sync(library.reviews.write_by_rules(changes))
    row, other, without = run_sync(library.listing.of_ids([dog, cat, bare]))
    assert (row.export_folder, row.fields, row.is_flagged) == ("dogs/best", fields, True)
    assert (other.export_folder, other.fields, other.is_flagged) == ("", {}, True)
    assert (without.is_flagged, row.state, row.text) == (False, "automatic", "a dog")
    marks = {"flagged": 2, "/dogs/best": 1, '["licence","mine"]': 1, '["price","5"]': 1}
    assert run_sync(library.listing.counts()).marks == marks
    for mark, count in marks.items():
        assert run_sync(library.listing.count(Query(mark=mark))) == count
    assert run_sync(library.listing.count(Query(mark="/dogs"))) == 0
    exported = run_sync(library.listing.words_to_export([dog, cat, bare]))
    assert [one["name"] for one in exported] == [
        "dogs/best/IMG_0000.jpg", "2026/Sweden/IMG_0001.jpg", "2026/Sweden/IMG_0002.jpg"
    ]  # fmt: skip
    assert [one["fields"] for one in exported] == [
        {**fields, "flagged": "yes"}, {"flagged": "yes"}, {}
    ]  # fmt: skip

    run_sync(library.reviews.edit(dog, PersonWords("Rex")))
    run_sync(library.reviews.accept([dog, cat]))
    run_sync(library.reviews.reset([dog, cat]))  # words; marks are no words
    assert run_sync(library.listing.counts()).marks == marks
    assert _states(library) == {"automatic": 3}
    run_sync(library.reviews.clear_marks([dog, cat, bare]))
    assert run_sync(library.listing.counts()).marks == {}
    step = run_sync(library.reviews.undo())
    assert step is not None
    assert (step.label, step.image_count) == ("marks", 2)
    assert run_sync(library.listing.counts()).marks == marks
    run_sync(library.delete([cat]))
    assert run_sync(library.listing.counts()).marks == {**marks, "flagged": 1}
    while run_sync(library.reviews.undo()):
        pass
    assert dump(database)["review"] == before["review"] == []
    assert run_sync(library.listing.counts()).marks == {}


def test_a_rule_that_says_automatic_brings_the_machines_words_back() -> None:
    database = new_database()
    library = new_library(database)
    edited, accepted, kept_aside, marked = (add(library, number, "a dog") for number in range(4))
    mine = PersonWords("Rex", "He waits.", ("Rex",), "BEWARE")
    for image_id in (edited, kept_aside):
        run_sync(library.reviews.edit(image_id, mine))
    run_sync(library.reviews.accept([accepted]))
    run_sync(library.reviews.mark_decorative([kept_aside]))
    run_sync(library.reviews.write_by_rules([RuledImage(marked, keywords=("pet",))]))
    before = dump(database)["review"]
    ids = [edited, accepted, kept_aside, marked]
    automatic = [RuledImage(one, "automatic") for one in ids]
    automatic[1] = RuledImage(accepted, "automatic", ("animal", "pet"))
    run_sync(library.reviews.write_by_rules(automatic))
    for image_id in ids:
        run_sync(library.images.set_caption(image_id, words("a cat", text_in_picture="?"), OTHER))
    rows = run_sync(library.listing.of_ids(ids))
    found = [(row.text, row.description, row.text_in_picture, row.keywords) for row in rows]
    assert found == [
        ("a cat", None, "?", ("animal", "sea")),
        ("a cat", None, "?", ("animal", "pet")),
        ("a cat", None, "?", ("animal", "sea")),
        ("a cat", None, "?", ("pet",)),
    ]
    run_sync(library.reviews.undo())
    assert dump(database)["review"] == before


def test_words_kept_aside_are_still_a_persons_when_a_rule_takes_them_for_read() -> None:
    library = new_library()
    mine, machines = add(library, 1, "a dog"), add(library, 2, "a dog")
    run_sync(library.reviews.edit(mine, PersonWords("Rex")))
    run_sync(library.reviews.accept([machines]))
    run_sync(library.reviews.mark_decorative([mine, machines]))
    changes = [RuledImage(one, "reviewed") for one in (mine, machines)]
    run_sync(library.reviews.write_by_rules(changes))
    exported = run_sync(library.listing.words_to_export([mine, machines]))
    assert [one["source"] for one in exported] == ["humanEdits", "trainedAlgorithmicMedia"]
    assert _states(library) == {"edited": 1, "reviewed": 1}


def test_a_table_is_one_step() -> None:
    database = new_database()
    library = new_library(database)
    ids = first, second, read, blank = (
        *(add(library, n, "a dog") for n in range(3)),
        add(library, 9),
    )
    before = dump(database)["review"]
    edited = {first: PersonWords("Rex."), second: PersonWords("Bo.", keywords=("Bo",))}
    run_sync(library.reviews.take_table(edited, [read, blank]))
    rows = run_sync(library.listing.of_ids(ids))
    assert [(row.state, row.text) for row in rows] == [
        ("edited", "Rex."), ("edited", "Bo."), ("reviewed", "a dog"), ("automatic", None)
    ]  # fmt: skip
    step = run_sync(library.reviews.undo())
    assert step is not None
    assert (step.label, step.image_count) == ("table", 3)
    assert dump(database)["review"] == before


def test_no_rule_takes_edited_words_for_the_machines() -> None:
    library = new_library()
    image_id = add(library, 1, "a dog")
    run_sync(library.reviews.edit(image_id, PersonWords("Rex")))
    run_sync(library.reviews.write_by_rules([RuledImage(image_id, "reviewed", ("pet",))]))
    (said,) = run_sync(library.listing.words_to_export([image_id]))
    assert (said["alt_text"], said["source"]) == ("Rex", "humanEdits")
    assert (_row(library).state, _row(library).keywords) == ("edited", ("pet",))


def test_a_reset_that_changes_nothing_is_no_step() -> None:
    library = new_library()
    flagged, other = add(library, 1, "a dog"), add(library, 2, "a cat")
    run_sync(library.reviews.write_by_rules([RuledImage(flagged, is_flagged=True)]))
    run_sync(library.reviews.accept([other]))
    run_sync(library.reviews.undo())
    run_sync(library.reviews.reset([flagged, other]))
    assert [step.label for step in run_sync(library.reviews.undo_steps())] == ["rules"]
    # Keywords of rules are words: they go.
    run_sync(library.reviews.write_by_rules([RuledImage(flagged, keywords=("pet",))]))
    run_sync(library.reviews.reset([flagged]))
    (row,) = run_sync(library.listing.of_ids([flagged]))
    assert (row.keywords, row.is_flagged) == (("animal", "sea"), True)
