"""Finds the attentions of a DaViT: between the positions of a window, and between channels.

Window attention multiplies scaled queries by transposed keys, channel attention transposed, scaled
queries by keys. Both go through a Softmax.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pycore.onnx_graph.graph_builder import Part
from pycore.onnx_graph.model import FLOAT, Node, Tensor


@dataclass(frozen=True, slots=True)
class Attention:
    """One attention.

    Attributes:
        softmax: its node.
        scaling: the product of the queries and the constant ``scale``.
        scale: name of that constant, one number.
        is_channel: between channels.
    """

    softmax: Node
    scaling: Node
    scale: str
    is_channel: bool


def find_attentions(part: Part, constants: Mapping[str, Tensor]) -> list[Attention]:
    """Return all attentions of known kinds, in order."""
    producers = part.producers()
    found = []
    for node in part.nodes:
        product = producers.get(node.inputs[0]) if node.op_type == "Softmax" else None
        if product is None or product.op_type != "MatMul":
            continue
        left = producers.get(product.inputs[0])
        is_channel = left is not None and left.op_type == "Transpose"
        if is_channel and left is not None:
            left = producers.get(left.inputs[0])
        scales = [name for name in left.inputs if _is_number(constants.get(name))] if left else []
        if left is not None and left.op_type == "Mul" and len(scales) == 1:
            found.append(Attention(node, left, scales[0], is_channel))
    return found


def _is_number(tensor: Tensor | None) -> bool:
    return tensor is not None and tensor.data_type == FLOAT and tensor.dims in ((), (1,))
