"""Search, filters, orders, windows."""

from __future__ import annotations

import random
import string

import pytest

from pycore.exports import ExportRecord
from pycore.library.listing import Query
from pycore.library.records import PersonWords
from pycore.library.reviews import RuledImage
from pycore.library.search_terms import match_expression
from tests.unit.helpers import run_sync
from tests.unit.library.library_samples import ORDER, OTHER, add, new_image, new_library, words

SORTS = ("newest", "oldest", "name", "date", "confidence")


@pytest.fixture(scope="module")
def library():
    """Fifty images of all kinds; the tests only read."""
    library = new_library()
    chance = random.Random(1)
    for number in range(50):
        folder = ("2026", "2026/Sweden", "2026 old", "")[number % 4]
        date = None if number % 5 == 0 else f"2026-0{number % 9 + 1}-01T10:00:00"
        name = chance.choice(["b.jpg", "B.jpg", "a.png", f"IMG_{number}.jpg"])
        image_id = add(library, number, folder=folder, taken_at=date, name=name)
        if number % 6:
            said = words(
                "a dog in the snow" if number % 2 else "a café by the sea",
                confidence=round(chance.random(), 1),
                looks_like_text=number % 7 == 0,
                text_in_picture="BAR OPEN" if number % 10 == 4 else "",
            )
            run_sync(library.images.set_caption(image_id, said, ORDER if number % 4 else OTHER))
    run_sync(library.queue.add(ORDER, which="without caption"))
    return library


def _all(library):
    return run_sync(library.listing.rows(Query(), limit=1000))


def _found(library, **query):
    found = {row.id for row in run_sync(library.listing.rows(Query(**query), limit=1000))}
    assert run_sync(library.listing.count(Query(**query))) == len(found)
    return found


@pytest.mark.parametrize(
    ("query", "admits"),
    [
        ({}, lambda row: True),
        ({"model": "florence"}, lambda row: row.model == "florence"),
        ({"state": "automatic"}, lambda row: True),
        ({"state": "edited"}, lambda row: False),
        ({"looks_like_text": True}, lambda row: row.looks_like_text is True),
        ({"looks_like_text": False}, lambda row: row.looks_like_text is False),
        (
            {"min_confidence": 0.3, "max_confidence": 0.6},
            lambda row: row.confidence is not None and 0.3 <= row.confidence < 0.6,
        ),
        ({"taken_from": "2026-03"}, lambda row: (row.taken_at or "") >= "2026-03"),
        (
            {"taken_before": "2026-03"},
            lambda row: row.taken_at is not None and row.taken_at < "2026-03",
        ),
        ({"folder": "2026"}, lambda row: row.folder in {"2026", "2026/Sweden"}),
        ({"folder": ""}, lambda row: row.folder == ""),
        ({"job_state": "waiting"}, lambda row: row.text is None),
        ({"text": "dog"}, lambda row: "dog" in (row.text or "")),
        ({"text": "SNOW do"}, lambda row: "dog" in (row.text or "")),
        ({"text": "cafe"}, lambda row: "café" in (row.text or "")),
        ({"text": "open"}, lambda row: row.text_in_picture == "BAR OPEN"),
        ({"text": "img_1"}, lambda row: row.name.startswith("IMG_1")),
        ({"text": "swed"}, lambda row: row.folder == "2026/Sweden"),
        ({"text": "anim", "model": "florence"}, lambda row: row.model == "florence"),
        ({"text": "dog nowhere"}, lambda row: False),
        ({"text": " ?! "}, lambda row: True),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_queries_find_what_they_say(library, query, admits) -> None:
    assert _found(library, **query) == {row.id for row in _all(library) if admits(row)}


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("query", [Query(), Query(text="dog"), Query(folder="2026")], ids=repr)
@pytest.mark.parametrize("size", [1, 7])
def test_windows_join_to_the_whole_list(library, sort, query, size) -> None:
    whole = run_sync(library.listing.rows(query, sort=sort, limit=1000))
    assert [row.id for row in whole] == run_sync(library.listing.ids(query, sort=sort))
    assert {row.id for row in whole} == {
        row.id for row in run_sync(library.listing.rows(query, limit=1000))
    }
    joined, after = [], None
    while window := run_sync(library.listing.rows(query, sort=sort, after=after, limit=size)):
        joined += window
        after = window[-1]
    assert joined == whole


def test_orders(library) -> None:
    rows = _all(library)

    def ids(key):
        return [row.id for row in sorted(rows, key=key)]

    expected = {
        "newest": ids(lambda row: -row.id),
        "oldest": ids(lambda row: row.id),
        "name": ids(lambda row: (row.name.lower(), row.id)),
        "date": ids(lambda row: (row.taken_at or "", row.id))[::-1],
        "confidence": ids(lambda row: (2 if row.confidence is None else row.confidence, row.id)),
    }
    assert {sort: run_sync(library.listing.ids(Query(), sort=sort)) for sort in SORTS} == expected


def test_rows_by_ids_keep_their_order(library) -> None:
    ids = run_sync(library.listing.ids(Query()))
    wanted = [ids[5], 999, ids[2], ids[30]]
    assert [row.id for row in run_sync(library.listing.of_ids(wanted))] == [ids[5], ids[2], ids[30]]


def test_nothing_that_is_typed_is_an_error(library) -> None:
    chance = random.Random(3)
    alphabet = string.ascii_letters + string.punctuation * 4 + " \0\n\t\ud800é中´’😀"
    texts = ["".join(chance.choices(alphabet, k=chance.randint(0, 12))) for _ in range(2000)]
    for text in [*texts, "NOT", "dog OR", "dog*", "caption:dog", '"', "NEAR(a b", "a^2", "-"]:
        run_sync(library.listing.rows(Query(text=text), limit=1))


def test_expressions() -> None:
    assert match_expression('red "car ?') == '"red"* AND """car"*'
    assert match_expression(" - \0 ") is None


def test_what_an_export_says() -> None:
    library = new_library()
    ids = [add(library, number, "a dog") for number in range(6)]
    run_sync(library.reviews.edit(ids[5], PersonWords(keywords=("Bo",))))
    run_sync(library.reviews.edit(ids[1], PersonWords(text="our dog", keywords=("Bo", "é"))))
    run_sync(library.reviews.accept(ids[2:3]))
    run_sync(library.reviews.mark_decorative(ids[3:4]))
    bare = run_sync(library.images.add(new_image(9, folder="")))
    records = run_sync(library.listing.words_to_export([*reversed(ids), bare]))
    lists = ("keywords", "earlier", "by_person")
    found = [ExportRecord(**one | {name: tuple(one[name]) for name in lists}) for one in records]
    assert [(one.source, one.state, one.reviewed) for one in found] == [
        ("trainedAlgorithmicMedia", "reviewed", True),
        ("trainedAlgorithmicMedia", "draft", False),
        ("", "decorative", True),
        ("trainedAlgorithmicMedia", "reviewed", True),
        ("humanEdits", "reviewed", True),
        ("trainedAlgorithmicMedia", "draft", False),
        ("", "empty", False),
    ]
    edited = found[4]
    assert (edited.alt_text, edited.caption) == ("our dog", "a dog")
    assert (edited.keywords, edited.name[:12]) == (("Bo", "é"), "2026/Sweden/")
    assert (edited.model, edited.revision) == (ORDER.model, ORDER.revision)
    assert (found[2].alt_text, found[6].name, found[6].date) == ("", new_image(9).name, "")


def test_an_export_says_what_a_person_wrote() -> None:
    library = new_library()
    ids = [add(library, number, "a dog") for number in range(9)]
    untouched, ruled, read, read_ruled, mine, cleaned, others, put_right, aside = ids
    rules = [
        RuledImage(one, "automatic", ("animal", "pet")) for one in (ruled, read_ruled, cleaned)
    ]
    run_sync(library.reviews.write_by_rules(rules))
    run_sync(library.reviews.accept([read, read_ruled]))
    run_sync(library.reviews.edit(mine, PersonWords(keywords=("Rex",))))
    run_sync(library.reviews.edit(cleaned, PersonWords("Rex.", keywords=("animal", "sea"))))
    run_sync(library.reviews.edit(others, PersonWords("Rex.")))
    run_sync(library.reviews.edit(put_right, PersonWords(text_in_picture="BEWARE")))
    run_sync(library.reviews.edit(aside, PersonWords(keywords=())))
    run_sync(library.reviews.mark_decorative([aside]))
    records = run_sync(library.listing.words_to_export(ids))
    found = {image_id: one["by_person"] for image_id, one in zip(ids, records, strict=True)}
    assert found == {
        untouched: [],
        ruled: [],
        read: [],
        read_ruled: ["keywords"],
        mine: ["keywords"],
        cleaned: ["keywords"],  # the machine's are left, after a person took the rules' away
        others: [],
        put_right: ["text"],
        aside: ["keywords"],
    }
