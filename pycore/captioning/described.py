"""What the recognizer says of a photograph, as captions with their candidates."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pycore.captioning.attention_map import AttentionMap, WordAttention
from pycore.captioning.result import Candidate, Token
from pycore.captioning.word_agreement import DOUBTFUL_BELOW, Word
from pycore.recognition.boxes import coverage

if TYPE_CHECKING:
    from pycore.recognition.describe import Description
    from pycore.recognition.wording import PlacedWord, Sentence

GRID = (24, 24)
"""Cells in a column and in a row of the maps that tell where a word's thing is."""

NO_TOKEN = -1
"""Stands for the number of a token where words come from no vocabulary."""

_LEAST = 1e-6  # a confidence of 0 has no logarithm


def candidates_of(
    description: Description, size: tuple[int, int], *, most: int, attentions: bool
) -> tuple[Candidate, ...]:
    """Turn sentences into candidates: the caption first, more general ones after it.

    Args:
        description: of the photograph.
        size: (height, width) in pixels of the picture that its boxes are in.
        most: candidates at most; at least 1.
        attentions: with maps of where each word's thing is.
    """
    return tuple(
        _candidate(sentence, size, attentions=attentions)
        for sentence in description.sentences[:most]
    )


def _candidate(sentence: Sentence, size: tuple[int, int], *, attentions: bool) -> Candidate:
    logprob = math.log(max(sentence.confidence, _LEAST))
    # One "token" a word, so that whoever reads tokens finds the text and its probability.
    tokens = tuple(
        Token(NO_TOKEN, f"{' ' if place else ''}{word.text}", logprob)
        for place, word in enumerate(sentence.words)
    )
    words = tuple(
        Word(word.text, word.confidence, word.confidence < DOUBTFUL_BELOW)
        for word in sentence.words
    )
    found = None
    if attentions:
        placed = tuple(WordAttention(word.text, _weights(word, size)) for word in sentence.words)
        found = AttentionMap(*GRID, placed)
    return Candidate(sentence.text, logprob, tokens, words, found)


def _weights(word: PlacedWord, size: tuple[int, int]) -> tuple[float, ...]:
    """Spread a word over the cells that its boxes cover; over all where it has none."""
    cells = coverage(word.boxes, size, GRID) if word.boxes else np.ones(GRID)
    total = float(cells.sum())
    if total <= 0:
        cells, total = np.ones(GRID), float(GRID[0] * GRID[1])
    return tuple((cells / total).reshape(-1).tolist())
