"""A caption made into alt text: no "a picture of", a capital first, the full stop as wished.

Runs in CPython and in MicroPython.
"""

from pycore.alt_text import phrases

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    FullStop = Literal["add", "remove", "keep"]

_MEDIA = ("picture", "image", "photo", "photograph", "pic", "img")
_BEFORE = ("this is a", "this is an", "here is a", "here is an", "a", "an", "the", "this", "")
_BEHIND = ("of", "showing", "that shows", "which shows", "shows", "depicting", "depicts")
OPENINGS = tuple(
    [f"{one} {medium} {verb}" for one in _BEFORE for medium in _MEDIA for verb in _BEHIND]
)
"""Ways to say that it is an image: screen readers say so themselves. A drawing, a screenshot or a
painting is not among them: that much the reader may want to know. Source: W3C, "Tips and Tricks" of
the Images Tutorial."""

_ENDS = ".!?…"
_CLOSERS = ",.;:!?"
_QUOTES = (('"', '"'), ("“", "”"), ("'", "'"), ("‘", "’"))
_LEAST_CAPITALS = 3  # words in capitals that are more than an abbreviation


def clean(caption: str, full_stop: "FullStop" = "add") -> str:
    """Return a caption as alt text.

    Args:
        caption: as a model or a person wrote it.
        full_stop: "add" one at the end where none is, "remove" it, or "keep" the end as it is.
    """
    text = " ".join(caption.split())
    for opener, closer in _QUOTES:
        is_quoted = text[:1] == opener and text[-1:] == closer and len(text) > 1
        if is_quoted and opener not in text[1:-1] and closer not in text[1:-1]:
            text = text[1:-1].strip()
    for closer in _CLOSERS:
        text = text.replace(" " + closer, closer)
    return ended(sentence_case(without_opening(text)), full_stop)


def opening(text: str) -> str:
    """Return the words of a text that only say that it is an image, or ""."""
    found = phrases.find(text, OPENINGS)
    return text[: found[0].end] if found and found[0].word == 0 else ""


def without_opening(text: str) -> str:
    """Take away such words, unless nothing else is there."""
    said = opening(text)
    while said:
        rest = text[len(said) :].lstrip(" :,")
        if not phrases.spans(rest):
            break
        text, said = rest, opening(rest)
    return text


def sentence_case(text: str) -> str:
    """Begin with a capital; what shouts (all in capitals) is said quietly."""
    shouted = phrases.spans(text)
    if len(shouted) >= _LEAST_CAPITALS and text.upper() == text:
        text = text.lower()
    return capitalised(text)


def capitalised(text: str) -> str:
    """Write the first letter as a capital; "iPhone" and "eBay" keep theirs."""
    places = phrases.spans(text)
    if not places or text.startswith("{"):  # a placeholder that there is not, as it is written
        return text
    start, end = places[0]
    word = text[start:end]
    if word[1:] != word[1:].lower():
        return text
    return text[:start] + word[0].upper() + text[start + 1 :]


def ended(text: str, full_stop: "FullStop") -> str:
    """Set the end of a text: a full stop, or none."""
    if full_stop == "add" and text and not _is_ended(text):
        return text.rstrip(",;:") + "."
    if full_stop == "remove" and text.endswith(".") and not text.endswith(".."):
        return text[:-1]
    return text


def _is_ended(text: str) -> bool:
    """Whether a text ends with the end of a sentence, in quotes or brackets or not."""
    last = len(text) - 1
    while last >= 0 and text[last] in "\"'”’)":  # rstrip would cut bytes in MicroPython
        last -= 1
    return last < 0 or text[last] in _ENDS
