"""The words around a place in a document, for a person who judges what an image needs to say."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

LONGEST = 200
"""Characters shown on either side of an image."""

_END = re.compile(r"[.!?…。！？][\"'»”’)\]]*(?:\s|$)")


class Flow:
    """The text of a document in order, in blocks: paragraphs, cells, headings."""

    def __init__(self) -> None:
        self._blocks = [0]  # where each begins
        self._places: list[int] = []
        self._texts: list[str] = []

    def add(self, position: int, text: str) -> None:
        """Add text; positions never fall."""
        if text:
            self._places.append(position)
            self._texts.append(text)

    def end_block(self, position: int) -> None:
        """Begin a new block behind what was added."""
        self._blocks.append(position)

    def around(self, position: int) -> tuple[str, str]:
        """Return the sentence around a place: what is before and what is behind it.

        Where an image is all that its block has, they are the sentences next to the block.
        """
        block = bisect_right(self._blocks, position)
        start = self._blocks[block - 1]
        end = self._blocks[block] if block < len(self._blocks) else None
        first = bisect_left(self._places, start)
        here = bisect_left(self._places, position)
        last = len(self._places) if end is None else bisect_left(self._places, end)
        before, after = self._backwards(here, first), self._forwards(here, last)
        if not before.strip() and not after.strip():
            before, after = self._backwards(first, 0), self._forwards(last, len(self._places))
        return _last_sentence(before), _first_sentence(after)

    def _backwards(self, place: int, stop: int) -> str:
        """Return text that ends before a place, block by block, as far as one looks."""
        found = ""
        while place > stop and len(found) < 2 * LONGEST:
            place -= 1
            found = self._texts[place][-2 * LONGEST :] + found
        return found

    def _forwards(self, place: int, stop: int) -> str:
        found = ""
        while place < stop and len(found) < 2 * LONGEST:
            found += self._texts[place][: 2 * LONGEST]
            place += 1
        return found


def _last_sentence(text: str) -> str:
    text = " ".join(text.split())
    ends = [match.end() for match in _END.finditer(text) if match.end() < len(text)]
    sentence = text[ends[-1] :] if ends else text
    if len(sentence) <= LONGEST:
        return sentence
    return "…" + sentence[-LONGEST:].partition(" ")[2]


def _first_sentence(text: str) -> str:
    text = " ".join(text.split())
    end = _END.search(text)
    sentence = text[: end.end()].rstrip() if end else text
    if len(sentence) <= LONGEST:
        return sentence
    return sentence[:LONGEST].rpartition(" ")[0] + "…"
