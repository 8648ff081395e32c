"""Scenes and captions that the starter learns from: the same every time, and readable back."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from models.training import outliers, sprites
from models.training.captions import BACKGROUNDS, caption, parse
from models.training.scenes import Composer
from models.training.things import THINGS
from pycore.text.tokenizer import Tokenizer

STARTER = Path(__file__).resolve().parents[3] / "models" / "starter"


class NoSprites(sprites.Sprites):
    """Stands for the emoji where only captions are wanted."""

    def __init__(self) -> None:
        """Load no font."""


@pytest.fixture(scope="module")
def texts():
    composer = Composer(11, variants=1, sprites=NoSprites())
    return [composer.text(index) for index in range(3000)]


@pytest.fixture(scope="module")
def composer():
    if not sprites.FONT.is_file():
        pytest.skip("needs the Debian package fonts-noto-color-emoji")
    return Composer(11, variants=1)


def test_there_are_at_least_150_things_with_names_of_their_own():
    assert len(THINGS) >= 150
    assert len({thing.singular for thing in THINGS}) == len(THINGS)
    emoji = [one for thing in THINGS for one in thing.emoji]
    assert len(set(emoji)) == len(emoji)


def test_caption_in_plain_words():
    index = {thing.singular: i for i, thing in enumerate(THINGS)}
    groups = [(index["dog"], 2), (index["red car"], 1)]
    assert caption(groups, "on green grass") == "two dogs and a red car on green grass"
    groups = [(index["owl"], 1), (index["apple"], 1)]
    text = caption(groups, "in a room", "above", ("large", ""))
    assert text == "a large owl above an apple in a room"


def test_captions_cover_all_things_and_backgrounds_and_can_be_read_back(texts):
    seen: set[str] = set()
    for text in texts:
        counts = parse(text)
        assert counts is not None, text
        assert 1 <= sum(counts.values()) <= 4
        seen.update(counts)
    assert seen == {thing.singular for thing in THINGS}
    assert all(any(text.endswith(place) for text in texts) for place in BACKGROUNDS)


@pytest.mark.parametrize("text", ["", "a dog", "a wug on sand", "two dog on sand"])
def test_what_is_no_caption_is_not_read(text):
    assert parse(text) is None


def test_tokenizer_of_the_starter_holds_every_caption(texts):
    tokenizer = Tokenizer.from_json((STARTER / "tokenizer.json").read_bytes())
    limit = json.loads((STARTER / "generation_config.json").read_text())["max_new_tokens"]
    for text in texts:
        ids = tokenizer.encode(text)
        assert tokenizer.decode(ids) == text
        assert len(ids) < limit


def test_scene_is_the_same_every_time_and_has_its_caption(composer):
    again = Composer(11, variants=1, sprites=composer.sprites)
    for index in range(20):
        one, two = composer.scene(index, side=192), again.scene(index, side=192)
        assert np.array_equal(one.image, two.image)
        assert one.caption == two.caption == composer.text(index)
    other = Composer(12, variants=1, sprites=composer.sprites)
    assert not np.array_equal(other.scene(0).image, composer.scene(0).image)


def test_every_thing_of_a_scene_can_be_seen(composer):
    for index in range(60):
        scene = composer.scene(index)
        shares = [(scene.cover == i + 1).mean() for i in range(len(scene.kinds))]
        assert min(shares) > 0.008, (index, scene.caption, shares)
        counts = {THINGS[kind].singular: count for kind, count in scene.groups}
        assert parse(scene.caption) == counts


def test_outliers_are_pictures_and_differ(composer):
    pictures = [outliers.outlier(composer, index) for index in range(12)]
    assert {picture.shape for picture in pictures} == {(128, 128, 3)}
    assert {picture.dtype for picture in pictures} == {np.dtype(np.uint8)}
    assert len({picture.tobytes() for picture in pictures}) == len(pictures)
    assert np.array_equal(pictures[3], outliers.outlier(composer, 3))
