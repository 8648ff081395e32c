"""The recognizer: looks at a photograph with both models, and says what they saw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from pycore.recognition.describe import Description, describe
from pycore.recognition.inputs import boxes_in_image, crops_input, detector_input
from pycore.recognition.settings import DEFAULTS, Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PIL import Image

    from pycore.interfaces import CancelToken, FloatArray
    from pycore.recognition.boxes import Box
    from pycore.recognition.name_tree import NameTree


class PhotographModels(Protocol):
    """The detector and the namer behind some runtime."""

    async def detect(self, image: FloatArray) -> FloatArray:
        """Find things.

        Args:
            image: float32 (1, 3, 512, 512), 0 to 255.

        Returns:
            float32 (boxes, 6): left, top, right, bottom in pixels, score 0 to 1, class.

        Raises:
            InferenceError: when the runtime fails.
        """

    async def name(self, crops: FloatArray) -> FloatArray:
        """Say what crops show.

        Args:
            crops: float32 (crops, 3, 224, 224), about -1 to 1.

        Returns:
            Logits, float32 (crops, classes).

        Raises:
            InferenceError: when the runtime fails.
        """


class Recognizer:
    """Describes photographs.

    Args:
        models: the detector and the namer.
        tree: the names of what they know.
        config: models/photo/config.json, parsed: how their inputs are made.
        settings: thresholds.
    """

    def __init__(
        self,
        models: PhotographModels,
        tree: NameTree,
        config: Mapping[str, Any],
        settings: Settings = DEFAULTS,
    ) -> None:
        self._models = models
        self._tree = tree
        self._config = config
        self._settings = settings

    async def describe(self, image: Image.Image, cancel: CancelToken) -> Description:
        """Describe a photograph.

        Args:
            image: mode RGB, of any size; boxes are in its pixels.
            cancel: asked between the two models.

        Raises:
            InferenceError: when a model fails.
            CancelledError: when stopped.
        """
        cancel.raise_if_cancelled()
        found = await self._models.detect(detector_input(image, self._config["detector"]))

        async def name_crops(parts: Sequence[Box]) -> FloatArray:
            cancel.raise_if_cancelled()
            return await self._models.name(crops_input(image, parts, self._config["namer"]))

        rows = boxes_in_image(found, image.size, self._config["detector"])
        size = image.height, image.width
        return await describe(self._tree, rows, name_crops, size, self._settings)
