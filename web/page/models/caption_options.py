"""How captions are asked for: the searches a person may choose, and the language of text.

Runs in MicroPython (the page) and in CPython (tests).
"""

import json

from pyscript import window

from page.models.model_choice import THOROUGH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

CAREFUL_BEAMS = {"vit-gpt2": 4, "florence-2": 3}
"""As the models' own settings have it: pycore/models/catalogue.py; a test holds them alike."""

_BEAMS = 4  # of all others, the starter included

# The languages that text is read in, by the browser's own.
_LANGUAGES = {"de": "deu", "fr": "fra", "es": "spa"}


def search_options(model: str, search: str) -> dict[str, int]:
    """Options of the JavaScript API for a search, "fast" or "careful"."""
    return _with_beams(CAREFUL_BEAMS.get(model, _BEAMS) if search == "careful" else 1)


def kept_options(model: str, search: str) -> str:
    """What a caption was searched with, as the library tells captions of one model apart."""
    return '{"num_beams":' + str(search_options(model, search)["numBeams"]) + "}"


def options_of(kept: str) -> dict[str, int]:
    """Options of the JavaScript API for what the library keeps."""
    return _with_beams(json.loads(kept).get("num_beams", 1))


def look_options(model: str) -> "dict[str, Any]":
    """Options of the JavaScript API that ask where the model looks for its words.

    A model that finds objects is asked for them, too: words that name them light their places.
    """
    options: "dict[str, Any]" = {"attentions": True}
    if model == THOROUGH:
        options["tasks"] = ["caption", "objects"]
    return options


def _with_beams(beams: int) -> dict[str, int]:
    """All beams are returned: where they differ there is doubt."""
    return {"numBeams": beams, "numReturnSequences": beams}


def text_language() -> str:
    """The language that text is read in."""
    return _LANGUAGES.get(window.navigator.language[:2], "eng")
