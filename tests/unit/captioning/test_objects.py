"""Things that a model finds light up for the words that name them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pycore.captioning.attention_map import AttentionMap, WordAttention
from pycore.captioning.objects import light_objects, lit_and_placed
from pycore.captioning.result import Candidate, CaptionResult, ImageInfo, ModelInfo, Timings
from pycore.captioning.tasks import FoundObject

EVENLY = (0.25,) * 4
LEFT, LOWER_RIGHT = (0.0, 0.0, 0.5, 1.0), (0.5, 0.5, 1.0, 1.0)


def said(text: str, seen: tuple[float, float, float, float] = (0, 0, 1, 1)) -> CaptionResult:
    words = tuple(WordAttention(word, EVENLY) for word in text.split())
    candidates = (
        Candidate(text, 0.0, (), (), AttentionMap(2, 2, words)),
        Candidate("-", 0.0, (), ()),
    )
    return CaptionResult(
        caption=text,
        confidence=1.0,
        flagged=False,
        candidates=candidates,
        model=ModelInfo("test", "1"),
        timings=Timings(0.0, 0.0, 0.0, ()),
        image=ImageInfo(10, 10, "PNG", "", seen),
    )


def weights(result: CaptionResult) -> list[tuple[float, ...]]:
    attention = result.candidates[0].attention
    assert attention is not None
    assert result.candidates[1].attention is None
    return [word.weights for word in attention.words]


def test_words_light_the_boxes_of_what_they_name() -> None:
    objects = [FoundObject("dog", LEFT), FoundObject("human face", LOWER_RIGHT)]
    found = weights(light_objects(said("Two Dogs, a face."), objects))
    assert found == [EVENLY, (0.5, 0.0, 0.5, 0.0), EVENLY, (0.0, 0.0, 0.0, 1.0)]


def test_one_word_lights_all_of_its_kind() -> None:
    objects = [FoundObject("bus", LEFT), FoundObject("bus", LOWER_RIGHT)]
    (found,) = weights(light_objects(said("buses"), objects))
    assert found == pytest.approx((1 / 3, 0.0, 1 / 3, 1 / 3))


def test_where_part_of_the_image_is_missing_maps_are_of_the_rest_and_places_of_all() -> None:
    caption = said("dog", (0.0, 0.0, 1.0, 0.5))
    dog = FoundObject("dog", (0.0, 0.5, 1.0, 1.0))
    answers = lit_and_placed({"caption": caption, "objects": replace(caption, objects=(dog,))})
    for answer in answers.values():
        assert weights(answer) == [pytest.approx((0.0, 0.0, 0.5, 0.5))]
    assert answers["objects"].objects == (FoundObject("dog", (0.0, 0.25, 1.0, 0.5)),)
    assert answers["caption"].objects is None


def test_a_thing_without_a_name_lights_nothing() -> None:
    assert weights(light_objects(said("- dog s"), [FoundObject(" ", LEFT)])) == [EVENLY] * 3


def test_nothing_found_changes_nothing() -> None:
    result = said("a dog")
    assert light_objects(result, ()) is result
    assert weights(light_objects(result, [FoundObject("cat", LEFT)])) == [EVENLY, EVENLY]
