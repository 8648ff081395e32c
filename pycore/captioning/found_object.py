"""A thing in a picture, and where it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FoundObject:
    """One thing in a picture.

    Attributes:
        label: what it is.
        box: (left, top, right, bottom) as shares of width and height, 0 to 1, from the upper left.
    """

    label: str
    box: tuple[float, float, float, float]

    def within(self, seen: tuple[float, float, float, float]) -> FoundObject:
        """Return it as part of the image of which only ``seen``, alike in shares, was looked at."""
        left, top, right, bottom = seen
        width, height = right - left, bottom - top
        x0, y0, x1, y1 = self.box
        box = (left + x0 * width, top + y0 * height, left + x1 * width, top + y1 * height)
        return FoundObject(self.label, box)
