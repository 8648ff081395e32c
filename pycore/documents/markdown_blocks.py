"""The blocks of a Markdown file: which characters are prose, which are HTML, which are neither.

Why not markdown-it-py: it tells the lines of a block, but not where in them an image is; words that
are put in by position need just that. It is the judge in the tests.

Source: CommonMark 0.31.2, 3 to 5 and the appendix's strategy; front matter as Jekyll and Hugo have
it; Liquid's blocks of code, comments and raw text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

_TAGS = (
    "address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|"
    "dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|"
    "hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|"
    "search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul"
)
_ATTRIBUTES = (
    r"""(?:\s++[A-Za-z_:][\w.:-]*+(?:\s*+=\s*+(?:[^\s"'=<>`]++|'[^']*+'|"[^"]*+"))?+)*+\s*+"""
)
TAG = rf"<(?:[A-Za-z][A-Za-z0-9-]*+{_ATTRIBUTES}/?|/[A-Za-z][A-Za-z0-9-]*+\s*+)>"
"""A complete start or end tag, as CommonMark has them."""

_HTML_STARTS = [
    (re.compile(start, re.IGNORECASE), end and re.compile(end, re.IGNORECASE))
    for start, end in (
        (r"<(?:pre|script|style|textarea)(?:\s|>|$)", r"</(?:pre|script|style|textarea)>"),
        (r"<!--", r"-->"),
        (r"<\?", r"\?>"),
        (r"<![A-Za-z]", r">"),
        (r"<!\[CDATA\[", r"\]\]>"),
        (rf"</?(?:{_TAGS})(?:\s|/?>|$)", ""),
    )
]
_ANY_TAG = re.compile(rf"{TAG}\s*$")
_FENCE = re.compile(r"(`{3,})[^`]*$|(~{3,})")
_HEADING = re.compile(r"#{1,6}(?:[ \t]|$)")
_SETEXT = re.compile(r"(?:=+|-+)[ \t]*$")
_RULE = re.compile(r"(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_ITEM = re.compile(r"(?:[-+*]|(\d{1,9})[.)])(?=[ \t]|$)")
_FRONT_MATTER = re.compile(
    r"(?:---[ \t]*\r?\n(?:[^\n]*+\n)*?(?:---|\.\.\.)|\+\+\+[ \t]*\r?\n(?:[^\n]*+\n)*?\+\+\+)"
    r"[ \t]*(?:\r?\n|$)"
)
_LIQUID = re.compile(
    r"\{%-?\s*(highlight|raw|comment|codeblock)\b|\{\{[<%]-?\s*(highlight)\b", re.IGNORECASE
)
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")

MAX_DEPTH = 100
"""Of quotations and items in each other; the marks of more are prose. A line is read once for each
container, so one line of nothing but marks would take the square of its length."""

Kind = Literal["prose", "html"]


class Line(NamedTuple):
    """A piece of the file: one line of a block, without what marks its containers."""

    start: int
    end: int


@dataclass(slots=True)
class Block:
    """Lines that belong together: of a paragraph, a heading or HTML."""

    kind: Kind
    lines: list[Line] = field(default_factory=list)


@dataclass(slots=True)
class _Container:
    """A quotation (``indent`` 0) or an item of a list, with the columns that its content needs."""

    indent: int
    is_empty: bool = False


class _Cursor:
    """A place in a line; tabs reach to the next multiple of four columns."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.column = 0
        self._rest_of_tab = 0

    @property
    def indent(self) -> int:
        """Columns of blank space ahead."""
        column = self.column + self._rest_of_tab
        for letter in self.text[self.position :]:
            if letter == " ":
                column += 1
            elif letter == "\t":
                column += 4 - column % 4
            else:
                break
        return column - self.column

    @property
    def rest(self) -> str:
        """What follows the blank space."""
        return self.text[self.position :].lstrip(" \t")

    def skip(self, columns: int) -> None:
        """Go over some columns of blank space."""
        while columns > 0:
            if self._rest_of_tab:
                taken = min(columns, self._rest_of_tab)
                self._rest_of_tab -= taken
                self.column += taken
                columns -= taken
            elif self.position < len(self.text) and self.text[self.position] in " \t":
                is_tab = self.text[self.position] == "\t"
                self._rest_of_tab = 4 - self.column % 4 if is_tab else 1
                self.position += 1
            else:
                return

    def skip_text(self, length: int) -> None:
        """Go over characters that are not blank."""
        self.position += length
        self.column += length


def markdown_blocks(text: str) -> list[Block]:
    """Return the blocks that may hold images, in order; code and front matter are left out."""
    front = _FRONT_MATTER.match(text)
    start = front.end() if front else 0
    parser = _Parser()
    for match in _LINE.finditer(text, start):
        if match.end() > match.start():
            parser.line(match.start(), match[0].rstrip("\r\n"))
    parser.close()
    return parser.blocks


class _Parser:
    """Takes line after line. ``_leaf`` says what the innermost open block is."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._containers: list[_Container] = []
        self._leaf: Literal["", "paragraph", "fence", "code", "html", "liquid"] = ""
        self._fence = ""
        self._html_end: re.Pattern[str] | None = None
        self._liquid_end: re.Pattern[str] | None = None
        self._block: Block | None = None

    def close(self) -> None:
        """End the innermost block."""
        if self._block is not None and self._block.lines:
            self.blocks.append(self._block)
        self._block = None
        self._leaf = ""

    def line(self, start: int, text: str) -> None:
        """Take a line that begins at a place of the file."""
        cursor = _Cursor(text)
        matched = self._match_containers(cursor)
        is_inside = matched == len(self._containers)
        if is_inside and self._leaf in {"fence", "html", "liquid"}:
            self._continue_leaf(start, cursor)
            return
        if not cursor.rest:
            self._blank(matched)
            return
        self._open_blocks(start, cursor, matched)

    def _match_containers(self, cursor: _Cursor) -> int:
        for count, container in enumerate(self._containers):
            if container.indent == 0:
                if cursor.indent > 3 or not cursor.rest.startswith(">"):
                    return count
                _skip_quote_mark(cursor)
            elif not cursor.rest:
                if container.is_empty and count == len(self._containers) - 1:
                    return count  # an item begins with at most one blank line
            elif cursor.indent >= container.indent:
                cursor.skip(container.indent)
                container.is_empty = False
            else:
                return count
        return len(self._containers)

    def _continue_leaf(self, start: int, cursor: _Cursor) -> None:
        if self._leaf == "fence":
            closing = cursor.rest.rstrip(" \t")
            is_fence = closing and set(closing) == {self._fence[0]}
            if cursor.indent <= 3 and is_fence and len(closing) >= len(self._fence):
                self.close()
        elif self._leaf == "liquid":
            if self._liquid_end is not None and self._liquid_end.search(cursor.text):
                self.close()
        elif self._html_end is None and not cursor.rest:
            self.close()
        else:
            self._add(start, cursor)
            if self._html_end is not None and self._html_end.search(cursor.rest):
                self.close()

    def _blank(self, matched: int) -> None:
        if self._leaf != "code" or matched < len(self._containers):
            self.close()
        # Quotations end at a blank line; lists go on.
        del self._containers[matched:]

    def _open_blocks(self, start: int, cursor: _Cursor, matched: int) -> None:
        """Open containers and a leaf where the line has their marks, or go on with what is open."""
        is_paragraph = self._leaf == "paragraph"
        while cursor.indent <= 3:
            if self._leaf_begins(start, cursor, matched, is_lazy=is_paragraph):
                return
            if not self._container_begins(cursor, matched, is_lazy=is_paragraph):
                break
            is_paragraph = False
            matched = len(self._containers)
            if not cursor.rest:
                return
        if is_paragraph:
            self._add(start, cursor)  # even where marks of its containers are missing
            return
        self._unmatched(matched)
        if cursor.indent > 3:
            if self._leaf != "code":
                self.close()
                self._leaf = "code"
            return
        self.close()
        self._begin("paragraph", "prose", start, cursor)

    def _container_begins(self, cursor: _Cursor, matched: int, *, is_lazy: bool) -> bool:
        """Open a quotation or an item, if the line begins one, and say so."""
        if matched >= MAX_DEPTH:
            return False
        is_quote = cursor.rest.startswith(">")
        is_inside = is_lazy and matched == len(self._containers)
        if not is_quote and not _item_begins(cursor.rest, is_lazy=is_inside):
            return False
        self._unmatched(matched)
        self.close()
        if is_quote:
            _skip_quote_mark(cursor)
            self._containers.append(_Container(0))
        else:
            self._open_item(cursor)
        return True

    def _leaf_begins(self, start: int, cursor: _Cursor, matched: int, *, is_lazy: bool) -> bool:
        """Open a leaf, if the line begins one, and say so."""
        rest = cursor.rest
        if is_lazy and matched == len(self._containers) and _SETEXT.match(rest):
            self.close()
            return True
        fence, liquid, rule = (one.match(rest) for one in (_FENCE, _LIQUID, _RULE))
        html_end = _html_block(rest, is_lazy=is_lazy)
        if not (fence or liquid or rule or _HEADING.match(rest) or html_end is not False):
            return False
        self._unmatched(matched)
        self.close()
        if fence:
            self._leaf, self._fence = "fence", fence[1] or fence[2]
        elif liquid:
            name = liquid[1] or liquid[2]
            self._liquid_end = re.compile(rf"\{{%-?\s*end{name}\b|\{{\{{[<%]-?\s*/\s*{name}\b")
            self._leaf = "" if self._liquid_end.search(rest) else "liquid"
        elif html_end is not False:
            self._html_end = html_end
            self._begin("html", "html", start, cursor)
            if html_end is not None and html_end.search(rest):
                self.close()
        elif not rule:
            self._begin("paragraph", "prose", start, cursor)
            self.close()
        return True

    def _open_item(self, cursor: _Cursor) -> None:
        indent = cursor.indent
        cursor.skip(indent)
        mark = _ITEM.match(cursor.text, cursor.position)
        width = len(mark[0]) if mark else 0
        cursor.skip_text(width)
        is_empty = not cursor.rest
        gap = 1 if is_empty or cursor.indent > 4 else cursor.indent
        cursor.skip(gap)
        self._containers.append(_Container(indent + width + gap, is_empty))

    def _unmatched(self, matched: int) -> None:
        """Close what the line is no part of."""
        if matched < len(self._containers):
            self.close()
            del self._containers[matched:]

    def _begin(
        self, leaf: Literal["paragraph", "html"], kind: Kind, start: int, cursor: _Cursor
    ) -> None:
        self._leaf = leaf
        self._block = Block(kind)
        self._add(start, cursor)

    def _add(self, start: int, cursor: _Cursor) -> None:
        if self._block is not None:
            position = len(cursor.text) - len(cursor.rest)
            self._block.lines.append(Line(start + position, start + len(cursor.text)))


def _skip_quote_mark(cursor: _Cursor) -> None:
    cursor.skip(cursor.indent)
    cursor.skip_text(1)
    if cursor.indent:
        cursor.skip(1)


def _item_begins(rest: str, *, is_lazy: bool) -> bool:
    """Say whether a line begins an item; into a paragraph, only one with content, numbered 1."""
    mark = _ITEM.match(rest)
    if mark is None:
        return False
    return not is_lazy or (mark[1] in {None, "1"} and bool(rest[mark.end() :].strip()))


def _html_block(rest: str, *, is_lazy: bool) -> re.Pattern[str] | Literal[False] | None:
    """Return what ends the HTML that a line begins, None for a blank line; False if it is none."""
    if not rest.startswith("<"):
        return False
    for start, end in _HTML_STARTS:
        if start.match(rest):
            return end if isinstance(end, re.Pattern) else None
    return None if not is_lazy and _ANY_TAG.match(rest) else False
