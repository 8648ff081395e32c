"""Images of HTML: which need words, which are left alone, and where the words go."""

from __future__ import annotations

import pytest

from pycore.documents.html import escaped_html, html_images
from pycore.documents.srcset import srcset_addresses

LEFT_ALONE = [
    '<img src="a.png" alt="A dog.">',
    '<img src="a.png" alt="">',  # meant as decoration
    '<img src="a.png" alt>',
    '<img src="cat.jpg" alt="cat">',  # a word, if a short one
    '<img src="a.png" role="presentation">',
    '<img src="a.png" aria-hidden="true">',
    '<img src="a.png" aria-label="A dog">',
    '<img src="a.png" :alt="title">',  # Vue
    '<img src="a.png" [attr.alt]="title">',  # Angular
    '<img src="a.png" {% if alt %}alt="{{ alt }}"{% endif %}>',
    '<img src="<?php echo $x["a"] ?>">',
    '<!-- <img src="a.png"> -->',
    "<script>document.write('<img src=a.png>')</script>",
    "<textarea><img src=a.png></textarea>",
    '<a href="/"><img src="a.png" alt="">Home</a>',
    '<a href="/" aria-label="Home"><img src="a.png" alt=""></a>',
    '<a href="/"><svg></svg><img src="a.png" alt=""></a>',
    '<a name="x"><img src="a.png" alt=""></a>',
    "<img src=a.png",  # browsers drop a tag without an end
]


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_images_that_are_left_alone(text) -> None:
    assert [image.reason for image in html_images(text).images if image.reason] == []


NEED_WORDS = [
    ("<img src=a.png>", "missing"),
    ("<IMG SRC=a.png/>", "missing"),
    ('<input type="image" src="go.png">', "missing"),
    ('<img src="x/IMG%201.png" alt="img 1.png">', "file name"),
    ('<img src="a.png" alt="DSC_0042">', "file name"),
    ('<img src="a.png" alt="Screenshot 2024-01-02 at 10.11.12">', "file name"),
    ('<img src="hero-image-2.png" alt="hero-image-2">', "file name"),
    ('<a href="/"><img src="a.png" alt=""></a>', "alone in a link"),
    ('<a href="/"> <span><img src="a.png" alt> </span>', "alone in a link"),
]


@pytest.mark.parametrize(("text", "reason"), NEED_WORDS)
def test_images_that_need_words(text, reason) -> None:
    assert [image.reason for image in html_images(text).images] == [reason]


def test_empty_words_beside_missing_ones_in_a_link_were_meant() -> None:
    images = html_images('<a href="/"><img src="a.png" alt=""><img src="b.png"></a>').images
    assert [image.reason for image in images] == [None, "missing"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<img src=a.png>", '<img alt="W" src=a.png>'),
        ("<img/src=a.png/>", '<img alt="W"/src=a.png/>'),
        ("<img\n  src='a.png'\n/>", "<img alt=\"W\"\n  src='a.png'\n/>"),
        ("<img alt='a.png' src=a.png>", '<img alt="W" src=a.png>'),
        ("<img alt=a.png src=a.png>", '<img alt="W" src=a.png>'),
        ("<img ALT = 'a.png' src=a.png>", '<img ALT = "W" src=a.png>'),
        ("<a href=x><img alt src=a.png></a>", '<a href=x><img alt="W" src=a.png></a>'),
        ("<a href=x><img alt= src=a.png></a>", None),  # alt is "src=a.png"
    ],
)
def test_where_words_go(before, after) -> None:
    (image,) = html_images(before).images
    if after is None:
        assert image.alt == "src=a.png"
        return
    assert after == before[: image.start] + f"{image.prefix}W{image.suffix}" + before[image.end :]


def test_words_are_escaped() -> None:
    assert escaped_html('a "b"\n<c> & d\x00') == "a &quot;b&quot; &lt;c&gt; &amp; d"


def test_addresses_with_those_of_srcset_and_picture() -> None:
    text = (
        '<picture><source srcset="a.avif, b.avif 2x"><source srcset="c.webp 100w">'
        '<img srcset="d.png 1x" src="e&amp;f.png" data-src=g.png></picture><img src=h.png>'
    )
    found = [image.addresses for image in html_images(text).images]
    assert found == [
        ("e&f.png", "g.png", "d.png", "a.avif", "b.avif", "c.webp"),
        ("h.png",),
    ]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("", []),
        ("a.png", ["a.png"]),
        (" a.png 1x , b.png 2x,", ["a.png", "b.png"]),
        ("a.png, b.png 2x", ["a.png", "b.png"]),
        ("a,b.png 1x", ["a,b.png"]),
        ("data:image/png;base64,AAAA 1x, b.png f(1, 2)", ["data:image/png;base64,AAAA", "b.png"]),
        (",,,", []),
    ],
)
def test_srcset(value, found) -> None:
    assert srcset_addresses(value) == found


def test_the_sentence_around_an_image() -> None:
    text = (
        "<h1>Sailing</h1><p>We left. At dawn <b>we saw</b> <img src=a.png> the &quot;boat&quot;. "
        "Then home.</p><figure><img src=b.png><figcaption>Our dog. Two.</figcaption></figure>"
    )
    found = html_images(text)
    first, second = (found.flow.around(image.position) for image in found.images)
    assert first == ("At dawn we saw", 'the "boat".')
    assert second == ("Then home.", "Our dog.")


def test_long_sentences_are_cut_at_words() -> None:
    found = html_images("<p>" + "word " * 900 + "<img src=a.png>" + " more" * 900)
    before, after = found.flow.around(found.images[0].position)
    assert before.startswith("…word ")
    assert after.endswith(" more…")
    assert max(len(before), len(after)) <= 201


class Counted(str):
    """Text that counts over how many characters one looks for something."""

    __slots__ = ("looked",)

    def find(self, *arguments) -> int:
        found = super().find(*arguments)
        self.looked = getattr(self, "looked", 0)
        self.looked += (len(self) if found < 0 else found) - arguments[1]
        return found


@pytest.mark.parametrize(
    "piece",
    ["<!--", "<!-- -->", "<!---->", "<a ", '<img alt="', "<img src='", "<", "</", "<?", "<!",
     "<a href=x>", "&amp;", "<script>", "<title></title>", "<picture><source srcset=a><img>",
     "<![CDATA["],
)  # fmt: skip
@pytest.mark.parametrize("is_xml", [False, True])
def test_hostile_pages_are_looked_through_a_few_times(piece, is_xml) -> None:
    """Where each piece looks for an end that never comes, that is the square of the length."""
    text = Counted(piece * (20_000 // len(piece)))
    html_images(text, is_xml=is_xml)
    assert text.looked <= 3 * len(text)


def test_a_picture_has_one_image() -> None:
    """Else many sources and many images in one would be the product of both."""
    text = "<picture><source srcset=a.png><img src=b.png><img src=c.png></picture>"
    found = [image.addresses for image in html_images(text).images]
    assert found == [("b.png", "a.png"), ("c.png",)]
