"""identify: the kind of a file by its content."""

from __future__ import annotations

import pytest

from pycore.errors import UnsupportedImageError
from pycore.images.file import read_image
from pycore.images.format import BROWSER_FORMATS, READABLE_FORMATS, REFUSALS, identify
from tests.unit.images.image_samples import encode, pattern


def _box(brand: bytes, *compatible: bytes) -> bytes:
    content = brand + bytes(4) + b"".join(compatible)
    return (8 + len(content)).to_bytes(4, "big") + b"ftyp" + content + b"\x00\x00\x00\x08mdat"


FOREIGN = {
    "avif": (_box(b"avif", b"mif1", b"miaf"), "AVIF"),
    "avif by its second brand": (_box(b"mif1", b"avif"), "AVIF"),
    "avif sequence": (_box(b"avis"), "AVIF"),
    "heic": (_box(b"heic", b"mif1"), "HEIC"),
    "heif": (_box(b"mif1", b"heic"), "HEIC"),
    "canon raw": (_box(b"crx ", b"isom"), "camera raw"),
    "mp4": (_box(b"isom", b"iso2", b"mp41"), "video"),
    "quicktime": (_box(b"qt  "), "video"),
    "webm": (b"\x1a\x45\xdf\xa3\x01\x00\x00\x00", "video"),
    "avi": (b"RIFF\x24\x00\x00\x00AVI LIST", "video"),
    "wav": (b"RIFF\x24\x00\x00\x00WAVEfmt ", "unknown"),
    "jpeg xl": (b"\xff\x0a\xfa\x1f", "JPEG XL"),
    "jpeg xl box": (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "JPEG XL"),
    "jpeg 2000": (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG 2000"),
    "jpeg 2000 stream": (b"\xff\x4f\xff\x51\x00\x29", "JPEG 2000"),
    "photoshop": (b"8BPS\x00\x01", "PSD"),
    "pdf": (b"%PDF-1.7\n", "PDF"),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n", "EPS"),
    "eps with preview": (b"\xc5\xd0\xd3\xc6\x1e\x00", "EPS"),
    "cr2": (b"II*\x00\x10\x00\x00\x00CR\x02\x00", "camera raw"),
    "fuji raw": (b"FUJIFILMCCD-RAW 0201", "camera raw"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
    "svg after a declaration": (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- x -->\n<svg/>', "SVG"),
    "svg in utf-16": ("\ufeff<svg/>".encode("utf-16-le").removeprefix(b"\xff\xfe"), "SVG"),
    "html": (b"\n  <!DOCTYPE html><html><body><svg/></body></html>", "HTML"),
    "html without doctype": (b"<HTML lang=en>", "HTML"),
    "xml": (b"<?xml version='1.0'?><note/>", "unknown"),
    "zip": (b"PK\x03\x04\x14\x00", "ZIP"),
    "empty zip": (b"PK\x05\x06" + bytes(18), "ZIP"),
    "gzip": (b"\x1f\x8b\x08\x00", "archive"),
    "icon": (b"\x00\x00\x01\x00\x01\x00", "ICO"),
    "text": (b"version https://git-lfs.github.com/spec/v1\n", "unknown"),
    "text that begins with BM": (b"BMW and other cars, a list", "unknown"),
    "nothing": (b"", "empty"),
}


@pytest.mark.parametrize(("data", "name"), FOREIGN.values(), ids=FOREIGN)
def test_foreign_files_are_named_and_refused_in_a_sentence(data: bytes, name: str) -> None:
    assert identify(data) == name
    with pytest.raises(UnsupportedImageError) as caught:
        read_image(data)
    assert caught.value.message == REFUSALS[name]
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize("name", READABLE_FORMATS)
def test_readable_formats_are_named(name: str) -> None:
    assert identify(encode(pattern(4, 4), name.upper())) == name


def test_the_head_of_a_file_is_enough() -> None:
    head = b"<!--" + b"x" * 900 + b"--><svg/>"
    assert identify(head + bytes(10_000)) == "SVG"


def test_nothing_is_both_readable_and_refused() -> None:
    assert not set(READABLE_FORMATS) & set(REFUSALS)
    assert set(BROWSER_FORMATS) <= set(REFUSALS)


def test_every_prefix_of_every_kind_gets_a_name() -> None:
    for data, _ in FOREIGN.values():
        for length in range(len(data)):
            assert identify(data[:length]) in {*READABLE_FORMATS, *REFUSALS}
