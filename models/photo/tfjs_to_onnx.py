"""TensorFlow graphs of convolutions rewritten as ONNX, which keeps channels before rows.

TensorFlow computes in ``[n, height, width, channels]``, ONNX in ``[n, channels, height, width]``.
Instead of transposing around each operation, every value remembers where its axes went, and
axes in attributes are looked up there; so TensorFlow's own Transpose nodes cost nothing either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.graph_builder import Array, GraphBuilder
from models.photo.stored_weights import add_weights
from models.readers.tfjs_graph import GraphModel, Node

CHANNELS_LAST = (0, 2, 3, 1)
"""Where ONNX keeps the axes n, height, width, channels of an image."""


@dataclass(frozen=True)
class Value:
    """A value of the TensorFlow graph in the ONNX graph.

    Attributes:
        name: in the ONNX graph.
        axes: for each axis in TensorFlow, the axis in ONNX.
    """

    name: str
    axes: tuple[int, ...]


class Converter:
    """Translates a graph model node by node into a graph builder.

    Attributes:
        graph: where the nodes go; the caller adds its own and the outputs.
    """

    def __init__(self, model: GraphModel, graph: GraphBuilder, *, keep_float: bool = False) -> None:
        self.graph = graph
        self._keep_float = keep_float
        self._constants = model.constants
        self._nodes = {node.name: node for node in model.nodes}
        self._values: dict[str, Value] = {}
        self._translate: Mapping[str, Callable[[Node], Value]] = {
            "Add": self._elementwise,
            "AddV2": self._elementwise,
            "_FusedConv2D": self._conv,
            "ConcatV2": self._concat,
            "Conv2D": self._conv,
            "DepthwiseConv2dNative": self._conv,
            "FusedDepthwiseConv2dNative": self._conv,
            "Identity": lambda node: self.value(node.inputs[0]),
            "LeakyRelu": self._elementwise,
            "MaxPool": self._max_pool,
            "Mean": self._mean,
            "Mul": self._elementwise,
            "Pad": self._pad,
            "PadV2": self._pad,
            "Relu": self._elementwise,
            "Relu6": self._elementwise,
            "ResizeBilinear": self._resize,
            "Sigmoid": self._elementwise,
            "Transpose": self._transpose,
        }

    def place(self, placeholder: str, value: Value) -> None:
        """Say which ONNX value stands for a placeholder."""
        self._values[placeholder] = value

    def value(self, name: str) -> Value:
        """Return a value of the TensorFlow graph, translating what it needs.

        Raises:
            ValueError: it needs an operation that is not known here.
        """
        if name not in self._values:
            if name in self._constants:
                self._values[name] = self._constant(name)
            else:
                node = self._nodes[name]
                if node.op_type not in self._translate:
                    raise ValueError(f"{node.op_type}, of {name}, is not supported")
                self._values[name] = self._translate[node.op_type](node)
        return self._values[name]

    def image(self, name: str) -> str:
        """Return the ONNX name of a value ``[n, height, width, channels]``, channels first.

        Raises:
            ValueError: the value's axes are not kept in that order.
        """
        value = self.value(name)
        if value.axes != CHANNELS_LAST:
            raise ValueError(f"the axes of {name} are kept as {value.axes}")
        return value.name

    def _constant(self, name: str) -> Value:
        """A scalar, or a vector that belongs to the last axis, kept as ``[c, 1, 1]``."""
        array = self._constants[name]
        if array.ndim > 1:
            raise ValueError(f"a constant of shape {array.shape} among numbers is not supported")
        kept = array.reshape(-1, 1, 1) if array.ndim else array
        return Value(self.graph.initializer(name, kept), ())

    def _elementwise(self, node: Node) -> Value:
        values = [self.value(name) for name in node.inputs]
        axes = {value.axes for value in values if value.axes}
        if len(axes) != 1 or (
            axes != {CHANNELS_LAST} and any(self._is_vector(name) for name in node.inputs)
        ):
            raise ValueError(f"the operands of {node.name} do not keep their axes alike")
        names = [value.name for value in values]
        return Value(self._write(node, names), axes.pop())

    def _is_vector(self, name: str) -> bool:
        return name in self._constants and self._constants[name].ndim == 1

    def _write(self, node: Node, names: Sequence[str]) -> str:
        if node.op_type == "Relu6":
            return self._relu6(names[0])
        if node.op_type == "LeakyRelu":
            return self.graph.add("LeakyRelu", names[0], alpha=node.number("alpha"))
        return self.graph.add(node.op_type.removesuffix("V2"), *names)

    def _relu6(self, name: str) -> str:
        bounds = [
            self.graph.initializer(key, np.array(number, np.float32))
            for key, number in (("zero", 0), ("six", 6))
        ]
        return self.graph.add("Clip", name, *bounds)

    def _conv(self, node: Node) -> Value:
        """Convolution, with the bias and the activation that TensorFlow fused into it."""
        name, kernel_name, *rest = node.inputs
        depthwise = "Depthwise" in node.op_type
        kernel = _kernel(self._constants[kernel_name], depthwise=depthwise)
        inputs = [
            self.image(name),
            add_weights(self.graph, kernel_name, kernel, keep_float=self._keep_float),
        ]
        fused = node.strings("fused_ops")
        if fused[:1] == ["BiasAdd"]:
            inputs.append(self.graph.initializer(rest[0], self._constants[rest[0]]))
        output = self.graph.add(
            "Conv",
            *inputs,
            kernel_shape=kernel.shape[2:],
            strides=node.ints("strides")[1:3],
            group=kernel.shape[0] if depthwise else 1,
            auto_pad=_auto_pad(node),
        )
        activations = fused[1:]
        if activations == ["Relu"]:
            output = self.graph.add("Relu", output)
        elif activations == ["Relu6"]:
            output = self._relu6(output)
        elif activations:
            raise ValueError(f"{activations}, fused into {node.name}, are not supported")
        return Value(output, CHANNELS_LAST)

    def _max_pool(self, node: Node) -> Value:
        output = self.graph.add(
            "MaxPool",
            self.image(node.inputs[0]),
            kernel_shape=node.ints("ksize")[1:3],
            strides=node.ints("strides")[1:3],
            auto_pad=_auto_pad(node),
        )
        return Value(output, CHANNELS_LAST)

    def _mean(self, node: Node) -> Value:
        value = self.value(node.inputs[0])
        axes = sorted(value.axes[axis] for axis in self._constants[node.inputs[1]].ravel())
        if axes != [2, 3] or not node.flag("keep_dims"):
            raise ValueError(f"{node.name} is not a mean over an image")
        return Value(self.graph.add("GlobalAveragePool", value.name), value.axes)

    def _concat(self, node: Node) -> Value:
        *names, axis_name = node.inputs
        values = [self.value(name) for name in names]
        (axes,) = {value.axes for value in values}
        axis = axes[int(self._constants[axis_name])]
        joined = self.graph.add("Concat", *(value.name for value in values), axis=axis)
        return Value(joined, axes)

    def _pad(self, node: Node) -> Value:
        value = self.value(node.inputs[0])
        amounts = self._constants[node.inputs[1]]  # [axis, before and after]
        if not amounts.any():
            return value
        moved = np.zeros_like(amounts)
        moved[list(value.axes)] = amounts
        pads = self.graph.constant(moved.T.ravel(), "int64")
        fill = float(self._constants[node.inputs[2]]) if len(node.inputs) > 2 else 0.0
        output = self.graph.add("Pad", value.name, pads, self.graph.constant(fill))
        return Value(output, value.axes)

    def _resize(self, node: Node) -> Value:
        name, size_name = node.inputs
        if node.flag("align_corners"):
            raise ValueError(f"{node.name} aligns corners")
        image = self.image(name)
        first = self.graph.add(
            "Slice",
            self.graph.add("Shape", image),
            self.graph.constant([0], "int64"),
            self.graph.constant([2], "int64"),
        )
        size = self.graph.constant(self._constants[size_name], "int64")
        nothing = self.graph.initializer("nothing", np.zeros(0, np.float32))
        output = self.graph.add(
            "Resize",
            image,
            nothing,  # no region of interest, and no scales but sizes
            nothing,
            self.graph.add("Concat", first, size, axis=0),
            mode="linear",
            coordinate_transformation_mode=(
                "half_pixel" if node.flag("half_pixel_centers") else "asymmetric"
            ),
        )
        return Value(output, CHANNELS_LAST)

    def _transpose(self, node: Node) -> Value:
        value = self.value(node.inputs[0])
        order = self._constants[node.inputs[1]]
        return Value(value.name, tuple(value.axes[axis] for axis in order))


def _kernel(kernel: Array, *, depthwise: bool) -> Array:
    """Turn a kernel ``[h, w, in, out]`` into ``[out, in, h, w]``; depthwise ones have one input."""
    if depthwise:
        height, width, channels, multiplier = kernel.shape
        return kernel.reshape(height, width, 1, channels * multiplier).transpose(3, 2, 0, 1)
    return kernel.transpose(3, 2, 0, 1)


def _auto_pad(node: Node) -> str:
    return {"SAME": "SAME_UPPER", "VALID": "VALID"}[node.string("padding")]
