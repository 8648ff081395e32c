"""Pictures as inputs of the detector and the namer, as models/photo/config.json says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image

if TYPE_CHECKING:
    from pycore.recognition.boxes import Box

FloatArray = npt.NDArray[np.float32]


def detector_input(image: Image.Image, config: Mapping[str, Any]) -> FloatArray:
    """Scale a picture to fit the detector's square and centre it there, on black.

    Source: 610265158/mobilenetv3_centernet, lib/core/api/face_detector.py. Stretched to the square
    instead, it finds fewer things.

    Returns:
        float32 ``[1, 3, side, side]``, 0 to 255.
    """
    image = image.convert("RGB")
    width, height, left, top = _place(image.size, config)
    square = Image.new("RGB", (config["size"]["width"], config["size"]["height"]))
    square.paste(image.resize((width, height), config["resample"]), (left, top))
    return _channels_first(square)


def boxes_in_image(
    detections: FloatArray, image_size: tuple[int, int], config: Mapping[str, Any]
) -> FloatArray:
    """Turn a detector's boxes into pixels of the picture that its input was made from.

    Args:
        detections: float32 ``[count, 6]``, as the detector gives them.
        image_size: width and height of the picture.
        config: of the detector.

    Returns:
        The same with left, top, right and bottom in the picture, inside its edges.
    """
    width, height, left, top = _place(image_size, config)
    whole = np.array(image_size * 2, np.float32)
    edges = (detections[:, :4] - [left, top, left, top]) * whole / [width, height, width, height]
    return np.hstack([edges.clip(0, whole), detections[:, 4:]]).astype(np.float32)


def _place(image_size: tuple[int, int], config: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """Where a picture lies in the square: width, height, left, top."""
    sides = config["size"]["width"], config["size"]["height"]
    scale = min(side / own for side, own in zip(sides, image_size, strict=True))
    width, height = (max(1, round(own * scale)) for own in image_size)
    return width, height, (sides[0] - width) // 2, (sides[1] - height) // 2


def crops_input(image: Image.Image, parts: Sequence[Box], config: Mapping[str, Any]) -> FloatArray:
    """Scale parts of a picture to the namer's square, each whole, normalised.

    Args:
        image: mode RGB.
        parts: at least one, inside the picture.
        config: of the namer.

    Returns:
        float32 ``[parts, 3, side, side]``, about -1 to 1.
    """
    size = config["crop_size"]["width"], config["crop_size"]["height"]
    crops = [
        _channels_first(
            image.resize(size, config["resample"], (part.left, part.top, part.right, part.bottom))
        )
        for part in parts
    ]
    normal: FloatArray = (np.concatenate(crops) - config["image_mean"]) / config["image_std"]
    return normal.astype(np.float32)


def _channels_first(image: Image.Image) -> FloatArray:
    return np.asarray(image, np.float32).transpose(2, 0, 1)[np.newaxis]
