"""Whole sets of documents: a blog's folder, a book, a letter."""

from __future__ import annotations

import base64
import time

import pytest

from pycore.documents import Documents, LooseFiles, ZipFolder
from pycore.documents import documents as module
from pycore.documents.addresses import FileNames, data_image
from pycore.errors import DocumentError
from tests.unit.documents.document_samples import BLOG, BOOK, LETTER, unzipped, zipped


def written(folder: ZipFolder, words: dict[int, str]) -> dict[str, bytes]:
    """Return the content of the zip with new words."""
    return unzipped(b"".join(folder.replace(Documents(folder).write(words))))


def test_a_blog_without_alternative_text() -> None:
    folder = ZipFolder("blog.zip", zipped(BLOG))
    documents = Documents(folder)
    post, about = "blog/_posts/2024-05-01-sea.md", "blog/about.html"
    found = [(one.document, one.line, one.reason, one.picture) for one in documents.images]
    assert found == [
        (post, 8, "empty", "blog/img/boat.png"),
        (post, 10, "file name", "blog/img/IMG_2.JPG"),
        (about, 2, "alone in a link", "blog/img/mail.png"),
        (about, 4, "missing", "blog/img/me@2x.png"),
    ]
    assert documents.image_count == 6
    assert documents.notes == []
    assert documents.picture(0) == b"boat"
    assert (documents.images[1].before, documents.images[1].after) == ("An hour later", "slept.")
    new = written(folder, {0: "A [red] boat.", 3: "Me & my dog."})
    assert new == {
        **BLOG,
        post: BLOG[post].replace(b"![](../img", rb"![A \[red\] boat.](../img"),
        about: BLOG[about].replace(b"<img srcset", b'<img alt="Me &amp; my dog." srcset'),
    }


def test_a_book() -> None:
    folder = ZipFolder("book.epub", zipped(BOOK))
    documents = Documents(folder)
    (image,) = documents.images
    assert (image.picture, image.before) == ("OEBPS/images/map.png", "A map of it:")
    page = "OEBPS/text/one.xhtml"
    new = written(folder, {0: 'A "map" & more'})
    words = b'<img alt="A &quot;map&quot; &amp; more" src="../images/map.png"/>'
    assert new == {**BOOK, page: BOOK[page].replace(b'<img src="../images/map.png"/>', words)}


def test_what_is_encrypted_in_a_book_is_left_out() -> None:
    rules = b'<encryption><enc:CipherReference URI="OEBPS/text/one.xhtml"/></encryption>'
    files = {**BOOK, "META-INF/encryption.xml": rules, "META-INF/signatures.xml": b"<signatures/>"}
    documents = Documents(ZipFolder("book.epub", zipped(files)))
    assert documents.images == []
    assert [note.message for note in documents.notes] == [
        "The book is signed; any change breaks the signature.",
        "OEBPS/text/one.xhtml is encrypted and was left out.",
    ]


def test_a_letter() -> None:
    folder = ZipFolder("letter.docx", zipped(LETTER))
    documents = Documents(folder)
    found = [(one.reason, one.picture, one.before) for one in documents.images]
    assert found == [
        ("missing", "word/media/image1.png", "Our house:"),
        ("file name", "word/media/image2.png", "Our house: It is old."),
    ]
    part = "word/document.xml"
    new = written(folder, {0: "A <house>", 1: "Two"})
    text = LETTER[part].replace(b'<wp:docPr id="1"', b'<wp:docPr descr="A &lt;house&gt;" id="1"')
    assert new == {**LETTER, part: text.replace(b'"image2.png">', b'"Two">')}


@pytest.mark.parametrize(
    "text", [b"<w:document", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"<a>" * 300]
)
def test_damaged_letters_are_noted(text) -> None:
    documents = Documents(ZipFolder("a.docx", zipped({**LETTER, "word/document.xml": text})))
    assert documents.images == []
    assert "word/document.xml is damaged" in documents.notes[0].message


def test_decoration_is_said_where_it_can_be() -> None:
    documents = Documents(
        LooseFiles(
            {"a.html": b"<img src=a.png><a href=b><img alt='' src=b></a>", "b.md": b"![](c)"}
        )
    )
    assert documents.write({0: ""})["a.html"].startswith(b'<img alt="" src=a.png>')
    for index in (1, 2):
        with pytest.raises(DocumentError, match="needs words"):
            documents.write({index: " "})


def test_pictures_in_the_document_itself() -> None:
    data = base64.b64encode(b"picture").decode()
    text = f"<img src='data:image/png;base64,{data}'>"
    documents = Documents(LooseFiles({"a.html": text.encode()}))
    assert documents.images[0].is_embedded
    assert documents.picture(0) == b"picture"


def test_one_bad_file_does_not_stop_the_others() -> None:
    files = {"a.md": b"![\x83\\](a.png)", "b.md": b"![](b.png)", "c.html": b"<meta charset=hz>"}
    documents = Documents(LooseFiles(files))
    assert [image.document for image in documents.images] == ["b.md"]
    assert [note.document for note in documents.notes] == ["a.md", "c.html"]


def test_limits_of_all_documents_together(monkeypatch) -> None:
    monkeypatch.setattr(module, "MAX_TEXT_BYTES", 15)
    documents = Documents(LooseFiles({"a.md": b"![](a.png)", "b.md": b"![](b.png)"}))
    assert len(documents.images) == 1
    assert "b.md was left out" in documents.notes[0].message


def test_a_document_that_would_not_read_right_is_not_written() -> None:
    """As where words that a template makes stand around the place."""
    documents = Documents(LooseFiles({"a.md": b"x\n\n![](a.png)"}))
    broken = documents._found[0]
    documents._found[0] = type(broken)(
        **{name: getattr(broken, name) for name in broken.__slots__} | {"start": 0, "end": 1}
    )
    with pytest.raises(DocumentError, match="was not changed"):
        documents.write({0: "A dog."})


@pytest.mark.parametrize("index", [-1, 1, 99])
def test_images_that_are_not_there(index) -> None:
    documents = Documents(LooseFiles({"a.md": b"x\n\n![](a.png)"}))
    with pytest.raises(DocumentError, match=f"no image {index}"):
        documents.write({index: "A dog."})
    with pytest.raises(DocumentError, match=f"no image {index}"):
        documents.picture(index)


NAMES = FileNames(
    ["site/a/page.html", "site/a/x.png", "site/x.png", "site/static/y.png", "deep/down/Z é.png"]
)


@pytest.mark.parametrize(
    ("address", "base", "name"),
    [
        ("x.png", "", "site/a/x.png"),
        ("../x.png?v=1#top", "", "site/x.png"),
        ("/x.png", "", "site/x.png"),
        ("/y.png", "", "site/static/y.png"),
        ("./x.png", "../", "site/x.png"),
        ("a/x.png", "/", "site/a/x.png"),
        ("x.png", "https://example.org/", "site/a/x.png"),
        ('{{ "/x.png" | relative_url }}', "", "site/x.png"),
        ("{{ site.baseurl }}/x.png", "", "site/x.png"),
        ("img/z%20%C3%A9.png", "", "deep/down/Z é.png"),
        ("none/q.png", "", None),
        ("https://example.org/x.png", "", None),
        ("//example.org/x.png", "", None),
        ("data:image/png;base64,AA==", "", None),
        ("../../../../etc/x.png", "", None),
        ("http://[", "", None),
        ("", "", None),
    ],
)
def test_addresses(address, base, name) -> None:
    assert NAMES.find("site/a/page.html", address, base) == name


@pytest.mark.parametrize(
    ("document", "address"),
    [("a.html", "{" * 300_000), ("a.html", "{{'" * 100_000), ("a/" * 32_000 + "b.html", "/c.png")],
)
def test_hostile_addresses_take_no_long(document, address) -> None:
    began = time.perf_counter()
    assert NAMES.find(document, address) is None
    assert time.perf_counter() - began < 60


@pytest.mark.parametrize(
    ("address", "data"),
    [
        ("data:image/svg+xml,%3Csvg/%3E", b"<svg/>"),
        ("DATA:IMAGE/PNG;base64,Z G%39n", b"dog"),
        ("data:image/png;base64,A", None),
        ("data:image/png", None),
        ("data:text/plain,a", None),
        ("a.png", None),
    ],
)
def test_data_addresses(address, data) -> None:
    assert data_image(address) == data
