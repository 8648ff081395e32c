"""Keywords out of a caption in plain words: "two dogs on green grass" speaks of dogs and of grass.

Good for the built-in model's captions, whose grammar is known; nothing here understands English.
"""

from __future__ import annotations

import re

from pycore.recognition.keywords import Keyword

# What stands between things: models/training/captions.py writes nothing else.
_BETWEEN = re.compile(r"\s+(?:and|with|to the (?:left|right) of|above|below|under|on|in)\s+|,\s*")
_COUNT = re.compile(r"^(?:an?|the|one|two|three|four|five|several|some|no|many)\s+", re.IGNORECASE)


def keywords_of(caption: str, confidence: float) -> tuple[Keyword, ...]:
    """Return the things that a caption speaks of, in its order, each once.

    Args:
        caption: in lower case, as the model wrote it.
        confidence: of the caption, 0 to 1; each keyword has it.
    """
    found: dict[str, Keyword] = {}
    for part in _BETWEEN.split(caption):
        word = _COUNT.sub("", part.strip(" ."))
        if word and word not in found:
            found[word] = Keyword(word, confidence)
    return tuple(found.values())
