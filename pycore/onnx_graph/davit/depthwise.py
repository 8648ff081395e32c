"""Computes quantised depthwise convolutions in floats again.

All channels of such a convolution share one scale of 8 bits, of the image and of the weights,
though each has a filter of its own. That costs accuracy: docs/florence.md has the numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from pycore.onnx_graph.davit.shape import not_understood
from pycore.onnx_graph.graph_builder import NodeWriter, Part
from pycore.onnx_graph.model import FLOAT, Node, Tensor


def restore_depthwise(part: Part, constants: Mapping[str, Tensor]) -> None:
    """Replace integer convolutions of several groups by Conv; files in floats have none.

    Args:
        part: changed in place.
        constants: of the graph.

    Raises:
        GraphError: such a convolution is quantised in an unknown way.
    """
    producers = part.producers()
    consumers: dict[str, list[Node]] = {}
    for node in part.nodes:
        for name in node.inputs:
            consumers.setdefault(name, []).append(node)
    restored: dict[tuple[str, ...], list[Node]] = {}
    writer = NodeWriter(part, "depthwise")
    for node in part.nodes:
        if node.op_type == "ConvInteger" and _groups(node) > 1:
            last, image, scale = _surroundings(node, producers, consumers, constants)
            first = len(writer.nodes)
            _, weights, _, zero_point = node.inputs
            kernel = writer.cast(weights, FLOAT)
            kernel = writer.add("Sub", kernel, _broadcast(writer, zero_point, constants))
            kernel = writer.add("Mul", kernel, _broadcast(writer, scale, constants))
            writer.add("Conv", image, kernel, attributes=node.attributes)
            writer.nodes[-1] = replace(writer.nodes[-1], outputs=last.outputs)
            restored[last.outputs] = writer.nodes[first:]
    part.nodes[:] = [new for node in part.nodes for new in restored.get(node.outputs, [node])]


def _groups(node: Node) -> int:
    group = node.attribute("group")
    return group.integers[0] if group and group.integers else 1


def _surroundings(
    node: Node,
    producers: Mapping[str, Node],
    consumers: Mapping[str, list[Node]],
    constants: Mapping[str, Tensor],
) -> tuple[Node, str, str]:
    """The node that makes floats of the result, what was quantised, and the weights' scale.

    Source: onnxruntime 1.31, quantization/operators/conv.py: DynamicQuantizeLinear, ConvInteger,
    Cast, then a product with the product of both scales.
    """
    quantize = producers.get(node.inputs[0])
    (cast,) = consumers.get(node.outputs[0], [None])[:1]
    followers = consumers.get(cast.outputs[0], []) if cast is not None else []
    if (
        quantize is None
        or quantize.op_type != "DynamicQuantizeLinear"
        or len(node.inputs) != 4
        or cast is None
        or cast.op_type != "Cast"
        or len(followers) != 1
        or followers[0].op_type != "Mul"
    ):
        raise not_understood(f"the convolution {node.name!r} is quantised in an unknown way")
    scales = [name for name in followers[0].inputs if name != cast.outputs[0]]
    product = producers.get(scales[0]) if len(scales) == 1 else None
    own = [name for name in product.inputs if name in constants] if product is not None else []
    image_scale = quantize.outputs[1]
    if product is None or product.op_type != "Mul" or image_scale not in product.inputs or not own:
        raise not_understood(f"the convolution {node.name!r} has scales of an unknown kind")
    return followers[0], quantize.inputs[0], own[0]


def _broadcast(writer: NodeWriter, name: str, constants: Mapping[str, Tensor]) -> str:
    """A constant as floats: one number, or one for each output channel."""
    tensor = constants.get(name)
    if tensor is None:
        raise not_understood(f"{name!r} is no constant")
    value = name if tensor.data_type == FLOAT else writer.cast(name, FLOAT)
    if math.prod(tensor.dims) == 1:
        return value
    return writer.add("Reshape", value, writer.integers(-1, 1, 1, 1))
