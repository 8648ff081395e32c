"""How captions are asked for: the searches a person may choose, and the language of text.

Runs in MicroPython (the page) and in CPython (tests).
"""

from pyscript import window

SEARCHES = {
    "fast": {"numBeams": 1, "numReturnSequences": 1},
    "careful": {"numBeams": 4, "numReturnSequences": 4},  # the reference recipe of ViT-GPT2
}

# The languages that text is read in, by the browser's own.
_LANGUAGES = {"de": "deu", "fr": "fra", "es": "spa"}


def text_language() -> str:
    """The language that text is read in."""
    return _LANGUAGES.get(window.navigator.language[:2], "eng")
