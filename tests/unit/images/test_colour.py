"""Colours as the file means them; the values are those that Chromium 156 shows."""

from __future__ import annotations

import struct
import zlib
from itertools import product

import numpy as np
import pytest
from PIL import Image

from pycore.images.colour import from_profile
from pycore.images.file import read_image
from tests.unit.images.icc_writer import (
    DISPLAY_P3,
    SRGB,
    SRGB_CURVE,
    gamma,
    matrix_profile,
    profile,
    table_profile,
)
from tests.unit.images.image_samples import encode
from tests.unit.images.png_writer import chunk, with_chunks

COLOURS = ((200, 60, 30), (10, 200, 90), (128, 128, 128), (64, 80, 100))
LINEAR = ((229, 133, 96), (56, 229, 160), (188, 188, 188), (137, 152, 168))
SWAPPED = matrix_profile((SRGB[1], SRGB[2], SRGB[0]), SRGB_CURVE)
GAMMA_1 = chunk(b"gAMA", struct.pack(">I", 100_000))
WIDE = chunk(b"cHRM", struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000))


def _iccp(icc: bytes) -> bytes:
    return chunk(b"iCCP", b"any name\x00\x00" + zlib.compress(icc))


def _image(mode: str = "RGB") -> Image.Image:
    image = Image.new("RGB", (len(COLOURS), 1))
    image.putdata(COLOURS)
    return image.convert(mode)


def _close(pixels: Image.Image, expected: tuple[tuple[int, ...], ...], *, by: int = 1) -> bool:
    got = np.asarray(pixels, np.int16)[0]
    return bool(np.abs(got - np.array(expected)).max() <= by)


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ([_iccp(SWAPPED)], ((30, 200, 60), (90, 10, 200), (128, 128, 128), (100, 64, 80))),
        (
            [_iccp(matrix_profile(DISPLAY_P3, SRGB_CURVE))],
            ((217, 42, 0), (0, 204, 73), (128, 128, 128), (60, 81, 102)),
        ),
        ([_iccp(matrix_profile(SRGB, gamma(1.0)))], LINEAR),
        ([GAMMA_1], LINEAR),
        ([GAMMA_1, WIDE], ((244, 127, 87), (0, 233, 154), (188, 188, 188), (134, 153, 170))),
        ([WIDE], COLOURS),
        ([chunk(b"gAMA", struct.pack(">I", 45_455))], COLOURS),
        ([chunk(b"sRGB", b"\x00"), GAMMA_1], COLOURS),
        ([chunk(b"gAMA", bytes(4))], COLOURS),
        ([chunk(b"gAMA", b"")], COLOURS),
        ([_iccp(b"no profile")], COLOURS),
        ([chunk(b"iCCP", b"name\x00\x07" + bytes(40))], COLOURS),
    ],
)
def test_png(chunks: list[bytes], expected: tuple[tuple[int, ...], ...]) -> None:
    assert _close(read_image(with_chunks(encode(_image(), "PNG"), *chunks)).pixels, expected)


def test_grey_png() -> None:
    grey = Image.new("L", (1, 1), 98)
    curve = profile({b"kTRC": gamma(1.0)}, b"GRAY")
    for chunks in ([GAMMA_1], [GAMMA_1, WIDE], [_iccp(curve)]):
        pixels = read_image(with_chunks(encode(grey, "PNG"), *chunks)).pixels
        assert _close(pixels, ((167, 167, 167),))
    rgb_profile = with_chunks(encode(grey, "PNG"), _iccp(SWAPPED))
    assert _close(read_image(rgb_profile).pixels, ((98, 98, 98),))


@pytest.mark.parametrize("name", ["WEBP", "PNG", "TIFF"])
def test_embedded_profiles(name: str) -> None:
    options = {"lossless": True, "exact": True} if name == "WEBP" else {}
    data = encode(_image(), name, icc_profile=SWAPPED, **options)
    expected = ((30, 200, 60), (90, 10, 200), (128, 128, 128), (100, 64, 80))
    assert _close(read_image(data).pixels, expected)


def test_jpeg_profile() -> None:
    flat = Image.new("RGB", (16, 16), COLOURS[0])
    pixels = read_image(encode(flat, "JPEG", quality=100, icc_profile=SWAPPED)).pixels
    assert _close(pixels.crop((8, 8, 9, 9)), ((30, 200, 60),), by=2)


def test_alpha_survives() -> None:
    rgba = Image.new("RGBA", (1, 1), (200, 60, 30, 0))
    data = with_chunks(encode(rgba, "PNG"), _iccp(SWAPPED))
    assert _close(read_image(data).pixels, ((255, 255, 255),))


@pytest.mark.parametrize("is_old", [False, True])
def test_tables(is_old: bool) -> None:
    """An RGB profile whose table says: lightness is the mean of the samples, all else is grey."""
    points = [(100 * sum(corner) / 3, 0.0, 0.0) for corner in product((0, 1), repeat=3)]
    data = encode(_image(), "PNG", icc_profile=table_profile(points, 3, is_old=is_old))
    # L of 37.9, 39.2, 50.2 and 31.9; sRGB of these by the CIE formulas.
    expected = tuple((grey,) * 3 for grey in (90, 93, 120, 75))
    assert _close(read_image(data).pixels, expected)


@pytest.mark.parametrize("is_old", [False, True])
def test_cmyk_tables(is_old: bool) -> None:
    points = [
        (100 * (1 - key) * (3 - cyan - magenta - yellow) / 3, 0.0, 0.0)
        for cyan, magenta, yellow, key in product((0, 1), repeat=4)
    ]
    ink = Image.new("CMYK", (16, 16), (0, 0, 255, 51))
    icc = table_profile(points, 4, is_old=is_old)
    for name, options in (("JPEG", {"quality": 100}), ("TIFF", {})):
        pixels = read_image(encode(ink, name, icc_profile=icc, **options)).pixels
        assert _close(pixels.crop((8, 8, 9, 9)), ((128, 128, 128),), by=2)  # L of 53.3


def test_a_profile_that_changes_nothing_is_left_alone() -> None:
    assert from_profile(matrix_profile(SRGB, SRGB_CURVE), "RGB") is None
    assert from_profile(SWAPPED, "L") is None
    assert from_profile(b"", "RGB") is None


def test_damaged_profiles_are_ignored() -> None:
    points = [(50.0, 0.0, 0.0)] * 8
    old = table_profile(points, 3, is_old=True)
    no_rows = old.replace(struct.pack(">HH", 2, 2), struct.pack(">HH", 0, 2))
    assert no_rows != old
    assert from_profile(no_rows, "RGB") is None
    for icc in (
        SWAPPED,
        table_profile(points, 3, is_old=False),
        table_profile(points, 3, is_old=True),
    ):
        for end in range(0, len(icc), 7):
            from_profile(icc[:end], "RGB")
        for place in range(128, len(icc)):
            damaged = bytearray(icc)
            damaged[place] ^= 0xFF
            from_profile(bytes(damaged), "RGB")
