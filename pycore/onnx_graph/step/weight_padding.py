"""Keeps the rows of weights from falling into the same few lines of the processor's cache.

The runtime's integer product copies its weights through the cache anew in every step, a column of
eight after the other. Where rows are a multiple of 1,024 bytes apart that takes a third longer: 64
more columns, which nobody reads, put them out of step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pycore.onnx_graph.graph_builder import NodeWriter, Part
from pycore.onnx_graph.model import Node, Tensor

_APART = 1024
_PADDING = 64
_WEIGHTS, _WEIGHTS_ZERO = 1, 3  # inputs of MatMulInteger
_MATRIX = 2  # dimensions
_PAD_INPUTS_OPSET = 11  # Pad takes its sizes as inputs since then


def pad_columns(step: Part, constants: Mapping[str, Tensor]) -> None:
    """Widen the constant matrices of integer products that need it; results stay the same.

    The runtime does it once, when it loads the graph.

    Args:
        step: changed in place.
        constants: of the whole graph.
    """
    if step.opset < _PAD_INPUTS_OPSET:
        return
    writer = NodeWriter(step, "columns")
    for node in step.nodes:
        columns = _clashing_columns(node, constants)
        if columns:
            _widen(writer, node, columns, constants)
        else:
            writer.nodes.append(node)
    step.nodes[:] = writer.nodes


def _clashing_columns(node: Node, constants: Mapping[str, Tensor]) -> int:
    """Columns of a product's constant weights, if they should be more; else 0."""
    if node.op_type != "MatMulInteger" or node.domain:
        return 0
    weights = constants.get(node.inputs[_WEIGHTS])
    if weights is None or len(weights.dims) != _MATRIX or weights.dims[1] % _APART:
        return 0
    zeros = [constants.get(name) for name in node.inputs[_WEIGHTS_ZERO:]]
    return weights.dims[1] if all(zeros) else 0


def _widen(w: NodeWriter, node: Node, columns: int, constants: Mapping[str, Tensor]) -> None:
    """Write the product with wider weights, and cut its result."""
    inputs = list(node.inputs)
    inputs[_WEIGHTS] = w.add("Pad", inputs[_WEIGHTS], w.integers(0, 0, 0, _PADDING))
    for name in node.inputs[_WEIGHTS_ZERO:]:
        if constants[name].dims == (columns,):
            inputs[_WEIGHTS_ZERO] = w.add("Pad", name, w.integers(0, _PADDING))
    product = w.add("MatMulInteger", *inputs)
    w.add("Slice", product, w.integers(0), w.integers(columns), w.integers(-1))
    w.nodes[-1] = replace(w.nodes[-1], outputs=node.outputs)
