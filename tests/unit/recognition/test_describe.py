from __future__ import annotations

import numpy as np
import pytest

from pycore.captioning.described import GRID, candidates
from pycore.recognition.boxes import Box
from pycore.recognition.describe import Description, describe
from tests.unit.helpers import run_sync
from tests.unit.recognition.recognition_samples import SIZE, TREE, Namer, logits, row

LEFT, RIGHT = (10, 50, 250, 350), (330, 40, 590, 390)
NOTHING = np.zeros((0, 6), np.float32)


def say(rows: list[list[float]], namer: Namer) -> Description:
    table = np.array(rows, np.float32) if rows else NOTHING
    return run_sync(describe(TREE, table, namer, SIZE))


def text(description: Description) -> str:
    return description.sentences[0].text


def test_two_of_one_kind_are_counted() -> None:
    macaw = logits(macaw=0.9)
    namer = Namer(macaw, (Box(*LEFT), macaw), (Box(*RIGHT), macaw))
    description = say([row("bird", 0.7, *LEFT), row("bird", 0.6, *RIGHT)], namer)
    assert [sentence.text for sentence in description.sentences] == [
        "two macaws", "two parrots", "two birds",
    ]  # fmt: skip
    assert not description.is_guess
    assert [keyword.text for keyword in description.keywords] == [
        "macaw",
        "parrot",
        "bird",
        "animal",
    ]


def test_a_person_and_what_only_the_whole_picture_shows() -> None:
    description = say([row("person", 0.8, *LEFT)], Namer(logits(tripod=0.93)))
    assert set(text(description).split(" and ")) == {"a person", "a tripod"}


def test_the_larger_is_said_first_and_three_kinds_at_most() -> None:
    rows = [
        row("kite", 0.9, 0, 0, 80, 80),
        row("person", 0.9, 100, 0, 300, 400),
        row("table", 0.9, 320, 100, 480, 300),
        row("boat", 0.9, 500, 300, 570, 370),
    ]
    assert text(say(rows, Namer(logits()))) == "a person, a table and a kite"


def test_six_are_several() -> None:
    rows = [row("person", 0.9, 90 * k, 50, 90 * k + 80, 300) for k in range(6)]
    assert text(say(rows, Namer(logits()))) == "several people"


def test_a_cat_in_front_of_animals_makes_more_of_the_more_certain_name() -> None:
    beagle, unsure = logits(beagle=0.95), logits(beagle=0.2, tabby_cat=0.2)
    namer = Namer(logits(), (Box(*LEFT), beagle), (Box(*RIGHT), unsure))
    description = say([row("dog", 0.8, *LEFT), row("dog", 0.8, *RIGHT)], namer)
    assert text(description) in {"two beagles", "two dogs"}


def test_the_whole_picture_makes_a_general_name_exact() -> None:
    namer = Namer(logits(tabby_cat=0.95), (Box(*RIGHT), logits(tabby_cat=0.4, Persian_cat=0.4)))
    assert text(say([row("cat", 0.8, *RIGHT)], namer)) == "a tabby cat"


def test_a_sure_namer_overrules_the_box() -> None:
    wolf = logits(white_wolf=0.95)
    assert text(say([row("sheep", 0.5, *LEFT)], Namer(wolf, (Box(*LEFT), wolf)))) == "a white wolf"


def test_a_thing_in_the_box_of_another_is_counted_once() -> None:
    cat = logits(tabby_cat=0.95)
    inside = (30, 80, 230, 330)
    namer = Namer(logits(), (Box(*LEFT), cat))
    description = say([row("cat", 0.8, *LEFT), row("table", 0.5, *inside)], namer)
    assert text(description) == "a tabby cat"


def test_the_exact_word_needs_more_certainty_where_there_is_a_general_one() -> None:
    assert text(say([], Namer(logits(tabby_cat=0.88, Persian_cat=0.1)))) == "a cat"
    assert text(say([], Namer(logits(tabby_cat=0.99)))) == "a tabby cat"
    assert text(say([], Namer(logits(tripod=0.88, Persian_cat=0.1)))) == "a tripod"


def test_words_of_doubt_are_a_guess() -> None:
    description = say([], Namer(logits(canoe=0.6)))
    assert description.is_guess
    assert text(description) == "perhaps a canoe"
    assert description.sentences[1].text == "perhaps a boat"


def test_silence_where_nothing_is_likely() -> None:
    description = say([], Namer(logits()))
    assert description.is_guess
    assert text(description) == "I cannot tell what this photograph shows"
    assert description.keywords == ()
    assert description.sentences[0].confidence == 0
    assert all(word.confidence == 1 for word in description.sentences[0].words)  # none is marked


def test_nothing_is_said_about_a_person_but_that_it_is_there() -> None:
    # The namer sees a ballplayer (a class without a name) and a tie; the detector a tie, too.
    tie = logits(bow_tie=0.97)
    rows = [row("person", 0.8, *LEFT), row("tie", 0.8, 100, 100, 160, 250)]
    namer = Namer(tie, (Box(100, 100, 160, 250), tie))
    description = say(rows, namer)
    assert text(description) == "a person"
    assert [keyword.text for keyword in description.keywords] == ["person"]
    assert Box(*LEFT) not in namer.asked, "no crop of a person goes to the namer"


def test_clothes_are_not_spoken_of_where_a_person_may_be() -> None:
    sunglasses = logits(sunglasses=0.95)
    assert text(say([], Namer(sunglasses))) == "a pair of sunglasses"
    maybe = say([row("person", 0.22, *LEFT)], Namer(sunglasses))
    assert "sunglasses" not in text(maybe) + " ".join(word.text for word in maybe.keywords)


def test_what_the_namer_takes_for_a_kind_of_person_is_a_person() -> None:
    ballplayer = logits()
    ballplayer[7] = 20
    assert text(say([], Namer(ballplayer))) == "a person"


def test_tiny_boxes_are_no_part_of_the_sentence() -> None:
    description = say([row("person", 0.9, 10, 10, 20, 30)], Namer(logits(tripod=0.95)))
    assert text(description) == "a tripod"
    assert "person" in [keyword.text for keyword in description.keywords]


def test_what_has_no_number_and_what_comes_in_pairs() -> None:
    assert text(say([], Namer(logits(hay=0.95)))) == "hay"


@pytest.mark.parametrize("size", [(400, 600), (60, 1000)])
def test_each_word_lights_its_place(size: tuple[int, int]) -> None:
    macaw = logits(macaw=0.9)
    box = Box(0, 0, size[1] / 2, size[0])
    rows = np.array([row("bird", 0.8, box.left, box.top, box.right, box.bottom)], np.float32)
    described = run_sync(describe(TREE, rows, Namer(macaw, (box, macaw)), size))
    first, *_ = candidates(described, size, attentions=True)
    assert first.text == "a macaw" == "".join(token.text for token in first.tokens)
    assert [word.text for word in first.words] == ["a", "macaw"]
    assert first.attention is not None
    for word in first.attention.words:
        cells = np.reshape(word.weights, GRID)
        assert cells.sum() == pytest.approx(1)
        assert cells[:, GRID[1] // 2 :].sum() == pytest.approx(0)


def test_words_without_a_place_light_everything_and_nobody_need_ask() -> None:
    described = say([], Namer(logits()))
    (first,) = candidates(described, SIZE, attentions=True)
    assert first.attention is not None
    assert {round(weight, 6) for weight in first.attention.words[0].weights} == {round(1 / 196, 6)}
    (first,) = candidates(described, SIZE, attentions=False)
    assert first.attention is None
    assert not first.words[0].doubtful
