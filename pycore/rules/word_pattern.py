"""Patterns of words, in place of regular expressions: a person can read them, none can run away.

``dog`` is the word, whatever its capitals; ``dog*`` words that begin so; ``d?g`` has any letter;
``black dog`` the words side by side; ``dog ... beach`` the one, and the other anywhere behind it;
``dog | cat`` either. Time grows with the text times the pattern, and both are bounded.
"""

from __future__ import annotations

import re
import unicodedata

from pycore.errors import RulesError

LONGEST_PATTERN = 200
LONGEST_TEXT = 20_000
"""Characters of a text that are looked at: more than any caption, and pages of text."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_PATTERN_WORD = re.compile(r"(?:[^\W_]|[*?'])+")
_GAP = "..."

Runs = tuple[tuple[str, ...], ...]


class WordPattern:
    """A pattern, read once and matched often.

    Args:
        pattern: as above.
        is_literal: "*", "?", "|" and "..." mean nothing.

    Raises:
        RulesError: too long, empty, or with signs that mean nothing here.
    """

    def __init__(self, pattern: str, *, is_literal: bool = False) -> None:
        if len(pattern) > LONGEST_PATTERN:
            raise RulesError(
                f"The words of a rule have {len(pattern)} characters; the limit is "
                f"{LONGEST_PATTERN}. Make two rules of it."
            )
        alternatives = [pattern] if is_literal else pattern.split("|")
        self._alternatives = [_sequence(one, is_literal=is_literal) for one in alternatives]

    def matches(self, text: str) -> bool:
        """Say whether the text has what the pattern asks for."""
        words = _words(text)
        return any(_found(words, runs) for runs in self._alternatives)


def _words(text: str) -> list[str]:
    return _WORD.findall(_folded(text[:LONGEST_TEXT]))


def _folded(text: str) -> str:
    """Return text in which letters alike to a person are alike: macOS parts accents from theirs."""
    return unicodedata.normalize("NFC", text).casefold().replace("’", "'")


def _sequence(pattern: str, *, is_literal: bool) -> Runs:
    """Return runs of words; between them anything may stand."""
    if is_literal:
        runs = [_words(pattern)]
    else:
        parts = _folded(pattern).replace("…", _GAP).split(_GAP)
        runs = [part.replace("-", " ").split() for part in parts]
        for word in (word for run in runs for word in run):
            if not _PATTERN_WORD.fullmatch(word) or not word.strip("*?'"):
                raise RulesError(
                    f"“{word}” means nothing in a rule. Use words, * for any letters, ? for one, "
                    "... for words between, and | for “or”."
                )
    if not all(runs):
        raise RulesError("A rule looks for no words. Write some, or take the rule away.")
    return tuple(tuple(run) for run in runs)


def _found(words: list[str], runs: Runs) -> bool:
    position = 0
    for run in runs:
        # The first place is as good as any: what comes later has the most room.
        for start in range(position, len(words) - len(run) + 1):
            if all(_is_like(words[start + i], pattern) for i, pattern in enumerate(run)):
                position = start + len(run)
                break
        else:
            return False
    return True


def _is_like(word: str, pattern: str) -> bool:
    """Match one word; only the last "*" is ever tried again, so time is the product of lengths."""
    if "*" not in pattern and "?" not in pattern:
        return word == pattern
    at, here, star, mark = 0, 0, -1, 0
    while at < len(word):
        if here < len(pattern) and pattern[here] == "*":
            star, mark = here, at
            here += 1
        elif here < len(pattern) and pattern[here] in {word[at], "?"}:
            at += 1
            here += 1
        elif star >= 0:
            mark += 1
            at, here = mark, star + 1
        else:
            return False
    return not pattern[here:].strip("*")
