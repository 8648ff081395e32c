"""What Florence-2 answers when asked for objects: ``dog<loc_52><loc_332><loc_932><loc_774>...``.

After each name come its boxes, four numbers a box: left, top, right and bottom in thousandths of
width and height.
Source: transformers 4.57.6, Florence2PostProcessor ("description_with_bboxes").
"""

from __future__ import annotations

import re

from pycore.captioning.tasks import FoundObject

_BINS = 1000
_NOT_SAID = re.compile("</?s>|<pad>")
_NAMED = re.compile(r"([^<>]+)((?:<loc_\d+>){4,})")
_BOX = re.compile("".join([r"<loc_(\d+)>"] * 4))


def read_objects(said: str) -> tuple[FoundObject, ...]:
    """Read an answer.

    Args:
        said: with its special tokens. What does not fit is left out: places without a name, less
            than four of them, and as in the source letters beyond ASCII: a name of nothing else
            counts as none.

    Returns:
        In the order of the answer, each box by itself, as shares of what the model saw.
    """
    found = []
    for name, places in _NAMED.findall(_NOT_SAID.sub("", said)):
        # The source trims first, and leaves a blank where letters went from the ends.
        label = name.encode("ascii", "ignore").decode().strip()
        for box in _BOX.findall(places):
            # The middle of a bin stands for all of it.
            left, top, right, bottom = ((int(bin_) + 0.5) / _BINS for bin_ in box)
            if label:
                found.append(FoundObject(label, (left, top, right, bottom)))
    return tuple(found)
