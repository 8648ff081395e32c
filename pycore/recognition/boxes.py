"""Boxes: where things are in a picture, and which of them are one and the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pycore.interfaces import FloatArray
    from pycore.recognition.name_tree import NameTree


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the picture, from the upper left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        """Its size in square pixels."""
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)

    def within(self, height: float, width: float) -> Box:
        """Return what of it lies in a picture of this size."""
        return Box(
            min(max(self.left, 0.0), width),
            min(max(self.top, 0.0), height),
            min(max(self.right, 0.0), width),
            min(max(self.bottom, 0.0), height),
        )

    def shared(self, other: Box) -> float:
        """Return the area that two boxes share, in square pixels."""
        return Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        ).area

    def overlap(self, other: Box) -> float:
        """Return the shared area over the joint one (intersection over union); 0 to 1."""
        shared = self.shared(other)
        joint = self.area + other.area - shared
        return shared / joint if joint > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Detection:
    """What the detector saw.

    Attributes:
        node: what, in the tree of names.
        score: the detector's own, 0 to 1.
        box: where, inside the picture.
    """

    node: int
    score: float
    box: Box


def read_detections(
    rows: FloatArray, tree: NameTree, size: tuple[int, int], *, least: float
) -> list[Detection]:
    """Read the detector's output.

    Args:
        rows: float32 of shape (boxes, 6): left, top, right, bottom in pixels of the picture,
            score 0 to 1, number of the class.
        tree: the names.
        size: (height, width) of the picture in pixels.
        least: scores below it are left out.

    Returns:
        Best first.
    """
    height, width = size
    found = []
    for left, top, right, bottom, score, label in np.asarray(rows, np.float64):
        box = Box(left, top, right, bottom).within(height, width)
        if score >= least and box.area > 0 and 0 <= label < len(tree.detector):
            found.append(Detection(tree.detector[int(label)], float(score), box))
    return sorted(found, key=lambda detection: -detection.score)


def suppress(
    detections: Sequence[Detection], tree: NameTree, *, same: float, other: float
) -> list[Detection]:
    """Leave out boxes of what a better one has already shown.

    Args:
        detections: best first.
        tree: the names.
        same: the overlap from which two boxes of one family are one thing; 0 to 1.
        other: likewise for boxes that have no name in common.
    """
    kept: list[Detection] = []
    for detection in detections:

        def repeats(better: Detection, new: Detection = detection) -> bool:
            related = tree.common(better.node, new.node) >= 0
            return better.box.overlap(new.box) >= (same if related else other)

        if not any(repeats(better) for better in kept):
            kept.append(detection)
    return kept


def crop_region(box: Box, size: tuple[int, int], *, margin: float) -> Box:
    """Return the part of a picture in which the namer sees a box's thing.

    It is a square around the box where the picture has room for one, because the namer learnt from
    squares; else as near to it as the picture allows.

    Args:
        box: of the thing.
        size: (height, width) of the picture in pixels.
        margin: what is added to the longer side, as a share of it.
    """
    height, width = size
    side = max(box.right - box.left, box.bottom - box.top) * (1 + margin)

    def span(start: float, end: float, limit: float) -> tuple[float, float]:
        length = min(side, limit)
        first = min(max((start + end - length) / 2, 0.0), limit - length)
        return first, first + length

    left, right = span(box.left, box.right, width)
    top, bottom = span(box.top, box.bottom, height)
    return Box(left, top, right, bottom)


def middle_region(size: tuple[int, int], *, share: float) -> Box:
    """Return the square in the middle of a picture that covers ``share`` of its shorter side."""
    height, width = size
    half = min(height, width) * share / 2
    return Box(width / 2 - half, height / 2 - half, width / 2 + half, height / 2 + half)


def coverage(
    boxes: Sequence[Box], size: tuple[int, int], grid: tuple[int, int]
) -> NDArray[np.float64]:
    """Return how much of each cell of a grid boxes cover; float64 [rows, columns], 0 to 1."""
    height, width = size
    rows, columns = grid
    total = np.zeros(grid)
    for box in boxes:
        down = _shares(box.top / height * rows, box.bottom / height * rows, rows)
        across = _shares(box.left / width * columns, box.right / width * columns, columns)
        total = np.maximum(total, down[:, None] * across[None])
    return total


def _shares(start: float, end: float, cells: int) -> NDArray[np.float64]:
    """How much of each of some cells of length 1 lies between start and end."""
    firsts = np.arange(cells)
    covered = np.minimum(firsts + 1.0, end) - np.maximum(firsts, start)
    return np.asarray(np.clip(covered, 0, 1))
