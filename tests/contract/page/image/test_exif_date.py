"""When a photograph was taken, as the page reads it from the first bytes of its file."""

from __future__ import annotations

import importlib
import io

from PIL import Image

from tests.contract.page.library_page import Page


def test_date_of_a_photograph(page: Page) -> None:
    module = importlib.import_module("page.image.exif_date")
    few = 0

    def taken_at(content: bytes) -> str | None:
        nonlocal few
        few = 0

        def read(first: int, last: int) -> bytes:
            nonlocal few
            few += last - first
            return content[first:last]

        found: str | None = module.taken_at(read)
        return found

    exif = Image.Exif()
    exif[0x0132] = "2026:11:27 12:00:00"  # when the file was changed
    assert taken_at(encoded("TIFF", exif)) == "2026-11-27T12:00:00"
    assert taken_at(encoded("JPEG", exif)) == "2026-11-27T12:00:00"
    exif.get_ifd(0x8769)[0x9003] = "2026:07:01 08:30:15"  # when it was taken
    photo = encoded("JPEG", exif)
    large = photo[:2] + (b"\xff\xe2\xff\xff" + bytes(65533)) + b"\xff" + photo[2:]
    assert taken_at(large) == "2026-07-01T08:30:15"
    assert few < 1000  # of 64 KB: each byte costs
    assert taken_at(photo) == "2026-07-01T08:30:15"
    for length in range(len(photo)):  # a cut file, and what is no date, are no fault
        assert taken_at(photo[:length]) in {None, "2026-07-01T08:30:15", "2026-11-27T12:00:00"}
    assert taken_at(photo.replace(b"2026:07:01", b"2026\xff07:01")) == "2026-07-01T08:30:15"
    exif.get_ifd(0x8769)[0x9003] = "0000:00:00 00:00:00"
    assert taken_at(encoded("JPEG", exif)) == "2026-11-27T12:00:00"
    assert taken_at(encoded("JPEG", Image.Exif())) is None
    assert taken_at(b"") is taken_at(b"\x89PNG") is None
    for filler in (b"\xff", b"\xff\xe2\0\2"):  # made up to be long in reading
        assert taken_at(photo[:2] + filler * 30_000 + photo[2:]) is None
        assert few < 5000


def encoded(file_format: str, exif: Image.Exif) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, file_format, exif=exif)
    return out.getvalue()
