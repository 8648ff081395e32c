"""The detector and the namer on onnxruntime."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seesay.inference.sessions import Session

if TYPE_CHECKING:
    from pycore.interfaces import FloatArray


_THREADS = 1
"""That one run may use: the models are small."""


class OnnxPhotographModels:
    """The ``PhotographModels`` of pycore/recognition/recognizer.py.

    Args:
        detector: an ONNX file.
        namer: an ONNX file.

    Raises:
        InferenceError: the runtime refuses one of them.
    """

    def __init__(self, detector: bytes, namer: bytes) -> None:
        self._detector = Session(detector, _THREADS)
        self._namer = Session(namer, _THREADS)

    async def detect(self, image: FloatArray) -> FloatArray:
        """Find things; see PhotographModels."""
        rows = np.asarray(self._detector.run_pixels(image), np.float32)
        return rows.reshape(-1, rows.shape[-1])

    async def name(self, crops: FloatArray) -> FloatArray:
        """Say what crops show; see PhotographModels."""
        logits = [self._namer.run_pixels(crop[np.newaxis]) for crop in crops]
        return np.concatenate(logits).astype(np.float32, copy=False)
