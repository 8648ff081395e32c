"""Text of captions that are still being written, and the part of it that each token brings."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pycore.text.tokenizer import Tokenizer


def partial_text(tokenizer: Tokenizer, ids: Sequence[int]) -> tuple[str, str]:
    """Return the text so far, and what the newest token brought to it.

    A byte-level token may end in the middle of a character. Until the rest of it arrives, the
    tokenizer shows a replacement character at the end, which is held back here.

    Args:
        tokenizer: the tokenizer of the ids.
        ids: the tokens so far, at least one.
    """
    before, now = (_without_partial_character(tokenizer.decode(row)) for row in (ids[:-1], ids))
    return now, now[_shared_length(before, now) :]


def token_texts(tokenizer: Tokenizer, ids: Sequence[int]) -> list[str]:
    """Return what each token adds; joined, the texts are the whole text.

    A later token can change what was shown for earlier ones: it completes a character, or takes
    the space before a full stop away. What changes is credited to the later token.

    Args:
        tokenizer: the tokenizer of the ids.
        ids: all tokens of a sequence.
    """
    whole = tokenizer.decode(ids)
    parts = (tokenizer.decode(ids[:count]) for count in range(len(ids)))
    settled = (_shared_length(part, whole) for part in parts)
    ends = [*accumulate(settled, max), len(whole)]
    return [whole[start:end] for start, end in pairwise(ends)]


def _without_partial_character(text: str) -> str:
    return text.rstrip("\N{REPLACEMENT CHARACTER}")


def _shared_length(one: str, other: str) -> int:
    """Return how many characters two texts have in common from the start."""
    if other.startswith(one):
        return len(one)
    shorter = min(len(one), len(other))
    return next((i for i in range(shorter) if one[i] != other[i]), shorter)
