"""Computes the largest values piece by piece.

The wasm heap never shrinks, and peaks in the first two stages: attention weights of all windows,
and the wide inner layer of feed-forward parts. Windows know nothing of each other, nor do positions
in a feed-forward part; a sixteenth of them at a time needs a sixteenth of the memory, and finds it
in the processor's cache. (With dynamic quantisation each piece has scales of its own: results
differ by rounding.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pycore.onnx_graph.davit.attentions import find_attentions
from pycore.onnx_graph.davit.shape import DavitShape, not_understood
from pycore.onnx_graph.flatten import read_names
from pycore.onnx_graph.graph_builder import NodeWriter, Part
from pycore.onnx_graph.model import Node, Tensor

_MOST_CHUNKS = 16
"""Of the first stage. Smaller pieces are no quicker: each reads the weights anew."""
_WINDOW_AXIS, _POSITION_AXIS = 0, 1
OUTPUT_TAIL = {"Cast", "Mul", "Add"}
"""From an integer product to floats, and the bias."""
_LAYERS = 2  # weighted products of a feed-forward part, and of an attention


@dataclass(frozen=True, slots=True)
class _Region:
    """Nodes that depend on one value, and give one.

    Attributes:
        start: the value that they depend on.
        end: the value that they give.
        nodes: in order.
    """

    start: str
    end: str
    nodes: tuple[Node, ...]


def divide_in_chunks(part: Part, constants: Mapping[str, Tensor], shape: DavitShape) -> None:
    """Divide window attention and feed-forward parts.

    Args:
        part: changed in place.
        constants: of the graph.
        shape: of the network.

    Raises:
        GraphError: there are not as many of these as the network has.
    """
    windows, feed_forwards = _find_regions(part, constants)
    blocks = len(shape.stages)
    if len(windows) != blocks or len(feed_forwards) != 2 * blocks:
        raise not_understood(
            f"{len(windows)} window attentions and {len(feed_forwards)} feed-forward parts "
            f"in {blocks} blocks"
        )
    writer = NodeWriter(part, "chunks")
    for index, region in enumerate(windows):
        stage = shape.stages[index]
        _divide(part, writer, region, _WINDOW_AXIS, _chunks(stage, shape.windows(stage)))
    for index, region in enumerate(feed_forwards):
        stage = shape.stages[index // 2]
        _divide(part, writer, region, _POSITION_AXIS, _chunks(stage, shape.positions(stage)))


def _chunks(stage: int, count: int) -> int:
    """Into how many equal parts to divide ``count`` things; values halve from stage to stage."""
    chunks = _MOST_CHUNKS >> stage
    while chunks > 1 and count % chunks:
        chunks //= 2
    return max(1, chunks)


def _find_regions(
    part: Part, constants: Mapping[str, Tensor]
) -> tuple[list[_Region], list[_Region]]:
    """Window attentions and feed-forward parts, in order."""
    kinds = {each.softmax.outputs: each.is_channel for each in find_attentions(part, constants)}
    windows, feed_forwards = [], []
    producers = part.producers()
    for node in part.nodes:
        if not is_weighted(node, constants):
            continue
        region = _region(part, constants, _layer_input(node, producers))
        if region is None:
            continue
        softmaxes = [each for each in region.nodes if each.op_type == "Softmax"]
        if not softmaxes and not any(each.op_type == "Reshape" for each in region.nodes):
            feed_forwards.append(region)
        elif len(softmaxes) == 1 and kinds.get(softmaxes[0].outputs) is False:
            windows.append(region)
    return windows, feed_forwards


def is_weighted(node: Node, constants: Mapping[str, Tensor]) -> bool:
    """Whether a node is a product with weights."""
    return node.op_type in ("MatMul", "MatMulInteger") and node.inputs[1] in constants


def _layer_input(node: Node, producers: Mapping[str, Node]) -> str:
    """What a layer multiplies by its weights, before it is quantised."""
    quantize = producers.get(node.inputs[0])
    if node.op_type == "MatMulInteger" and quantize is not None:
        return quantize.inputs[0]
    return node.inputs[0]


def _region(part: Part, constants: Mapping[str, Tensor], start: str) -> _Region | None:
    """What depends on a value and on nothing else, up to its second layer of weights.

    None when it has another number of layers, or something inside is read outside.
    """
    known, closure = {start}, []
    for node in part.nodes:
        names = read_names(node) - constants.keys()
        if names and names <= known:
            closure.append(node)
            known.update(node.outputs)
    layers = [node for node in closure if is_weighted(node, constants)]
    if len(layers) != _LAYERS:
        return None
    end = layers[-1].outputs[0]
    for node in closure:
        if node.op_type in OUTPUT_TAIL and end in node.inputs:
            end = node.outputs[0]
    needed, nodes = {end}, []
    for node in reversed(closure):
        if needed.intersection(node.outputs):
            nodes.append(node)
            needed |= read_names(node)
    nodes.reverse()
    own = {name for node in nodes for name in node.outputs} - {end}
    inside = {node.outputs for node in nodes}
    for node in part.nodes:
        if node.outputs not in inside and own & read_names(node):
            return None
    return _Region(start, end, tuple(nodes))


def _divide(part: Part, writer: NodeWriter, region: _Region, axis: int, chunks: int) -> None:
    """Write a region once for each chunk, in place of the whole."""
    if chunks == 1:
        return
    first = len(writer.nodes)
    ends = []
    for index, piece in enumerate(writer.parts(region.start, axis, chunks)):
        names = {region.start: piece}
        for node in region.nodes:
            names |= {name: f"{name}/chunk_{index}" for name in node.outputs if name}
            writer.nodes.append(
                replace(
                    node,
                    name=f"{node.name}/chunk_{index}",
                    inputs=tuple(names.get(name, name) for name in node.inputs),
                    outputs=tuple(names.get(name, name) for name in node.outputs),
                )
            )
        ends.append(names[region.end])
    writer.concat(*ends, axis=axis)
    writer.nodes[-1] = replace(writer.nodes[-1], outputs=(region.end,))
    inside = {node.outputs for node in region.nodes}
    place = part.nodes.index(region.nodes[-1])
    before = [node for node in part.nodes[:place] if node.outputs not in inside]
    part.nodes[:] = [*before, *writer.nodes[first:], *part.nodes[place + 1 :]]
