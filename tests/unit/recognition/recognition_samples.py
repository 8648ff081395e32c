"""A small tree of names with room for the namer's 1000 classes, and a namer on a string."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pycore.interfaces import FloatArray
from pycore.recognition.boxes import Box
from pycore.recognition.name_tree import CLASSES, NameTree

# Class: what it is called, and what is above it.
_CLASSES = {
    0: ("tabby cat", "cat"),
    1: ("Persian cat", "cat"),
    2: ("beagle", "dog"),
    3: ("macaw", "parrot"),
    4: ("espresso", "drink"),
    5: ("mug", "cup"),
    6: ("tripod", ""),
    7: ("", "person"),  # a ballplayer: of persons nothing but that they are there
    8: ("bow tie", "tie"),
    9: ("=hay", ""),
    10: ("~sunglasses", "clothing"),
    11: ("canoe", "boat"),
    12: ("white wolf/white wolves", "animal"),
}
_FAMILIES = (
    ("animal", ""), ("cat", "animal"), ("dog", "animal"), ("bird", "animal"), ("parrot", "bird"),
    ("drink", ""), ("cup", ""), ("person/people", ""), ("clothing", ""), ("tie", "clothing"),
    ("boat", "vehicle"), ("vehicle", ""), ("sheep/sheep", "animal"), ("table", ""), ("kite", ""),
    ("giraffe", "animal"),
)  # fmt: skip
_KEYS = [name.partition("/")[0] for name, _ in _FAMILIES]


def node(name: str) -> int:
    """The node with this singular."""
    classes = {
        text.lstrip("=~").partition("/")[0]: number for number, (text, _) in _CLASSES.items()
    }
    return classes[name] if name in classes else CLASSES + _KEYS.index(name)


def _parent(name: str) -> int:
    return CLASSES + _KEYS.index(name) if name else -1


DETECTOR = (
    "person", "cat", "dog", "bird", "cup", "tie", "boat", "sheep", "table", "kite", "giraffe",
)  # fmt: skip


def tree_data() -> dict[str, object]:
    """What names.json holds."""
    classes = [_CLASSES.get(number, (f"thing {number}", "")) for number in range(CLASSES)]
    rows = [*classes, *_FAMILIES]
    return {
        "nouns": [name for name, _ in rows],
        "parents": [_parent(above) for _, above in rows],
        "detector": [node(name) for name in DETECTOR],
        "related": {str(node("cup")): [node("espresso")]},
        "person": node("person"),
        "worn": node("clothing"),
    }


TREE = NameTree.from_dict(tree_data())

SIZE = (400, 600)
"""Height and width of the picture that all boxes are in."""


def logits(**shares: float) -> np.ndarray:
    """Logits of a namer that gives classes these shares and all others the rest, evenly."""
    rest = 1 - sum(shares.values())
    values = np.full(CLASSES, rest / (CLASSES - len(shares)))
    for name, share in shares.items():
        values[node(name.replace("_", " "))] = share
    return np.log(values + 1e-9).astype(np.float32)


def row(
    name: str, score: float, left: float, top: float, right: float, bottom: float
) -> list[float]:
    """One row of the detector's output."""
    return [left, top, right, bottom, score, DETECTOR.index(name)]


class Namer:
    """Answers with given logits for the whole picture, and by the middle of each crop."""

    def __init__(self, whole: np.ndarray, *crops: tuple[Box, np.ndarray]) -> None:
        self.whole, self.crops = whole, crops
        self.asked: list[Box] = []

    async def __call__(self, regions: Sequence[Box]) -> FloatArray:
        self.asked = list(regions)
        return np.stack([self.whole, *(self._crop(region) for region in regions[1:])])

    def _crop(self, region: Box) -> np.ndarray:
        x, y = (region.left + region.right) / 2, (region.top + region.bottom) / 2
        for box, answer in self.crops:
            if box.left <= x <= box.right and box.top <= y <= box.bottom:
                return answer
        return logits()
