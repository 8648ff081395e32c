"""Zip files: read within limits, written with all else as it was."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from pycore.documents import ZipFolder
from pycore.documents import zip_folder as module
from pycore.errors import DocumentError
from tests.unit.documents.document_samples import BLOG, BOOK, unzipped, zipped


def replaced(data: bytes, changes: dict[str, bytes]) -> bytes:
    return b"".join(ZipFolder("a.zip", data).replace(changes))


def test_nothing_changes_where_nothing_is_changed() -> None:
    data = zipped(BLOG, b"a note on all")
    assert replaced(data, {}) == data


@pytest.mark.parametrize("name", list(BOOK))
def test_one_file_changes_and_no_other(name) -> None:
    data = zipped(BOOK, b"a note")
    new = replaced(data, {name: b"new" * 100})
    assert unzipped(new) == {**BOOK, name: b"new" * 100}
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(io.BytesIO(new)) as archive:
        assert archive.comment == b"a note"
        assert archive.infolist()[0].filename == "mimetype"
        for before, after in zip(old.infolist(), archive.infolist(), strict=True):
            same = ("filename", "date_time", "compress_type", "comment", "extra", "external_attr")
            for one in same:
                assert getattr(before, one) == getattr(after, one)
    # What EPUB readers look for at byte 30.
    assert new[30:58] == b"mimetypeapplication/epub+zip" or name == "mimetype"


def test_sizes_behind_the_data_are_kept_or_taken_away() -> None:
    """A zip written to a pipe has them there."""

    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, data) -> int:
            self.data += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in BLOG.items():
            archive.writestr(name, content)
    assert replaced(pipe.data, {}) == pipe.data
    new = replaced(pipe.data, {"blog/about.html": b"new"})
    assert unzipped(new) == {**BLOG, "blog/about.html": b"new"}


def _overlapping() -> bytes:
    """Return a zip of which two entries share their data, as zip bombs have it."""
    data = bytearray(zipped({"a.md": b"x" * 50, "b.md": b"y" * 50}))
    second = data.rindex(b"PK\1\2")
    struct.pack_into("<I", data, second + 42, 0)
    return bytes(data)


def _with_size(size: int) -> bytes:
    data = bytearray(zipped({"a.md": b"x" * 5000, "b.md": b"y" * 5000}))
    struct.pack_into("<I", data, data.rindex(b"PK\1\2") + 24, size)
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK",
        zipped(BLOG)[:-30],
        b"before" + zipped(BLOG),
        _overlapping(),
        _with_size(2**32 - 1),
    ],
    ids=["empty", "head", "cut", "prefixed", "overlapping", "zip64"],
)
def test_odd_zips_are_refused(data) -> None:
    with pytest.raises(DocumentError, match=r"^a\.zip "):
        ZipFolder("a.zip", data)


def test_a_zip_of_nothing_has_no_files() -> None:
    assert ZipFolder("a.zip", zipped({})).names == []
    assert replaced(zipped({}, b"a note"), {}) == zipped({}, b"a note")


@pytest.mark.parametrize("method", [12, 14, 93, 99])
def test_other_ways_to_compress_are_refused(method) -> None:
    data = zipped({"a": b"a", "b.md": b"b"})
    place = data.rindex(b"PK\1\2") + 10
    folder = ZipFolder("a.zip", data[:place] + struct.pack("<H", method) + data[place + 2 :])
    with pytest.raises(DocumentError, match=r"b\.md"):
        folder.read("b.md", 10)


def test_two_files_of_one_name_are_refused() -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("a.md", b"1")
        archive.writestr("a.md", b"2")
    with pytest.raises(DocumentError, match=r"two files of the name a\.md"):
        ZipFolder("a.zip", sink.getvalue())


def test_limits(monkeypatch) -> None:
    bomb = zipped({"a.md": b"", "b.md": bytes(5_000_000)})
    folder = ZipFolder("a.zip", bomb)
    with pytest.raises(DocumentError, match="5 MB"):
        folder.read("b.md", 1_000_000)
    # One that says it is small gives no more than it says.
    lying = ZipFolder("a.zip", _with_size(100))
    with pytest.raises(DocumentError, match="damaged"):
        lying.read("b.md", 1000)
    monkeypatch.setattr(module, "MAX_FILES", 1)
    with pytest.raises(DocumentError, match="2 files"):
        ZipFolder("a.zip", bomb)
    monkeypatch.setattr(module, "MAX_BYTES", 10)
    with pytest.raises(DocumentError, match="limit"):
        ZipFolder("a.zip", bomb)


def test_damaged_and_locked_files_are_named() -> None:
    data = bytearray(zipped(BLOG))
    place = data.index(b"blog/about.html") + 40
    data[place : place + 8] = b"\xff" * 8
    with pytest.raises(DocumentError, match=r"damaged file: blog/about\.html"):
        ZipFolder("a.zip", bytes(data)).read("blog/about.html", 10_000)
    data = bytearray(zipped(BLOG))
    data[data.rindex(b"PK\1\2") + 8] |= 1
    with pytest.raises(DocumentError, match="password"):
        ZipFolder("a.zip", bytes(data)).read("blog/img/mail.png", 10_000)
