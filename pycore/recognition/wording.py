"""Sentences about things, with the place that each word speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pycore.recognition.boxes import Box
    from pycore.recognition.name_tree import NameTree
    from pycore.recognition.things import Thing

CANNOT_TELL = "I cannot tell what this photograph shows"
DOUBT = "perhaps"


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """One word of a sentence.

    Attributes:
        text: as it stands there, with its punctuation.
        confidence: of the thing that it speaks of, or of the whole sentence; 0 to 1.
        boxes: where that thing is, in pixels; empty for words that speak of no place.
    """

    text: str
    confidence: float
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is said about a picture.

    Attributes:
        text: its words, joined by spaces.
        confidence: that all of it is true; 0 to 1.
        words: one after the other.
    """

    text: str
    confidence: float
    words: tuple[PlacedWord, ...]


def compose(tree: NameTree, things: Sequence[Thing], *, prefix: str = "") -> Sentence:
    """Say which things there are: "a person, two kites and a dog".

    Args:
        tree: the names.
        things: at least one, in the order in which they are said.
        prefix: words before all others, which speak of no place.
    """
    # The least certain thing makes the sentence as uncertain as it is.
    confidence = min(thing.confidence for thing in things)
    words = [PlacedWord(word, confidence, ()) for word in prefix.split()]
    last = len(things) - 1
    for place, thing in enumerate(things):
        if 0 < place == last:
            words.append(PlacedWord("and", confidence, ()))
        phrase = tree.noun(thing.node).count(len(thing.boxes))
        comma = "," if place < last - 1 else ""
        words += [
            PlacedWord(text, thing.confidence, thing.boxes) for text in f"{phrase}{comma}".split()
        ]
    return _sentence(words, confidence)


def silence() -> Sentence:
    """Say that nothing can be said; of that there is no doubt, so no word of it is marked."""
    return _sentence([PlacedWord(word, 1.0, ()) for word in CANNOT_TELL.split()], 0.0)


def _sentence(words: Sequence[PlacedWord], confidence: float) -> Sentence:
    return Sentence(" ".join(word.text for word in words), confidence, tuple(words))
