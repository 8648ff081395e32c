"""Patterns of words against Python's own; rules of any kind through JSON and back."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from pycore.errors import RulesError
from pycore.rules import TESTS, Action, Condition, Rule, WordPattern, from_json, to_json

FEW = settings(max_examples=200, derandomize=True, deadline=None, database=None)
WORD = st.text("ab*?", min_size=1, max_size=8)


@FEW
@given(st.lists(WORD, min_size=1, max_size=3), st.lists(st.text("ab", min_size=1), max_size=6))
def test_patterns_match_as_regular_expressions_would(pattern, words) -> None:
    inside = [
        "".join({"*": "[ab]*", "?": "[ab]"}.get(letter, letter) for letter in word)
        for word in pattern
    ]
    try:
        found = WordPattern(" ".join(pattern)).matches(" ".join(words))
    except RulesError:
        assert any(not set(word) - set("*?") for word in pattern)
        return
    wanted = re.search(rf"(?<!\S){' '.join(inside)}(?!\S)", " ".join(words))
    assert found == (wanted is not None)


CONDITIONS = st.one_of(
    st.builds(Condition, st.just("confidence"), st.just("is under"), st.floats(0, 1)),
    st.builds(
        Condition,
        st.sampled_from(["caption", "text", "name"]),
        st.sampled_from(["contains", "lacks"]),
        st.text(min_size=1, max_size=50).map(lambda words: "a " + words),
    ),
    *[
        st.builds(Condition, st.just(where), st.sampled_from(["is there", "is missing"]))
        for where, tests in TESTS.items()
        if "is there" in tests
    ],
)
ACTIONS = st.one_of(
    st.just(Action("flag")),
    st.builds(Action, st.just("add keyword"), st.text(max_size=50).map(lambda words: "a" + words)),
)
RULES = st.builds(
    Rule,
    st.lists(CONDITIONS, min_size=1, max_size=3).map(tuple),
    st.lists(ACTIONS, min_size=1, max_size=3).map(tuple),
    st.sampled_from(["all", "any"]),
    st.booleans(),
)


@FEW
@given(st.lists(RULES, max_size=4))
def test_rules_come_back_from_json(rules) -> None:
    assert from_json(to_json(rules)) == rules
