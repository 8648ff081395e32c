"""Zip files of documents: a blog, a book, a letter."""

from __future__ import annotations

import io
import zipfile

BLOG = {
    "blog/_config.yml": b"title: A blog\n",
    "blog/_posts/2024-05-01-sea.md": (
        b"---\ntitle: The sea\ncover: /img/sea.jpg\n---\n\n"
        b"We left at dawn.\n\n![](../img/boat.png)\n\nAn hour later ![IMG_2.JPG][dog] slept.\n\n"
        b"![Waves under a grey sky.](/img/sea.jpg)\n\n```\n![](code.png)\n```\n\n"
        b"[dog]: {{ site.baseurl }}/img/IMG_2.JPG\n"
    ),
    "blog/about.html": (
        b"<!doctype html>\r\n<p>Write to <a href='/mail'><img src='img/mail.png' alt=''></a>.\r\n"
        b"<img src='img/line.png' alt=''>\r\n"
        b"<img srcset='img/me@2x.png 2x, img/me.png' width=10>\r\n"
    ),
    "blog/img/boat.png": b"boat",
    "blog/img/IMG_2.JPG": b"dog",
    "blog/img/me@2x.png": b"me",
    "blog/img/sea.jpg": b"sea",
    "blog/img/mail.png": b"mail",
}

BOOK = {
    "mimetype": b"application/epub+zip",
    "META-INF/container.xml": b"<container/>",
    "OEBPS/text/one.xhtml": (
        b'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n'
        b'<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>'
        b'<p>A map&nbsp;of it: <img src="../images/map.png"/></p>'
        b'<img src="../images/rule.png" alt=""/></body></html>\n'
    ),
    "OEBPS/images/map.png": b"map",
    "OEBPS/images/rule.png": b"rule",
}

_DRAWING = (
    '<w:drawing><wp:inline><wp:docPr id="{0}" name="Picture {0}"{1}</wp:docPr><a:graphic>'
    '<pic:pic><a:blip r:embed="rId{0}"/></pic:pic></a:graphic></wp:inline></w:drawing>'
)
LETTER = {
    "[Content_Types].xml": b"<Types/>",
    "word/_rels/document.xml.rels": (
        b'<Relationships><Relationship Id="rId1" Target="media/image1.png"/>'
        b'<Relationship Id="rId2" Target="/word/media/image2.png"/></Relationships>'
    ),
    "word/document.xml": (
        '<w:document xmlns:w="w" xmlns:wp="wp" xmlns:a="a" xmlns:r="r" xmlns:pic="p" '
        'xmlns:adec="d">'
        "<w:p><w:r><w:t>Our house: </w:t></w:r>"
        + _DRAWING.format(1, ">")
        + "<w:r><w:t>It is old.</w:t></w:r></w:p><w:p>"
        + _DRAWING.format(2, ' descr="image2.png">')
        + _DRAWING.format(3, '><adec:decorative val="1"/>')
        + _DRAWING.format(4, ' descr="A cat.">')
        + "</w:p></w:document>"
    ).encode(),
    "word/media/image1.png": b"house",
    "word/media/image2.png": b"two",
}


def zipped(files: dict[str, bytes], comment: bytes = b"") -> bytes:
    """Return a zip: the first file stored, the others deflated, each with a date and a note."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.comment = comment
        for index, (name, content) in enumerate(files.items()):
            info = zipfile.ZipInfo(name, (2001, 2, 3, 4, 5, 6))
            info.compress_type = zipfile.ZIP_DEFLATED if index else zipfile.ZIP_STORED
            if index:
                info.comment = b"a note"
                info.extra = b"\xff\xff\x02\x00ab"
            archive.writestr(info, content)
    return sink.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    """Return the content of a zip, after a check of all sums."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {info.filename: archive.read(info) for info in archive.infolist()}
