"""The words in a picture: which lines are believed, and what is said with them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MIN_CONFIDENCE = 0.5
"""Lines below it are most often no text at all: borders, icons, leaves."""

_FEW_LETTERS = 5
_FEW_LETTERS_CONFIDENCE = 0.75
"""Lines of few letters must be so sure: rows of windows, bricks and railings are read as "ABA",
"| | lhl" or "= 2" with up to 0.74. Source: 100 photographs of the router's test set, and the
street of tests/contract/recognition/test_street_photographs.py."""

MIN_LETTERS = 3
"""A picture with fewer letters in all is no page of text."""

_CONVINCING_LETTERS = 40
_CONVINCING_CONFIDENCE = 0.7

SHORT_TEXT_CHARACTERS = 125
"""How much of the words goes into alt text. Source: what screen readers read out in one piece, as
the IPTC's user guide for alt text has it."""

_LETTER = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of text, as it was recognised.

    Attributes:
        text: without white space around it.
        confidence: of the recogniser, 0 to 1.
        box: left, top, right, bottom in pixels of the picture that was read.
    """

    text: str
    confidence: float
    box: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class RecognizedText:
    """The words in a picture.

    Attributes:
        text: the believed lines, joined by line feeds; empty when there are none.
        confidence: mean over their letters, 0 to 1; 0 for no text.
        language: Tesseract's code of the language it was read as.
    """

    text: str
    confidence: float
    language: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading a picture; neither, where nobody read.

    Attributes:
        text: the words; may be none.
        problem: why they could not be read: a sentence for the person.
    """

    text: RecognizedText | None = None
    problem: str = ""


def believed(lines: Iterable[TextLine], language: str) -> RecognizedText:
    """Keep the lines that are text, in the order in which they were read."""
    kept = [line for line in lines if _is_believed(line)]
    weights = [_letters(line.text) for line in kept]
    if sum(weights) < MIN_LETTERS:
        return RecognizedText("", 0.0, language)
    pairs = zip(kept, weights, strict=True)
    confidence = sum(line.confidence * weight for line, weight in pairs) / sum(weights)
    return RecognizedText("\n".join(line.text for line in kept), confidence, language)


def _is_believed(line: TextLine) -> bool:
    letters = _letters(line.text)
    least = MIN_CONFIDENCE if letters > _FEW_LETTERS else _FEW_LETTERS_CONFIDENCE
    return letters > 0 and line.confidence >= least


def is_convincing(text: RecognizedText) -> bool:
    """Whether a photograph with these words in it is best told by them."""
    return _letters(text.text) >= _CONVINCING_LETTERS and text.confidence >= _CONVINCING_CONFIDENCE


def short_text(kind: str, text: str) -> str:
    """Say what kind of picture it is, and its first words, cut at a space where there is one.

    Args:
        kind: begins the sentence: ``Screenshot``, ``Text``.
        text: the words; must not be empty.
    """
    said = f"{kind}: {' '.join(text.split())}"
    if len(said) <= SHORT_TEXT_CHARACTERS:
        return said
    cut = said[: SHORT_TEXT_CHARACTERS - 1].rpartition(" ")[0]
    if len(cut) <= len(kind) + 1:
        cut = said[: SHORT_TEXT_CHARACTERS - 1]
    return f"{cut.rstrip(' ,;:')}…"


def _letters(text: str) -> int:
    return len(_LETTER.findall(text))


def lines_of(found: Sequence[tuple[str, float, Sequence[float]]]) -> list[TextLine]:
    """Return lines from what a recogniser gives: text, confidence, box."""
    return [
        TextLine(text, confidence, (int(box[0]), int(box[1]), int(box[2]), int(box[3])))
        for text, confidence, box in found
    ]
