"""Images of an HTML or XHTML document, and the places of their alternative text.

What is left alone: ``alt=""``, which says "decoration", unless the image is all that a link has to
say; images that assistive technology is told to pass over, or that ARIA names; tags with template
code among their attributes, which may hold an alternative text already.

Source: HTML Living Standard, 4.8.4.4 (requirements for providing text to act as an alternative).
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field, replace

from pycore.documents.found_image import FoundImage, Reason, is_file_name, one_line
from pycore.documents.html_tokens import Tag, tokens
from pycore.documents.sentences import Flow
from pycore.documents.srcset import srcset_addresses

_BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details",
    "dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2",
    "h3", "h4", "h5", "h6", "head", "header", "hr", "html", "legend", "li", "main", "nav", "ol",
    "option", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead",
    "tr", "ul",
}  # fmt: skip
# ":alt" of Vue, "[alt]" and "[attr.alt]" of Angular, "bind:alt".
_BOUND_ALT = re.compile(r"(?:.*[:.\[])alt\]?")
_TEMPLATE_IN_NAME = re.compile(r"[\"'<{}%?]")
_SOURCES = ("src", "data-src", "data-original", "data-lazy-src")
_SOURCE_SETS = ("srcset", "data-srcset")


@dataclass(slots=True)
class HtmlImages:
    """What was found in a document.

    Attributes:
        images: all of them, also those that need no words.
        flow: the text around them.
        base: what addresses are relative to, as the document says; empty if it does not.
    """

    images: list[FoundImage] = field(default_factory=list)
    flow: Flow = field(default_factory=Flow)
    base: str = ""


def html_images(text: str, *, is_xml: bool = False) -> HtmlImages:
    """Find all images.

    Args:
        text: the document, or HTML that stands in another one.
        is_xml: it is XHTML.
    """
    reader = _Reader(text)
    for token in tokens(text, is_xml=is_xml):
        if not isinstance(token, Tag):
            reader.text(token.start, token.end)
        elif token.closes:
            reader.end(token)
        else:
            reader.begin(token)
    reader.end_link()
    return reader.found


def escaped_html(words: str) -> str:
    """Return words as they stand between quotation marks."""
    return html.escape(one_line(words), quote=False).replace('"', "&quot;")


class _Reader:
    """Goes through a document once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.found = HtmlImages()
        self._picture: list[str] = []  # addresses of the sources of the <picture> that is open
        self._link: list[int] | None = None  # images with alt="" in the link that is open
        self._link_speaks = False

    def text(self, start: int, end: int) -> None:
        words = html.unescape(self._text[start:end])
        self.found.flow.add(start, words)
        self._link_speaks = self._link_speaks or bool(words.strip())

    def begin(self, tag: Tag) -> None:
        name = tag.name
        if name in _BLOCKS:
            self.found.flow.end_block(tag.start)
        if name == "br":
            self.found.flow.add(tag.start, " ")
        elif name == "img" or (name == "input" and tag.value("type").lower() == "image"):
            self._image(tag)
        elif name == "picture":
            self._picture = []
        elif name == "source":
            for attribute in _SOURCE_SETS:
                self._picture += srcset_addresses(tag.value(attribute))
        elif name == "a":
            self._begin_link(tag)
        elif name == "svg":
            self._link_speaks = True  # it may have a title, and is not ours to judge
        elif name == "base" and not self.found.base:
            self.found.base = tag.value("href")

    def _begin_link(self, tag: Tag) -> None:
        self.end_link()
        if tag.find("href"):
            self._link = []
            names = ("aria-label", "aria-labelledby", "title")
            self._link_speaks = any(tag.value(one).strip() for one in names)

    def end(self, tag: Tag) -> None:
        if tag.name in _BLOCKS:
            self.found.flow.end_block(tag.end)
        if tag.name == "a":
            self.end_link()
        elif tag.name == "picture":
            self._picture = []

    def end_link(self) -> None:
        """Judge the images of a link, now that all of it is known."""
        if self._link is not None and not self._link_speaks:
            for index in self._link:
                image = self.found.images[index]
                self.found.images[index] = replace(image, reason="alone in a link")
        self._link = None

    def _image(self, tag: Tag) -> None:
        addresses = [tag.value(name) for name in _SOURCES]
        for name in _SOURCE_SETS:
            addresses += srcset_addresses(tag.value(name))
        addresses += self._picture
        self._picture = []  # it is the image of one <picture>
        unique = tuple(dict.fromkeys(one.strip() for one in addresses if one.strip()))
        attribute = tag.find("alt")
        alt = None if attribute is None else (attribute.value or "")
        reason: Reason | None = None
        if _may_be_touched(tag):
            if alt is None:
                reason = "missing"
            elif is_file_name(alt, unique):
                reason = "file name"
            elif not alt.strip() and self._link is not None:
                self._link.append(len(self.found.images))
        # Words that are missing will be there; the empty ones beside them were meant.
        self._link_speaks = self._link_speaks or alt is None or bool(alt.strip())
        start = end = tag.name_end
        prefix = ' alt="'
        if attribute is not None:
            start, end = attribute.value_start, attribute.end
            prefix = '"' if attribute.value is not None else '="'
        self.found.images.append(
            FoundImage(tag.start, alt, unique, reason, start, end, prefix, '"', "html")
        )


def _may_be_touched(tag: Tag) -> bool:
    if any(
        _BOUND_ALT.fullmatch(one.name) or _TEMPLATE_IN_NAME.search(one.name)
        for one in tag.attributes
    ):
        return False
    hidden = tag.value("aria-hidden").lower() == "true"
    decorative = tag.value("role").lower() in {"presentation", "none"}
    named = tag.value("aria-label").strip() or tag.value("aria-labelledby").strip()
    return not (hidden or decorative or named)
