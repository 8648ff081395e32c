from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from pycore.captioning.result import CaptionResult
from pycore.errors import ConfigurationError
from pycore.interfaces import FloatArray, IntArray
from tests.unit.captioning.test_pipeline import IMAGE, Run, ScriptedSession, a_cat_on_the_mat
from tests.unit.generation.generation_fakes import CancelAfter
from tests.unit.helpers import run_sync

GRID = (2, 2)


class AttentiveSession(ScriptedSession):
    """Looks at the patch that the token it has just read has the number of, modulo 4."""

    is_silent = False

    def __init__(self, *likely: Any) -> None:
        super().__init__(*likely)
        self.questions: list[tuple[IntArray, IntArray]] = []

    async def attend(self, input_ids: IntArray, images: IntArray) -> FloatArray | None:
        assert not self.released
        self.questions.append((input_ids, images))
        if self.is_silent:
            return None
        weights: FloatArray = np.full((*input_ids.shape, 5), 0.0, dtype=np.float32)
        weights[..., 0] = 0.75
        np.put_along_axis(weights, 1 + input_ids[..., None] % 4, 0.25, axis=-1)
        return weights


class AttentiveModel:
    """Opens a session, and remembers whether attentions were asked for."""

    def __init__(self, session: AttentiveSession) -> None:
        self.session = session
        self.asked: list[bool] = []

    async def encode(
        self, pixel_values: FloatArray, *, attentions: bool = False
    ) -> AttentiveSession:
        self.asked.append(attentions)
        return self.session


def make_run(*likely: Any, grid: tuple[int, int] | None = GRID) -> Run:
    session = AttentiveSession(*(likely or a_cat_on_the_mat()._likely))
    return Run(session, model=AttentiveModel(session), patch_grid=grid)


def looked(result: CaptionResult, candidate: int = 0) -> dict[str, tuple[float, ...]]:
    attention = result.candidates[candidate].attention
    assert attention is not None
    return {word.text: word.weights for word in attention.words}


def test_each_word_has_the_attention_of_the_step_that_wrote_it() -> None:
    run = make_run()
    result = run.caption(attentions=True)
    assert looked(result) == {
        "a": (1, 0, 0, 0),  # after the start token, number 0
        "cat": (0, 1, 0, 0),  # after "a", number 1
        "on": (0, 0, 1, 0),
        "the": (1, 0, 0, 0),
        "mat.": (0, 0.5, 0.5, 0),  # two tokens
    }
    wire = result.to_dict()["candidates"][0]
    assert (wire["attention"]["height"], wire["attention"]["width"]) == GRID
    texts = [word["text"] for word in wire["attention"]["words"]]
    assert texts == [word["text"] for word in wire["words"]]
    json.dumps(wire, allow_nan=False)


def test_nothing_is_asked_and_nothing_told_without_the_option() -> None:
    for options in ({}, {"attentions": False}, {"attentions": None}):
        run = make_run()
        result = run.caption(**options)
        assert run.pipeline._model.asked == [False]  # type: ignore[attr-defined]
        assert run.session.questions == []  # type: ignore[attr-defined]
        assert "attention" not in result.to_dict()["candidates"][0]


def test_the_search_is_the_same() -> None:
    plain, asked = make_run(), make_run()
    options: dict[str, Any] = {"num_beams": 4, "num_return_sequences": 4}
    without, found = plain.caption(**options), asked.caption(attentions=True, **options)
    assert [one.text for one in found.candidates] == [one.text for one in without.candidates]
    assert [one.score for one in found.candidates] == [one.score for one in without.candidates]


def test_every_candidate_has_a_map_of_its_own() -> None:
    run = make_run()
    result = run.caption(attentions=True, num_beams=4, num_return_sequences=4)
    for index, candidate in enumerate(result.candidates):
        words = looked(result, index)
        assert list(words) == candidate.text.split()
        after = (0, 0, 1, 0) if "cat" in words else (0, 0, 0, 1)
        assert words["on"] == after
    ((inputs, images),) = run.session.questions  # type: ignore[attr-defined]
    assert inputs.shape == (4, 7)
    assert images.tolist() == [0, 0, 0, 0]


def test_a_prefix_is_looked_at_too() -> None:
    result = make_run({6: 1.0}, {0: 1.0}).caption(prefix="a cat on the", attentions=True)
    assert list(looked(result)) == ["a", "cat", "on", "the", "mat"]
    assert looked(result)["mat"] == (0, 1, 0, 0)


def test_a_batch_tells_images_apart() -> None:
    run = make_run({1: 1.0}, {0: 1.0})
    run.session._image = np.arange(2)
    ends = run_sync(
        run.pipeline.caption_batch(
            [IMAGE, IMAGE],
            options={"attentions": True},
            on_progress=lambda *_: None,
            cancel=CancelAfter(-1),
        )
    )
    ((_, images),) = run.session.questions  # type: ignore[attr-defined]
    assert images.tolist() == [0, 1]
    for end in ends:
        assert isinstance(end, CaptionResult)
        assert looked(end) == {"a": (1, 0, 0, 0)}


def test_models_that_cannot_tell_write_captions_all_the_same() -> None:
    silent = make_run()
    silent.session.is_silent = True  # type: ignore[attr-defined]
    for run in (silent, make_run(grid=None), make_run(grid=(3, 3))):
        result = run.caption(attentions=True)
        assert result.caption == "a cat on the mat."
        assert result.candidates[0].attention is None
        assert "attention" not in result.to_dict()["candidates"][0]


def test_only_yes_or_no() -> None:
    with pytest.raises(ConfigurationError, match="attentions must be true or false"):
        make_run().caption(attentions="yes")
