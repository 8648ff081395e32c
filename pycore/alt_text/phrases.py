"""Words in a text, and phrases found among them whatever their case.

Runs in CPython and in MicroPython.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_INSIDE = "-'’"
"""What belongs to a word where a letter follows: "wheelchair-bound", "don't"."""

_LATIN_SIGNS = (0xD7, 0xF7)  # the signs for times and divided by


class Phrase:
    """A phrase that was found.

    Attributes:
        text: as it was looked for.
        start: of it in the text, in characters.
        end: behind its last character.
        word: the index of its first word.
    """

    def __init__(self, text: str, start: int, end: int, word: int) -> None:
        self.text = text
        self.start = start
        self.end = end
        self.word = word


def is_letter(character: str) -> bool:
    """Whether a character can be part of a word: letters, digits, all scripts."""
    if character.isalpha() or character.isdigit():
        return True
    code = ord(character)
    if code < 0xC0 or code in _LATIN_SIGNS:
        return False
    return not (0x2000 <= code < 0x2C00 or 0x3000 <= code < 0x3040 or code >= 0x1F000)


def spans(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each word."""
    found = []
    start = -1
    for place, character in enumerate(text):
        is_part = is_letter(character) or (
            start >= 0 and character in _INSIDE and is_letter(text[place + 1 : place + 2] or " ")
        )
        if is_part and start < 0:
            start = place
        elif not is_part and start >= 0:
            found.append((start, place))
            start = -1
    if start >= 0:
        found.append((start, len(text)))
    return found


def words(text: str) -> list[str]:
    """Return the words in lower case, with straight apostrophes."""
    return [_plain(text[start:end]) for start, end in spans(text)]


def find(text: str, phrases: "Iterable[str]") -> list[Phrase]:
    """Return the phrases that a text has, in its order: whole words, the longest first, no overlap.

    Args:
        text: to search.
        phrases: one word or several, parted by blanks.
    """
    wanted: dict[str, list[tuple[list[str], str]]] = {}
    for phrase in phrases:
        parts = words(phrase)
        if parts:
            wanted.setdefault(parts[0], []).append((parts, phrase))
    places = spans(text)
    present = [_plain(text[start:end]) for start, end in places]
    found: list[Phrase] = []
    index = 0
    while index < len(present):
        best: list[str] = []
        name = ""
        for parts, phrase in wanted.get(present[index], ()):
            is_there = present[index : index + len(parts)] == parts
            if is_there and len(parts) > len(best) and _is_joined(text, places, index, len(parts)):
                best, name = parts, phrase
        if best:
            last = index + len(best) - 1
            found.append(Phrase(name, places[index][0], places[last][1], index))
        index += len(best) or 1
    return found


def _is_joined(text: str, places: list[tuple[int, int]], index: int, count: int) -> bool:
    """Whether nothing but blanks is between so many words."""
    gaps = [text[places[one][1] : places[one + 1][0]] for one in range(index, index + count - 1)]
    return not any(gap.strip() for gap in gaps)


def _plain(word: str) -> str:
    return word.lower().replace("’", "'")
