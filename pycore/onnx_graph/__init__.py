"""Reads and rewrites ONNX graphs without copying their weights."""

from pycore.onnx_graph.externalize import externalize
from pycore.onnx_graph.model import Model, read_model
from pycore.onnx_graph.split import SplitDecoder, split_decoder
from pycore.onnx_graph.wire import ByteSource, BytesSource

__all__ = [
    "ByteSource",
    "BytesSource",
    "Model",
    "SplitDecoder",
    "externalize",
    "read_model",
    "split_decoder",
]
