"""Element types of values that cross from one graph into another.

Graph inputs must declare a type. Exporters do not always write the types of inner values, so they
are worked out here, for the operators that transformer decoders are made of; anything else must be
told by the file.
"""

from __future__ import annotations

from pycore.onnx_graph.flatten import FlatGraph, unsupported
from pycore.onnx_graph.model import BOOL, FLOAT, INT32, INT64, UINT8, Node

_FIXED = {
    "Shape": (INT64,),
    "Size": (INT64,),
    "NonZero": (INT64,),
    "ArgMax": (INT64,),
    "ArgMin": (INT64,),
    "Equal": (BOOL,),
    "Less": (BOOL,),
    "Greater": (BOOL,),
    "LessOrEqual": (BOOL,),
    "GreaterOrEqual": (BOOL,),
    "Not": (BOOL,),
    "And": (BOOL,),
    "Or": (BOOL,),
    "MatMulInteger": (INT32,),
    "ConvInteger": (INT32,),
    "DynamicQuantizeLinear": (UINT8, FLOAT, UINT8),
}

_TYPE_GIVER = {"Where": 1, "DequantizeLinear": 1, "QuantizeLinear": 2, "If": -1, "Loop": -1}
"""The input whose type the outputs have, where it is not the first."""


def element_types(graph: FlatGraph) -> dict[str, int]:
    """Work out element types by operator.

    Args:
        graph: nodes in topological order.

    Returns:
        Element types by name; a value that is not listed has an unknown type.
    """
    types = {name: tensor.data_type for name, tensor in graph.constants.items()}
    types.update({name: kind for name, kind in graph.inputs.items() if kind})
    for node in graph.nodes:
        kinds = _result_types(node, types)
        for index, name in enumerate(node.outputs):
            kind = graph.value_types.get(name, 0) or kinds[min(index, len(kinds) - 1)]
            if name and kind:
                types[name] = kind
    return types


def known_type(types: dict[str, int], name: str) -> int:
    """The type of a value that is to be declared.

    Raises:
        GraphError: the type is unknown.
    """
    if name not in types:
        raise unsupported(f"the element type of {name!r} is unknown")
    return types[name]


def _result_types(node: Node, types: dict[str, int]) -> tuple[int, ...]:
    """Types of a node's results; the last one holds for all further results; 0 is unknown."""
    if node.domain:
        return (0,)
    if node.op_type in _FIXED:
        return _FIXED[node.op_type]
    if node.op_type == "Cast":
        target = node.attribute("to")
        return target.integers if target else (0,)
    if node.op_type in ("Constant", "ConstantOfShape"):
        value = node.attribute("value")
        if value and value.tensor:
            return (value.tensor.data_type,)
        return (FLOAT,) if node.op_type == "ConstantOfShape" else (0,)
    giver = _TYPE_GIVER.get(node.op_type, 0)
    if not 0 <= giver < len(node.inputs):
        return (0,)
    return (types.get(node.inputs[giver], 0),)
