"""read_image on damaged files of every kind: an image or a SeesayError, in bounded time."""

from __future__ import annotations

import random
import time
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pycore.errors import SeesayError
from pycore.images.file import read_image
from pycore.images.format import identify
from pycore.images.heif import announced_sizes
from pycore.images.plan import is_heavy
from tests.unit.damage import damaged
from tests.unit.images.icc_writer import DISPLAY_P3, SRGB, gamma, matrix_profile
from tests.unit.images.image_samples import encode, pattern
from tests.unit.images.png_writer import chunk, with_chunks, write_png
from tests.unit.images.tiff_writer import write_tiff

MAX_PIXELS = 100_000
MAX_SECONDS = 60  # for one file; a thousand times what the slowest one needs
FILES_EACH = 120
SEED = 20_26


def _samples() -> dict[str, bytes]:
    """Small sound files: every format, its modes, its ways to compress, with metadata."""
    rgb = pattern(24, 20)
    grey16 = Image.fromarray(np.arange(480, dtype=np.uint16).reshape(24, 20) * 100)
    exif = Image.Exif()
    exif[0x0112] = 6
    frames: dict[str, Any] = {"save_all": True, "append_images": [rgb.rotate(90), rgb]}
    return {
        "jpeg": encode(rgb, "JPEG"),
        "jpeg progressive": encode(rgb, "JPEG", progressive=True, exif=exif),
        "jpeg cmyk": encode(rgb.convert("CMYK"), "JPEG"),
        "jpeg grey": encode(rgb.convert("L"), "JPEG"),
        "png": encode(rgb, "PNG", exif=exif),
        "png palette": encode(rgb.convert("P"), "PNG", transparency=3),
        "png alpha": encode(rgb.convert("RGBA"), "PNG"),
        "png 16-bit": encode(grey16, "PNG"),
        "png interlaced": write_png(9, 7, 8, 2, bytes(7 * 28 + 9), is_interlaced=True),
        "png gamma": with_chunks(encode(rgb, "PNG"), chunk(b"gAMA", b"\x00\x01\x86\xa0")),
        "png profile": encode(rgb, "PNG", icc_profile=matrix_profile(DISPLAY_P3, gamma(1.8))),
        "jpeg profile": encode(rgb, "JPEG", icc_profile=matrix_profile(SRGB, gamma(1.0))),
        "tiff deflate planes": write_tiff(np.asarray(rgb), rows=6, planar=True),
        "png animated": encode(rgb, "PNG", **frames),
        "webp": encode(rgb, "WEBP", exif=exif),
        "webp lossless": encode(rgb.convert("RGBA"), "WEBP", lossless=True),
        "webp animated": encode(rgb, "WEBP", **frames),
        "gif": encode(rgb, "GIF"),
        "gif animated": encode(rgb, "GIF", transparency=1, disposal=2, **frames),
        "bmp": encode(rgb, "BMP"),
        "bmp palette": encode(rgb.convert("P"), "BMP"),
        "bmp one bit": encode(rgb.convert("1"), "BMP"),
        "tiff": encode(rgb, "TIFF", exif=exif),
        "tiff 16-bit": encode(grey16, "TIFF"),
        "tiff float": encode(rgb.convert("F"), "TIFF"),
        "tiff integer": encode(rgb.convert("I"), "TIFF"),
        "tiff deflate": write_tiff(np.asarray(rgb), rows=6, predictor=2),
        "tiff deflate tiles": write_tiff(np.asarray(rgb), part=(16, 16), order=">"),
        "tiff lzw": encode(rgb, "TIFF", compression="tiff_lzw"),
        "tiff fax": encode(rgb.convert("1"), "TIFF", compression="group4"),
        "tiff packbits": encode(rgb, "TIFF", compression="packbits"),
    }


SAMPLES = _samples()


def _read(data: bytes, target_size: tuple[int, int] | None) -> bool:
    """Read an image; False when that was refused the right way."""
    began = time.perf_counter()
    is_heavy(data, identify(data), target_size)
    list(announced_sizes(data))
    try:
        decoded = read_image(data, max_pixels=MAX_PIXELS, target_size=target_size)
    except SeesayError as error:
        assert error.message.endswith(".")
        return False
    finally:
        assert time.perf_counter() - began < MAX_SECONDS
    assert decoded.pixels.mode == "RGB"
    assert 0 < decoded.width * decoded.height <= MAX_PIXELS
    assert decoded.pixels.width * decoded.pixels.height <= MAX_PIXELS
    decoded.pixels.tobytes()
    return True


@pytest.mark.parametrize("name", SAMPLES)
def test_damaged_files(name: str) -> None:
    assert _read(SAMPLES[name], None)
    chance = random.Random(f"{SEED} {name}")
    refused = 0
    for _ in range(FILES_EACH):
        refused += not _read(damaged(SAMPLES[name], chance), chance.choice((None, (5, 5))))
    assert refused, "the damage was too gentle to prove anything"


@pytest.mark.parametrize("name", SAMPLES)
def test_files_cut_anywhere(name: str) -> None:
    data = SAMPLES[name]
    for end in range(0, len(data), max(1, len(data) // 100)):
        _read(data[:end], None)


def test_heads_of_one_format_on_bodies_of_another() -> None:
    chance = random.Random(SEED)
    for head in SAMPLES.values():
        for body in SAMPLES.values():
            place = chance.randrange(8, 64)
            _read(head[:place] + body[place:], None)


def test_noise_after_the_magic() -> None:
    chance = random.Random(SEED)
    for data in SAMPLES.values():
        for kept in (4, 8, 12, 16, 24, 32):
            _read(data[:kept] + chance.randbytes(chance.randrange(600)), None)
