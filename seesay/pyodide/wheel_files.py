"""The models in the wheel, as the worker's inference reads them: bytes are JavaScript's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pyodide.ffi import to_js

from pycore.recognition.recognizer import Recognizer
from seesay.models.built_in import CONFIG, BuiltInModel, PhotographFiles
from worker.inference.photograph_models import OrtPhotographModels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PIL import Image

    from pycore.models.catalogue import ModelEntry
    from pycore.recognition.router import Kind, Router


class WheelFiles:
    """A ModelFiles (worker/inference/model_files.py) for the starter."""

    def __init__(self) -> None:
        self._files = BuiltInModel()
        self._derived: dict[str, bytes] = {}

    @property
    def entry(self) -> ModelEntry:
        """The model."""
        return self._files.entry

    async def read_json(self, path: str) -> Any:
        """A JSON file, parsed.

        Raises:
            AssetError: it is missing or no JSON.
        """
        return self._files.read_json(path)

    async def read_bytes(self, path: str) -> Any:
        """A file as a JavaScript Uint8Array.

        Raises:
            AssetError: it is missing.
        """
        return to_js(self._files.read_bytes(path))

    async def read_derived(self, name: str) -> bytes | None:
        """What ``write_derived`` kept, None when there is nothing."""
        return self._derived.get(name)

    async def write_derived(self, name: str, data: bytes) -> None:
        """Keep something made from the files, in memory."""
        self._derived[name] = data


class Recognition:
    """What recognises photographs, opened when it is first needed.

    Args:
        runtime: an OrtRuntime.
    """

    def __init__(self, runtime: Any) -> None:
        self._runtime = runtime
        self._files = PhotographFiles()
        self._models: OrtPhotographModels | None = None
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
            self._models = OrtPhotographModels(
                self._runtime,
                to_js(self._files.read_bytes(config["detector"]["file"])),
                to_js(self._files.read_bytes(config["namer"]["file"])),
                is_low_memory=False,
            )
            self._recognizer = Recognizer(self._models, self._files.read_names(), config)
        return self._recognizer

    async def release(self) -> None:
        """Free the models' memory."""
        if self._models is not None:
            await self._models.release()
