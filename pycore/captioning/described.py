"""A description, or what was read, as a caption result has it: candidates, words and places."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pycore.captioning.attention_map import AttentionMap, WordAttention
from pycore.captioning.result import Candidate, Token
from pycore.captioning.text_in_image import short_text
from pycore.captioning.word_agreement import DOUBTFUL_BELOW, Word, mark_words

if TYPE_CHECKING:
    from pycore.captioning.text_in_image import RecognizedText
    from pycore.recognition.describe import Description
    from pycore.recognition.wording import PlacedWord, Sentence

LOOKS_LIKE_TEXT = "This looks like text"

GRID = (14, 14)
"""Rows and columns of the map in which a word lights its place: ViT's, which the page draws."""

_LEAST_PROBABILITY = 1e-6


def candidates(
    description: Description, size: tuple[int, int], *, attentions: bool
) -> tuple[Candidate, ...]:
    """Return the sentences as candidates of a caption, in their order.

    Args:
        description: what is said about a photograph.
        size: (height, width) of the photograph in pixels.
        attentions: whether each word's place is told.

    Returns:
        Candidates whose score is the logarithm of their sentence's confidence. A word's agreement
        is the confidence in the thing that it speaks of.
    """
    return tuple(
        Candidate(
            text=sentence.text,
            score=_logarithm(sentence.confidence),
            tokens=_tokens(sentence),
            words=tuple(
                Word(word.text, word.confidence, word.confidence < DOUBTFUL_BELOW)
                for word in sentence.words
            ),
            attention=_attention(sentence, size) if attentions else None,
        )
        for sentence in description.sentences
    )


def about_text(file_format: str, text: RecognizedText | None) -> Candidate:
    """Say that a picture is text, and its first words where they are known.

    Args:
        file_format: of the picture.
        text: its words, at least one; None where they could not be read.
    """
    said = LOOKS_LIKE_TEXT
    if text is not None:
        # Screens are kept without loss; paper is photographed or scanned.
        said = short_text("Text" if file_format == "JPEG" else "Screenshot", text.text)
    tokens = tuple(
        Token(place, f"{' ' if place else ''}{word}", 0.0)
        for place, word in enumerate(said.split())
    )
    (words,) = mark_words([said], [0.0])
    return Candidate(said, 0.0, tokens, words)


def _tokens(sentence: Sentence) -> tuple[Token, ...]:
    """Each word is one token here, numbered by its place."""
    return tuple(
        Token(place, f" {word.text}" if place else word.text, _logarithm(word.confidence))
        for place, word in enumerate(sentence.words)
    )


def _attention(sentence: Sentence, size: tuple[int, int]) -> AttentionMap:
    height, width = GRID
    return AttentionMap(
        height, width, tuple(_word_attention(word, size) for word in sentence.words)
    )


def _word_attention(word: PlacedWord, size: tuple[int, int]) -> WordAttention:
    """Light the boxes of a word evenly; a word without a place lights everything."""
    # Not for drawings: then nothing else of what knows photographs is imported.
    from pycore.recognition.boxes import Box, coverage  # noqa: PLC0415

    height, width = size
    cover = coverage(word.boxes or (Box(0, 0, width, height),), size, GRID).ravel()
    return WordAttention(word.text, tuple((cover / cover.sum()).tolist()))


def _logarithm(confidence: float) -> float:
    return math.log(min(1.0, max(confidence, _LEAST_PROBABILITY)))
