"""Two decoder graphs merged under one ``If``, in the layout of Optimum's merged decoders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import onnx
from onnx import TensorProto, helper

from models.gpt2_graph import cache_shape, logits_shape
from models.graph_builder import make_model


def merge_decoders(
    without_past: onnx.ModelProto, with_past: onnx.ModelProto, config: Mapping[str, Any]
) -> onnx.ModelProto:
    """Merge the branches; their initializers move to the outer graph, one copy of each.

    Args:
        without_past: the branch for ``use_cache_branch`` false.
        with_past: the branch for ``use_cache_branch`` true.
        config: the whole config.json.

    Raises:
        ValueError: initializers of the same name differ between the branches.
    """
    shared: dict[str, TensorProto] = {}
    for model in (without_past, with_past):
        for tensor in model.graph.initializer:
            if shared.setdefault(tensor.name, tensor) != tensor:
                raise ValueError(f"initializer {tensor.name} differs between the branches")
    names = [output.name for output in with_past.graph.output]
    branch = helper.make_node(
        "If",
        ["use_cache_branch"],
        names,
        "optimum::if",
        then_branch=_branch(with_past.graph),
        else_branch=_branch(without_past.graph),
    )
    inputs = [
        *_inputs(config),
        helper.make_tensor_value_info("use_cache_branch", TensorProto.BOOL, [1]),
    ]
    outputs = [_output(name, config) for name in names]
    graph = helper.make_graph([branch], "merged", inputs, outputs, list(shared.values()))
    return make_model(graph)


def _branch(graph: onnx.GraphProto) -> onnx.GraphProto:
    """The graph as a branch: no inputs and no initializers of its own."""
    return helper.make_graph(graph.node, graph.name, [], graph.output)


def _inputs(config: Mapping[str, Any]) -> list[onnx.ValueInfoProto]:
    width = config["encoder"]["hidden_size"]
    encoded_shape = ["batch_size", "encoder_sequence_length", width]
    ids_shape = ["batch_size", "sequence_length"]
    inputs = [
        helper.make_tensor_value_info("input_ids", TensorProto.INT64, ids_shape),
        helper.make_tensor_value_info("encoder_hidden_states", TensorProto.FLOAT, encoded_shape),
    ]
    shape = cache_shape(config["decoder"], "past_sequence_length")
    for index in range(config["decoder"]["n_layer"]):
        for part in ("key", "value"):
            name = f"past_key_values.{index}.{part}"
            inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
    return inputs


def _output(name: str, config: Mapping[str, Any]) -> onnx.ValueInfoProto:
    decoder = config["decoder"]
    if name == "logits":
        shape = logits_shape(decoder)
    else:
        shape = cache_shape(decoder, "total_sequence_length")
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
