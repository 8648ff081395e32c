"""What recognises photographs, opened when it is first needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pycore.recognition.recognizer import Recognizer
from seesay.models.built_in import CONFIG, PhotographFiles

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PIL import Image

    from pycore.recognition.recognizer import PhotographModels
    from pycore.recognition.router import Kind, Router


class Recognition:
    """Keeps the recognizer and the router between images.

    Args:
        open_models: makes the models of their ONNX files, the detector's and the namer's.
    """

    def __init__(self, open_models: Callable[[bytes, bytes], PhotographModels]) -> None:
        self._open_models = open_models
        self._files = PhotographFiles()
        self._recognizer: Recognizer | None = None
        self._router: Router | None = None

    async def route(self, image: Image.Image) -> Mapping[Kind, float]:
        """Tell drawings, photographs and pages of text apart; see ``Router.shares``.

        Raises:
            AssetError: the router's numbers are missing.
        """
        if self._router is None:
            self._router = self._files.read_router()
        return self._router.shares(np.asarray(image))

    async def open_recognizer(self) -> Recognizer:
        """Return the recognizer; its models are loaded the first time.

        Raises:
            AssetError: a file is missing.
            InferenceError: the runtime refuses a model.
        """
        if self._recognizer is None:
            config = self._files.read_json(CONFIG)
            models = self._open_models(
                self._files.read_bytes(config["detector"]["file"]),
                self._files.read_bytes(config["namer"]["file"]),
            )
            self._recognizer = Recognizer(models, self._files.read_names(), config)
        return self._recognizer
