"""PNG files: rows, passes, depths and damage; what is in metadata never costs the image."""

from __future__ import annotations

import io
import random
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pycore.errors import BrokenImageError, ImageTooLargeError
from pycore.images.file import read_image
from tests.unit.images.image_samples import FIXTURES, encode, noise, pattern
from tests.unit.images.png_writer import chunk, with_chunks, write_png

PATTERN = encode(pattern(40, 50), "PNG")
PASSES = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
"""Adam7: first column and row, steps between columns and rows."""


def _pixels(data: bytes, **options: Any) -> np.ndarray:
    return np.asarray(read_image(data, **options).pixels)


@pytest.mark.parametrize(
    "damage",
    [
        chunk(b"iCCP", b"name\x00\x09" + bytes(20)),
        chunk(b"gAMA", b""),
        chunk(b"tRNS", b""),
        chunk(b"tEXt", b"key\x00value", crc_off=1),
        chunk(b"pHYs", b""),
        chunk(b"cHRM", bytes(32)),
        chunk(b"eXIf", b"MM\x00*\xff\xff"),
        chunk(b"zTXt", b"Raw profile type exif\x00\x00" + zlib.compress(b"\nexif\n x")),
    ],
)
@pytest.mark.parametrize("flat", [False, True])
def test_damaged_metadata(damage: bytes, flat: bool) -> None:
    image = Image.new("RGB", (50, 40), (10, 200, 90)) if flat else pattern(40, 50)
    decoded = read_image(with_chunks(encode(image, "PNG"), damage))
    assert decoded.pixels.tobytes() == image.tobytes()
    assert decoded.notes == ()


def test_large_metadata() -> None:
    text = chunk(b"iTXt", b"key\x00\x01\x00\x00\x00" + zlib.compress(bytes(1 << 20)))
    assert read_image(with_chunks(PATTERN, *[text] * 70)).pixels.size == (50, 40)
    field = _pixels((FIXTURES / "field" / "icc-3mb-topline.png").read_bytes())
    assert field.shape == (224, 224, 3)
    assert (field[112:] == 255).all()


@pytest.mark.parametrize("colour_type", [0, 2, 3, 4, 6])
@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("is_interlaced", [False, True])
def test_every_kind_with_every_filter(colour_type: int, depth: int, is_interlaced: bool) -> None:
    if depth not in {0: (1, 2, 4, 8, 16), 3: (1, 2, 4, 8)}.get(colour_type, (8, 16)):
        return
    chance = random.Random(depth)
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour_type]
    sizes = [(13, 11)]
    if is_interlaced:
        sizes = [(-(-(13 - x) // dx), -(-(11 - y) // dy)) for x, y, dx, dy in PASSES]
    rows = b""
    for width, height in sizes:
        row_bytes = (width * samples * depth + 7) // 8
        for row in range(height):
            rows += bytes([row % 5]) + chance.randbytes(row_bytes)
    palette = [chunk(b"PLTE", chance.randbytes(768))] if colour_type == 3 else []
    data = write_png(13, 11, depth, colour_type, rows, *palette, is_interlaced=is_interlaced)
    ours = read_image(data).pixels
    with Image.open(io.BytesIO(data)) as theirs:
        if theirs.mode == "I;16":
            expected = Image.fromarray((np.asarray(theirs) >> 8).astype(np.uint8))
        else:
            expected = theirs.convert("RGBA") if theirs.mode in ("LA", "RGBA") else theirs
        if expected.mode == "RGBA":
            canvas = Image.new("RGB", expected.size, (255, 255, 255))
            canvas.paste(expected, mask=expected)
            expected = canvas
        assert ours.tobytes() == expected.convert("RGB").tobytes()


def test_bands_fit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pycore.images.decoding.png_pixels._BAND_BYTES", 700)
    assert (_pixels(PATTERN) == np.asarray(pattern(40, 50))).all()


def test_large_images_are_made_smaller_band_by_band(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pycore.images.decoding.png_pixels._BAND_BYTES", 5000)
    monkeypatch.setattr("pycore.images.memory.EXACT_PIXELS", 1000)
    image = pattern(211, 307)
    decoded = read_image(encode(image, "PNG"), target_size=(30, 30))
    assert (decoded.width, decoded.height) == (307, 211)
    assert decoded.pixels.tobytes() == image.reduce(3).tobytes()


@pytest.mark.parametrize("flat", [False, True])
def test_a_cut_file_gives_the_rows_that_are_there(flat: bool) -> None:
    image = Image.new("RGB", (200, 200), (9, 9, 9)) if flat else noise(200, 200)
    rows = b"".join(b"\x00" + np.asarray(image)[row].tobytes() for row in range(200))
    whole = write_png(200, 200, 8, 2, rows)
    packed = zlib.compress(rows, 0)[: 11 + 120 * 601 + 5 * (120 * 601 // 65535)]
    data = whole[: whole.index(b"IDAT") - 4] + struct.pack(">I", 10**6) + b"IDAT" + packed
    decoded = read_image(data)
    assert decoded.pixels.size in {(200, 119), (200, 120)}
    assert decoded.pixels.tobytes() == image.crop((0, 0, *decoded.pixels.size)).tobytes()
    assert (decoded.width, decoded.height) == (200, 200)
    assert decoded.seen == (0.0, 0.0, 1.0, decoded.pixels.height / 200)
    (note,) = decoded.notes
    assert note == (
        "Part of this image is missing: the file is cut or damaged, and 60 % of it could be read. "
        "The caption is about that part."
    )


def test_damage_in_the_middle_costs_what_comes_after_it() -> None:
    image = noise(64, 64)
    data = bytearray(encode(image, "PNG", compress_level=0))
    place = len(data) // 2
    data[place : place + 600] = b"\xff" * 600
    rows = read_image(bytes(data)).pixels
    assert 0 < rows.height <= 64


def test_a_cut_interlaced_file_is_less_sharp() -> None:
    # All of the first pass, nothing of the others: 2 x 2 pixels for 16 x 16.
    rows = b"\x00\x00\x55" + b"\x00\xaa\xff"
    pixels = _pixels(write_png(16, 16, 8, 0, rows, is_interlaced=True))
    assert pixels.shape == (16, 16, 3)
    assert [pixels[y, x, 0] for y in (0, 8) for x in (0, 8)] == [0, 0x55, 0xAA, 0xFF]
    assert pixels[7, 15, 0] == 0x55


def test_an_interlaced_file_that_needs_too_much_memory_is_refused_with_numbers() -> None:
    data = write_png(9000, 9000, 8, 2, b"", is_interlaced=True)
    with pytest.raises(ImageTooLargeError) as caught:
        read_image(data)
    assert caught.value.message == (
        "That interlaced PNG is 9000 x 9000 pixels, and decoding it would take 972 MB of memory; "
        "the limit is 512 MB. Make it smaller and try again."
    )


@pytest.mark.parametrize("colour_type", [1, 5, 7])
def test_impossible_headers(colour_type: int) -> None:
    with pytest.raises(BrokenImageError):
        read_image(write_png(4, 4, 8, colour_type, bytes(100)))


def test_a_palette_must_be_there() -> None:
    with pytest.raises(BrokenImageError) as caught:
        read_image(write_png(4, 4, 8, 3, bytes(100)))
    assert caught.value.detail == "there is no palette"
