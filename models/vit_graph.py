"""The ViT encoder as an ONNX graph: pixel_values -> last_hidden_state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx

from models.graph_builder import Array, GraphBuilder


def build_encoder(weights: Mapping[str, Array], config: Mapping[str, Any]) -> onnx.ModelProto:
    """Build the encoder of a VisionEncoderDecoderModel.

    Args:
        weights: float32 tensors by transformers name (``encoder.…``); the pooler is left out, as
            in the official export.
        config: the ``encoder`` part of config.json.

    Returns:
        pixel_values float32 [batch, channels, height, width] ->
        last_hidden_state float32 [batch, 1 + patches, hidden_size].

    Raises:
        ValueError: a configuration that the exporter does not know.
    """
    if config["model_type"] != "vit":
        raise ValueError(f"encoder type {config['model_type']!r} is not supported")
    g = GraphBuilder("main_graph", weights)
    image = g.input("pixel_values", "float32", ["batch_size", "num_channels", "height", "width"])
    hidden = _embed(g, image, config)
    for index in range(config["num_hidden_layers"]):
        hidden = _layer(g, hidden, f"encoder.encoder.layer.{index}", config)
    hidden = g.layer_norm(hidden, "encoder.layernorm", config["layer_norm_eps"])
    tokens = (config["image_size"] // config["patch_size"]) ** 2 + 1
    shape = ["batch_size", tokens, config["hidden_size"]]
    g.output("last_hidden_state", hidden, "float32", shape)
    return g.model()


def _embed(g: GraphBuilder, image: str, config: Mapping[str, Any]) -> str:
    """Patches by a strided convolution, the class token before them, positions added."""
    key = "encoder.embeddings"
    patch = config["patch_size"]
    convolution = g.add(
        "Conv",
        image,
        g.weight(f"{key}.patch_embeddings.projection.weight"),
        g.weight(f"{key}.patch_embeddings.projection.bias"),
        kernel_shape=[patch, patch],
        strides=[patch, patch],
        pads=[0, 0, 0, 0],
        dilations=[1, 1],
        group=1,
    )
    batch = g.dimension(image, 0)
    flat = g.reshape(convolution, batch, config["hidden_size"], -1)
    patches = g.add("Transpose", flat, perm=[0, 2, 1])
    shape = g.add("Concat", batch, g.constant([-1, -1], "int64"), axis=0)
    minus_one = g.constant([-1, -1, -1], "int64")
    ones = g.add("ConstantOfShape", g.constant([3], "int64"), value=_one())
    shape = g.add("Where", g.add("Equal", shape, minus_one), ones, shape)
    class_token = g.add("Expand", g.weight(f"{key}.cls_token"), shape)
    tokens = g.add("Concat", class_token, patches, axis=1)
    return g.add("Add", tokens, g.weight(f"{key}.position_embeddings"))


def _one() -> onnx.TensorProto:
    return onnx.numpy_helper.from_array(np.array([1], dtype=np.int64))


def _layer(g: GraphBuilder, hidden: str, key: str, config: Mapping[str, Any]) -> str:
    """One pre-norm transformer block."""
    epsilon = config["layer_norm_eps"]
    normal = g.layer_norm(hidden, f"{key}.layernorm_before", epsilon)
    hidden = g.add("Add", _attention(g, normal, f"{key}.attention", config), hidden)
    normal = g.layer_norm(hidden, f"{key}.layernorm_after", epsilon)
    inner = g.activation(g.linear(normal, f"{key}.intermediate.dense"), config["hidden_act"])
    return g.add("Add", g.linear(inner, f"{key}.output.dense"), hidden)


def _attention(g: GraphBuilder, value: str, key: str, config: Mapping[str, Any]) -> str:
    heads = config["num_attention_heads"]
    size = config["hidden_size"]

    def split(name: str, perm: list[int]) -> str:
        projected = g.linear(value, f"{key}.attention.{name}")
        batch, tokens = g.dimension(projected, 0), g.dimension(projected, 1)
        return g.add(
            "Transpose", g.reshape(projected, batch, tokens, heads, size // heads), perm=perm
        )

    query = split("query", [0, 2, 1, 3])
    scores = g.add("MatMul", query, split("key", [0, 2, 3, 1]))
    scores = g.add("Div", scores, g.constant(np.sqrt(size // heads)))
    context = g.add("MatMul", g.add("Softmax", scores, axis=3), split("value", [0, 2, 1, 3]))
    context = g.add("Transpose", context, perm=[0, 2, 1, 3])
    batch, tokens = g.dimension(context, 0), g.dimension(context, 1)
    return g.linear(g.reshape(context, batch, tokens, size), f"{key}.output.dense")
