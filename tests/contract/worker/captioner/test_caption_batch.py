"""The worker's batch job: which images go together, and how each end is told."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from PIL import Image

from pycore.captioning.caption_call import CheckedOptions, Wishes
from pycore.captioning.result import CaptionResult, ImageInfo, ModelInfo, Timings
from pycore.errors import InputError
from pycore.generation import GenerationConfig
from pycore.images.decoded import DecodedImage
from tests.unit.images.image_samples import encode
from worker.captioner.batch import CaptionBatch
from worker.captioner.jobs import Job

AVIF = b"\0\0\0\x1cftypavif\0\0\0\0avifmif1"


def png(width: int) -> bytes:
    """An image file that its width tells from others."""
    return encode(Image.new("RGB", (width, 1)), "PNG")


@dataclass
class Decoded:
    """What image_decoder.mjs returns."""

    pixels: Any
    width: int = 9
    height: int = 1
    fileWidth: int = 900  # noqa: N815 - JavaScript's name
    fileHeight: int = 100  # noqa: N815


class Pixels(bytes):
    def to_bytes(self) -> bytes:
        return bytes(self)


class FakePipeline:
    """Captions an image with its width in pixels."""

    def check(self, options: Mapping[str, Any]) -> CheckedOptions:
        return CheckedOptions(options, replace(self.generation_config, **options), Wishes())

    def target_size(self, options: CheckedOptions) -> tuple[int, int]:
        del options
        return 4, 4

    def __init__(self, num_beams: int = 1) -> None:
        self.generation_config = GenerationConfig(
            decoder_start_token_id=0, eos_token_ids=(0,), num_beams=num_beams
        )
        self.batches: list[list[int]] = []

    async def caption_batch(
        self, images: Sequence[DecodedImage], *, options: CheckedOptions, **_: Any
    ) -> list[CaptionResult | InputError]:
        del options
        self.batches.append([image.pixels.width for image in images])
        return [result(image) for image in images]


def result(image: DecodedImage) -> CaptionResult:
    return CaptionResult(
        caption=str(image.pixels.width),
        confidence=1.0,
        flagged=False,
        candidates=(),
        model=ModelInfo("m", "r"),
        timings=Timings(0, 0, 0, ()),
        image=ImageInfo(image.width, image.height, image.format, image.sha256),
    )


def run(
    images: list[bytes], *, num_beams: int = 1, is_low_memory: bool = False, **options: Any
) -> tuple[list[list[int]], list[Mapping[str, Any]]]:
    """Return the batches that went to the pipeline, and the result events."""
    events: list[Mapping[str, Any]] = []
    job = Job(1, lambda job_id, kind, payload: events.append(payload))

    at_once = 0

    async def decode(data: bytes, *_: Any) -> Any:
        nonlocal at_once
        at_once += 1
        assert at_once == 1, "the browser decodes several images at once"
        await asyncio.sleep(0)
        at_once -= 1
        return Decoded(Pixels(36)) if data == AVIF else None

    pipeline = FakePipeline(num_beams)
    batch = CaptionBatch(pipeline, decode, job, is_low_memory=is_low_memory)  # type: ignore[arg-type]
    asyncio.run(batch.run(images, options))
    return pipeline.batches, events


def test_images_go_together_and_each_end_is_told() -> None:
    batches, events = run([png(1), b"broken", png(3)])
    assert batches == [[1, 3]]
    assert [event["index"] for event in events] == [0, 1, 2]
    assert [events[0]["result"]["caption"], events[2]["result"]["caption"]] == ["1", "3"]
    assert events[1]["error"]["code"] == "unsupported_image"


@pytest.mark.parametrize(
    "how",
    [
        {"num_beams": 4},
        {"is_low_memory": True},
        {"do_sample": True, "seed": 1},
    ],
)
def test_where_a_batch_does_not_pay_images_go_one_by_one(how: dict[str, Any]) -> None:
    batches, events = run([png(1), png(2)], **how)
    assert batches == [[1], [2]]
    assert [event["index"] for event in events] == [0, 1]


def test_options_decide_over_the_models_own_settings() -> None:
    assert len(run([png(1), png(2)], num_beams=4)[0]) == 2
    pipeline = FakePipeline(num_beams=4)
    job = Job(1, lambda *_: None)
    batch = CaptionBatch(pipeline, None, job, is_low_memory=False)  # type: ignore[arg-type]
    asyncio.run(batch.run([png(1), png(2)], {"num_beams": 1}))
    assert len(pipeline.batches) == 1


def test_the_browser_decodes_what_pycore_does_not() -> None:
    batches, events = run([AVIF, png(2), AVIF + b"!", AVIF])
    assert batches == [[9, 2, 9]]
    image = events[0]["result"]["image"]
    assert (image["format"], image["width"], image["height"]) == ("AVIF", 900, 100)
    assert image["sha256"] == hashlib.sha256(AVIF).hexdigest()
    assert events[1]["result"]["image"]["format"] == "PNG"
    assert events[2]["error"]["code"] == "unsupported_image"


def test_images_are_decoded_one_at_a_time() -> None:
    at_once: list[int] = []
    now = 0

    async def decode(data: bytes, *_: Any) -> Any:
        nonlocal now
        now += 1
        at_once.append(now)
        await asyncio.sleep(0)
        now -= 1
        return Decoded(Pixels(36))

    job = Job(1, lambda *_: None)
    batch = CaptionBatch(FakePipeline(), decode, job, is_low_memory=False)  # type: ignore[arg-type]
    asyncio.run(batch.run([AVIF] * 3, {}))
    assert at_once == [1, 1, 1]


def test_no_image_is_no_work() -> None:
    assert run([]) == ([], [])
