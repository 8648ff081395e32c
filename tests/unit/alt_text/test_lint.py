"""What is wrong with an alt text, and why."""

from __future__ import annotations

from typing import Any

import pytest

from pycore.alt_text import inclusive, limits
from pycore.alt_text.lint import is_file_name, lint

SHORT = limits.limit_named("short")


def codes(text: str, **facts: Any) -> list[str]:
    return [one.code for one in lint(text, facts.pop("limit", SHORT), **facts)]


@pytest.mark.parametrize(
    ("text", "facts", "code"),
    [
        ("", {}, "empty"),
        (" \n", {}, "empty"),
        ("Image of a dog.", {}, "image_of"),
        ("This photo shows a dog.", {}, "image_of"),
        ("dog on beach", {"file_name": "trip/dog_on-beach.JPG"}, "file_name"),
        ("DSC_0042", {}, "file_name"),
        ("cat.png", {}, "file_name"),
        ("A dog.", {"beside": "a dog"}, "repeats"),
        ("x" * 126, {}, "too_long"),
        ("A cat.", {"limit": limits.limit_named("own", 5)}, "too_long"),
        ("My dog on a beach.", {}, "unknowable"),
        ("A dog on a beach last summer.", {}, "unknowable"),
        ("As you can see, a dog.", {}, "unknowable"),
        ("A dog that seems to wait.", {}, "unknowable"),
        ("A dog.", {"required": ["Seesay"]}, "missing_word"),
        ("A seesaw.", {"banned": ["seesaw"]}, "banned_word"),
        ("A dog.", {"start": "Drawing:"}, "start"),
    ],
)
def test_each_fault_is_found_once_with_its_reason(
    text: str, facts: dict[str, Any], code: str
) -> None:
    found = lint(text, facts.pop("limit", SHORT), **facts)
    assert [one.code for one in found] == [code]
    assert found[0].reason.endswith(".")


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        (
            "A dog on a beach.",
            {"file_name": "dog.jpg", "beside": "Our holiday", "required": ["dog"]},
        ),
        ("A picture frame.", {}),
        ("x" * 125, {}),
        ("A myriad of yesterdays, mineral water.", {}),
        ("Drawing: a dog.", {"start": "Drawing:"}),
        ("Image of the week: a dog.", {"start": "Image of the week:"}),
        ("The US flag.", {}),
        ("A poster for the film probable.mov.", {}),
        ("Photo 12 of a series", {}),
    ],
)
def test_what_is_right_is_left_alone(text: str, facts: dict[str, Any]) -> None:
    assert codes(text, **facts) == []


def test_the_reason_names_the_place_that_it_is_too_long_for() -> None:
    (found,) = lint("x" * 1_501, limits.limit_named("mastodon"))
    assert found.reason == "Too long for Mastodon: 1501 characters, 1500 at most."
    assert limits.meter("x" * 130, SHORT) == "130 of 125 characters: 5 too many"
    assert limits.meter(" A cat. ", SHORT) == "6 of 125 characters"
    assert limits.limit_named("nonsense").id == "short"
    assert limits.limit_named("own", -3).characters == 1


def test_file_names() -> None:
    assert is_file_name("IMG_2041", "")
    assert is_file_name("holiday.jpeg", "other.png")
    assert not is_file_name("A file named holiday.jpeg", "other.png")
    assert not is_file_name("", "x.png")
    assert not is_file_name("Photo", "x.png")


@pytest.mark.parametrize(
    ("text", "after", "changes"),
    [
        ("A man and a woman.", "Two people.", [("A man and a woman", "Two people")]),
        ("Two women on a beach", "Two people on a beach", [("women", "people")]),
        ("An actress waves.", "An actor waves.", [("actress", "actor")]),
        (
            "a man confined to a wheelchair",
            "a person using a wheelchair",
            [("man", "person"), ("confined to a wheelchair", "using a wheelchair")],
        ),
        ("an Eskimo", "an Inuit", [("Eskimo", "Inuit")]),
        ("a gypsy and a elderly cat", "a Roma and an older cat",
         [("gypsy", "Roma"), ("elderly", "older")]),
        ("POLICEMAN", "POLICE OFFICER", [("POLICEMAN", "POLICE OFFICER")]),
        ("He is with his dog.", "They are with their dog.",
         [("He is", "They are"), ("his", "their")]),
        ("A human woman-like statue in Manhattan", "A human woman-like statue in Manhattan", []),
        ("", "", []),
    ],
)  # fmt: skip
def test_inclusive_wording_says_what_it_changed(
    text: str, after: str, changes: list[tuple[str, str]]
) -> None:
    new, told = inclusive.reworded(text)
    assert new == after
    assert [(one.before, one.after) for one in told] == changes


def test_inclusive_wording_settles_at_once() -> None:
    for phrase, instead in inclusive.RULES.items():
        assert inclusive.reworded(instead)[0] == instead, phrase
