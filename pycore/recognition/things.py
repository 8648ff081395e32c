"""Things: what was seen under one name, how sure, how many and where."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pycore.recognition.belief import most_specific

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from pycore.recognition.boxes import Box
    from pycore.recognition.name_tree import Beliefs, NameTree
    from pycore.recognition.settings import Settings

NOT_DETECTED = -1


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one part of the picture shows.

    Attributes:
        beliefs: of each node; see ``believe``.
        box: the part.
        detected: the node that the detector saw there; NOT_DETECTED for the picture as a whole,
            in which a thing may be anywhere.
    """

    beliefs: Beliefs
    box: Box
    detected: int = NOT_DETECTED


@dataclass(frozen=True, slots=True)
class Thing:
    """One kind of thing in the picture.

    Attributes:
        node: its name in the tree.
        confidence: that it is there; 0 to 1.
        boxes: one for each of them.
    """

    node: int
    confidence: float
    boxes: tuple[Box, ...]

    @property
    def weight(self) -> float:
        """How early it is said: large and certain things first."""
        return sum(box.area for box in self.boxes) * self.confidence**2


def gather(
    tree: NameTree,
    sightings: Iterable[Sighting],
    settings: Settings,
    allowed: NDArray[np.bool_],
) -> list[Thing]:
    """Name what is sure in each part of the picture, and count equal names.

    Args:
        tree: the names.
        sightings: of boxes first, then at most one of the whole picture.
        settings: thresholds.
        allowed: which nodes may be named; shape (nodes,).

    Returns:
        The largest and most certain first.
    """
    # Where there is a more general word, a wrong one is not worth the risk.
    least = np.where(tree.has_general, settings.sure_specific, settings.sure)
    things: list[Thing] = []
    for sighting in sightings:
        node = most_specific(tree, sighting.beliefs, least, allowed)
        if node < 0:
            continue
        new = Thing(node, float(sighting.beliefs[node]), (sighting.box,))
        if sighting.detected == NOT_DETECTED:
            things = _with_whole(tree, things, new)
        elif tree.related_to(sighting.detected, node) or not _shown(tree, things, new, settings):
            things = _counted(tree, [*things, new])
    return sorted(_agreed(tree, things), key=lambda thing: -thing.weight)


def generalise(tree: NameTree, things: Sequence[Thing]) -> list[Thing]:
    """Call each thing by the next more general name, where it has one; count equal names."""
    broader = []
    for thing in things:
        node = tree.said(tree.parents[thing.node])
        broader.append(replace(thing, node=node) if node >= 0 else thing)
    return _counted(tree, broader)


def _counted(tree: NameTree, things: Iterable[Thing]) -> list[Thing]:
    """Join things of one name, in the place of the first."""
    joined: list[Thing] = []
    for new in things:
        for place, thing in enumerate(joined):
            if tree.same_name(thing.node, new.node):
                joined[place] = replace(
                    thing,
                    boxes=(*thing.boxes, *new.boxes),
                    confidence=max(thing.confidence, new.confidence),
                )
                break
        else:
            joined.append(new)
    return joined


def _agreed(tree: NameTree, things: Sequence[Thing]) -> list[Thing]:
    """Join a thing with its like in more general words: four geese and a bird.

    The fewer follow the more: they are taken for five geese.
    """
    agreed: list[Thing] = []
    for new in sorted(things, key=lambda thing: -len(thing.boxes)):
        for place, thing in enumerate(agreed):
            if tree.is_in(thing.node, new.node) or tree.is_in(new.node, thing.node):
                agreed[place] = replace(thing, boxes=(*thing.boxes, *new.boxes))
                break
        else:
            agreed.append(new)
    return agreed


def _shown(tree: NameTree, things: Sequence[Thing], new: Thing, settings: Settings) -> bool:
    """Whether what the namer saw in a box that was meant for another thing has its own box."""
    return any(
        tree.same_name(thing.node, new.node)
        and any(
            box.shared(new.boxes[0]) >= settings.same * new.boxes[0].area for box in thing.boxes
        )
        for thing in things
    )


def _with_whole(tree: NameTree, things: list[Thing], whole: Thing) -> list[Thing]:
    """Add what the picture as a whole shows, unless the boxes have said it.

    Where only one of them did, and in more general words, its words replace theirs.
    """
    akin = [place for place, thing in enumerate(things) if tree.related_to(thing.node, whole.node)]
    if not akin:
        return [*things, whole]
    place = akin[0]
    if len(akin) == 1 and not tree.is_in(things[place].node, whole.node):
        things = list(things)
        things[place] = replace(things[place], node=whole.node)
    return things
