r"""GPT-2's way to cut text into words, without the `regex` package.

The pattern is ``'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+``.
The standard library's `re` knows neither ``\p{L}`` nor ``\p{N}``, and its ``\s`` holds four control
characters more, so the pattern is matched on the kinds of the characters instead.

Source: GPT-2 (openai/gpt-2, src/encoder.py); tokenizers 0.22, ByteLevel, whose tables are those of
Unicode 16, as Python 3.14's are. An older Python takes newer letters for punctuation.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Unicode's White_Space property; the plain space is a kind of its own.
OTHER_SPACES = frozenset(
    "\t\n\v\f\r\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
_CONTRACTION = re.compile("'(?:s|t|re|ve|m|ll|d)")
_RUN_OF_KINDS = re.compile(" ?L+| ?N+| ?O+|[ S]+(?![LNO])|[ S]+")


@functools.lru_cache(maxsize=4096)
def _kind(character: str) -> str:
    """Give " " for a space, S for other white space, L for letters, N for numbers, O for others."""
    if character == " ":
        return " "
    if character in OTHER_SPACES:
        return "S"
    category = unicodedata.category(character)[0]
    return category if category in "LN" else "O"


def split_words(text: str) -> Iterator[str]:
    """Cut text into words, most of them with the space before them; nothing is lost."""
    kinds = "".join(map(_kind, text))
    start = 0
    while start < len(text):
        match = _CONTRACTION.match(text, start) or _RUN_OF_KINDS.match(kinds, start)
        end = match.end() if match else len(text)
        yield text[start:end]
        start = end
