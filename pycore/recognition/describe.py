"""From the detector's boxes and the namer's scores to sentences and keywords.

    description = await describe(tree, rows, name_crops, image.size)

The models run elsewhere: ``rows`` is what the detector said of the whole picture, and
``name_crops`` asks the namer about parts of it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pycore.recognition.belief import believe, most_specific, probabilities
from pycore.recognition.boxes import (
    Box,
    Detection,
    crop_region,
    middle_region,
    read_detections,
    suppress,
)
from pycore.recognition.keywords import Keyword, find_keywords
from pycore.recognition.settings import DEFAULTS, Settings
from pycore.recognition.things import Sighting, Thing, gather, generalise
from pycore.recognition.wording import DOUBT, Sentence, compose, silence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pycore.interfaces import FloatArray
    from pycore.recognition.name_tree import NameTree

NameCrops = Callable[[Sequence[Box]], Awaitable["FloatArray"]]
"""Asks the namer about parts of the picture, in pixels, nearly always squares: each is resized to
the namer's input whole, without cropping again. Returns its logits, float32 (parts, classes)."""

MOST_SENTENCES = 3


@dataclass(frozen=True, slots=True)
class Description:
    """What is said about a photograph.

    Attributes:
        sentences: the caption first, then more general ones; at least one.
        keywords: specific to general; may be empty.
        is_guess: the caption is in words of doubt, or says that nothing can be told.
    """

    sentences: tuple[Sentence, ...]
    keywords: tuple[Keyword, ...]
    is_guess: bool


async def describe(
    tree: NameTree,
    rows: FloatArray,
    name_crops: NameCrops,
    size: tuple[int, int],
    settings: Settings = DEFAULTS,
) -> Description:
    """Describe a photograph.

    Args:
        tree: the names.
        rows: the detector's output, float32 (boxes, 6): left, top, right, bottom in pixels of the
            picture, score 0 to 1, number of the class; boxes may overlap and be in any order.
        name_crops: asks the namer; called once. The whole picture is the first part.
        size: (height, width) of the picture in pixels.
        settings: thresholds.

    Returns:
        Sentences and keywords. About a person they say nothing but "person" and how many.
    """
    hints = read_detections(rows, tree, size, least=settings.hinted)
    seen = [detection for detection in hints if detection.score >= settings.seen]
    detections = suppress(seen, tree, same=settings.same, other=settings.other)
    asked = _worth_a_crop(tree, detections, settings)
    middle = middle_region(size, share=settings.middle)
    regions = [middle, *(crop_region(one.box, size, margin=settings.margin) for one in asked)]
    shares = probabilities(await name_crops(regions), settings.temperature)
    named = {
        one: _with_echo(own, shares[0], region.overlap(middle) * settings.echo)
        for one, own, region in zip(asked, shares[1:], regions[1:], strict=True)
    }
    sightings = [
        Sighting(believe(tree, named.get(one), one, settings), one.box, one.node)
        for one in detections
    ]
    sightings.append(Sighting(believe(tree, shares[0], None, settings), middle))
    allowed = _allowed(tree, hints, sightings, settings)
    least = settings.least_area * size[0] * size[1]
    large = [sighting for sighting in sightings if sighting.box.area >= least]
    things = gather(tree, large, settings, allowed)
    guess = [] if things else _guess(tree, large, settings, allowed)
    return Description(
        sentences=_sentences(tree, things[: settings.most_kinds] or guess, doubt=not things),
        keywords=find_keywords(tree, sightings, settings, allowed),
        is_guess=not things,
    )


def _with_echo(
    own: NDArray[np.float64], whole: NDArray[np.float64], weight: float
) -> NDArray[np.float64]:
    """Let the whole picture have a say about a crop that shows nearly the same."""
    return np.asarray((own + weight * whole) / (1 + weight))


def _worth_a_crop(
    tree: NameTree, detections: Sequence[Detection], settings: Settings
) -> list[Detection]:
    """Choose the boxes that the namer is asked about: the largest, but no persons."""
    asked = [
        detection
        for detection in detections
        if detection.node != tree.person
        and min(detection.box.right - detection.box.left, detection.box.bottom - detection.box.top)
        >= settings.smallest
    ]
    return sorted(asked, key=lambda detection: -detection.box.area)[: settings.most_crops]


def _allowed(
    tree: NameTree,
    hints: Sequence[Detection],
    sightings: Sequence[Sighting],
    settings: Settings,
) -> NDArray[np.bool_]:
    """Tell of each node whether it may be said; bool, shape (nodes,).

    What a person wears tells about the person. So it is not spoken of where one may be.
    """
    allowed = np.ones(len(tree.nouns), np.bool_)
    someone = any(detection.node == tree.person for detection in hints) or any(
        sighting.beliefs[tree.person] >= settings.hinted for sighting in sightings
    )
    if someone:
        allowed &= ~tree.members(tree.worn)
    return allowed


def _guess(
    tree: NameTree,
    sightings: Sequence[Sighting],
    settings: Settings,
    allowed: NDArray[np.bool_],
) -> list[Thing]:
    """Return the likeliest thing, where one is likely enough to be spoken of at all."""
    guesses = []
    for sighting in sightings:
        node = most_specific(tree, sighting.beliefs, settings.doubtful, allowed)
        if node >= 0:
            guesses.append(Thing(node, float(sighting.beliefs[node]), (sighting.box,)))
    return sorted(guesses, key=lambda thing: -thing.confidence)[:1]


def _sentences(tree: NameTree, things: Sequence[Thing], *, doubt: bool) -> tuple[Sentence, ...]:
    """Say it, and say it again in more and more general words."""
    if not things:
        return (silence(),)
    said: dict[str, Sentence] = {}
    while len(said) < MOST_SENTENCES:
        sentence = compose(tree, things, prefix=DOUBT if doubt else "")
        if sentence.text in said:
            break
        said[sentence.text] = sentence
        things = generalise(tree, things)
    return tuple(said.values())
