"""Rules: what they say, what they find, what they change, and how it is taken back."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest

from pycore.errors import RulesError
from pycore.rules import (
    TESTS,
    Action,
    Condition,
    Rule,
    Subject,
    WordPattern,
    from_filestack,
    from_json,
    run,
    to_json,
    wording,
)

DOG = Subject("a/dog.jpg", "Two black dogs on a beach", keywords=("Dog",), confidence=0.4)
CAT = Subject("cat.jpg", "a category of things", text="CATS", confidence=0.9, state="edited")
FLAG = (Action("flag"),)


@pytest.mark.parametrize(
    ("pattern", "text", "is_found"),
    [
        ("dog", "A DOG.", True),
        ("dog", "dogs", False),
        ("dog*", "two dogs", True),
        ("*dog", "a bulldog", True),
        ("d?g", "dig", True),
        ("d?g", "dg", False),
        ("black dog", "a black dog", True),
        ("black dog", "black and a dog", False),
        ("black ... dog", "black and a dog", True),
        ("black … dog", "dog and black", False),
        ("a ... a", "a", False),
        ("cat | dog", "a dog", True),
        ("t-shirt", "a T-shirt", True),
        ("man's", "the man’s hat", True),
        ("straße", "STRASSE", True),
        ("été", "L'été", False),
        ("*été", "l'été", True),
        ("*", "word", None),
        ("a.b", "a b", None),
        ("[a]", "a", None),
        ("a ||", "a", None),
        (" ", "a", None),
        ("a" * 201, "a", None),
    ],
)
def test_patterns(pattern, text, is_found) -> None:
    if is_found is None:
        with pytest.raises(RulesError):
            WordPattern(pattern)
    else:
        assert WordPattern(pattern).matches(text) is is_found


def test_no_pattern_runs_away() -> None:
    started = time.process_time()
    pattern = "*a" * 99 + "b"
    assert not WordPattern(pattern).matches("a" * 50_000)
    assert not WordPattern("a ... " * 33 + "b").matches("a " * 50_000)
    assert not WordPattern(" ".join("a" * 99) + " b").matches("a " * 50_000)
    assert time.process_time() - started < 60  # it would be years


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (Condition("caption", "contains", "black dogs"), [DOG]),
        (Condition("caption", "contains", "cat"), []),
        (Condition("caption", "lacks", "beach"), [CAT]),
        (Condition("caption", "matches", "dog* ... beach"), [DOG]),
        (Condition("alt text", "is missing"), [DOG, CAT]),
        (Condition("text", "is there"), [CAT]),
        (Condition("name", "contains", "a dog"), [DOG]),
        (Condition("keyword", "is", "dog"), [DOG]),
        (Condition("keyword", "is not", "dog"), [CAT]),
        (Condition("keyword", "matches", "d*"), [DOG]),
        (Condition("keyword", "is missing"), [CAT]),
        (Condition("confidence", "is under", 0.5), [DOG]),
        (Condition("confidence", "is over", 0.5), [CAT]),
        (Condition("confidence", "is missing"), []),
        (Condition("state", "is", "edited"), [CAT]),
        (Condition("state", "is not", "edited"), [DOG]),
    ],
)
def test_conditions(condition, found) -> None:
    outcome = run([Rule((condition,), FLAG)], [DOG, CAT])
    assert [change.before for change in outcome.changes] == found
    assert outcome.counts[0].matched == len(found)


def test_every_test_can_be_asked() -> None:
    values: dict[str, str | float] = {"confidence": 0.5, "state": "edited"}
    for where, tests in TESTS.items():
        for test in tests:
            value = "" if test in {"is there", "is missing"} else values.get(where, "dog")
            condition = Condition(where, test, value)
            run([Rule((condition,), FLAG)], [DOG, CAT])
            assert condition.sentence()


def test_all_or_any_conditions() -> None:
    both = (Condition("caption", "contains", "dogs"), Condition("text", "is there"))
    assert run([Rule(both, FLAG)], [DOG, CAT]).changes == ()
    assert len(run([Rule(both, FLAG, needs="any")], [DOG, CAT]).changes) == 2


def test_actions_one_after_the_other_and_back() -> None:
    first = Rule(
        (Condition("caption", "matches", "dog*"),),
        (
            Action("add keyword", "pet"),
            Action("add keyword", "DOG"),
            Action("set state", "reviewed"),
            Action("put into folder", "animals/dogs"),
            Action("set field", "rights", field="licence"),
            Action("flag"),
        ),
    )
    second = Rule((Condition("keyword", "is", "pet"),), (Action("remove keyword", "dog"),))
    off = replace(first, is_on=False)
    outcome = run([first, second, off], [CAT, DOG])
    assert [(count.matched, count.changed) for count in outcome.counts] == [(1, 1), (1, 1), (0, 0)]
    (change,) = outcome.changes
    after = replace(
        DOG, keywords=("pet",), state="reviewed", folder="animals/dogs", is_flagged=True,
        fields={"licence": "rights"},
    )  # fmt: skip
    assert (change.index, change.before, change.after) == (1, DOG, after)
    assert outcome.undo({0: CAT, 1: after}) == {1: DOG}
    # What a person has changed since is theirs.
    assert outcome.undo({0: CAT, 1: replace(after, caption="mine")}) == {}
    assert run([first, second], [after]).changes == ()


def test_rules_read_as_sentences() -> None:
    rule = Rule(
        (
            Condition("caption", "contains", "dog"),
            Condition("confidence", "is under", 0.5),
            Condition("keyword", "is missing"),
        ),
        (Action("add keyword", "pet"), Action("flag")),
    )
    assert rule.sentence() == (
        "If the caption contains “dog” and the confidence is under 50% and no keyword is there, "
        "add the keyword “pet”, flag it."
    )


def test_what_is_still_to_be_written_is_open_in_the_sentence() -> None:
    rule = {
        "if": [{"where": "caption", "test": "contains"}, {"where": "text", "test": "is there"}],
        "then": [{"act": "add keyword", "value": ""}, {"act": "set field", "value": ""}],
    }
    assert wording.rule(rule) == (
        "If the caption contains “…” and the text is there, add the keyword “…”, set … to “”."
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Condition("colour", "is", "red"), "look at “colour”"),  # type: ignore[arg-type]
        (lambda: Condition("text", "is under", "a"), "ask whether the text “is under”"),
        (lambda: Condition("confidence", "is under", 50), "from 0 to 1, not “50”"),
        (lambda: Condition("confidence", "is under", "x"), "from 0 to 1"),
        (lambda: Condition("state", "is", "done"), "no state “done”"),
        (lambda: Condition("text", "is there", "a"), "stands alone"),
        (lambda: Condition("caption", "contains", " "), "needs words"),
        (lambda: Condition("caption", "contains", 1.0), "needs words"),
        (lambda: Condition("caption", "matches", "(a+)+"), "means nothing"),
        (lambda: Action("delete"), "cannot “delete”"),  # type: ignore[arg-type]
        (lambda: Action("add keyword"), "needs words"),
        (lambda: Action("flag", "x"), "stands alone"),
        (lambda: Action("set field", "x"), "name of the field"),
        (lambda: Action("add keyword", "x", field="y"), "name of the field"),
        (lambda: Action("set state", "x"), "no state"),
        (lambda: Action("put into folder", "../up"), "no folder"),
        (lambda: Action("put into folder", "/root"), "no folder"),
        (lambda: Action("put into folder", "a:b"), "no folder"),
        (lambda: Action("set field", "x" * 501, field="y"), "500"),
        (lambda: Action("set field", "b", field="/a"), "as folders do"),  # "/a: b" is a folder
        (lambda: Rule((), FLAG), "needs a condition"),
    ],
)
def test_what_no_rule_can_say(make, message) -> None:
    with pytest.raises(RulesError, match=message):
        make()


def test_rules_as_json() -> None:
    rules = [
        Rule((Condition("caption", "contains", "Hündin"),), (Action("add keyword", "dog"),)),
        Rule(
            (Condition("confidence", "is under", 0.5), Condition("text", "is there")),
            (Action("set field", "", field="licence"), *FLAG),
            needs="any",
            is_on=False,
        ),
    ]
    text = to_json(rules)
    assert from_json(text) == rules
    assert text.count("\n") == 4
    assert "Hündin" in text
    assert from_json(to_json([])) == []


@pytest.mark.parametrize(
    "pattern", ["caf\u00e9", "cafe\u0301", "CAF\u00c9", "c?f\u00e9", "*\u00e9"]
)
@pytest.mark.parametrize("text", ["Caf\u00e9 noir.jpg", "Cafe\u0301 noir.jpg"])
def test_accents_of_their_own_are_those_of_their_letters(pattern, text) -> None:
    assert WordPattern(pattern).matches(text)
    assert not WordPattern("cafe").matches(text)


def _file(*rules: object) -> str:
    return json.dumps({"format": "seesay rules", "version": 1, "rules": rules})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('"' + '\\"' * 500_000, "not JSON"),  # hours, if each were looked for the end of a text
        ("[]", "no rules"),
        ('{"format": "x"}', "no rules"),
        ('{"format": "seesay rules", "version": 2}', "newer Seesay"),
        ('{"format": "seesay rules", "version": 1}', "a list"),
        (" " * (2 << 20), "MB"),
        (_file(1), "Rule 1: A rule is an object"),
        (_file({"if": 1, "then": []}), "Rule 1: “if” is a list"),
        (_file({"when": []}), "Rule 1: A rule has no “when”"),
        (_file({"if": [], "then": [], "needs": 1}), "Rule 1: “needs”"),
        (_file({"if": [], "then": [], "needs": ["all"]}), "Rule 1: “needs”"),
        (_file({"if": [], "then": []}), "Rule 1: A rule needs a condition"),
        (_file({"if": [{"where": 1}], "then": []}), "Rule 1: Words are expected"),
        (_file({"if": [{"where": "text", "test": "is", "value": []}]}), "Rule 1: The value"),
        (_file({"if": [], "then": [{"act": "fly"}]}), "Rule 1: A rule cannot “fly”"),
    ],
)
def test_files_that_hold_no_rules(text, message) -> None:
    with pytest.raises(RulesError, match=message):
        from_json(text)


def test_conditions_of_filestack() -> None:
    condition = {"key": "caption", "operator": "kex", "value": "dogs"}
    rule = from_filestack(condition, FLAG)
    assert rule == Rule((Condition("caption", "contains", "dogs"),), FLAG)
    several = from_filestack({**condition, "value": ["dogs", "cats"]}, FLAG)
    assert several.needs == "any"
    assert len(run([several], [DOG, CAT]).changes) == 1
    for other in ({"operator": "gt"}, {"key": "size"}, {"value": 1}, {"more": 1}):
        with pytest.raises(RulesError):
            from_filestack({**condition, **other}, FLAG)


def test_who_wrote_words_has_read_them() -> None:
    rule = Rule((Condition("name", "contains", "jpg"),), (Action("set state", "reviewed"),))
    outcome = run([rule], [DOG, CAT])
    assert [(change.index, change.after.state) for change in outcome.changes] == [(0, "reviewed")]
    assert outcome.counts[0].matched == 2
