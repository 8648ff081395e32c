"""What others read in a document: Python's HTML parser, and markdown-it's CommonMark."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token


class _Images(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.images: list[tuple[str, str | None]] = []
        self.rest: list[object] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        others = [pair for pair in attrs if tag != "img" or pair[0] != "alt"]
        self.rest.append((tag, others))
        if tag == "img":
            values = dict(reversed(attrs))
            self.images.append((values.get("src") or "", values.get("alt")))

    def handle_endtag(self, tag: str) -> None:
        self.rest.append(tag)

    def handle_data(self, data: str) -> None:
        self.rest.append(data)

    def handle_comment(self, data: str) -> None:
        self.rest.append(("comment", data))


def read_html(text: str) -> tuple[list[tuple[str, str | None]], list[object]]:
    """Return the images of HTML (address, alternative text), and everything else."""
    parser = _Images()
    # A comment without an end goes on to the end; the parser of Python 3.11 takes it for text.
    parser.feed(re.sub(r"(<[?!/](?!--)[^>]*>)|<!--(?!.*--!?>).*", r"\1", text, flags=re.DOTALL))
    parser.close()
    return parser.images, parser.rest


def read_markdown(text: str) -> tuple[list[tuple[str, str | None]], list[object]]:
    """Return the same of Markdown as CommonMark has it: by brackets, and then by HTML in it.

    What CommonMark passes on as HTML is read apart, lest "<script>" in prose swallow the rest.
    """
    markdown = MarkdownIt("commonmark")
    reader = _Markdown(markdown)
    reader.read(markdown.parse(text))
    images, rest = read_html(" ".join(reader.html))
    return reader.images + images, [reader.rest, rest]


class _Markdown:
    def __init__(self, markdown: MarkdownIt) -> None:
        self._markdown = markdown
        self._renderer = RendererHTML()
        self.images: list[tuple[str, str | None]] = []
        self.html: list[str] = []
        self.rest: list[object] = []

    def read(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            if token.type in {"html_inline", "html_block"}:
                self.html.append(token.content)
            elif token.type == "image":
                children = token.children or []
                words = self._renderer.renderInlineAsText(children, self._markdown.options, {})
                self.images.append((unquote(str(token.attrs["src"])), words))
                self.rest.append(("image", token.attrs["src"], token.attrs.get("title")))
            elif token.children:
                self.read(token.children)
            else:
                self.rest.append((token.type, token.tag, token.content, token.attrs))
