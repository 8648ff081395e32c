"""Documents of any shape: what is found is what others find, and only alternative text changes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pycore.documents import Documents, LooseFiles
from pycore.documents.found_image import FoundImage, one_line
from pycore.documents.html import html_images
from pycore.documents.markdown import markdown_images
from tests.contract.documents.document_judges import read_html, read_markdown

FEW = settings(max_examples=150, derandomize=True, deadline=None, database=None)
WORDS = st.one_of(
    st.sampled_from(["A dog.", 'a "b" <c> & d', "[x](y)", "a\\", "`x`", "*a* _b_ ~~c~~", "&amp;",
                     "![](z.png)", "{{ x }}", "$a$", "a|b", "-->", "a\nb", "é — 🐕"]),
    st.text(min_size=1, max_size=40),
).filter(lambda words: bool(one_line(words)))  # fmt: skip

MARKDOWN_PIECES = st.sampled_from([
    "![](a.png)", "![words](b.png)", '![](c.png "title")', "![](<d.png>)", "![photo.jpg](e.png)",
    "![*e*](f.png)", "![](g(1).png)", "![][r]", "![r]", "![r][]", "![photo.png][R]", "![none][x]",
    "[![](h.png)](link)", "[l](u)", "![a ![b](i.png) c](j.png)", '<img src="k.png">',
    '<img src="l.png" alt="">', "<img src='m.png' alt=photo.jpg>", "<b>", "</b>", "<div>", "</div>",
    "<!-- ![](n.png) -->", "<!--", "-->", "`![](o.png)`", "`", "``", "\\", "\\![](p.png)", "![",
    "[", "]", "(", ")", "text", "*", "_", "<", ">", "<http://x.y>", "&amp;", "!", "<pre>", "</pre>",
    "<script>", "</script>", "<?", "?>", "<x y>", "[r]: s.png", "[r]: <t.png> 'T'", "[x]:",
    "a@b.c", "<a href=\"![](q.png)\">", "\"",
])  # fmt: skip
LINE_STARTS = st.sampled_from([
    "", "", "", "", "> ", ">", "- ", "* ", "1. ", "2) ", "  ", "    ", "\t", "      ", "# ", "```",
    "~~~ x", "````", "---", "===", "***", "-", "> - ", "- > ", "  - ", "   ", "> > ", "10. ", "+\t",
    "-     ", ">\t",
])  # fmt: skip
LINES = st.builds(
    lambda start, pieces: start + " ".join(pieces),
    LINE_STARTS,
    st.lists(MARKDOWN_PIECES, max_size=4),
)
# Behind a heading, since CommonMark knows no front matter.
MARKDOWN = st.lists(LINES, max_size=12).map(lambda lines: "\n".join(["# A", *lines]))

HTML = st.builds(
    "".join,
    st.lists(
        st.sampled_from([
            "<img src=a.png>", '<img src="b.png" alt="">', "<img alt src='c.png'/>", "<img>",
            "<IMG SRC=d.png ALT='photo.jpg'>", "<img\nsrc = e.png\n>", "<img src=f.png alt=words>",
            "<!-- <img src=g.png> -->", "<script>'<img src=h.png>'</script>", "<a href=x>", "</a>",
            "<p>", "</p>", "text. ", "More text! ", "&amp;", "é", "<br/>", "<b title='<img>'>",
            "<picture>", "<source srcset='i.png 1x, j.png 2x'>", "</picture>", "\n", '"', "'", "=",
            "<svg>", "<!doctype html>", "<img/src=k.png>", '<img title=">" src=l.png>',
        ]),
        max_size=14,
    ),
)  # fmt: skip


@FEW
@given(MARKDOWN)
def test_the_images_of_markdown_are_those_of_commonmark(text) -> None:
    images = sorted(markdown_images(text).images, key=lambda image: image.syntax == "html")
    assert [_address(image) for image in images] == [
        address for address, _ in read_markdown(text)[0]
    ]


@FEW
@given(MARKDOWN, st.lists(WORDS, min_size=1, max_size=5))
def test_words_in_markdown_change_nothing_else(text, words) -> None:
    _check_writing("a.md", text, words, read_markdown)


@FEW
@given(HTML)
def test_the_images_of_html_are_those_of_its_parser(text) -> None:
    found = [(_address(image), image.alt or "") for image in html_images(text).images]
    # An image without an address has those of its <picture>, which the judge does not know.
    judged = [(address, alt or "") for address, alt in read_html(text)[0]]
    assert [alt for _, alt in found] == [alt for _, alt in judged]
    assert all(pair in found for pair in judged if pair[0])


def _address(image: FoundImage) -> str:
    return next(iter(image.addresses), "")


@FEW
@given(HTML, st.lists(WORDS, min_size=1, max_size=5))
def test_words_in_html_change_nothing_else(text, words) -> None:
    _check_writing("a.html", text, words, read_html)


def _check_writing(name, text, words, read) -> None:
    data = text.encode("utf-8", "surrogatepass")
    documents = Documents(LooseFiles({name: data}))
    chosen = {index: words[index % len(words)] for index in range(len(documents.images))}
    written = documents.write(chosen).get(name, data)
    (before, rest), (after, rest_after) = read(text), read(written.decode())
    assert rest_after == rest
    assert len(before) == len(after)
    changed = [pair for pair, old in zip(after, before, strict=True) if pair != old]
    said = [" ".join((alt or "").split()) for _, alt in changed]
    assert sorted(said) == sorted(one_line(chosen[index]) for index in chosen)
    # Nothing is left to say, and what was there is there.
    again = Documents(LooseFiles({name: written}))
    assert len(again.images) <= len(documents.images)
    assert documents.write({}) == {}


# Bytes of any encoding but those that could make an image no image, or no encoding.
BYTES = st.binary(max_size=100).map(lambda data: data.translate(None, b"\0<>`~{}[]()\\!&+-"))


@FEW
@given(
    BYTES,
    BYTES,
    st.sampled_from([
        ("a.html", b"<img src=a.png>", b'<img alt="A dog." src=a.png>'),
        ("a.xhtml", b"<img src='a.png'/>", b"<img alt=\"A dog.\" src='a.png'/>"),
        ("a.md", b"![](a)", b"![A dog.](a)"),
        ("a.md", b"x <img src=a.png>", b'x <img alt="A dog." src=a.png>'),
    ]),
)  # fmt: skip
def test_any_bytes_around_an_image_are_kept(before, after, sample) -> None:
    name, image, described = sample
    before, after = b"A\n" + before + b"\n\n", b"\n\n" + after
    documents = Documents(LooseFiles({name: before + image + after}))
    assert [one.document for one in documents.images] == [name], documents.notes
    assert documents.write({0: "A dog."}) == {name: before + described + after}


@FEW
@given(st.binary(max_size=200), st.sampled_from(["a.html", "a.md", "a.xhtml", "word/document.xml"]))
def test_any_bytes_are_read_or_refused(data, name) -> None:
    documents = Documents(LooseFiles({name: data}))
    assert documents.image_count == 0 or not documents.notes
