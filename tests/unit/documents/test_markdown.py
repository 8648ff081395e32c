"""Images of Markdown: which need words, and where the words go.

What CommonMark says of any text is asked in tests/contract/documents/test_documents_properties.py.
"""

from __future__ import annotations

import sys
import time

import pytest

from pycore.documents import Documents, LooseFiles
from pycore.documents.markdown import markdown_images
from pycore.documents.markdown_blocks import MAX_DEPTH, _Cursor


def written(text: str, words: str = "A dog.") -> str:
    documents = Documents(LooseFiles({"a.md": text.encode()}))
    given = dict.fromkeys(range(len(documents.images)), words)
    return documents.write(given).get("a.md", text.encode()).decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("![](a.png)", "![A dog.](a.png)"),
        ('![](a.png "Title")', '![A dog.](a.png "Title")'),
        ("![a.png](<a b.png>)", "![A dog.](<a b.png>)"),
        ("![][r]\n\n[r]: a.png", "![A dog.][r]\n\n[r]: a.png"),
        ("![IMG_1.png][]\n\n[img_1.png]: b", "![A dog.][IMG_1.png]\n\n[img_1.png]: b"),
        ("![IMG_1.png]\n\n[img_1.png]: b", "![A dog.][IMG_1.png]\n\n[img_1.png]: b"),
        ("[![](a.png)](b)", "[![A dog.](a.png)](b)"),
        ("| ![](a.png) | x |", "| ![A dog.](a.png) | x |"),
        ("> - ![a.png\n>   ](a.png)", "> - ![A dog.](a.png)"),
        ("x <img src=a.png> y", 'x <img alt="A dog." src=a.png> y'),
        ("<div>\n<img src=a.png>\n</div>", '<div>\n<img alt="A dog." src=a.png>\n</div>'),
        ("> <img\n> src=a.png>", '> <img alt="A dog."\n> src=a.png>'),
        ("a\r\n\r\n![](a.png)\r\n", "a\r\n\r\n![A dog.](a.png)\r\n"),
        ("![](a.png)\r\r![](b.png)", "![A dog.](a.png)\r\r![A dog.](b.png)"),
        ("![]({{ site.url }}/a.png)", "![A dog.]({{ site.url }}/a.png)"),
    ],
)
def test_where_words_go(before, after) -> None:
    assert written(before) == after


@pytest.mark.parametrize(
    "text",
    [
        "![A dog.](a.png)",
        "---\ncover: '![](a.png)'\n---\n",
        "+++\ncover = '![](a.png)'\n+++\n",
        "```\n![](a.png)\n```",
        "> ~~~ md\n> ![](a.png)",
        "    ![](a.png)",
        "- a\n\n      ![](a.png)",
        "`![](a.png)` and ``<img src=a.png>``",
        r"\![](a.png) \<img src=a.png>",
        "<!-- ![](a.png)\n\n<img src=a.png> -->",
        "<pre>\n![](a.png)\n</pre>",
        "<img src='a.png' alt=''>",
        "{% highlight html %}\n<img src=a.png>\n\n![](a.png)\n{% endhighlight %}",
        "{{< highlight html >}}\n<img src=a.png>\n{{< /highlight >}}",
        "{% raw %}\n![](a.png)\n{% endraw %}",
        "![][nowhere]",
    ],
)
def test_what_is_left_alone(text) -> None:
    assert written(text) == text


def test_front_matter_alone_is_no_end() -> None:
    assert written("---\n\n![](a.png)\n") == "---\n\n![A dog.](a.png)\n"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("[a] *b* _c_ `d` <e>", r"![\[a\] \*b\* \_c\_ &#96;d&#96; \<e\>](a.png)"),
        ("R&D &amp; A & B", r"![R\&D \&amp; A & B](a.png)"),
        ("a|b {{ c }} ~d~ $e$", r"![a\|b \{\{ c \}\} \~d\~ \$e\$](a.png)"),
        ("two\nlines\\", "![two lines\\\\](a.png)"),
    ],
)
def test_words_are_escaped(words, text) -> None:
    assert written("![](a.png)", words) == text


def test_the_sentence_around_an_image() -> None:
    found = markdown_images("# Trip\n\nWe *left*. At [dawn](x) ![](a.png) came &amp; went. Then.\n")
    assert found.flow.around(found.images[0].position) == ("At dawn", "came & went.")
    alone = markdown_images("First. The boat:\n\n![](a.png)\n\nIt sank. We swam.")
    assert alone.flow.around(alone.images[0].position) == ("The boat:", "It sank.")


MAX_SECONDS = 60  # for one file; a hundred times what the slowest one needs
HOSTILE = [
    "![", "[", "![](", "`", "` ", "<", "<!--", "<a b='", "> ", "- ", "+ ", "1. ", "> - ",
    "![](a \"", "[a]:", "\\", "*", "]", "![a](", "((", "<?", "``` ", "\t", "[a](b)", "![](a(", "&",
    "[a][",
]  # fmt: skip


def steps(text: str) -> int:
    """Count the calls of functions, those of C included, that reading a file takes."""
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        markdown_images(text)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.parametrize("end", ["", "\n"])
def test_hostile_files_of_twice_the_length_take_twice_the_steps(piece, end) -> None:
    short, long = (steps((piece + end) * count) for count in (500, 1_000))
    assert long <= 2.2 * short + 200


@pytest.mark.parametrize(
    "text",
    [
        "---\r\n" + "a line\r\n" * 60,  # a rule, and no front matter behind it
        "a" + "_" * 200_000 + "b",
        " ".join("`" * length for length in range(1, 4_000)),
    ],
)
def test_hostile_files_take_no_long(text) -> None:
    began = time.perf_counter()
    assert not markdown_images(text).images
    assert time.perf_counter() - began < MAX_SECONDS


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_front_matter_is_no_prose(end) -> None:
    lines = ["---", "cover: ![](a.png)", "", "---", "![](b.png)"]
    found = markdown_images(end.join(lines)).images
    assert [image.addresses for image in found] == [("b.png",)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a `b ``c` d`` ![](x.png)", ("a b ``c d", "")),
        ("\\`` a ` b `` ![](x.png)", ("` a b", "")),
    ],
)
def test_code_ends_at_as_many_backticks(text, words) -> None:
    found = markdown_images(text)
    assert found.flow.around(found.images[0].position) == words


@pytest.mark.parametrize("mark", ["> ", "+ ", "1. ", "> - "])
def test_a_line_of_marks_is_read_once_for_each_container_up_to_a_limit(mark, monkeypatch) -> None:
    read = 0

    def rest(cursor: _Cursor) -> str:
        nonlocal read
        found = cursor.text[cursor.position :].lstrip(" \t")
        read += len(found)
        return found

    monkeypatch.setattr(_Cursor, "rest", property(rest))
    text = mark * 2_000 + "![](a.png)"
    assert len(markdown_images(text).images) == 1
    assert 0 < read <= 5 * MAX_DEPTH * len(text)


def test_images_in_deep_quotations_are_found() -> None:
    for depth in (MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1):
        assert written("> " * depth + "![](a.png)") == "> " * depth + "![A dog.](a.png)"
