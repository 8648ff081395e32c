"""Keywords: what a catalogue would file the picture under."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from pycore.recognition.name_tree import NameTree
    from pycore.recognition.settings import Settings
    from pycore.recognition.things import Sighting


@dataclass(frozen=True, slots=True)
class Keyword:
    """One keyword.

    Attributes:
        text: a noun without article: "macaw".
        confidence: that the picture shows it; 0 to 1.
    """

    text: str
    confidence: float


def find_keywords(
    tree: NameTree,
    sightings: Iterable[Sighting],
    settings: Settings,
    allowed: NDArray[np.bool_],
) -> tuple[Keyword, ...]:
    """Collect the names of all that is likely anywhere in the picture.

    Args:
        tree: the names.
        sightings: of boxes and of the whole picture.
        settings: thresholds.
        allowed: which nodes may be named; shape (nodes,).

    Returns:
        Specific before general, more certain before less; no text twice.
    """
    best = np.zeros(len(tree.nouns))
    for sighting in sightings:
        best = np.maximum(best, sighting.beliefs)
    likely = np.flatnonzero((best >= settings.keyword) & allowed)
    order = sorted(
        likely.tolist(), key=lambda node: (tree.sizes[node], -tree.depths[node], -best[node])
    )
    found: dict[str, Keyword] = {}
    for node in order:
        noun = tree.nouns[node]
        if noun and noun.word not in found:
            found[noun.word] = Keyword(noun.word, min(1.0, float(best[node])))
    return tuple(found.values())[: settings.most_keywords]
