"""The detector and the namer on onnxruntime-web."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from worker.inference.sessions import SingleOutput, create_session

if TYPE_CHECKING:
    from pycore.interfaces import FloatArray


class OrtPhotographModels:
    """The ``PhotographModels`` of pycore/recognition/recognizer.py.

    Args:
        runtime: the OrtRuntime of runtime.mjs.
        detector, namer: their ONNX files, as JavaScript Uint8Arrays.
        is_low_memory: the two take turns in memory instead of staying both.
    """

    def __init__(self, runtime: Any, detector: Any, namer: Any, *, is_low_memory: bool) -> None:
        self._runtime = runtime
        self._files = {"detector": detector, "namer": namer}
        self._is_low_memory = is_low_memory
        self._sessions: dict[str, SingleOutput] = {}

    async def detect(self, image: FloatArray) -> FloatArray:
        """Find things; see PhotographModels."""
        rows = await self._run("detector", image)
        return rows.reshape(-1, rows.shape[-1])

    async def name(self, crops: FloatArray) -> FloatArray:
        """Say what crops show; see PhotographModels."""
        return np.concatenate([await self._run("namer", crop[np.newaxis]) for crop in crops])

    async def release(self) -> None:
        """Free the memory of both for other sessions."""
        while self._sessions:
            await self._sessions.popitem()[1].release()

    async def _run(self, which: str, pixels: FloatArray) -> FloatArray:
        if which not in self._sessions:
            if self._is_low_memory:
                await self.release()
            session = await create_session(self._runtime, self._files[which])
            self._sessions[which] = SingleOutput(self._runtime, session)
        return await self._sessions[which].run(pixels)
