"""Tasks on pixels, their bounds, and what the endpoint answers."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from pycore import errors
from pycore.endpoint import answers
from pycore.endpoint.result_cache import ResultCache
from pycore.endpoint.task_grammar import parse_task
from pycore.endpoint.transform import transform
from pycore.errors import ImageTooLargeError, InputError


def picture() -> Image.Image:
    """40 x 20 pixels; red grows to the right, green downwards."""
    rows, columns = np.mgrid[0:20, 0:40]
    return Image.fromarray(
        np.dstack([columns * 6, rows * 12, np.full((20, 40), 50)]).astype(np.uint8)
    )


def done(*tasks: str) -> Image.Image:
    return Image.open(io.BytesIO(transform(picture(), [parse_task(task) for task in tasks])))


@pytest.mark.parametrize(
    ("task", "size"),
    [
        ("resize=w:20", (20, 10)),
        ("resize=h:40", (80, 40)),
        ("resize=h:40,fit:max", (40, 20)),
        ("resize=w:20,h:20", (20, 10)),
        ("resize=w:80,h:80", (80, 40)),
        ("resize=w:80,h:80,fit:max", (40, 20)),
        ("resize=w:20,h:20,fit:crop", (20, 20)),
        ("resize=w:20,h:20,fit:scale", (20, 20)),
        ("crop=dim:[10,5,20,10]", (20, 10)),
        ("crop=dim:[30,10,100,100]", (10, 10)),
        ("rotate=deg:90", (20, 40)),
        ("rotate=deg:180", (40, 20)),
        ("flip", (40, 20)),
    ],
)
def test_sizes(task: str, size: tuple[int, int]) -> None:
    assert done(task).size == size


def test_directions() -> None:
    original = np.asarray(picture())
    assert np.array_equal(np.asarray(done("flip")), original[::-1])
    assert np.array_equal(np.asarray(done("flop")), original[:, ::-1])
    assert np.array_equal(np.asarray(done("rotate=deg:90")), np.rot90(original, -1))
    assert np.array_equal(np.asarray(done("crop=dim:[3,4,5,6]")), original[4:10, 3:8])
    left = np.asarray(done("resize=w:20,h:20,fit:crop,a:left"))
    assert np.array_equal(left, original[:, :20])
    grey = np.asarray(done("monochrome"))
    assert (grey == grey[..., :1]).all()


def test_tasks_are_done_in_their_order() -> None:
    assert done("resize=w:20", "crop=dim:[0,0,5,5]", "rotate=deg:90", "flip").size == (5, 5)
    turned = np.asarray(done("rotate=deg:90", "flip"))
    assert not np.array_equal(turned, np.asarray(done("flip", "rotate=deg:90")))


@pytest.mark.parametrize(
    ("tasks", "file_format"),
    [
        ((), "PNG"),
        (("quality=value:10",), "JPEG"),
        (("output=format:webp,quality:10",), "WEBP"),
        (("output=format:jpg", "quality=value:10"), "JPEG"),
        (("quality=value:10", "output=format:png"), "PNG"),
        (("output=format:gif",), "GIF"),
        (("output=format:bmp",), "BMP"),
        (("output=format:tiff",), "TIFF"),
    ],
)
def test_outputs(tasks: tuple[str, ...], file_format: str) -> None:
    assert done(*tasks).format == file_format


def test_lower_quality_is_a_smaller_file() -> None:
    noise = Image.effect_noise((64, 64), 80).convert("RGB")
    sizes = [len(transform(noise, [parse_task(f"quality=value:{n}")])) for n in (10, 90)]
    assert sizes[0] < sizes[1]


def test_bounds() -> None:
    with pytest.raises(InputError, match="40 x 20"):
        done("crop=dim:[40,0,5,5]")
    wide = Image.new("RGB", (10_000, 10))
    with pytest.raises(ImageTooLargeError):
        transform(wide, [parse_task("resize=h:10000")])
    with pytest.raises(ImageTooLargeError):
        transform(Image.new("RGB", (15_000, 1)), [parse_task("rotate=deg:45")])


@pytest.mark.parametrize(("task", "side"), [
    ("output=format:jpg", 65_500), ("output=format:webp", 16_383), ("output=format:gif", 65_535),
    ("quality=value:80", 65_500),
])  # fmt: skip
def test_long_images_of_formats_that_have_no_room_for_them(task: str, side: int) -> None:
    assert transform(Image.new("RGB", (side, 1)), [parse_task(task)])
    with pytest.raises(ImageTooLargeError, match=f"has {side} at most"):
        transform(Image.new("RGB", (1, side + 1)), [parse_task(task)])


def test_each_error_has_a_status() -> None:
    assert answers.failure(errors.UnsupportedImageError("no"))[0] == 415
    assert answers.failure(errors.ConfigurationError("no")) == (
        400,
        {"error": {"code": "configuration", "message": "no"}},
    )
    assert answers.failure(answers.BusyError("no"))[0] == 503
    assert answers.failure(errors.InternalError("no"))[0] == 500


def test_answers() -> None:
    result = {"caption": "a bee", "confidence": 0.9, "candidates": [], "secret": 1}
    assert answers.answer(result, full=False) == {"caption": "a bee"}
    full = answers.answer(result, full=True)
    assert full == {"caption": "a bee", "confidence": 0.9, "candidates": []}


def test_the_oldest_results_go_first() -> None:
    cache = ResultCache(most=2)
    for name in "abc":
        cache.put((name, "", ""), {"caption": name})
        cache.get(("a", "", ""))
    assert [cache.get((name, "", "")) is not None for name in "abc"] == [True, False, True]
