"""How captions are asked for: the searches a person may choose, and the language of text.

Runs in MicroPython (the page) and in CPython (tests).
"""

from pyscript import window

_CAREFUL_BEAMS = {"florence-2": 3}  # as its own settings have it
_BEAMS = 4  # the reference recipe of ViT-GPT2

# The languages that text is read in, by the browser's own.
_LANGUAGES = {"de": "deu", "fr": "fra", "es": "spa"}


def search_options(model: str, search: str) -> dict[str, int]:
    """Options of the JavaScript API for a search, "fast" or "careful"."""
    beams = _CAREFUL_BEAMS.get(model, _BEAMS) if search == "careful" else 1
    return {"numBeams": beams, "numReturnSequences": beams}


def text_language() -> str:
    """The language that text is read in."""
    return _LANGUAGES.get(window.navigator.language[:2], "eng")
