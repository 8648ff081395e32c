"""How many dimensions the values of a graph have, where that can be told from its operators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pycore.onnx_graph.model import Node, Tensor

_LIKE_FIRST = {
    "Cast",
    "Clip",
    "Concat",
    "DequantizeLinear",
    "Dropout",
    "Erf",
    "Identity",
    "LayerNormalization",
    "Relu",
    "Sigmoid",
    "Slice",
    "Softmax",
    "Split",
    "Sqrt",
    "Tanh",
    "Transpose",
}
_BROADCASTING = {
    "Add",
    "Div",
    "MatMul",
    "MatMulInteger",
    "Max",
    "Min",
    "Mul",
    "Pow",
    "Sub",
    "Where",
}
"""The rank of the result is the largest rank of an operand; so it is for products of matrices."""
_REDUCING = {"ReduceMax", "ReduceMean", "ReduceSum"}
_MATRIX = 2


def ranks(
    nodes: Iterable[Node], constants: Mapping[str, Tensor], known: Mapping[str, int]
) -> dict[str, int]:
    """Work out ranks.

    Args:
        nodes: in topological order.
        constants: by name.
        known: ranks of inputs.

    Returns:
        Number of dimensions by name; a value that is not listed has an unknown rank.
    """
    found = {name: len(tensor.dims) for name, tensor in constants.items()} | dict(known)
    for node in nodes:
        if node.domain:
            continue
        rank = _rank(node, constants, found)
        if rank is not None:
            found.update(dict.fromkeys(filter(None, node.outputs), rank))
        if node.op_type == "DynamicQuantizeLinear":
            found.update(dict.fromkeys(node.outputs[1:], 0))
    return found


def _rank(node: Node, constants: Mapping[str, Tensor], found: Mapping[str, int]) -> int | None:
    """Rank of a node's first result, None if it is unknown."""
    operands = [found.get(name) for name in node.inputs if name]
    first = operands[0] if operands else None
    kind = node.op_type
    if kind in _LIKE_FIRST or kind == "DynamicQuantizeLinear":
        return first
    if kind in ("Shape", "Range"):
        return 1
    if kind in _BROADCASTING:
        return _broadcast(kind, operands)
    if kind in _REDUCING:
        keep = node.attribute("keepdims")
        return first if keep is None or keep.integers == (1,) else None
    if kind == "Gather" and None not in operands:
        return sum(rank for rank in operands if rank is not None) - 1
    if kind == "Unsqueeze" and first is not None:
        axes = node.attribute("axes")
        count = len(axes.integers) if axes else _length(constants.get(node.inputs[-1]))
        return None if count is None else first + count
    return None


def _broadcast(kind: str, operands: list[int | None]) -> int | None:
    if kind == "MatMulInteger":
        operands = operands[:2]  # the rest are zero points
    sizes = [rank for rank in operands if rank is not None]
    if not sizes or len(sizes) < len(operands):
        return None
    is_product = kind.startswith("MatMul")
    return None if is_product and min(sizes) < _MATRIX else max(sizes)


def _length(vector: Tensor | None) -> int | None:
    return vector.dims[0] if vector is not None and len(vector.dims) == 1 else None
