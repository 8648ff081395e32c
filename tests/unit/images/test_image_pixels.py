"""Depth, alpha and colour spaces, through read_image where a file can hold the mode."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pycore.errors import UnsupportedImageError
from pycore.images.file import read_image
from pycore.images.pixels import on_ground, to_8_bits
from tests.unit.images.image_samples import encode, pattern

WHITE = (255, 255, 255)


def _decode(image: Image.Image, format_name: str, **options: Any) -> np.ndarray:
    return np.asarray(read_image(encode(image, format_name, **options)).pixels)


def _png(width: int, depth: int, colour_type: int, row: bytes, transparent: bytes) -> bytes:
    """Write one row of pixels as PNG, at depths that Pillow does not write."""

    def chunk(name: bytes, content: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(name + content))
        return struct.pack(">I", len(content)) + name + content + checksum

    header = struct.pack(">IIBBBBB", width, 1, depth, colour_type, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + (chunk(b"tRNS", transparent) if transparent else b"")
        + chunk(b"IDAT", zlib.compress(b"\x00" + row))
        + chunk(b"IEND", b"")
    )


def test_alpha_is_composited_on_white() -> None:
    rgba = pattern(16, 16).convert("RGBA")
    alpha = np.tile(np.arange(0, 256, 16, dtype=np.uint8), (16, 1))
    rgba.putalpha(Image.fromarray(alpha))
    colour = np.asarray(rgba, np.float64)[:, :, :3]
    opacity = alpha[:, :, None] / 255
    expected = colour * opacity + 255 * (1 - opacity)
    for name, options in (("PNG", {}), ("TIFF", {}), ("WEBP", {"lossless": True, "exact": True})):
        assert np.abs(_decode(rgba, name, **options) - expected).max() <= 1, name


def test_grey_with_alpha() -> None:
    image = Image.new("LA", (2, 1))
    image.putdata([(0, 0), (0, 255)])
    for name in ("PNG", "TIFF"):
        assert _decode(image, name)[0].tolist() == [[255] * 3, [0] * 3]


@pytest.mark.parametrize("name", ["PNG", "GIF"])
def test_a_transparent_palette_entry_is_white(name: str) -> None:
    image = Image.new("P", (3, 1))
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    image.putdata([0, 1, 2])
    pixels = _decode(image, name, transparency=1)
    assert pixels[0].tolist() == [[255, 0, 0], [255] * 3, [0, 0, 255]]


def test_half_transparent_palette_entries() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([0, 0, 0, 0, 0, 0])
    image.putdata([0, 1])
    assert _decode(image, "PNG", transparency=b"\x80\xff")[0].tolist() == [[127] * 3, [0] * 3]


def test_palette_with_alpha() -> None:
    image = Image.new("PA", (2, 1))
    image.putpalette([10, 20, 30] * 2)
    image.putdata([(0, 0), (1, 255)])
    assert np.asarray(on_ground(to_8_bits(image)))[0].tolist() == [[255] * 3, [10, 20, 30]]


@pytest.mark.parametrize(
    ("depth", "row", "transparent", "expected"),
    [
        (1, b"\x40", b"\x00\x00", [48, 255]),  # white on nothing: on a dark ground
        (2, b"\x60", b"\x00\x01", [255, 170]),
        (4, b"\x3a", b"\x00\x03", [255, 170]),
        (8, b"\x03\xaa", b"\x00\x03", [255, 170]),
        (16, b"\x03\x04\xaa\xbb", b"\x03\x04", [255, 170]),
        (16, b"\x03\x05\xaa\xbb", b"\x03\x04", [3, 170]),
    ],
)
def test_the_transparent_grey_of_a_png(
    depth: int, row: bytes, transparent: bytes, expected: list[int]
) -> None:
    pixels = read_image(_png(2, depth, 0, row, transparent)).pixels
    assert [pixels.getpixel((x, 0)) for x in (0, 1)] == [(grey,) * 3 for grey in expected]


@pytest.mark.parametrize("depth", [8, 16])
def test_the_transparent_colour_of_a_png(depth: int) -> None:
    colours = np.array([[9, 8, 7], [9, 8, 200]], np.uint8)
    row = np.repeat(colours, depth // 8).tobytes()
    transparent = struct.pack(">HHH", *(v * 257 if depth == 16 else v for v in (9, 8, 7)))
    pixels = read_image(_png(2, depth, 2, row, transparent)).pixels
    assert [pixels.getpixel((x, 0)) for x in (0, 1)] == [WHITE, (9, 8, 200)]


@pytest.mark.parametrize("name", ["PNG", "TIFF"])
def test_16_bit_grey_keeps_its_tones(name: str) -> None:
    values = np.linspace(0, 65535, 300).astype(np.uint16).reshape(10, 30)
    pixels = _decode(Image.fromarray(values), name)
    assert np.abs(pixels[:, :, 0] - values / 257).max() <= 1
    assert pixels.max() == 255


def test_16_bit_grey_in_the_other_byte_order() -> None:
    values = np.linspace(0, 65535, 30).astype(">u2").reshape(1, 30)
    image = Image.frombytes("I;16B", (30, 1), values.tobytes())
    assert (_decode(image, "TIFF")[0, :, 0] == (values >> 8)[0]).all()


def _with_tags(data: bytes, **tags: int) -> bytes:
    """Change 16-bit values in the directory of a little-endian TIFF."""
    changed = bytearray(data)
    directory = int.from_bytes(data[4:8], "little")
    for index in range(int.from_bytes(data[directory : directory + 2], "little")):
        entry = directory + 2 + 12 * index
        for name, value in tags.items():
            if int.from_bytes(data[entry : entry + 2], "little") == int(name.removeprefix("tag")):
                changed[entry + 8 : entry + 10] = value.to_bytes(2, "little")
    return bytes(changed)


def test_16_bit_grey_with_white_as_zero() -> None:
    image = Image.fromarray(np.array([[0, 65535]], np.uint16))
    data = _with_tags(encode(image, "TIFF"), tag262=0)
    assert np.asarray(read_image(data).pixels)[0, :, 0].tolist() == [255, 0]


def test_12_bit_grey() -> None:
    image = Image.fromarray(np.array([[0xFFF, 0]], np.uint16))  # 12 bits each: ff f0 00
    data = bytearray(_with_tags(encode(image, "TIFF"), tag258=12, tag279=3))
    strip = data.index(b"\xff\x0f\x00\x00")
    data[strip : strip + 3] = b"\xff\xf0\x00"
    assert np.asarray(read_image(bytes(data)).pixels)[0, :, 0].tolist() == [255, 0]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 100, 255], [0, 100, 255]),
        ([0, 32896, 65535], [0, 128, 255]),
        ([0, 2**30, 2**31 - 1], [0, 127, 255]),
        ([-(2**31), 0, 2**31 - 1], [0, 127, 255]),
        ([-100, 0, 100], [0, 128, 255]),
        ([0, 0, 0], [0, 0, 0]),
    ],
)
def test_integers_of_unknown_range(values: list[int], expected: list[int]) -> None:
    pixels = _decode(Image.fromarray(np.array([values], np.int32)), "TIFF")
    assert np.abs(pixels[0, :, 0].astype(int) - expected).max() <= 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.5, 1.0], [0, 128, 255]),
        ([0.0, 127.6, 255.0], [0, 128, 255]),
        ([-1.0, 0.0, 1.0], [0, 128, 255]),
        ([0.0, 5e5, 1e6], [0, 128, 255]),
        ([np.nan, np.inf, 1.0], [0, 0, 255]),
        ([np.nan, np.nan, np.nan], [0, 0, 0]),
        ([-3.4e38, 0.0, 3.4e38], [0, 128, 255]),
        ([-0.5, np.inf, np.nan], [0, 0, 0]),
    ],
)
def test_floats_of_unknown_range(values: list[float], expected: list[int]) -> None:
    pixels = on_ground(to_8_bits(Image.fromarray(np.array([values], np.float32))))
    got = np.asarray(pixels)[0, :, 0].astype(int)
    assert np.abs(got - expected).max() <= 1


def test_one_bit() -> None:
    image = Image.new("1", (2, 1))
    image.putdata([0, 1])
    for name in ("PNG", "BMP", "TIFF", "GIF"):
        assert _decode(image, name)[0, :, 0].tolist() == [0, 255], name


@pytest.mark.parametrize("name", ["JPEG", "TIFF"])
def test_cmyk(name: str) -> None:
    image = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    assert np.abs(_decode(image, name).astype(int) - (255, 0, 0)).max() <= 2
    image = Image.new("CMYK", (16, 16), (0, 0, 0, 128))
    assert np.abs(_decode(image, name).astype(int) - 127).max() <= 2


@pytest.mark.parametrize(("black", "expected"), [(255, (0, 0, 0)), (0, (255, 120, 255))])
def test_ycck(black: int, expected: tuple[int, int, int]) -> None:
    """Adobe's YCCK: CMY travel as YCbCr of their complements, and all four inverted.

    The samples written here are 0 for Y, Cb and Cr, which is (R, G, B) = (0, 135, 0) after
    clipping: inverted ink (255, 120, 255), so that much light.
    """
    image = Image.new("CMYK", (16, 16), (255, 255, 255, black))
    data = bytearray(encode(image, "JPEG", quality=100))
    transform = data.index(b"Adobe") + 11
    assert data[transform] == 0  # as Pillow writes it: plain CMYK, inverted
    data[transform] = 2
    got = np.asarray(read_image(bytes(data)).pixels, np.int16)[8, 8]
    assert np.abs(got - expected).max() <= 2


def _rgb_jpeg(*, ids: bytes) -> bytes:
    """A JPEG whose samples are RGB, as its Adobe marker says."""
    data = bytearray(encode(Image.new("RGB", (16, 16), (200, 60, 30)), "JPEG", keep_rgb=True))
    frame, scan = data.index(b"\xff\xc0"), data.index(b"\xff\xda")
    for index, component_id in enumerate(ids):
        data[frame + 10 + 3 * index] = component_id
        data[scan + 5 + 2 * index] = component_id
    return bytes(data)


@pytest.mark.parametrize("ids", [b"RGB", b"\x01\x02\x03"])
@pytest.mark.parametrize("target_size", [None, (2, 2)])
def test_jpeg_with_rgb_samples(ids: bytes, target_size: tuple[int, int] | None) -> None:
    pixels = read_image(_rgb_jpeg(ids=ids), target_size=target_size).pixels
    assert np.abs(np.asarray(pixels, np.int16) - (200, 60, 30)).max() <= 2
    assert pixels.size == ((16, 16) if target_size is None else (4, 4))


def test_jpeg_with_a_jfif_marker_is_ycbcr_whatever_adobe_says() -> None:
    data = encode(Image.new("RGB", (16, 16), (200, 60, 30)), "JPEG")
    adobe = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
    pixels = read_image(data[:20] + adobe + data[20:]).pixels
    assert np.abs(np.asarray(pixels, np.int16) - (200, 60, 30)).max() <= 2


def test_colour_spaces_that_cannot_be_shown_are_refused() -> None:
    with pytest.raises(UnsupportedImageError, match="the LAB colour space"):
        read_image(encode(Image.new("LAB", (4, 4)), "TIFF"))


def test_rgb_is_not_copied() -> None:
    image = pattern(3, 3)
    assert on_ground(to_8_bits(image)) is image
