"""Text files are changed in their own encoding, and only where they are told to."""

from __future__ import annotations

import codecs

import pytest

from pycore.documents import Documents, LooseFiles
from pycore.documents.text_file import MAX_BYTES, Change, TextFile
from pycore.errors import DocumentError


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ],
)
def test_encoding_and_mark_are_kept(mark, encoding) -> None:
    file = TextFile.decode("a.html", mark + "é <🐕> ü\r\n".encode(encoding))
    start = file.text.index("<")
    changed = file.change([Change(start, start + 1, "—é"), Change(0, 0, "!")])
    assert changed == mark + "!é —é🐕> ü\r\n".encode(encoding)


def test_bytes_of_other_encodings_stand_for_themselves() -> None:
    data = b'<meta charset="windows-1251">\xcf\xf0 <img src=\xe2.png>'
    file = TextFile.decode("a.html", data)
    place = file.text.index("<img") + 4
    changed = file.change([Change(place, place, ' alt="Тест"')])
    assert changed == data.replace(b"<img", b'<img alt="&#1058;&#1077;&#1089;&#1090;"')


@pytest.mark.parametrize(
    ("page", "word"),
    [
        (b"<meta charset=iso-8859-1><img src=a.png>", b"&#233;"),
        (b"<meta charset=windows-1252>&auml;<img src=a.png>", b"&#233;"),
        (b"<p>Gr&uuml;&szlig;e <img src=a.png>", b"&#233;"),
        ("<meta charset=iso-8859-1>ü <img src=a.png>".encode(), b"&#233;"),
        (b"<meta charset=utf-8><img src=a.png>", "é".encode()),
        ("<p>Grüße <img src=a.png>".encode(), "é".encode()),
    ],
)
def test_words_read_well_whatever_the_page_is_taken_for(page, word) -> None:
    documents = Documents(LooseFiles({"a.html": page}))
    assert documents.write({0: "é"}) == {
        "a.html": page.replace(b"<img", b'<img alt="' + word + b'"')
    }


def test_words_in_ascii_markdown_are_utf_8() -> None:
    documents = Documents(LooseFiles({"a.md": b"![](a.png)"}))
    assert documents.write({0: "é"}) == {"a.md": "![é](a.png)".encode()}


def test_damaged_utf_8_is_kept() -> None:
    data = b"<meta charset=utf-8>\xff\xe9 x"
    file = TextFile.decode("a.html", data)
    assert file.change([]) == data
    assert file.change([Change(len(file.text), len(file.text), "é")]) == data + "é".encode()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.html", b"<meta charset=iso-2022-jp>"),
        ("a.html", b"<?xml version='1.0' encoding='utf-7'?>"),
        ("a.html", codecs.BOM_UTF32_LE + b"a\0\0\0"),
        ("a.html", "abc".encode("utf-16-le")),
        ("a.html", codecs.BOM_UTF16_LE + b"a"),
        ("a.md", b"![\x83\x5c](a.png)"),  # Shift JIS
        ("a.md", b" " * (MAX_BYTES + 1)),
    ],
)
def test_what_cannot_be_changed_safely_is_refused(name, data) -> None:
    with pytest.raises(DocumentError, match=r"a\.(html|md)"):
        TextFile.decode(name, data, is_markdown=name == "a.md")


def test_changes_do_not_overlap() -> None:
    file = TextFile.decode("a.md", b"abcdef")
    with pytest.raises(ValueError, match="overlaps"):
        file.change([Change(0, 3, "x"), Change(2, 4, "y")])
