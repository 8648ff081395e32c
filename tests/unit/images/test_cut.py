"""Cut files: what is missing is left out of what the model sees, and a note says so."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from pycore.images.file import read_image
from tests.unit.images.image_samples import encode, noise, pattern
from tests.unit.images.tiff_writer import write_tiff


def _is_part(part: Image.Image, whole: Image.Image, top: int) -> bool:
    box = (0, top, part.width, top + part.height)
    return part.tobytes() == whole.crop(box).tobytes()


@pytest.mark.parametrize("quality", [30, 90])
@pytest.mark.parametrize("flat", [False, True])
def test_jpeg(quality: int, flat: bool) -> None:
    # The lower half of the flat one is of one colour: rows are counted by their bytes, not by that.
    image = noise(256, 256).resize((512, 512))
    if flat:
        image.paste((128, 128, 128), (0, 256, 512, 512))
    data = encode(image, "JPEG", quality=quality)
    whole = read_image(data).pixels
    cut = read_image(data[: len(data) // 2])
    assert "missing" in cut.notes[0]
    assert 100 < cut.pixels.height < 400
    assert _is_part(cut.pixels.crop((0, 0, 512, cut.pixels.height - 16)), whole, 0)
    assert cut.seen == (0.0, 0.0, 1.0, cut.pixels.height / 512)
    assert (cut.width, cut.height) == (512, 512)


def test_a_jpeg_cut_below_its_last_row_is_whole() -> None:
    image = pattern(64, 64)
    data = encode(image, "JPEG")
    for end in (len(data) - 1, len(data) - 2):
        cut = read_image(data[:end])
        assert (cut.pixels.height, cut.notes) == (64, ())


def test_a_cut_image_on_its_side() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encode(noise(200, 300), "JPEG", exif=exif)
    cut = read_image(data[: len(data) // 2])
    assert (cut.width, cut.height) == (200, 300)
    left, top, right, bottom = cut.seen
    assert (top, right, bottom) == (0.0, 1.0, 1.0)  # the upper rows come to lie at the right
    assert cut.pixels.size == (round(200 * (right - left)), 300)


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("options", [{}, {"transparency": 3}], ids=str)
def test_gif(flat: bool, options: dict[str, int]) -> None:
    image = noise(200, 200).convert("P")
    if flat:
        image.paste(0, (0, 100, 200, 200))
    data = encode(image, "GIF", interlace=0, **options)
    cut = read_image(data[: len(data) // 2])
    share = cut.pixels.height / 200
    assert 0.2 < share < (0.55 if flat else 0.6)
    assert _is_part(cut.pixels, read_image(data).pixels, 0)
    assert "missing" in cut.notes[0]


def test_a_cut_interlaced_gif_is_less_sharp() -> None:
    image = noise(200, 200).convert("P")
    data = encode(image, "GIF", interlace=1)
    whole = np.asarray(read_image(data).pixels)
    cut = read_image(data[: len(data) // 2])
    pixels = np.asarray(cut.pixels)
    assert np.array_equal(pixels[::8], whole[::8])
    assert np.array_equal(pixels[199], whole[196])
    assert cut.notes == ("This file ends early: the image is less sharp than it should be.",)


def test_bmp_begins_with_its_last_row() -> None:
    image = noise(100, 60)
    data = encode(image, "BMP")
    cut = read_image(data[: 54 + 180 * 40 + 7])
    assert cut.pixels.size == (60, 40)
    assert _is_part(cut.pixels, image, 60)
    assert cut.seen == (0.0, 0.6, 1.0, 1.0)


def test_deflated_tiff() -> None:
    samples = np.random.default_rng(0).integers(0, 256, (100, 60, 3), dtype=np.uint8)
    data = bytearray(write_tiff(samples, rows=10))
    data[9065:12_000] = bytes(2935)  # from the start of the sixth strip
    cut = read_image(bytes(data))
    assert cut.pixels.height == 50
    assert np.array_equal(np.asarray(cut.pixels), samples[:50])


@pytest.mark.parametrize("name", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"])
def test_whole_files_have_no_notes(name: str) -> None:
    decoded = read_image(encode(pattern(40, 50), name))
    assert decoded.notes == ()
    assert decoded.seen == (0.0, 0.0, 1.0, 1.0)
