"""What the starter says of the tests' photographs, with the very models that the site ships."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from models.photo import evaluate
from models.photo.evaluate import PHOTOGRAPHS
from pycore.recognition.recognizer import Recognizer

ANSWERS = json.loads((PHOTOGRAPHS / "answers.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    return evaluate.recognizer()


@pytest.fixture(scope="module")
def verdicts(recognizer: Recognizer) -> dict[str, str]:
    return {
        name: evaluate.judge(evaluate.describe(recognizer, evaluate.load(PHOTOGRAPHS / name)), own)
        for name, own in ANSWERS.items()
    }


def test_half_of_the_photographs_are_named_right(verdicts: dict[str, str]) -> None:
    assert len(verdicts) >= 10
    named = [name for name, verdict in verdicts.items() if verdict in {"right", "general"}]
    assert len(named) >= len(verdicts) / 2, verdicts


def test_none_is_wrong_with_confidence(verdicts: dict[str, str]) -> None:
    assert [name for name, verdict in verdicts.items() if verdict == "wrong"] == []


@pytest.mark.parametrize(
    ("name", "caption"),
    [
        ("kodim23.png", "two macaws"),
        ("skimage_chelsea.png", "a cat"),
        ("skimage_coffee.png", "an espresso"),
        ("pillow_hopper.jpg", "a person"),
        ("skimage_astronaut.png", "a person"),
    ],
)
def test_captions_in_plain_words(recognizer: Recognizer, name: str, caption: str) -> None:
    image = evaluate.load(PHOTOGRAPHS / name)
    assert evaluate.describe(recognizer, image).sentences[0].text == caption


def test_of_a_person_nothing_but_that_there_is_one(recognizer: Recognizer) -> None:
    for name in ("pillow_hopper.jpg", "skimage_astronaut.png"):
        said = evaluate.describe(recognizer, evaluate.load(PHOTOGRAPHS / name))
        assert {keyword.text for keyword in said.keywords} <= {"person", "people"}


def test_photographs_are_taken_for_photographs() -> None:
    router = evaluate.router()
    for name in ANSWERS:
        assert router.kind(np.asarray(evaluate.load(PHOTOGRAPHS / name))) == "photograph", name


def test_a_plain_field_is_not_described(recognizer: Recognizer) -> None:
    said = evaluate.describe(recognizer, Image.new("RGB", (640, 480), (120, 130, 140)))
    assert said.is_guess
