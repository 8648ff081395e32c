"""A small builder of ONNX graphs, in the dialect of PyTorch's TorchScript exporter at opset 11.

The dialect matters: the official files of the models that Seesay runs were exported so (LayerNorm
from ReduceMean, GELU from Erf or Tanh, GPT-2's Conv1D as Gemm), and everything that rewrites or
times such files should meet the same nodes in files made here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

Array = npt.NDArray[Any]
OPSET = 11
IR_VERSION = 7  # of the exporters of 2023; initializers need not be inputs since version 4
ELEMENT_TYPES = {
    "float32": TensorProto.FLOAT,
    "int64": TensorProto.INT64,
    "bool": TensorProto.BOOL,
}


class GraphBuilder:
    """Collects nodes, constants and initializers; every method returns the name of a value.

    Attributes:
        weights: the model's tensors by their transformers names; float32 arrays.
    """

    def __init__(self, name: str, weights: Mapping[str, Array]) -> None:
        self.name = name
        self.weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._initializers: dict[str, TensorProto] = {}
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self._count = 0

    def add(self, op_type: str, *inputs: str, outputs: int = 1, **attributes: Any) -> str:
        """Append a node and return the name of its first output (``name``, ``name:1``, ...)."""
        return self.add_many(op_type, inputs, outputs, **attributes)[0]

    def add_many(
        self, op_type: str, inputs: Sequence[str], outputs: int, **attributes: Any
    ) -> list[str]:
        """Append a node of several outputs and return their names."""
        stem = f"/{op_type}_{self._count}"
        self._count += 1
        names = [f"{stem}_output_{index}" for index in range(outputs)]
        self._nodes.append(helper.make_node(op_type, inputs, names, stem, **attributes))
        return names

    def constant(self, value: object, dtype: str = "float32") -> str:
        """Append a Constant node holding a scalar or a short vector."""
        tensor = numpy_helper.from_array(np.array(value, dtype=dtype))
        return self.add("Constant", value=tensor)

    def weight(self, key: str, *, transpose: bool = False) -> str:
        """Name an initializer from ``weights``; transposed ones hold a copy of their own."""
        name = f"{key}.T" if transpose else key
        if name not in self._initializers:
            array = np.asarray(self.weights[key], dtype=np.float32)
            self.initializer(name, array.T if transpose else array)
        return name

    def initializer(self, name: str, array: Array) -> str:
        """Add an initializer from an array of any dtype."""
        self._initializers[name] = numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name

    def input(self, name: str, dtype: str, shape: Sequence[int | str]) -> str:
        """Declare a graph input; strings in ``shape`` are dimensions free at run time."""
        self._inputs.append(helper.make_tensor_value_info(name, ELEMENT_TYPES[dtype], shape))
        return name

    def output(self, name: str, value: str, dtype: str, shape: Sequence[int | str]) -> None:
        """Give ``value`` its public name and declare it as a graph output."""
        for node in reversed(self._nodes):
            for index, produced in enumerate(node.output):
                if produced == value:
                    node.output[index] = name
            for index, used in enumerate(node.input):
                if used == value:
                    node.input[index] = name
        self._outputs.append(helper.make_tensor_value_info(name, ELEMENT_TYPES[dtype], shape))

    def model(self) -> onnx.ModelProto:
        """Return the finished model."""
        graph = helper.make_graph(
            self._nodes, self.name, self._inputs, self._outputs, list(self._initializers.values())
        )
        return make_model(graph)

    # Building blocks, as TorchScript spells them.

    def dimension(self, value: str, axis: int) -> str:
        """One entry of a shape, as an int64 vector of length 1."""
        shape = self.add("Shape", value)
        scalar = self.add("Gather", shape, self.constant(axis, "int64"), axis=0)
        return self.add("Unsqueeze", scalar, axes=[0])

    def reshape(self, value: str, *shape: int | str) -> str:
        """Reshape; entries are numbers or names of int64 vectors of length 1."""
        if all(isinstance(entry, int) for entry in shape):
            return self.add("Reshape", value, self.constant(shape, "int64"))
        parts = [
            entry if isinstance(entry, str) else self.constant([entry], "int64") for entry in shape
        ]
        return self.add("Reshape", value, self.add("Concat", *parts, axis=0))

    def layer_norm(self, value: str, key: str, epsilon: float) -> str:
        """Layer normalisation over the last axis."""
        mean = self.add("ReduceMean", value, axes=[-1])
        centred = self.add("Sub", value, mean)
        squared = self.add("Pow", centred, self.constant(2.0))
        variance = self.add("ReduceMean", squared, axes=[-1])
        deviation = self.add("Sqrt", self.add("Add", variance, self.constant(epsilon)))
        normal = self.add("Div", centred, deviation)
        scaled = self.add("Mul", normal, self.weight(f"{key}.weight"))
        return self.add("Add", scaled, self.weight(f"{key}.bias"))

    def linear(self, value: str, key: str) -> str:
        """torch.nn.Linear: MatMul with the transposed weight, then the bias if there is one."""
        product = self.add("MatMul", value, self.weight(f"{key}.weight", transpose=True))
        if f"{key}.bias" not in self.weights:
            return product
        return self.add("Add", self.weight(f"{key}.bias"), product)

    def activation(self, value: str, kind: str) -> str:
        """Activation function by its transformers name.

        Raises:
            ValueError: a function that the exporter does not know.
        """
        if kind == "relu":
            return self.add("Relu", value)
        if kind == "gelu":
            scaled = self.add("Div", value, self.constant(np.sqrt(2.0)))
            shifted = self.add("Add", self.add("Erf", scaled), self.constant(1.0))
            return self.add("Mul", self.add("Mul", value, shifted), self.constant(0.5))
        if kind in ("gelu_new", "gelu_pytorch_tanh"):
            half = self.add("Mul", value, self.constant(0.5))
            cube = self.add("Pow", value, self.constant(3.0))
            inner = self.add("Add", value, self.add("Mul", cube, self.constant(0.044715)))
            tanh = self.add("Tanh", self.add("Mul", inner, self.constant(np.sqrt(2.0 / np.pi))))
            return self.add("Mul", half, self.add("Add", tanh, self.constant(1.0)))
        raise ValueError(f"activation function {kind!r} is not supported")


def make_model(graph: onnx.GraphProto) -> onnx.ModelProto:
    """Wrap a graph with the versions that this project writes."""
    opset = helper.make_opsetid("", OPSET)
    model: onnx.ModelProto = helper.make_model(
        graph, producer_name="seesay", opset_imports=[opset], ir_version=IR_VERSION
    )
    return model
