"""A downloaded vision encoder, rewritten so that it is right and needs less memory.

Nothing is known by name: attentions, convolutions and feed-forward parts are found by how they are
connected, and counted against what config.json says of the network. Weights stay in the file.
"""

from __future__ import annotations

from dataclasses import replace

from pycore.onnx_graph.davit.chunks import divide_in_chunks
from pycore.onnx_graph.davit.depthwise import restore_depthwise
from pycore.onnx_graph.davit.gelu import MICROSOFT, approximate_gelus
from pycore.onnx_graph.davit.projections import part_projections
from pycore.onnx_graph.davit.scales import mend_scales
from pycore.onnx_graph.davit.shape import DavitShape
from pycore.onnx_graph.flatten import flatten_decoder
from pycore.onnx_graph.graph_builder import Part
from pycore.onnx_graph.model import read_model
from pycore.onnx_graph.split import encode_part
from pycore.onnx_graph.wire import ByteSource

__all__ = ["DavitShape", "mend_vision_encoder"]


def mend_vision_encoder(
    source: ByteSource,
    location: str,
    shape: DavitShape,
    *,
    scales: bool = True,
    depthwise: bool = True,
    chunks: bool = True,
    gelus: bool = True,
) -> bytes:
    """Rewrite a vision encoder's file.

    Args:
        source: the file.
        location: the name under which the runtime will find that file as external data.
        shape: of the network, and of the images that it will see.
        scales: set the scales of channel attention for the size that runs.
        depthwise: compute quantised depthwise convolutions in floats.
        chunks: compute the largest values piece by piece.
        gelus: compute GELU by its tanh form where 8 bits follow.

    Returns:
        An ONNX file with the same inputs and outputs.

    Raises:
        GraphError: the bytes are no ONNX model, or the graph is not that of such a network.
    """
    model = read_model(source)
    graph = flatten_decoder(model)
    part = Part(list(graph.nodes), dict(graph.inputs), dict(graph.outputs), model.opsets[""])
    if scales:
        mend_scales(part, graph.constants, model.reader, shape)
    if depthwise:
        restore_depthwise(part, graph.constants)
    if gelus:
        approximate_gelus(part, graph.constants, model.reader)
        model = replace(model, opsets={MICROSOFT: 1, **model.opsets})
    if chunks:
        part_projections(part, {**graph.constants, **part.constants}, shape)
        divide_in_chunks(part, graph.constants, shape)
    return encode_part(model, graph.constants, "vision_encoder", location, part)
