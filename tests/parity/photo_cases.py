"""What the namer is shown, here and by the script that makes its reference fixtures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PIL import Image

from pycore.interfaces import FloatArray
from pycore.recognition.boxes import Box
from pycore.recognition.inputs import crops_input


def middle_input(image: Image.Image, config: Mapping[str, Any]) -> FloatArray:
    """Scale a picture's middle to the namer's square, as in its training.

    As if the short side were scaled to ``shortest_edge`` and the middle cut out then.

    Returns:
        float32 ``[1, 3, side, side]``, about -1 to 1.
    """
    image = image.convert("RGB")
    share = config["crop_size"]["width"] / config["size"]["shortest_edge"]
    side = min(image.size) * share
    left, top = (image.width - side) / 2, (image.height - side) / 2
    return crops_input(image, [Box(left, top, left + side, top + side)], config)
