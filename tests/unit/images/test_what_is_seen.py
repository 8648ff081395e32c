"""Frames, grounds and odd kinds: the model sees what a person sees."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from PIL import Image

from pycore.errors import ImageTooLargeError, UnsupportedImageError
from pycore.images.file import read_image
from tests.unit.images.image_samples import FIXTURES, encode, pattern
from tests.unit.images.tiff_writer import write_tiff

BLANK = Image.new("RGB", (30, 20), (255, 255, 255))
FAINT = Image.blend(BLANK, pattern(20, 30), 0.1)
CLEAR = pattern(20, 30)


def _closest(pixels: Image.Image, frames: dict[str, Image.Image]) -> str:
    def distance(frame: Image.Image) -> float:
        return float(np.abs(np.asarray(pixels, np.float32) - np.asarray(frame, np.float32)).mean())

    return min(frames, key=lambda name: distance(frames[name]))


@pytest.mark.parametrize("name", ["GIF", "PNG", "WEBP"])
def test_the_first_frame_that_shows_something(name: str) -> None:
    frames = {"blank": BLANK, "faint": FAINT, "clear": CLEAR, "late": CLEAR.rotate(180)}
    options = {"lossless": True} if name == "WEBP" else {}
    first, *others = frames.values()
    data = encode(first, name, save_all=True, append_images=others, duration=100, **options)
    assert _closest(read_image(data).pixels, frames) == "clear"


@pytest.mark.parametrize("order", [(BLANK, FAINT), (FAINT, BLANK)])
@pytest.mark.parametrize("name", ["GIF", "PNG", "WEBP"])
def test_where_no_frame_shows_much_the_one_that_shows_most(
    name: str, order: tuple[Image.Image, Image.Image]
) -> None:
    options = {"lossless": True} if name == "WEBP" else {}
    first, second = order
    data = encode(first, name, save_all=True, append_images=[second], duration=100, **options)
    assert _closest(read_image(data).pixels, {"blank": BLANK, "faint": FAINT}) == "faint"


def test_an_empty_first_frame_in_the_field() -> None:
    pixels = read_image((FIXTURES / "field" / "fade-in.gif").read_bytes()).pixels
    mean = np.asarray(pixels).mean(axis=(0, 1))
    assert np.abs(mean - (222.3, 196.7, 123.7)).max() < 1


def test_white_on_nothing_lies_on_dark_ground() -> None:
    pixels = read_image((FIXTURES / "field" / "white-logo.png").read_bytes()).pixels
    assert pixels.getpixel((5, 5)) == (48, 48, 48)
    assert pixels.getpixel((112, 112)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("colour", "ground"), [((255, 255, 255), 48), ((250, 250, 240), 48), ((255, 220, 0), 255)]
)
def test_the_ground_is_white_where_that_does(colour: tuple[int, ...], ground: int) -> None:
    image = Image.new("RGBA", (20, 20))
    image.paste((*colour, 255), (5, 5, 15, 15))
    assert read_image(encode(image, "PNG")).pixels.getpixel((0, 0)) == (ground,) * 3


def test_nothing_at_all_is_white() -> None:
    image = Image.new("RGBA", (20, 20), (1, 2, 3, 0))
    assert read_image(encode(image, "PNG")).pixels.getextrema() == ((255, 255),) * 3


def _bmp_with_alpha(alpha: int) -> bytes:
    """A 32-bit BMP with a version 4 header, which has a mask for alpha."""
    masks = struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    info = struct.pack("<IiiHHIIiiII", 108, 2, 1, 1, 32, 3, 8, 0, 0, 0, 0) + masks
    info = info.ljust(108, b"\x00")
    head = struct.pack("<2sIHHI", b"BM", 130, 0, 0, 122)
    return head + info + bytes([30, 60, 200, alpha, 200, 90, 10, alpha])


@pytest.mark.parametrize("alpha", [0, 255])
def test_a_bmp_of_which_all_is_transparent_is_not(alpha: int) -> None:
    pixels = read_image(_bmp_with_alpha(alpha)).pixels
    assert [pixels.getpixel((x, 0)) for x in (0, 1)] == [(200, 60, 30), (10, 90, 200)]


@pytest.mark.parametrize("extra", [1, 2])
@pytest.mark.parametrize("predictor", [1, 2])
def test_tiff_planes_with_extra_samples(extra: int, predictor: int) -> None:
    colours = np.asarray(pattern(37, 53))
    samples = np.concatenate([colours, np.full((37, 53, extra), 77, np.uint8)], axis=2)
    data = write_tiff(samples, rows=9, planar=True, predictor=predictor, photometric=2)
    assert np.array_equal(np.asarray(read_image(data).pixels), colours)


def test_subsampled_ycbcr_tiff_is_named() -> None:
    data = write_tiff(np.asarray(pattern(8, 8)), photometric=6)
    with pytest.raises(UnsupportedImageError, match="YCbCr"):
        read_image(data)


def test_memory_has_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pycore.images.memory.MAX_DECODING_BYTES", 10_000_000)
    image = Image.new("RGB", (1300, 1000))
    for name in ("BMP", "GIF", "TIFF", "WEBP"):
        with pytest.raises(ImageTooLargeError, match=r"1300 x 1000 pixels, .* \d+ MB of memory"):
            read_image(encode(image, name))
    for name in ("PNG", "JPEG"):
        assert read_image(encode(image, name), target_size=(100, 100)).width == 1300
    with pytest.raises(ImageTooLargeError, match="progressive JPEG is 1300 x 1000"):
        read_image(encode(image, "JPEG", progressive=True), target_size=(100, 100))


@pytest.mark.parametrize("name", ["BMP", "GIF", "TIFF", "WEBP", "PNG"])
def test_large_images_are_handed_on_small(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pycore.images.memory.EXACT_PIXELS", 1000)
    decoded = read_image(encode(pattern(90, 120), name), target_size=(15, 15))
    assert (decoded.width, decoded.height) == (120, 90)
    assert decoded.pixels.size == (40, 30)
