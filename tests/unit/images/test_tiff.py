"""TIFF files, compressed in the ways that programs do it."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from pycore.errors import BrokenImageError, ImageTooLargeError, UnsupportedImageError
from pycore.images.decoding import tiff_deflate
from pycore.images.file import read_image
from tests.unit.images.image_samples import encode, pattern
from tests.unit.images.tiff_writer import OLD_DEFLATE, write_tiff

RGB = np.asarray(pattern(37, 53))
RGB16 = RGB.astype(np.uint16) * 257
GREY = RGB[:, :, :1]

LAYOUTS = {
    "one strip": write_tiff(RGB),
    "many strips": write_tiff(RGB, rows=5),
    "strips of one row": write_tiff(RGB, rows=1),
    "two strips, places in 16 bits": write_tiff(RGB, rows=20, offset_kind=3),
    "tiles": write_tiff(RGB, part=(16, 16)),
    "one tile": write_tiff(RGB, part=(48, 64)),
    "predicted": write_tiff(RGB, rows=7, predictor=2),
    "predicted tiles": write_tiff(RGB, part=(16, 32), predictor=2),
    "big-endian": write_tiff(RGB, order=">", rows=7, predictor=2),
    "band by band": write_tiff(RGB, rows=9, planar=True),
    "band by band, predicted": write_tiff(RGB, rows=9, planar=True, predictor=2),
    "16 bits": write_tiff(RGB16, rows=9),
    "16 bits predicted": write_tiff(RGB16, rows=9, predictor=2),
    "16 bits predicted, big-endian": write_tiff(RGB16, rows=9, predictor=2, order=">"),
    "the old number for deflate": write_tiff(RGB, rows=9, compression=OLD_DEFLATE),
}


@pytest.mark.parametrize("data", LAYOUTS.values(), ids=LAYOUTS)
def test_deflate(data: bytes) -> None:
    assert np.array_equal(np.asarray(read_image(data).pixels), RGB)


@pytest.mark.parametrize("order", "<>")
def test_deflated_grey(order: str) -> None:
    for samples in (GREY, GREY.astype(np.uint16) * 257):
        data = write_tiff(samples, order=order, rows=4, predictor=2)
        assert np.array_equal(np.asarray(read_image(data).pixels), np.repeat(GREY, 3, axis=2))


@pytest.mark.parametrize("compression", ["packbits", "tiff_lzw"])
def test_other_compressions(compression: str) -> None:
    data = encode(pattern(30, 40), "TIFF", compression=compression)
    assert read_image(data).pixels.tobytes() == pattern(30, 40).tobytes()


@pytest.mark.parametrize("compression", ["group3", "group4", "tiff_ccitt"])
def test_fax_compressions(compression: str) -> None:
    page = pattern(30, 40).convert("1")
    data = encode(page, "TIFF", compression=compression)
    assert read_image(data).pixels.tobytes() == page.convert("RGB").tobytes()


@pytest.mark.parametrize("compression", [6, 7, 34925, 50000, 50001])
def test_compressions_that_cannot_be_read_are_said(compression: int) -> None:
    with pytest.raises(UnsupportedImageError, match="compressed in a way that Seesay cannot read"):
        read_image(write_tiff(RGB, compression=compression))


def test_a_predictor_that_is_not_known_is_said() -> None:
    with pytest.raises(UnsupportedImageError) as caught:
        read_image(write_tiff(RGB, predictor=3))
    assert caught.value.detail == "predictor 3 with 8 bits"


def test_a_cut_file_is_shown_as_far_as_it_goes() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    data = bytearray(write_tiff(noise, rows=4, predictor=2))
    half = 3000
    data[half:6000] = bytes(3000)
    pixels = np.asarray(read_image(bytes(data)).pixels)
    assert np.array_equal(pixels[:16], noise[:16])


def test_parts_that_are_all_the_whole_file_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = write_tiff(np.zeros((100, 100, 3), np.uint8), rows=1)
    unpacked = []
    monkeypatch.setattr(tiff_deflate, "_unpack", lambda *arguments: unpacked.append(arguments))
    sizes = data.index(struct.pack("<HHI", 279, 4, 100)) + 8
    (place,) = struct.unpack_from("<I", data, sizes)
    swollen = data[:place] + struct.pack("<I", 1 << 31) * 100 + data[place + 400 :]
    with pytest.raises(BrokenImageError, match="damaged") as caught:
        read_image(swollen)
    assert "too many" in caught.value.detail
    assert not unpacked


def test_deflated_bombs_are_bounded() -> None:
    flat = np.zeros((100, 100, 3), np.uint8)
    with pytest.raises(ImageTooLargeError, match="100 x 100 pixels"):
        read_image(write_tiff(flat), max_pixels=9999)
    # Many places that point to the same strip: far more bytes than the image has pixels.
    data = write_tiff(flat, part=(112, 112))
    swollen = data.replace(struct.pack("<HHI", 322, 4, 1) + struct.pack("<I", 112),
                           struct.pack("<HHI", 322, 4, 1) + struct.pack("<I", 11_200))  # fmt: skip
    with pytest.raises(BrokenImageError) as caught:
        read_image(swollen, max_pixels=2_000_000)
    assert caught.value.detail
