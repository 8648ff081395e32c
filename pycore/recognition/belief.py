"""What a crop shows: the namer's probabilities, read in the light of the detector's class.

The two are taken as independent witnesses. The detector's class makes its family more likely, by
how far its certainty exceeds the family's share of all classes; all else becomes less likely. So a
namer that is sure outside the family overrules the detector, an unsure one is read inside the
family, and where the two contradict each other only what is above both remains likely.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pycore.recognition.name_tree import CLASSES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pycore.interfaces import FloatArray
    from pycore.recognition.boxes import Detection
    from pycore.recognition.name_tree import Beliefs, NameTree
    from pycore.recognition.settings import Settings


def probabilities(logits: FloatArray, temperature: float) -> NDArray[np.float64]:
    """Softmax of logits over a temperature; float64, the last axis sums to 1."""
    scaled = np.asarray(logits, np.float64) / temperature
    shares = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=-1, keepdims=True))


def certainty(tree: NameTree, detection: Detection, settings: Settings) -> float:
    """Return the share of such detections that are right; 0 to 1."""
    person = detection.node == tree.person
    even = settings.even_person_score if person else settings.even_score
    return 1 / (1 + math.exp(settings.score_slope * (even - detection.score)))


def believe(
    tree: NameTree,
    shares: NDArray[np.float64] | None,
    detection: Detection | None,
    settings: Settings,
) -> Beliefs:
    """Return how likely each node is what a picture, or a part of it, shows.

    Args:
        tree: the names.
        shares: of the namer's classes, shape (CLASSES,); None when it was not asked.
        detection: what the detector saw there; None for the whole picture.
        settings: temperature and thresholds.

    Returns:
        float64 of shape (nodes,), 0 to 1; a node's belief is at least that of any node below it.
    """
    own = np.zeros(len(tree.nouns))
    if shares is not None:
        own[:CLASSES] = shares * (1 - settings.unknown)
    if detection is None:
        return tree.sums(own)
    node = detection.node
    sure = certainty(tree, detection, settings)
    if shares is None:
        own[node] = sure
        return tree.sums(own)
    # The detector's class may be of a kind that the namer has no class for: a giraffe.
    # And a namer that is unsure of all says little against it.
    doubt = 1 - float(shares.max())
    own[node] += settings.unknown + settings.unsure * doubt**2
    family = _family(tree, node)
    prior = max(np.count_nonzero(family[:CLASSES]) / CLASSES, settings.least_prior)
    own *= np.where(family, sure / prior, (1 - sure) / (1 - prior))
    own /= own.sum()
    beliefs = tree.sums(own)
    # An espresso counts as the cup that the detector saw, though it is no kind of cup.
    inside = own[family].sum()
    for above in tree.upward(node):
        beliefs[above] = max(beliefs[above], inside)
    return beliefs


def most_specific(
    tree: NameTree,
    beliefs: Beliefs,
    least: float | NDArray[np.float64],
    allowed: NDArray[np.bool_] | None = None,
) -> int:
    """Return the most specific name that is sure enough; -1 for none.

    Args:
        tree: the names.
        beliefs: shape (nodes,), 0 to 1.
        least: what is sure enough; of all nodes or of each, shape (nodes,).
        allowed: which nodes may be named; None for all.
    """
    enough = beliefs >= least
    if allowed is not None:
        enough &= allowed
    named = [int(node) for node in np.flatnonzero(enough) if tree.nouns[node]]
    return min(
        named, key=lambda node: (tree.sizes[node], -tree.depths[node], -beliefs[node]), default=-1
    )


def _family(tree: NameTree, node: int) -> NDArray[np.bool_]:
    """Tell of each node whether the detector's class may be meant; bool, shape (nodes,)."""
    family = tree.members(node)
    for other in tree.related.get(node, ()):
        family |= tree.members(other)
    return family
