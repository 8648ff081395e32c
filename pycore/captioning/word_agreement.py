"""Which words of a caption the other candidates agree on.

Beams that are almost as likely as the best one often differ from it in a single noun or number.
Those are the words a reader should check.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

DOUBTFUL_BELOW = 0.5
"""A word is doubtful when the candidates that have it hold less than this share of probability."""

_PUNCTUATION = ".,;:!?\"'()[]"


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a candidate.

    Attributes:
        text: as written, punctuation included; a candidate's words joined by single spaces are its
            text, up to runs of white space.
        agreement: share of probability, 0 to 1, held by the candidates that have this word at this
            place. 1 where there is only one candidate.
        doubtful: ``agreement`` is below ``DOUBTFUL_BELOW``.
    """

    text: str
    agreement: float
    doubtful: bool


def mark_words(texts: Sequence[str], log_probabilities: Sequence[float]) -> list[tuple[Word, ...]]:
    """Compare candidates word by word.

    Words are the same whatever their case and the punctuation around them. Candidates with the
    same words count together.

    Args:
        texts: the candidates.
        log_probabilities: natural logarithm of the probability of each, at most 0; only their
            differences matter.

    Returns:
        For each candidate its words.
    """
    if not texts:
        return []
    highest = max(log_probabilities)
    shares = [math.exp(value - highest) for value in log_probabilities]
    total = sum(shares)
    words = [text.split() for text in texts]
    keys = [[_key(word) for word in candidate] for candidate in words]
    marked = []
    for own_words, own_keys in zip(words, keys, strict=True):
        agreement = [0.0] * len(own_words)
        for other_keys, share in zip(keys, shares, strict=True):
            for place in _common_places(own_keys, other_keys):
                agreement[place] += share / total
        marked.append(
            tuple(
                Word(word, min(share, 1.0), share < DOUBTFUL_BELOW)
                for word, share in zip(own_words, agreement, strict=True)
            )
        )
    return marked


def _key(word: str) -> str:
    """Return what two spellings of the same word have in common."""
    return word.strip(_PUNCTUATION).casefold() or word


def _common_places(own: Sequence[str], other: Sequence[str]) -> list[int]:
    """Return the places in ``own`` of a longest common subsequence.

    difflib prefers long runs to many matches: in "a cat beside a dog" and "a dog beside a cat" it
    finds the shared "a cat" and so overlooks that the animals changed places.
    """
    # longest[i][j]: words in common from own[i] and other[j] on.
    longest = [[0] * (len(other) + 1) for _ in range(len(own) + 1)]
    for i in range(len(own) - 1, -1, -1):
        for j in range(len(other) - 1, -1, -1):
            longest[i][j] = (
                longest[i + 1][j + 1] + 1
                if own[i] == other[j]
                else max(longest[i + 1][j], longest[i][j + 1])
            )
    places, i, j = [], 0, 0
    while longest[i][j]:
        if own[i] == other[j]:
            places.append(i)
            i, j = i + 1, j + 1
        elif longest[i + 1][j] >= longest[i][j + 1]:
            i += 1
        else:
            j += 1
    return places
