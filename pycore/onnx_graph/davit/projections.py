"""Computes queries, keys and values of the first stages' channel attention each for itself.

Together, and once more in another order, they are by far the largest values of the network: 113 MB
for an image of 768 x 768. Weights are the same, so results are the same numbers. What is spelled in
another way stays: it only needs more memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pycore.onnx_graph.davit.attentions import find_attentions
from pycore.onnx_graph.davit.chunks import OUTPUT_TAIL, is_weighted
from pycore.onnx_graph.davit.shape import DavitShape
from pycore.onnx_graph.flatten import read_names
from pycore.onnx_graph.graph_builder import NodeWriter, Part
from pycore.onnx_graph.model import Node, Tensor
from pycore.onnx_graph.writer import integer_attribute, integers_attribute

_STAGES = 2  # from the first on
_PARTS, _PARTS_AXIS = 3, 2  # of [batch, positions, 3, heads, size of a head]
_PARTS_FIRST = (2, 0, 3, 1, 4)
_HEADS_FIRST = (0, 2, 1, 3)  # the same without that axis


def part_projections(part: Part, constants: Mapping[str, Tensor], shape: DavitShape) -> None:
    """Divide the layers that give queries, keys and values by their columns.

    Args:
        part: changed in place.
        constants: of the graph.
        shape: of the network.
    """
    channel = [each for each in find_attentions(part, constants) if each.is_channel]
    writer = NodeWriter(part, "projections")
    for attention in channel[: sum(shape.depths[:_STAGES])]:
        producers = part.producers()
        for name in attention.scaling.inputs:
            gather = producers.get(name)
            if gather is not None and gather.op_type == "Gather":
                _divide(part, constants, writer, gather.inputs[0])
    part.nodes[:] = part.needed_nodes()


def _divide(part: Part, constants: Mapping[str, Tensor], writer: NodeWriter, joined: str) -> None:
    """Compute each part of ``joined`` by its own columns of the layer's weights."""
    producers = part.producers()
    readers = [node for node in part.nodes if joined in read_names(node)]
    if not all(_takes_one(node, constants) for node in readers):
        return
    reshape = _reshape_before(joined, producers)
    shape = producers.get(reshape.inputs[1]) if reshape is not None else None
    if reshape is None or shape is None or len(shape.inputs) != len(_PARTS_FIRST):
        return
    layer = _layer(reshape.inputs[0], producers, constants)
    if not layer:
        return
    lengths = [name for axis, name in enumerate(shape.inputs) if axis != _PARTS_AXIS]
    for gather in readers:
        first = len(writer.nodes)
        value = _columns(writer, layer, constants, gather.inputs[1])
        value = writer.add("Reshape", value, writer.concat(*lengths, axis=0))
        writer.add("Transpose", value, attributes=[integers_attribute("perm", _HEADS_FIRST)])
        writer.nodes[-1] = replace(writer.nodes[-1], outputs=gather.outputs)
        place = part.nodes.index(gather)
        part.nodes[place : place + 1] = writer.nodes[first:]


def _takes_one(node: Node, constants: Mapping[str, Tensor]) -> bool:
    """Whether a node takes one part of all."""
    index = constants.get(node.inputs[1]) if node.op_type == "Gather" else None
    axis = node.attribute("axis")
    return index is not None and index.dims == () and (axis is None or axis.integers == (0,))


def _reshape_before(joined: str, producers: Mapping[str, Node]) -> Node | None:
    """What divides the columns into parts and heads; the parts are put first after it."""
    transpose = producers.get(joined)
    order = transpose.attribute("perm") if transpose is not None else None
    if transpose is None or order is None or order.integers != _PARTS_FIRST:
        return None
    reshape = producers.get(transpose.inputs[0])
    return reshape if reshape is not None and reshape.op_type == "Reshape" else None


def _layer(
    name: str, producers: Mapping[str, Node], constants: Mapping[str, Tensor]
) -> tuple[Node, ...]:
    """The product with weights, what makes floats of it and adds the bias; else nothing."""
    node = producers.get(name)
    if node is None:
        return ()
    if is_weighted(node, constants):
        return (node,)
    for value in node.inputs if node.op_type in OUTPUT_TAIL else ():
        before = _layer(value, producers, constants)
        if before:
            return (*before, node)
    return ()


def _columns(
    w: NodeWriter, layer: Sequence[Node], constants: Mapping[str, Tensor], index: str
) -> str:
    """Write a layer with a third of its columns: that of the part ``index``."""
    columns = constants[layer[0].inputs[1]].dims[-1]
    names: dict[str, str] = {}
    for node in layer:
        for name in node.inputs:
            tensor = constants.get(name)
            if tensor is not None and tensor.dims[-1:] == (columns,):
                shape = w.integers(*tensor.dims[:-1], _PARTS, columns // _PARTS)
                axis = integer_attribute("axis", len(tensor.dims) - 1)
                parts = w.add("Reshape", name, shape)
                names[name] = w.add("Gather", parts, index, attributes=[axis])
        inputs = [names.get(name, name) for name in node.inputs]
        names[node.outputs[0]] = w.add(node.op_type, *inputs, attributes=node.attributes)
    return names[layer[-1].outputs[0]]
