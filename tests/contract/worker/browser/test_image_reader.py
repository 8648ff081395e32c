"""Who decodes an image file: pycore or the browser, in which order, and who is blamed."""

from __future__ import annotations

import asyncio
import struct
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from pycore.errors import BrokenImageError, ImageTooLargeError, UnsupportedImageError
from pycore.images.decoded import DecodedImage
from tests.unit.images.image_samples import encode, pattern
from worker.browser.image_reader import read_anyhow


class Browser:
    """Decodes anything to one green pixel, or nothing; remembers what it was asked for."""

    def __init__(self, *, can: bool, size: tuple[int, int] = (300, 200)) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self._can, self._size = can, size

    async def __call__(self, data: bytes, *asked: Any) -> Any:
        del data
        self.asked.append(asked)
        if not self._can:
            return None
        width, height = self._size
        pixels = SimpleNamespace(to_bytes=lambda: bytes([0, 255, 0, 255]))
        return SimpleNamespace(pixels=pixels, width=1, height=1, fileWidth=width, fileHeight=height)


def read(data: bytes, browser: Browser) -> DecodedImage:
    return asyncio.run(read_anyhow(data, (224, 112), browser))


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + name + content


def heif(brand: bytes, *sizes: tuple[int, int]) -> bytes:
    """A file with nothing but the boxes that announce sizes."""
    items = b"".join(box(b"ispe", struct.pack(">III", 0, *size)) for size in sizes)
    meta = box(b"meta", bytes(4) + box(b"iprp", box(b"ipco", items)))
    return box(b"ftyp", brand + bytes(4) + brand) + meta


BROWSER_FILES = {
    "AVIF": (heif(b"avif", (300, 200)), "image/avif"),
    "HEIC": (heif(b"heic", (300, 200)), "image/heic"),
    "JPEG XL": (b"\xff\x0a\xfa\x1f", "image/jxl"),
    "JPEG 2000": (b"\xff\x4f\xff\x51\x00\x29", "image/jp2"),
    "ICO": (b"\x00\x00\x01\x00\x01\x00", "image/x-icon"),
}


@pytest.mark.parametrize("name", BROWSER_FILES)
def test_the_browser_is_asked_before_anybody_is_turned_away(name: str) -> None:
    data, media_type = BROWSER_FILES[name]
    browser = Browser(can=True)
    image = read(data, browser)
    assert browser.asked == [(media_type, 100_000_000, 112, 224)]
    assert (image.format, image.width, image.height) == (name, 300, 200)
    assert image.pixels.getpixel((0, 0)) == (0, 255, 0)
    with pytest.raises(UnsupportedImageError, match="cannot be decoded here"):
        read(data, Browser(can=False))


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_pycore_comes_first_where_it_can(name: str) -> None:
    browser = Browser(can=True)
    assert read(encode(pattern(20, 30), name), browser).width == 30
    assert not browser.asked


def _bmp(bits: int, compression: int, *masks: int) -> bytes:
    info = struct.pack("<IiiHHIIiiII", 40, 2, 2, 1, bits, compression, 0, 0, 0, 0, 0)
    mask_bytes = struct.pack(f"<{len(masks)}I", *masks)
    head = struct.pack("<2sIHHI", b"BM", 100, 0, 0, 14 + 40 + len(mask_bytes))
    return head + info + mask_bytes + bytes(60)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (_bmp(4, 2), "compressed as RLE4"),
        (_bmp(16, 3, 0xF00, 0xF0, 0xF), "of a kind that Seesay cannot read"),
        (_bmp(16, 3, 0xFF00, 0xFF, 0), "of a kind that Seesay cannot read"),
        (encode(pattern(8, 8), "JPEG").replace(b"\xff\xc0", b"\xff\xc3", 1), "is a lossless JPEG"),
    ],
)
def test_what_pillow_gets_wrong_the_browser_decodes(data: bytes, sentence: str) -> None:
    browser = Browser(can=True)
    assert read(data, browser).pixels.getpixel((0, 0)) == (0, 255, 0)
    assert len(browser.asked) == 1
    with pytest.raises(UnsupportedImageError, match=sentence):
        read(data, Browser(can=False))


def test_what_neither_decodes_is_damaged() -> None:
    data = encode(pattern(20, 30), "WEBP")[:40]
    browser = Browser(can=False)
    with pytest.raises(BrokenImageError, match="WebP file is damaged"):
        read(data, browser)
    assert len(browser.asked) == 1


def test_decoders_say_nothing_to_the_console(capfd: pytest.CaptureFixture[str]) -> None:
    data = bytearray(encode(pattern(64, 64), "TIFF", compression="tiff_lzw"))
    data[8:40] = b"\xff" * 32  # the first codes of the first strip
    with pytest.raises(BrokenImageError):
        read(bytes(data), Browser(can=False))
    print("heard", file=sys.stderr)
    assert capfd.readouterr().err == "heard\n"


def test_what_would_fill_pythons_memory_goes_to_the_browser_first() -> None:
    data = bytearray(encode(Image.new("L", (4, 4)), "GIF"))
    data[6:10] = struct.pack("<HH", 9000, 9000)
    browser = Browser(can=True, size=(9000, 9000))
    assert read(bytes(data), browser).width == 9000
    assert len(browser.asked) == 1
    with pytest.raises(ImageTooLargeError, match="would take 729 MB of memory; the limit is 512"):
        read(bytes(data), Browser(can=False))


@pytest.mark.parametrize("brand", [b"avif", b"heic"])
def test_sizes_are_known_before_the_browser_decodes(brand: bytes) -> None:
    browser = Browser(can=True)
    with pytest.raises(ImageTooLargeError, match=r"20000 x 6000 pixels; the limit is 100 mega"):
        read(heif(brand, (160, 120), (20_000, 6_000)), browser)
    assert not browser.asked


def test_letters_in_the_pixels_are_no_size() -> None:
    data = heif(b"avif", (300, 200)) + box(b"mdat", b"ispe" + b"\xff" * 40)
    assert read(data, Browser(can=True)).width == 300


def test_the_size_that_the_browser_finds_counts_too() -> None:
    with pytest.raises(ImageTooLargeError, match="30000 x 5000 pixels"):
        read(b"\xff\x0a\xfa\x1f", Browser(can=True, size=(30_000, 5_000)))


def test_files_over_the_limit_are_not_looked_at() -> None:
    browser = Browser(can=True)
    with pytest.raises(ImageTooLargeError, match="257 MB; the limit is 256 MB"):
        read(b"\xff\x0a" + bytes(257_000_000), browser)
    assert not browser.asked
