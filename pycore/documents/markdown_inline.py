"""The images in the prose of a Markdown paragraph, and what of it is HTML.

Source: CommonMark 0.31.2, 6 (inlines) and the appendix's algorithm with a stack of brackets.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from dataclasses import dataclass, field

from pycore.documents.found_image import one_line
from pycore.documents.markdown_blocks import TAG

_PUNCTUATION = r"!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~"
_ESCAPED = re.compile(rf"\\([{_PUNCTUATION}])")
_SPECIAL = re.compile(r"\\|`+|<|!?\[|\]")
_AUTOLINK = re.compile(
    r"<(?:[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>\x00-\x1f]*+|[\w.!#$%&'*+/=?^`{|}~-]++@[\w.-]++)>"
)
_TAG = re.compile(TAG)
_OTHER_HTML = (("<!--", "-->"), ("<?", "?>"), ("<![CDATA[", "]]>"), ("<!", ">"))
_BLANK = re.compile(r"[ \t\n]*+")
_POINTED = re.compile(r"<((?:[^<>\n\\]|\\.)*+)>")
_TITLE = re.compile(
    r"\"(?:[^\"\\]|\\.){0,2000}+\"|'(?:[^'\\]|\\.){0,2000}+'|\((?:[^()\\]|\\.){0,2000}+\)",
    re.DOTALL,
)
_LONGEST_LABEL = 999
_LABEL = re.compile(rf"\[((?:[^\[\]\\]|\\.){{0,{_LONGEST_LABEL}}}+)\]", re.DOTALL)
# An address may be made by a template, blanks and all: "{{ site.baseurl }}/a.png". CommonMark does
# not know it, but Liquid has read the file before.
_TEMPLATE = r"\{\{[^{}\n]*+\}\}|\{%[^%\n]*+%\}"
_TEMPLATED = re.compile(_TEMPLATE)
_REFERENCE = re.compile(
    rf"\[((?:[^\[\]\\]|\\.){{1,{_LONGEST_LABEL}}}+)\]:[ \t]*+\n?[ \t]*+"
    rf"(<(?:[^<>\n\\]|\\.)*+>|(?!<)(?:{_TEMPLATE}|\S)++)",
    re.DOTALL,
)
_REST_OF_LINE = re.compile(r"[ \t]*+(?:\n|$)")


@dataclass(slots=True)
class MarkdownImage:
    """An image by brackets; positions are of the paragraph's text.

    Attributes:
        start: of "!".
        words_start: of what is between the brackets.
        words_end: of it.
        end: behind all of the image.
        address: of the picture.
        is_label: the words between the brackets name a reference, too.
    """

    start: int
    words_start: int
    words_end: int
    end: int
    address: str
    is_label: bool = False


@dataclass(slots=True)
class Inlines:
    """What a paragraph holds.

    Attributes:
        images: outermost ones, in order.
        html: start and end of each tag, comment and the like.
        words: start and end of what is read as text.
    """

    images: list[MarkdownImage] = field(default_factory=list)
    html: list[tuple[int, int]] = field(default_factory=list)
    words: list[tuple[int, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Bracket:
    position: int  # of the first character inside
    is_image: bool
    images: int  # found before it


def take_references(text: str, references: dict[str, str]) -> int:
    """Collect the reference definitions at the start of a paragraph; return where they end."""
    position = 0
    while match := _REFERENCE.match(text, position):
        end = _behind_definition(text, match.end())
        label = _normal(match[1])
        if end is None or not label:
            break
        references.setdefault(label, unescaped(match[2].removeprefix("<").removesuffix(">")))
        position = end
    return position


def inlines(text: str, start: int, references: dict[str, str]) -> Inlines:
    """Read a paragraph.

    Args:
        text: lines parted by line feeds, without what marks containers.
        start: behind the reference definitions.
        references: addresses by label, of the whole file.
    """
    return _Reader(text, start, references).read()


def unescaped(text: str) -> str:
    """Return the characters that Markdown's escapes and references stand for."""
    parts = _ESCAPED.split(text)
    # Every second part is an escaped character, which begins no reference.
    return "".join(part if index % 2 else html.unescape(part) for index, part in enumerate(parts))


def escaped_markdown(words: str) -> str:
    """Return words that Markdown reads as nothing but themselves, in any of its flavours.

    What means something to GitHub, to templates (Liquid, Hugo) or to MDX is escaped, too. Of a
    backtick no backslash takes the meaning, where another one stands before the image.
    """
    words = re.sub(r"[\\*_\[\]<>{}|~$^]", r"\\\g<0>", one_line(words))
    return re.sub(r"&(?=#|\w)", r"\\&", words).replace("`", "&#96;")


class _Reader:
    def __init__(self, text: str, start: int, references: dict[str, str]) -> None:
        self._text = text
        self._position = start
        self._references = references
        self._brackets: list[_Bracket] = []
        self._no_links = 0  # so many of them are around a link, and hold no other
        self._found = Inlines()
        self._unclosed: set[str] = set()  # what has no end in the rest of the text
        self._ticks: dict[int, list[int]] | None = None  # places of runs of backticks, by length

    def read(self) -> Inlines:
        text = self._text
        while special := _SPECIAL.search(text, self._position):
            self._word(self._position, special.start())
            self._position = special.end()
            sign, start = special[0], special.start()
            if sign == "\\":
                self._escape(start)
            elif sign.startswith("`"):
                self._code(start, sign)
            elif sign == "<":
                self._angle(start)
            elif sign == "]":
                self._close(start)
            else:
                bracket = _Bracket(special.end(), sign == "![", len(self._found.images))
                self._brackets.append(bracket)
        self._word(self._position, len(text))
        return self._found

    def _word(self, start: int, end: int) -> None:
        if start < end:
            self._found.words.append((start, end))

    def _escape(self, start: int) -> None:
        if _ESCAPED.match(self._text, start):
            self._word(start + 1, start + 2)
            self._position = start + 2

    def _code(self, start: int, ticks: str) -> None:
        if self._ticks is None:
            self._ticks = {}
            for run in re.finditer("`+", self._text):
                self._ticks.setdefault(len(run[0]), []).append(run.start())
        inside = start + len(ticks)
        alike = self._ticks.get(len(ticks), [])
        behind = bisect_left(alike, inside)
        if behind < len(alike):
            self._word(inside, alike[behind])
            self._position = alike[behind] + len(ticks)

    def _angle(self, start: int) -> None:
        if link := _AUTOLINK.match(self._text, start):
            self._position = link.end()
        elif end := self._behind_html(start):
            self._found.html.append((start, end))
            self._position = end

    def _behind_html(self, start: int) -> int | None:
        if tag := _TAG.match(self._text, start):
            return tag.end()
        for opening, closing in _OTHER_HTML:
            if not self._text.startswith(opening, start) or opening in self._unclosed:
                continue
            if opening == "<!" and not self._text[start + 2 : start + 3].isalpha():
                continue
            if opening == "<!--":
                for short in ("<!-->", "<!--->"):
                    if self._text.startswith(short, start):
                        return start + len(short)
            end = self._text.find(closing, start + len(opening))
            if end >= 0:
                return end + len(closing)
            self._unclosed.add(opening)
        return None

    def _close(self, position: int) -> None:
        """Take a closing bracket: it ends an image, a link, or nothing."""
        if not self._brackets:
            return
        bracket = self._brackets.pop()
        is_around_link = len(self._brackets) < self._no_links
        self._no_links = min(self._no_links, len(self._brackets))
        if is_around_link and not bracket.is_image:
            return
        target = self._target(bracket, position)
        if target is None:
            return
        address, end, is_label = target
        if bracket.is_image:
            start = bracket.position - 2
            # What is inside the words of an image is words.
            del self._found.images[bracket.images :]
            for inside in (self._found.words, self._found.html):
                while inside and inside[-1][0] >= start:
                    inside.pop()
            self._found.images.append(
                MarkdownImage(start, bracket.position, position, end, address, is_label)
            )
        else:
            self._no_links = len(self._brackets)
        self._position = end

    def _target(self, bracket: _Bracket, position: int) -> tuple[str, int, bool] | None:
        """Return address, end, and whether the words are the label, of what a bracket closes."""
        if direct := _direct_target(self._text, position + 1):
            return *direct, False
        label = _LABEL.match(self._text, position + 1)
        if label and label[1].strip():
            address = self._references.get(_normal(label[1]))
            return None if address is None else (address, label.end(), False)
        if position - bracket.position > _LONGEST_LABEL:
            return None
        words = self._text[bracket.position : position]
        if re.search(r"(?<!\\)(?:\\\\)*[\[\]]", words):
            return None
        address = self._references.get(_normal(words))
        end = label.end() if label and not label[1] else position + 1
        return None if address is None else (address, end, True)


def _normal(label: str) -> str:
    return " ".join(label.split()).casefold()


def _direct_target(text: str, position: int) -> tuple[str, int] | None:
    """Read ``(address "title")``."""
    if not text.startswith("(", position):
        return None
    position = _skip_blank(text, position + 1)
    pointed = _POINTED.match(text, position)
    if pointed:
        address, position = pointed[1], pointed.end()
    else:
        end = _balanced(text, position)
        if end is None:
            return None
        address, position = text[position:end], end
    behind = _skip_blank(text, position)
    title = _TITLE.match(text, behind) if behind > position else None
    if title:
        behind = _skip_blank(text, title.end())
    if not text.startswith(")", behind):
        return None
    return unescaped(address), behind + 1


def _balanced(text: str, position: int) -> int | None:
    """Return the end of an address without pointed brackets; its parentheses are balanced."""
    if text.startswith("<", position):
        return None
    depth = 0
    while position < len(text):
        letter = text[position]
        if template := _TEMPLATED.match(text, position):
            position = template.end()
            continue
        if letter <= " " or letter == "\x7f":
            break
        if letter == "\\" and _ESCAPED.match(text, position):
            position += 1
        elif letter == "(":
            depth += 1
            if depth > 32:
                return None
        elif letter == ")":
            if depth == 0:
                break
            depth -= 1
        position += 1
    return None if depth else position


def _behind_definition(text: str, position: int) -> int | None:
    """Return where a reference definition ends whose address ends at ``position``."""
    behind = _skip_blank(text, position)
    title = _TITLE.match(text, behind) if behind > position else None
    if title:
        rest = _REST_OF_LINE.match(text, title.end())
        if rest:
            return rest.end()
    rest = _REST_OF_LINE.match(text, position)
    return rest.end() if rest else None


def _skip_blank(text: str, position: int) -> int:
    blank = _BLANK.match(text, position)
    return blank.end() if blank else position
