"""HTML as tags and text with their places, by the rules of the WHATWG's tokenizer.

Why not the standard library's ``html.parser``: it tells where a tag is, but not where its
attributes are, its idea of where a broken tag ends changed between versions of Python, and it took
quadratic time on some input. Words that are written by position must agree with browsers on every
position. It is the judge in the tests.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLANK = "\t\n\f\r "
_OPEN = re.compile(r"<(/?)([A-Za-z][^\t\n\f\r />]*+)")
_BETWEEN = re.compile(r"[\t\n\f\r /]*+")
_NAME = re.compile(r"[^\t\n\f\r />][^\t\n\f\r />=]*+")
_EQUALS = re.compile(r"[\t\n\f\r ]*+=[\t\n\f\r ]*+")
_COMMENT_END = re.compile(r"--!?>")
_UNQUOTED = re.compile(r"[^\t\n\f\r >]*+")
_LITERAL = {
    "script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes",
}  # fmt: skip
"""Elements whose content is text, whatever it looks like."""


class Attribute(NamedTuple):
    """An attribute of a tag.

    Attributes:
        name: in lower case.
        value: with character references resolved; None where there is no equals sign.
        start: of its name.
        name_end: behind its name.
        value_start: of the value, its quotation mark included.
        end: behind all of it.
    """

    name: str
    value: str | None
    start: int
    name_end: int
    value_start: int
    end: int


class Tag(NamedTuple):
    """A start or end tag.

    Attributes:
        name: in lower case.
        attributes: in order; of two alike the first counts.
        start: of the tag.
        name_end: behind its name.
        end: behind the tag.
        closes: an end tag.
        is_empty: ends with "/>".
    """

    name: str
    attributes: tuple[Attribute, ...]
    start: int
    name_end: int
    end: int
    closes: bool
    is_empty: bool

    def find(self, name: str) -> Attribute | None:
        """Return the attribute of a name (in lower case)."""
        return next((one for one in self.attributes if one.name == name), None)

    def value(self, name: str) -> str:
        """Return an attribute's value; empty if there is none."""
        found = self.find(name)
        return (found.value or "") if found else ""


class Text(NamedTuple):
    """Characters between tags, character references as they are."""

    start: int
    end: int


def tokens(text: str, *, is_xml: bool = False) -> Iterator[Tag | Text]:
    """Yield tags and text in order; comments, declarations and literal content are skipped.

    Args:
        text: of the document, or a part that begins outside any tag.
        is_xml: "<title/>" closes itself.
    """
    position = 0
    while position < len(text):
        opening = text.find("<", position)
        if opening < 0:
            opening = len(text)
        if opening > position:
            yield Text(position, opening)
        if opening == len(text):
            return
        match = _OPEN.match(text, opening)
        if match is None:
            position = _behind_other(text, opening, is_xml=is_xml)
            if position == opening + 1:
                yield Text(opening, position)
            continue
        tag = _tag(text, match)
        if tag is None:
            return
        yield tag
        position = tag.end
        if not tag.closes and tag.name in _LITERAL and not (is_xml and tag.is_empty):
            # Without its end tag everything behind it is its content.
            ends = re.compile(rf"</{tag.name}(?=[\t\n\f\r />])", re.IGNORECASE)
            found = ends.search(text, position)
            position = found.start() if found else len(text)


def _tag(text: str, match: re.Match[str]) -> Tag | None:
    """Return the tag that begins with a match of `_OPEN`; None if the text ends inside it."""
    attributes: list[Attribute] = []
    position = match.end()
    while True:
        between = _BETWEEN.match(text, position)
        position = between.end() if between else position
        if position >= len(text):
            return None
        if text[position] == ">":
            is_empty = between is not None and between[0].endswith("/")
            name = match[2].lower()
            end = position + 1
            return Tag(
                name, tuple(attributes), match.start(), match.end(), end, bool(match[1]), is_empty
            )
        attribute = _attribute(text, position)
        if attribute is None:
            return None
        attributes.append(attribute)
        position = attribute.end


def _attribute(text: str, start: int) -> Attribute | None:
    name = _NAME.match(text, start)
    if name is None:
        return None
    lower, name_end = name[0].lower(), name.end()
    equals = _EQUALS.match(text, name_end)
    if equals is None:
        return Attribute(lower, None, start, name_end, name_end, name_end)
    value_start = equals.end()
    quote = text[value_start : value_start + 1]
    if quote in {'"', "'"}:
        closing = text.find(quote, value_start + 1)
        if closing < 0:
            return None
        value, end = text[value_start + 1 : closing], closing + 1
    else:
        unquoted = _UNQUOTED.match(text, value_start)
        value = unquoted[0] if unquoted else ""
        end = value_start + len(value)
    return Attribute(lower, html.unescape(value), start, name_end, value_start, end)


def _behind_other(text: str, start: int, *, is_xml: bool) -> int:
    """Return where a comment, declaration or stray "<" ends."""
    if text.startswith("<!--", start):
        # "<!-->" and "<!--->" are comments that end at once.
        for short in ("<!-->", "<!--->"):
            if text.startswith(short, start):
                return start + len(short)
        comment_end = _COMMENT_END.search(text, start + 4)
        return comment_end.end() if comment_end else len(text)
    if is_xml and text.startswith("<![CDATA[", start):
        end = text.find("]]>", start)
        return end + 3 if end >= 0 else len(text)
    if text.startswith(("<!", "<?", "</"), start):
        closing = "?>" if is_xml and text.startswith("<?", start) else ">"
        end = text.find(closing, start)
        return end + len(closing) if end >= 0 else len(text)
    return start + 1
