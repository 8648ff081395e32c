"""Weights stored in few bytes and used as float32.

Large kernels become int8 with a scale for each output channel, small ones float16. The runtime
turns them into float32 once, when it loads a model (constant folding), so sums and activations are
those of a float model: this costs neither time nor, as README.md shows, accuracy.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import onnx

from models.graph_builder import Array, GraphBuilder

LARGEST = 127  # of an int8 that has a negative of its own
SMALL_KERNEL = 30_000
"""Kernels of fewer weights keep float16: a tenth of the bytes, and most of the error of int8. Among
them are all depthwise kernels, whose channels have too few weights for their errors to even out."""


def quantize(weights: Array) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Round weights to int8, each output channel by its own scale.

    Args:
        weights: float32 ``[out, ...]``.

    Returns:
        int8 of the same shape, and float32 scales ``[out, 1, ...]`` of the same rank.
    """
    largest = np.abs(weights).max(axis=tuple(range(1, weights.ndim)), keepdims=True)
    # A channel of zeros has no scale of its own.
    scales = np.where(largest > 0, largest / LARGEST, 1).astype(np.float32)
    return np.rint(weights / scales).astype(np.int8), scales


def add_weights(graph: GraphBuilder, name: str, weights: Array, *, keep_float: bool = False) -> str:
    """Add a kernel or matrix to a graph.

    int8 goes through Cast and Mul rather than DequantizeLinear: onnxruntime keeps that one for its
    integer kernels instead of folding it, and would multiply the weights out in every run.
    Source: onnxruntime 1.30, core/optimizer/graph_transformer_utils.cc.

    Args:
        graph: where to.
        name: of the weights.
        weights: float32 ``[out, ...]``.
        keep_float: store them as they are.

    Returns:
        The name of their float32 value.
    """
    if keep_float:
        return graph.initializer(name, weights)
    if weights.size < SMALL_KERNEL:
        return _as_float(graph, f"{name}:float16", weights.astype(np.float16))
    rounded, scales = quantize(weights)
    factors = graph.initializer(f"{name}:scale", scales)
    return graph.add("Mul", _as_float(graph, f"{name}:int8", rounded), factors)


def _as_float(graph: GraphBuilder, name: str, stored: Array) -> str:
    return graph.add("Cast", graph.initializer(name, stored), to=onnx.TensorProto.FLOAT)
