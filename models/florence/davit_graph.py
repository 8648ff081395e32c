"""Florence-2's vision encoder, a DaViT, as an ONNX graph: pixel_values -> image_features.

Spelled as the official export spells it, its defect included: the scale of channel attention is a
constant, that of the size at which the graph was traced. Source: docs/florence.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx

from models.graph_builder import Array, GraphBuilder

TOWER, PROJECTOR = "model.vision_tower", "model.multi_modal_projector"
_EPSILON = 1e-5


def build_vision_encoder(
    weights: Mapping[str, Array], config: Mapping[str, Any], *, traced_size: int
) -> onnx.ModelProto:
    """Build the vision encoder.

    Args:
        weights: float32 tensors by the names of transformers' Florence2ForConditionalGeneration.
        config: the ``vision_config`` part of config.json.
        traced_size: side in pixels whose channel attention scales are written into the graph.

    Returns:
        pixel_values float32 [batch, 3, height, width] -> image_features float32
        [batch, 1 + positions, projection_dim].
    """
    g = GraphBuilder("main_graph", weights)
    value = g.input("pixel_values", "float32", ["batch_size", 3, "height", "width"])
    davit = _DaViT(g, config)
    stride = 1
    for stage in range(len(config["depths"])):
        stride *= config["patch_stride"][stage]
        value, height, width = davit.embed(value, stage)
        for index in range(config["depths"][stage]):
            key = f"{TOWER}.blocks.{stage}.{index}"
            value = davit.spatial_block(value, height, width, f"{key}.spatial_block", stage)
            scale = stride / traced_size
            value = davit.channel_block(value, height, width, f"{key}.channel_block", stage, scale)
        if stage < len(config["depths"]) - 1:
            value = davit.to_image(value, height, width, stage)
    features = davit.project(value, height, width)
    shape = ["batch_size", "positions", config["projection_dim"]]
    g.output("image_features", features, "float32", shape)
    return g.model()


class _DaViT:
    """The parts of one graph. Values are float32 [batch, positions, width] unless said."""

    def __init__(self, g: GraphBuilder, config: Mapping[str, Any]) -> None:
        self.g = g
        self.config = config
        self.window: int = config["window_size"]

    def embed(self, image: str, stage: int) -> tuple[str, str, str]:
        """Patches of an image [batch, channels, height, width], and how many rows and columns."""
        g, config = self.g, self.config
        key = f"{TOWER}.convs.{stage}"
        if config["patch_prenorm"][stage]:
            apart = g.add("Transpose", image, perm=[0, 2, 3, 1])
            apart = g.layer_norm(apart, f"{key}.norm", _EPSILON)
            image = g.add("Transpose", apart, perm=[0, 3, 1, 2])
        size, pad = config["patch_size"][stage], config["patch_padding"][stage]
        patches = g.add(
            "Conv",
            image,
            g.weight(f"{key}.conv.weight"),
            g.weight(f"{key}.conv.bias"),
            dilations=[1, 1],
            group=1,
            kernel_shape=[size, size],
            pads=[pad] * 4,
            strides=[config["patch_stride"][stage]] * 2,
        )
        height, width = g.dimension(patches, 2), g.dimension(patches, 3)
        value = self._flatten(patches, stage)
        if not config["patch_prenorm"][stage]:
            value = g.layer_norm(value, f"{key}.norm", _EPSILON)
        return value, height, width

    def spatial_block(self, value: str, height: str, width: str, key: str, stage: int) -> str:
        """Attention inside of windows, and the feed-forward part."""
        value = self._depthwise(value, height, width, f"{key}.conv1", stage)
        normal = self.g.layer_norm(value, f"{key}.norm1", _EPSILON)
        attended = self._window_attention(normal, height, width, f"{key}.window_attn", stage)
        return self._feed_forward(self.g.add("Add", value, attended), height, width, key, stage)

    def channel_block(
        self, value: str, height: str, width: str, key: str, stage: int, scale: float
    ) -> str:
        """Attention between channels, and the feed-forward part."""
        value = self._depthwise(value, height, width, f"{key}.conv1", stage)
        normal = self.g.layer_norm(value, f"{key}.norm1", _EPSILON)
        attended = self._channel_attention(normal, f"{key}.channel_attn", stage, scale)
        return self._feed_forward(self.g.add("Add", value, attended), height, width, key, stage)

    def to_image(self, value: str, height: str, width: str, stage: int) -> str:
        """[batch, positions, width] -> [batch, width, rows, columns]."""
        g = self.g
        turned = g.add("Transpose", value, perm=[0, 2, 1])
        return g.reshape(turned, g.dimension(value, 0), self._dim(stage), height, width)

    def project(self, value: str, height: str, width: str) -> str:
        """Positions added, the mean put before, projected to the width of the language model."""
        g = self.g
        last = len(self.config["depths"]) - 1
        columns = self._positions("column", width)
        rows = self._positions("row", height)
        half = self._dim(last) // 2
        shape = g.add("Concat", height, width, g.constant([half], "int64"), axis=0)
        across = g.add("Expand", g.add("Unsqueeze", columns, axes=[0]), shape)
        down = g.add("Expand", g.add("Unsqueeze", rows, axes=[1]), shape)
        places = g.reshape(g.add("Concat", across, down, axis=2), 1, -1, self._dim(last))
        value = g.add("Add", value, places)
        temporal = f"{PROJECTOR}.visual_temporal_embed.pos_idx_to_embed"
        first = np.asarray(g.weights[temporal], dtype=np.float32)[:1]
        value = g.add("Add", value, g.initializer(temporal, first))
        mean = g.add("ReduceMean", value, axes=[1])
        value = g.add("Concat", mean, value, axis=1)
        table = g.weight(f"{PROJECTOR}.image_projection.weight", transpose=True)
        value = g.add("MatMul", value, table)
        return g.layer_norm(value, f"{PROJECTOR}.image_proj_norm", _EPSILON)

    def _dim(self, stage: int) -> int:
        dim: int = self.config["dim_embed"][stage]
        return dim

    def _positions(self, which: str, count: str) -> str:
        g = self.g
        table = g.weight(f"{PROJECTOR}.image_position_embed.{which}_embeddings.weight")
        stop = g.add("Squeeze", count, axes=[0])
        numbers = g.add("Range", g.constant(0, "int64"), stop, g.constant(1, "int64"))
        return g.add("Gather", table, numbers)

    def _flatten(self, image: str, stage: int) -> str:
        g = self.g
        flat = g.reshape(image, g.dimension(image, 0), self._dim(stage), -1)
        return g.add("Transpose", flat, perm=[0, 2, 1])

    def _depthwise(self, value: str, height: str, width: str, key: str, stage: int) -> str:
        g = self.g
        convolved = g.add(
            "Conv",
            self.to_image(value, height, width, stage),
            g.weight(f"{key}.weight"),
            g.weight(f"{key}.bias"),
            dilations=[1, 1],
            group=self._dim(stage),
            kernel_shape=[3, 3],
            pads=[1] * 4,
            strides=[1, 1],
        )
        return g.add("Add", value, self._flatten(convolved, stage))

    def _feed_forward(self, value: str, height: str, width: str, key: str, stage: int) -> str:
        g = self.g
        value = self._depthwise(value, height, width, f"{key}.conv2", stage)
        inner = g.linear(g.layer_norm(value, f"{key}.norm2", _EPSILON), f"{key}.ffn.fc1")
        return g.add("Add", value, g.linear(g.activation(inner, "gelu"), f"{key}.ffn.fc2"))

    def _window_attention(self, value: str, height: str, width: str, key: str, stage: int) -> str:
        g, window, dim = self.g, self.window, self._dim(stage)
        heads = self.config["num_heads"][stage]
        batch = g.dimension(value, 0)
        image = g.reshape(value, batch, height, width, dim)
        below, beside = self._padding(height), self._padding(width)
        zero = g.constant([0, 0, 0, 0, 0], "int64")
        pads = g.add("Concat", zero, below, beside, g.constant([0], "int64"), axis=0)
        padded = g.add("Pad", image, pads, mode="constant")
        rows, columns = g.dimension(padded, 1), g.dimension(padded, 2)
        size = g.constant([window], "int64")
        down, across = g.add("Div", rows, size), g.add("Div", columns, size)
        apart = g.reshape(padded, batch, down, window, across, window, dim)
        apart = g.add("Transpose", apart, perm=[0, 1, 3, 2, 4, 5])
        windows = g.reshape(apart, -1, window * window, dim)

        query, keys, values = self._query_keys_values(windows, key, heads, dim)
        query = g.add("Mul", query, g.constant((dim // heads) ** -0.5))
        scores = g.add("MatMul", query, g.add("Transpose", keys, perm=[0, 1, 3, 2]))
        context = g.add("MatMul", g.add("Softmax", scores, axis=3), values)
        context = g.add("Transpose", context, perm=[0, 2, 1, 3])
        count, tokens = g.dimension(windows, 0), g.dimension(windows, 1)
        projected = g.linear(g.reshape(context, count, tokens, dim), f"{key}.proj")

        apart = g.reshape(projected, -1, window, window, dim)
        apart = g.reshape(apart, batch, down, across, window, window, dim)
        apart = g.add("Transpose", apart, perm=[0, 1, 3, 2, 4, 5])
        image = g.reshape(apart, batch, rows, columns, dim)
        start, axis = g.constant([0], "int64"), [g.constant([axis], "int64") for axis in (1, 2)]
        image = g.add("Slice", image, start, height, axis[0])
        image = g.add("Slice", image, start, width, axis[1])
        return g.reshape(image, batch, -1, dim)

    def _padding(self, length: str) -> str:
        """How much is missing to a whole number of windows."""
        size = self.g.constant([self.window], "int64")
        rest = self.g.add("Mod", length, size)
        return self.g.add("Mod", self.g.add("Sub", size, rest), size)

    def _channel_attention(self, value: str, key: str, stage: int, scale: float) -> str:
        g, dim = self.g, self._dim(stage)
        groups = self.config["num_groups"][stage]
        query, keys, values = self._query_keys_values(value, key, groups, dim)
        query = g.add("Mul", query, g.constant(scale))  # the constant that official files froze
        scores = g.add("MatMul", g.add("Transpose", query, perm=[0, 1, 3, 2]), keys)
        weights = g.add("Softmax", scores, axis=3)
        context = g.add("MatMul", weights, g.add("Transpose", values, perm=[0, 1, 3, 2]))
        context = g.add("Transpose", context, perm=[0, 1, 3, 2])
        context = g.add("Transpose", context, perm=[0, 2, 1, 3])
        batch, tokens = g.dimension(value, 0), g.dimension(value, 1)
        return g.linear(g.reshape(context, batch, tokens, dim), f"{key}.proj")

    def _query_keys_values(self, value: str, key: str, heads: int, dim: int) -> list[str]:
        """Each [batch, heads, positions, head size]."""
        g = self.g
        batch, tokens = g.dimension(value, 0), g.dimension(value, 1)
        joined = g.reshape(g.linear(value, f"{key}.qkv"), batch, tokens, 3, heads, dim // heads)
        joined = g.add("Transpose", joined, perm=[2, 0, 3, 1, 4])
        return [g.add("Gather", joined, g.constant(part, "int64"), axis=0) for part in range(3)]
