"""An externalized model gives the same numbers as the file that it points into."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from pycore.errors import GraphError
from pycore.onnx_graph.externalize import externalize
from pycore.onnx_graph.wire import BytesSource

ENCODER = Path("tests/fixtures/tiny-model/onnx/encoder_model_quantized.onnx")


def test_externalized_encoder_is_bit_identical_and_small() -> None:
    data = ENCODER.read_bytes()
    small = externalize(BytesSource(data), "weights.onnx")
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.add_external_initializers_from_files_in_memory(["weights.onnx"], [data], [len(data)])
    pixel_values = np.random.default_rng(3).uniform(-1, 1, (1, 3, 32, 32)).astype(np.float32)
    expected, found = (
        session.run(None, {"pixel_values": pixel_values})[0]
        for session in (
            onnxruntime.InferenceSession(data, options),
            onnxruntime.InferenceSession(small, options),
        )
    )
    np.testing.assert_array_equal(expected, found)
    assert len(small) < len(data) / 2


def test_what_is_no_model_is_refused() -> None:
    with pytest.raises(GraphError):
        externalize(BytesSource(b"<!doctype html>"), "weights.onnx")
