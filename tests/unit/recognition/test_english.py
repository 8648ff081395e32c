from __future__ import annotations

import pytest

from pycore.recognition.english import Noun, plural, with_article


@pytest.mark.parametrize(
    ("notation", "one", "two", "seven", "word"),
    [
        ("cat", "a cat", "two cats", "several cats", "cat"),
        ("goose/geese", "a goose", "two geese", "several geese", "goose"),
        ("=hay", "hay", "hay", "hay", "hay"),
        ("~jeans", "a pair of jeans", "two pairs of jeans", "several pairs of jeans", "jeans"),
        ("skis|a pair of skis|skis", "a pair of skis", "two skis", "several skis", "skis"),
        ("person/people", "a person", "two people", "several people", "person"),
    ],
)  # fmt: skip
def test_a_noun_is_counted_as_a_person_would(
    notation: str, one: str, two: str, seven: str, word: str
) -> None:
    noun = Noun.parse(notation)
    assert (noun.count(1), noun.count(2), noun.count(7)) == (one, two, seven)
    assert noun.word == word


def test_counts_are_words_up_to_five() -> None:
    noun = Noun.parse("kite")
    assert [noun.count(n) for n in (3, 4, 5, 6)] == [
        "three kites", "four kites", "five kites", "several kites",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("umbrella", "an umbrella"),
        ("unicycle", "a unicycle"),
        ("hourglass", "an hourglass"),
        ("horse", "a horse"),
        ("European robin", "a European robin"),
        ("iPod", "an iPod"),
        ("Old English sheepdog", "an Old English sheepdog"),
        ("upright piano", "an upright piano"),
    ],
)
def test_the_article_goes_by_sound(words: str, said: str) -> None:
    assert with_article(words) == said


@pytest.mark.parametrize(
    ("one", "many"),
    [("fox", "foxes"), ("bus", "buses"), ("finch", "finches"), ("toothbrush", "toothbrushes"),
     ("butterfly", "butterflies"), ("tray", "trays"), ("dog", "dogs")],
)  # fmt: skip
def test_regular_plurals(one: str, many: str) -> None:
    assert plural(one) == many
