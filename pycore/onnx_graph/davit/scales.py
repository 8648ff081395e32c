"""Sets the scales of channel attention for the size that runs.

The scale is one divided by the root of the number of positions. Exporters write down the number
that it was while they traced the network: official files have the scales of 224 pixels, for images
of 768. docs/florence.md says what that costs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from pycore.onnx_graph.davit.attentions import find_attentions
from pycore.onnx_graph.davit.shape import DavitShape, not_understood
from pycore.onnx_graph.graph_builder import NodeWriter, Part
from pycore.onnx_graph.model import Tensor
from pycore.onnx_graph.scalars import read_scalar
from pycore.onnx_graph.wire import Reader

_TOLERANCE = 1e-5  # relative; the numbers are float32


def mend_scales(
    part: Part, constants: Mapping[str, Tensor], reader: Reader, shape: DavitShape
) -> None:
    """Replace the scales.

    Args:
        part: changed in place.
        constants: of the graph.
        reader: of their values.
        shape: of the network.

    Raises:
        GraphError: there are not as many channel attentions as blocks, or their scales do not all
            belong to one size.
    """
    channel = [each for each in find_attentions(part, constants) if each.is_channel]
    if len(channel) != len(shape.stages):
        raise not_understood(f"{len(channel)} channel attentions in {len(shape.stages)} blocks")
    pixels = [shape.pixels(stage) for stage in shape.stages]
    frozen = [read_scalar(constants[each.scale], reader) for each in channel]
    if not all(scale > 0 for scale in frozen):
        raise not_understood(f"scales are {frozen}")
    sizes = [side / scale for side, scale in zip(pixels, frozen, strict=True)]
    if any(not math.isclose(size, sizes[0], rel_tol=_TOLERANCE) for size in sizes):
        raise not_understood(f"scales {frozen} belong to sizes {sizes}")
    writer = NodeWriter(part, "scales")
    mended = {}
    for each, side in zip(channel, pixels, strict=True):
        scale = writer.number(side / shape.size)
        inputs = tuple(scale if name == each.scale else name for name in each.scaling.inputs)
        mended[each.scaling.outputs] = replace(each.scaling, inputs=inputs)
    part.nodes[:] = [mended.get(node.outputs, node) for node in part.nodes]
