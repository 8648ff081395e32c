"""English nouns: articles, plurals and counts."""

from __future__ import annotations

import re
from dataclasses import dataclass

NUMBERS = ("no", "one", "two", "three", "four", "five")
MANY = "several"

_HISSING = re.compile(r"(s|x|z|ch|sh)$")
_CONSONANT_Y = re.compile(r"[^aeiou]y$")
_LIKE_YOU = re.compile(r"(eu|ewe|one|uni|use|usu|ute|uku)", re.IGNORECASE)
_SILENT_H = re.compile(r"(hour|heir|honest|honou?r)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Noun:
    """One thing's name.

    Attributes:
        word: alone, as a keyword: "scissors".
        one: for one of it: "a pair of scissors".
        many: after a number: "pairs of scissors".
        counted: False for what has no number: "hay".
    """

    word: str
    one: str
    many: str
    counted: bool = True

    @classmethod
    def parse(cls, notation: str) -> Noun:
        """Read a name from models/photo/names.json; names.txt beside it tells the notation."""
        if "|" in notation:
            word, one, many = notation.split("|")
            return cls(word, one, many)
        if notation.startswith("="):
            return cls(notation[1:], notation[1:], notation[1:], counted=False)
        if notation.startswith("~"):
            word = notation[1:]
            return cls(word, f"a pair of {word}", f"pairs of {word}")
        word, _, many = notation.partition("/")
        return cls(word, with_article(word), many or plural(word))

    def count(self, number: int) -> str:
        """Say how many: "a cat", "two cats", from six on "several cats"."""
        if not self.counted:
            return self.word
        if number == 1:
            return self.one
        return f"{NUMBERS[number] if number < len(NUMBERS) else MANY} {self.many}"


def with_article(words: str) -> str:
    """Put "a" or "an" before words, by their sound: "an hourglass", "a unicycle"."""
    vowel = words[0] in "aeiouAEIOU" and not _LIKE_YOU.match(words)
    return f"{'an' if vowel or _SILENT_H.match(words) else 'a'} {words}"


def plural(word: str) -> str:
    """Return the regular plural of a noun, or of words that end with it."""
    if _HISSING.search(word):
        return f"{word}es"
    if _CONSONANT_Y.search(word):
        return f"{word[:-1]}ies"
    return f"{word}s"
