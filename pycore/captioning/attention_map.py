"""Where the model looked: from cross-attention weights to one heat map for each word.

The encoder makes one token of each square patch of the image, row by row, after a summary token or
two of its own. How much of a decoder's cross-attention falls on a patch while it predicts a word
tells where it looked for that word; this is a hint, not an explanation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pycore.interfaces import IntArray

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pycore.interfaces import FloatArray

MAX_SUMMARY_TOKENS = 2
"""ViT puts one token before the patches, DeiT two."""

_ANY_TOKEN = 0


@dataclass(frozen=True, slots=True)
class WordAttention:
    """Where the model looked for one word.

    Attributes:
        text: the word, as in ``Candidate.words``.
        weights: share of each patch, row by row from the upper left; 0 to 1, together 1.
    """

    text: str
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class AttentionMap:
    """Where the model looked for each word of a caption.

    Attributes:
        height, width: patches in a column and in a row. They cover what the model saw of the image
            (``ImageInfo.seen``), squeezed to the model's own shape.
        words: in the order of the caption.
    """

    height: int
    width: int
    words: tuple[WordAttention, ...]


def patch_grid(encoder_config: Mapping[str, Any]) -> tuple[int, int] | None:
    """Return how many patches an encoder cuts its image into.

    Args:
        encoder_config: "encoder" of the model's config.json.

    Returns:
        (height, width) in patches; None for encoders that do not work in one grid of patches.
    """
    image = _pair(encoder_config.get("image_size"))
    patch = _pair(encoder_config.get("patch_size"))
    if image is None or patch is None:
        return None
    height, width = image[0] // patch[0], image[1] // patch[1]
    return (height, width) if height and width else None


def decoder_inputs(start_id: int, sequences: Sequence[Sequence[int]]) -> IntArray:
    """Return what the decoder reads while it predicts each token of some sequences.

    Args:
        start_id: the token before every sequence.
        sequences: token ids, each at least one.

    Returns:
        int64 of shape (sequences, longest): at position ``j`` of a row the decoder predicts token
        ``j`` of that sequence. Shorter rows are filled up at the end, which no earlier position
        can see.
    """
    inputs = np.full((len(sequences), max(map(len, sequences))), _ANY_TOKEN, dtype=np.int64)
    for row, ids in zip(inputs, sequences, strict=True):
        row[: len(ids)] = (start_id, *ids[:-1])
    return inputs


def map_words(
    weights: FloatArray, texts: Sequence[str], grid: tuple[int, int]
) -> AttentionMap | None:
    """Gather the attention of tokens into that of words.

    Args:
        weights: cross-attention, shape (tokens or more, encoder tokens), float32, 0 to 1: row
            ``j`` belongs to the prediction of token ``j``.
        texts: what each token adds to the caption; see ``pycore.text.token_text.token_texts``.
        grid: (height, width) in patches.

    Returns:
        The map; None when the encoder's tokens do not fit the grid.
    """
    height, width = grid
    summaries = weights.shape[1] - height * width
    if not 0 <= summaries <= MAX_SUMMARY_TOKENS:
        return None
    patches = weights[:, summaries:].astype(np.float64)
    words = tuple(
        WordAttention(word, tuple(_shares(patches[tokens].sum(axis=0)).tolist()))
        for word, tokens in _words(texts)
    )
    return AttentionMap(height, width, words)


def _words(texts: Sequence[str]) -> Iterator[tuple[str, list[int]]]:
    """Yield each word between white space, and the tokens that it is made of.

    A token without text holds the beginning of a character, and belongs to the word of the token
    that completes it. After the last text there is only the end token.
    """
    owners: list[list[int]] = []  # of each character: the tokens that it came from
    silent: list[int] = []
    for token, text in enumerate(texts):
        silent.append(token)
        if text:
            owners += [silent] * len(text)
            silent = []
    whole, end = "".join(texts), 0
    for word in whole.split():
        start = whole.index(word, end)
        end = start + len(word)
        yield word, sorted({token for tokens in owners[start:end] for token in tokens})


def _shares(weights: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, Any]:
    """Scale weights to a sum of 1; nothing to go by is spread evenly."""
    total = weights.sum()
    return weights / total if total > 0 else np.full_like(weights, 1 / weights.size)


def _pair(size: object) -> tuple[int, int] | None:
    """Read a size that is one number, or height and width."""
    values = size if isinstance(size, (list, tuple)) else (size, size)
    if len(values) != 2 or not all(type(value) is int and value > 0 for value in values):
        return None
    return (values[0], values[1])
