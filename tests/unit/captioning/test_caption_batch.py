"""Several images in one batch: the same captions as one by one, and each image for itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from pycore.captioning.pipeline import ImageToText
from pycore.captioning.result import CaptionResult
from pycore.errors import BrokenImageError, CancelledError, ConfigurationError, InferenceError
from pycore.generation import GenerationConfig
from pycore.images.processor import ImageProcessor
from pycore.interfaces import FloatArray, IntArray
from tests.unit.captioning.test_pipeline import TOKENIZER
from tests.unit.generation.generation_fakes import CancelAfter, Table, TableSession
from tests.unit.helpers import run_sync
from tests.unit.images.image_samples import encode, pattern

TABLE = Table(vocab_size=12, levels=65536, end_bonus=2.0)
IMAGES = [encode(pattern(20 + 7 * i, 30), "PNG") for i in range(5)]
BROKEN = IMAGES[0][:60]


class SeenImages(TableSession):
    """Writes what depends on the pixels, whatever their place in the batch."""

    def __init__(self, pixel_values: FloatArray) -> None:
        super().__init__(TABLE, len(pixel_values))
        self._image = np.array([int(abs(image).sum() * 64) for image in pixel_values])


class Model:
    """Keeps the sessions that it opened; they fail at a step if told so."""

    def __init__(self) -> None:
        self.sessions: list[SeenImages] = []
        self.fails = False

    async def encode(self, pixel_values: FloatArray, *, attentions: bool = False) -> SeenImages:
        assert not attentions
        if self.fails:
            raise InferenceError("The model stopped.")
        self.sessions.append(SeenImages(pixel_values))
        return self.sessions[-1]


class Batch:
    """A pipeline on such a model; the clock ticks a second a look."""

    def __init__(self) -> None:
        self.model = Model()
        self.progress: list[tuple[str, int, int]] = []
        size = {"height": 8, "width": 8}
        processor = {"image_processor_type": "ViTImageProcessor", "size": size}
        self._now = 0.0
        self.pipeline = ImageToText(
            image_processor=ImageProcessor.from_config(processor),
            tokenizer=TOKENIZER,
            generation_config=GenerationConfig(
                decoder_start_token_id=0, eos_token_ids=(TABLE.end,), max_new_tokens=12
            ),
            model=self.model,
            model_id="test/model",
            revision="abc",
            confidence_threshold=0.5,
            clock=self._tick,
        )

    def _tick(self) -> float:
        self._now += 1
        return self._now

    def caption(self, images: Sequence[bytes], checks: int = -1, **options: Any) -> list[Any]:
        return run_sync(
            self.pipeline.caption_batch(
                images,
                options=options,
                on_progress=lambda *report: self.progress.append(report),
                cancel=CancelAfter(checks),
            )
        )

    def caption_one(self, image: bytes, **options: Any) -> CaptionResult:
        return run_sync(
            self.pipeline(
                image,
                options=options,
                on_token=lambda text, token: None,
                on_progress=lambda *report: None,
                cancel=CancelAfter(-1),
            )
        )


def facts(result: CaptionResult) -> dict[str, Any]:
    """Everything but the times."""
    return {name: value for name, value in result.to_dict().items() if name != "timings"}


def sequences(batch: Batch) -> list[IntArray]:
    return [input_ids for input_ids, _ in batch.model.sessions[0].steps]


@pytest.mark.parametrize(
    "options", [{}, {"num_beams": 3, "num_return_sequences": 2}, {"max_new_tokens": 1}]
)
def test_a_batch_gives_what_single_images_give(options: dict[str, Any]) -> None:
    batch = Batch()
    results = batch.caption(IMAGES, **options)
    assert [facts(result) for result in results] == [
        facts(Batch().caption_one(image, **options)) for image in IMAGES
    ]
    assert len({result.caption for result in results}) > 1
    (session,) = batch.model.sessions
    assert session.released


def test_finished_images_leave_the_batch() -> None:
    batch = Batch()
    results = batch.caption(IMAGES)
    lengths = [len(result.candidates[0].tokens) for result in results]
    assert len(set(lengths)) > 1
    rows = [ids.shape[0] for ids in sequences(batch)]
    assert rows == [sum(length > step for length in lengths) for step in range(max(lengths))]


def test_a_broken_image_in_the_middle_harms_no_other() -> None:
    first, broken, last = Batch().caption([IMAGES[0], BROKEN, IMAGES[1]])
    assert isinstance(broken, BrokenImageError)
    assert [facts(first), facts(last)] == [
        facts(Batch().caption_one(image)) for image in IMAGES[:2]
    ]


@pytest.mark.parametrize("images", [[], [BROKEN, b"text"]])
def test_without_a_good_image_the_model_is_not_asked(images: list[bytes]) -> None:
    batch = Batch()
    assert len(batch.caption(images)) == len(images)
    assert batch.model.sessions == []


def test_times_are_shares_of_the_batch() -> None:
    timings = Batch().caption(IMAGES[:4])[0].timings
    assert (timings.decode_ms, timings.preprocess_ms, timings.encode_ms) == (1000, 1000, 250)


def test_progress_counts_the_images_that_were_read() -> None:
    batch = Batch()
    batch.caption([IMAGES[0], BROKEN])
    assert batch.progress[:5] == [
        ("image", 0, 2),
        ("image", 1, 2),
        ("image", 2, 2),
        ("encode", 0, 1),
        ("encode", 1, 1),
    ]


@pytest.mark.parametrize(("checks", "steps"), [(0, 0), (2, 0), (5, 0), (6, 0), (7, 1)])
def test_cancelling_at_any_point_releases_the_session(checks: int, steps: int) -> None:
    batch = Batch()
    with pytest.raises(CancelledError):
        batch.caption(IMAGES, checks=checks)
    assert all(session.released for session in batch.model.sessions)
    assert sum(len(session.steps) for session in batch.model.sessions) == steps


def test_what_concerns_all_images_is_raised() -> None:
    batch = Batch()
    with pytest.raises(ConfigurationError):
        batch.caption(IMAGES, beams=3)
    assert batch.progress == []
    batch.model.fails = True
    with pytest.raises(InferenceError):
        batch.caption(IMAGES)
