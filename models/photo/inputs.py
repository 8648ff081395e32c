"""Photographs as the inputs of the models, as config.json says: for building, tests and scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

FloatArray = npt.NDArray[np.float32]


def detector_input(image: Image.Image, config: Mapping[str, Any]) -> FloatArray:
    """Stretch a picture to the detector's square: float32 ``[1, 3, side, side]``, 0 to 255."""
    size = config["size"]["width"], config["size"]["height"]
    return _channels_first(image.convert("RGB").resize(size, config["resample"]))


def namer_input(image: Image.Image, config: Mapping[str, Any]) -> FloatArray:
    """Scale a picture's short side and cut out its middle, normalised.

    Returns:
        float32 ``[1, 3, side, side]``, about -1 to 1.
    """
    image = image.convert("RGB")
    scale = config["size"]["shortest_edge"] / min(image.size)
    width, height = (round(side * scale) for side in image.size)
    image = image.resize((width, height), config["resample"])
    wanted = config["crop_size"]
    left, top = (width - wanted["width"]) // 2, (height - wanted["height"]) // 2
    middle = image.crop((left, top, left + wanted["width"], top + wanted["height"]))
    normal: FloatArray = (_channels_first(middle) - config["image_mean"]) / config["image_std"]
    return normal.astype(np.float32)


def _channels_first(image: Image.Image) -> FloatArray:
    return np.asarray(image, np.float32).transpose(2, 0, 1)[np.newaxis]
