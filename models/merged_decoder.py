"""Two decoder graphs merged under one ``If``, in the layout of Optimum's merged decoders."""

from __future__ import annotations

import onnx
from onnx import TensorProto, helper

from models.graph_builder import make_model


def merge_decoders(without_past: onnx.ModelProto, with_past: onnx.ModelProto) -> onnx.ModelProto:
    """Merge the branches; their initializers move to the outer graph, one copy of each.

    Args:
        without_past: the branch for ``use_cache_branch`` false.
        with_past: the branch for ``use_cache_branch`` true; inputs and outputs are its.

    Raises:
        ValueError: initializers of the same name differ between the branches.
    """
    shared: dict[str, TensorProto] = {}
    for model in (without_past, with_past):
        for tensor in model.graph.initializer:
            if shared.setdefault(tensor.name, tensor) != tensor:
                raise ValueError(f"initializer {tensor.name} differs between the branches")
    outputs = with_past.graph.output
    branch = helper.make_node(
        "If",
        ["use_cache_branch"],
        [output.name for output in outputs],
        "optimum::if",
        then_branch=_branch(with_past.graph),
        else_branch=_branch(without_past.graph),
    )
    choice = helper.make_tensor_value_info("use_cache_branch", TensorProto.BOOL, [1])
    inputs = [*with_past.graph.input, choice]
    graph = helper.make_graph([branch], "merged", inputs, outputs, list(shared.values()))
    return make_model(graph)


def _branch(graph: onnx.GraphProto) -> onnx.GraphProto:
    """The graph as a branch: no inputs and no initializers of its own."""
    return helper.make_graph(graph.node, graph.name, [], graph.output)
