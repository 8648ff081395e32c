"""The models in the wheel, as the worker's inference reads them: bytes are JavaScript's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyodide.ffi import to_js

from seesay.captioner.recognition import Recognition
from seesay.models.built_in import BuiltInModel
from worker.inference.photograph_models import OrtPhotographModels

if TYPE_CHECKING:
    from pycore.models.catalogue import ModelEntry


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


class WheelRecognition(Recognition):
    """What recognises photographs, on onnxruntime-web.

    Args:
        runtime: an OrtRuntime.
    """

    def __init__(self, runtime: Any) -> None:
        super().__init__(self._make_models)
        self._runtime = runtime
        self._models: OrtPhotographModels | None = None

    async def release(self) -> None:
        """Free the models' memory."""
        if self._models is not None:
            await self._models.release()

    def _make_models(self, detector: bytes, namer: bytes) -> OrtPhotographModels:
        files = to_js(detector), to_js(namer)
        self._models = OrtPhotographModels(self._runtime, *files, is_low_memory=False)
        return self._models
