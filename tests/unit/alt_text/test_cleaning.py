"""Captions made into alt text: openings, capitals, full stops."""

from __future__ import annotations

from typing import Literal

import pytest

from pycore.alt_text import cleaning, draft, phrases
from pycore.alt_text.preset import Preset


@pytest.mark.parametrize(
    ("caption", "text"),
    [
        ("a picture of a dog", "A dog."),
        ("This is an image showing two cats .", "Two cats."),
        ("the photo shows a beach", "A beach."),
        ("a photo of a picture of a dog", "A dog."),
        ("image of: a map", "A map."),
        ("a picture of", "A picture of."),
        ("a picture frame on a wall", "A picture frame on a wall."),
        ("a drawing of a picture of a dog", "A drawing of a picture of a dog."),
        ("a black and white photo of a bridge", "A black and white photo of a bridge."),
        ('"a cat"', "A cat."),
        ('"stop" and "go"', '"Stop" and "go".'),
        ("  a  cat\n on a mat ", "A cat on a mat."),
        ("A DOG ON A BEACH", "A dog on a beach."),
        ("NASA HQ", "NASA HQ."),
        ("iPhone on a desk", "iPhone on a desk."),
        ("what is this?", "What is this?"),
        ('a sign that says "Stop."', 'A sign that says "Stop."'),
        ("a cat,", "A cat."),
        ("3 dogs", "3 dogs."),
        ("", ""),
        ("...", "..."),
    ],
)
def test_clean(caption: str, text: str) -> None:
    assert cleaning.clean(caption) == text
    assert cleaning.clean(text) == text  # once is enough


@pytest.mark.parametrize(
    ("text", "full_stop", "ended"),
    [
        ("A cat", "add", "A cat."),
        ("A cat.", "remove", "A cat"),
        ("A cat...", "remove", "A cat..."),
        ("A cat.", "keep", "A cat."),
        ("A cat", "keep", "A cat"),
        ("", "add", ""),
    ],
)
def test_the_full_stop_is_by_choice(
    text: str, full_stop: Literal["add", "remove", "keep"], ended: str
) -> None:
    assert cleaning.clean(text, full_stop) == ended


def test_phrases_are_whole_words_in_any_case_the_longest_first() -> None:
    text = "A Man-made lake; men and  women. Human, WOMEN"
    found = phrases.find(text, ["man", "men", "women", "men and women", "man-made", ""])
    assert [text[one.start : one.end] for one in found] == ["Man-made", "men and  women", "WOMEN"]
    assert [one.text for one in found] == ["man-made", "men and women", "women"]
    assert phrases.find("men. And women", ["men and women"]) == []
    assert phrases.words("Don’t, été 犬 a—b it's'") == ["don't", "été", "犬", "a", "b", "it's"]


def drafted(**settings: object) -> str:
    preset = Preset()
    for name, value in settings.items():
        setattr(preset, name, value)
    values = {"caption": "a picture of a man with a dog", "text": "", "date": "2026-05-01"}
    return draft.draft(values, preset).text


def test_drafts_follow_the_preset() -> None:
    assert drafted() == "A man with a dog."
    assert drafted(full_stop="remove", is_inclusive=True) == "A person with a dog"
    assert drafted(start="Drawing:") == "Drawing: a man with a dog."
    assert drafted(start="New.") == "New. A man with a dog."
    assert drafted(template="{caption}, {date}. Text: {text}") == "A man with a dog, 2026-05-01."
    assert draft.draft({"caption": ""}, Preset()).text == ""
    assert draft.started("NASA HQ", "Drawing:") == "Drawing: NASA HQ"
    assert draft.started("Drawing: a cat", "Drawing:") == "Drawing: a cat"


def test_drafts_tell_what_inclusive_wording_changed() -> None:
    preset = Preset()
    preset.is_inclusive = True
    changes = draft.draft({"caption": "a man and a fireman"}, preset).changes
    assert [(one.before, one.after) for one in changes] == [
        ("man", "person"),
        ("fireman", "firefighter"),
    ]
