"""Images of a Markdown file: by brackets, by reference, and by HTML that stands in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pycore.documents.found_image import FoundImage, Reason, is_file_name
from pycore.documents.html import html_images
from pycore.documents.markdown_blocks import Block, markdown_blocks
from pycore.documents.markdown_inline import MarkdownImage, inlines, take_references, unescaped
from pycore.documents.sentences import Flow

if TYPE_CHECKING:
    from collections.abc import Sequence

_TAGS = re.compile(r"<[^<>]*+>")
_ANGLES = re.compile("[<>]")
_MARKUP = re.compile(r"\*+|~~+|(?<!\w)_+|(?<!_)_++(?!\w)|^#+[ \t]+")


@dataclass(slots=True)
class _Joined:
    """The lines of a block as one text, and where each of its characters is in the file."""

    text: str
    starts: list[tuple[int, int]]  # of each line: in the text, in the file

    @classmethod
    def of(cls, source: str, block: Block) -> _Joined:
        parts, starts, position = [], [], 0
        for line in block.lines:
            starts.append((position, line.start))
            parts.append(source[line.start : line.end])
            position += line.end - line.start + 1
        return cls("\n".join(parts), starts)

    def place(self, position: int) -> int:
        """Return where in the file a place of the text is."""
        low, high = 0, len(self.starts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.starts[middle][0] <= position else (low, middle)
        here, there = self.starts[low]
        return there + position - here


@dataclass(slots=True)
class MarkdownImages:
    """What was found in a file: all images, and the text around them."""

    images: list[FoundImage] = field(default_factory=list)
    flow: Flow = field(default_factory=Flow)


def markdown_images(text: str) -> MarkdownImages:
    """Find all images, in the order of the file."""
    found = MarkdownImages()
    blocks = markdown_blocks(text)
    prose = [(block, _Joined.of(text, block)) for block in blocks]
    references: dict[str, str] = {}
    starts = [
        take_references(joined.text, references) if block.kind == "prose" else 0
        for block, joined in prose
    ]
    html: list[tuple[int, str]] = []  # what may hold HTML, by place
    for (block, joined), start in zip(prose, starts, strict=True):
        found.flow.end_block(block.lines[0].start)
        words = joined.text
        if block.kind == "html":
            for line in block.lines:
                found.flow.add(line.start, _TAGS.sub(" ", text[line.start : line.end]) + " ")
        else:
            inside = inlines(joined.text, start, references)
            words = _html_alone(joined.text, inside.html)
            for first, last in inside.words:
                read = _MARKUP.sub("", joined.text[first:last])
                found.flow.add(joined.place(first), unescaped(read))
            found.images += [_found(joined, image) for image in inside.images]
        pieces = zip(block.lines, words.split("\n"), strict=True)
        html += [(line.start, piece) for line, piece in pieces]
    found.images += html_images(_at_their_places(html)).images
    found.images.sort(key=lambda image: image.position)
    return found


def _found(joined: _Joined, image: MarkdownImage) -> FoundImage:
    words = joined.text[image.words_start : image.words_end]
    alt = unescaped(" ".join(words.split()))
    addresses = (image.address,) if image.address else ()
    reason: Reason | None = None
    if not alt:
        reason = "empty"
    elif is_file_name(alt, addresses):
        reason = "file name"
    start, end = joined.place(image.words_start), joined.place(image.words_end)
    suffix = ""
    if image.is_label:
        # "![label]" and "![label][]" become "![words][label]".
        end = joined.place(image.end - 1) + 1
        suffix = f"][{' '.join(words.split())}]"
    return FoundImage(
        joined.place(image.start), alt, addresses, reason, start, end, "", suffix, "markdown"
    )


def _html_alone(text: str, html: Sequence[tuple[int, int]]) -> str:
    """Return a paragraph in which all that looks like HTML but is none is blank."""
    parts = []
    position = 0
    for start, end in html:
        parts += [_ANGLES.sub(" ", text[position:start]), text[start:end]]
        position = end
    return "".join([*parts, _ANGLES.sub(" ", text[position:])])


def _at_their_places(pieces: Sequence[tuple[int, str]]) -> str:
    """Return text with each piece at its place, and blanks between."""
    parts = []
    position = 0
    for start, piece in pieces:
        parts += [" " * (start - position), piece]
        position = start + len(piece)
    return "".join(parts)
