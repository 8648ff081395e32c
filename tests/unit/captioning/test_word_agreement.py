from __future__ import annotations

import math

import pytest

from pycore.captioning.word_agreement import mark_words


def agreements(texts: list[str], shares: list[float]) -> list[dict[str, float]]:
    marked = mark_words(texts, [math.log(share) for share in shares])
    return [{word.text: round(word.agreement, 6) for word in words} for words in marked]


def test_a_single_candidate_agrees_with_itself() -> None:
    (words,) = mark_words(["two dogs on grass"], [-3.0])
    assert [word.text for word in words] == ["two", "dogs", "on", "grass"]
    assert all(word.agreement == 1.0 and not word.doubtful for word in words)


def test_words_are_weighed_by_the_probability_of_their_candidates() -> None:
    texts = ["a cat on a bed", "a dog on a bed", "a dog on the bed"]
    first, second, third = agreements(texts, [0.4, 0.3, 0.1])
    assert first == {"a": 0.875, "cat": 0.5, "on": 1.0, "bed": 1.0}
    assert second["dog"] == 0.5
    assert third["the"] == 0.125


def test_words_of_the_minority_are_doubtful() -> None:
    texts = ["three red cars", "two red cars", "two red cars and a bus"]
    marked = mark_words(texts, [math.log(share) for share in (0.4, 0.35, 0.25)])
    assert [word.doubtful for word in marked[0]] == [True, False, False]
    assert [word.doubtful for word in marked[1]] == [False, False, False]
    assert [word.doubtful for word in marked[2]] == [False, False, False, True, True, True]


def test_case_and_punctuation_do_not_matter() -> None:
    (first, _) = agreements(["A dog, a cat.", "a dog a cat"], [0.5, 0.5])
    assert set(first.values()) == {1.0}
    assert list(first) == ["A", "dog,", "a", "cat."]


def test_words_in_another_place_do_not_count() -> None:
    first, _ = agreements(["a cat beside a dog", "a dog beside a cat"], [0.5, 0.5])
    assert first["cat"] < 1
    assert first["dog"] < 1
    assert first["beside"] == 1.0


def test_only_differences_of_log_probabilities_matter() -> None:
    texts = ["a cat", "a dog"]
    near, far = (mark_words(texts, [base, base - 1.0]) for base in (-1.0, -5000.0))
    assert near == far
    assert near[0][1].agreement == pytest.approx(1 / (1 + math.exp(-1)))


def test_nothing_to_compare() -> None:
    assert mark_words([], []) == []
    assert mark_words(["", "a"], [0.0, 0.0])[0] == ()
    assert [word.text for word in mark_words(["--- !"], [0.0])[0]] == ["---", "!"]
