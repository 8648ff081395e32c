"""Which items of a long list there must be: those in view or near it, and those with the focus.

Runs in MicroPython.
"""

import math

from pyscript import window

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

BEYOND = 0.5  # of the window's height: items ready above and below it
LEAST = 12  # items there are in any case, for Tab and for screen readers that come to the list


def wanted_items(place: "Any", count: int, columns: int, focused: int) -> set[int]:
    """Return the indices of the items to have; none where the list is not laid out.

    Args:
        place: the list's rectangle in the window, with room for all items in lines of one height.
        count: of all items, at least 1.
        columns: items in a line.
        focused: index of the item that has the focus, or -1.
    """
    lines = math.ceil(count / columns)
    pitch = place.height / lines
    if not pitch:
        return set()
    height = window.innerHeight
    least = math.ceil(LEAST / columns)
    first = math.floor((-BEYOND * height - place.top) / pitch)
    first = max(0, min(first, lines - least))
    last = max(first + least, math.ceil(((1 + BEYOND) * height - place.top) / pitch))
    wanted = set(range(first * columns, min(count, last * columns)))
    if focused >= 0:  # with its neighbours, where Tab leads
        wanted.update(range(max(0, focused - 1), min(count, focused + 2)))
    return wanted
