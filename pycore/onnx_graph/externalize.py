"""Rewrites a model as a small file whose weights lie in the downloaded one.

A runtime that is given the whole file holds it twice while it loads: once as the file, once as
parsed weights. With the weights as external data it copies each of them once.
"""

from __future__ import annotations

from pycore.onnx_graph.model import read_model
from pycore.onnx_graph.wire import ByteSource
from pycore.onnx_graph.writer import encode_model


def externalize(source: ByteSource, location: str) -> bytes:
    """Write the same graph, pointing into the file that it came from.

    Args:
        source: an ONNX file.
        location: the name under which the runtime will find that file as external data.

    Returns:
        An ONNX file. Weights inside of subgraphs, as in a merged decoder, stay inline.

    Raises:
        GraphError: the bytes are no ONNX model, or what must stay inline exceeds 16 MiB.
    """
    model = read_model(source)
    graph = model.graph
    return encode_model(
        model,
        "externalized",
        location,
        graph.nodes,
        graph.initializers.values(),
        graph.inputs,
        graph.outputs,
    )
