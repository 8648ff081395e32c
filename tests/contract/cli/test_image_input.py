"""Images handed to the Python API: pixels as a file would show them, or a plain refusal."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFile

from pycore.errors import BrokenImageError, ImageTooLargeError, InputError, UnsupportedImageError
from pycore.images.decoded import DecodedImage
from seesay.captioner import image_input
from seesay.captioner.image_input import read_input
from seesay.captioner.image_reader import read_anyhow
from tests.unit.images.image_samples import encode, noise, pattern

RAMP = np.linspace(0, 1, 256).reshape(16, 16)


def _read(image: object) -> DecodedImage:
    return read_anyhow(read_input(image), None)


@pytest.mark.parametrize("most", [65535, 255, 1])
def test_samples_of_more_than_8_bits_are_not_clipped(most: int) -> None:
    kind = {65535: np.uint16, 255: np.int32, 1: np.float32}[most]
    pixels = np.asarray(_read(Image.fromarray((RAMP * most).astype(kind))).pixels, np.float64)
    assert np.abs(pixels[..., 0] / 255 - RAMP).max() < 0.01


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGBX", "CMYK", "YCbCr", "HSV"])
def test_every_mode_is_read(mode: str) -> None:
    assert _read(Image.new(mode, (5, 4))).pixels.size == (5, 4)


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_an_open_image_is_turned_as_its_file_is(name: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encode(pattern(20, 30), name, exif=exif)
    by_file, by_pillow = _read(data), _read(Image.open(io.BytesIO(data)))
    assert by_pillow.pixels.size == by_file.pixels.size
    assert np.array_equal(np.asarray(by_pillow.pixels), np.asarray(by_file.pixels))


def test_an_image_that_was_turned_already_stays() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.open(io.BytesIO(encode(pattern(20, 30), "JPEG", exif=exif)))
    turned = image.transpose(Image.Transpose.ROTATE_270)
    assert _read(turned).pixels.size == turned.size == (20, 30)


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        (Image.new("LAB", (4, 4)), UnsupportedImageError),
        (Image.new("La", (4, 4)), BrokenImageError),
        (Image.new("L", (0, 4)), BrokenImageError),
        (Image.open(io.BytesIO(encode(noise(99, 99), "JPEG")[:-2000])), BrokenImageError),
    ],
)
def test_pixels_that_cannot_be_read(image: Image.Image, kind: type[InputError]) -> None:
    assert not ImageFile.LOAD_TRUNCATED_IMAGES
    with pytest.raises(kind) as caught:
        read_input(image)
    assert caught.value.message.endswith(".")


def test_pixels_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_input, "MAX_PIXELS", 15)
    with pytest.raises(ImageTooLargeError, match="4 x 4 pixels"):
        read_input(Image.new("L", (4, 4)))


def test_a_file_that_fails_while_it_is_read(tmp_path: Path) -> None:
    file = (tmp_path / "a").open("wb+")
    file.close()
    with pytest.raises(InputError, match="closed file"):
        read_input(file)


@pytest.mark.parametrize("error", [struct.error, IndexError, TypeError, KeyError, MemoryError])
def test_whatever_a_plugin_of_pillow_raises(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def load(_image: object) -> None:
        raise error("as on damaged files")

    data = encode(pattern(20, 30), "ICO")
    assert read_anyhow(data, None).format == "ICO"
    monkeypatch.setattr("PIL.IcoImagePlugin.IcoImageFile.load", load)
    with pytest.raises((BrokenImageError, ImageTooLargeError)):
        read_anyhow(data, None)
