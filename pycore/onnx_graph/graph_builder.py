"""A graph while it is being put together, and a writer of new nodes for it."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pycore.onnx_graph.flatten import read_names
from pycore.onnx_graph.model import FLOAT, INT64, Attribute, Node, Tensor
from pycore.onnx_graph.wire import FIXED32, Span, integer_field
from pycore.onnx_graph.writer import integer_attribute, integers_attribute

_AXES_INPUT_OPSET = {"ReduceSum": 13, "ReduceMean": 18, "ReduceMax": 18}
"""Operator set since which an operator takes its axes as an input."""
_SPLIT_COUNT_OPSET = 18  # Split wants the number of its outputs since then


@dataclass(slots=True)
class Part:
    """A part of a decoder.

    Attributes:
        nodes: in topological order.
        inputs: element types by name.
        outputs: element types by name.
        opset: version of the default operator set.
        constants: small tensors that are not in the file.
    """

    nodes: list[Node]
    inputs: dict[str, int]
    outputs: dict[str, int]
    opset: int
    constants: dict[str, Tensor] = field(default_factory=dict)

    def producers(self) -> dict[str, Node]:
        """Which node computes which value."""
        return {name: node for node in self.nodes for name in node.outputs}

    def needed_nodes(self) -> list[Node]:
        """The nodes that the outputs depend on, in order."""
        needed, nodes = set(self.outputs), []
        for node in reversed(self.nodes):
            if needed.intersection(node.outputs):
                nodes.append(node)
                needed |= read_names(node)
        return nodes[::-1]


class NodeWriter:
    """Writes nodes with names of their own; whoever uses it puts them into the part.

    Attributes:
        nodes: what was written so far.
    """

    def __init__(self, part: Part, stem: str) -> None:
        self.nodes: list[Node] = []
        self._part = part
        self._stem = stem

    def add(self, op_type: str, *inputs: str, attributes: Sequence[Attribute] = ()) -> str:
        """Write a node and return the name of its output."""
        name = f"seesay/{self._stem}/{len(self.nodes)}"
        self.nodes.append(Node(op_type, inputs, (name,), tuple(attributes)))
        return name

    def concat(self, *values: str, axis: int) -> str:
        """Join values along an axis."""
        return self.add("Concat", *values, attributes=[integer_attribute("axis", axis)])

    def cast(self, value: str, element_type: int) -> str:
        """Change the element type."""
        return self.add("Cast", value, attributes=[integer_attribute("to", element_type)])

    def transpose(self, value: str) -> str:
        """Transpose a matrix."""
        return self.add("Transpose", value, attributes=[integers_attribute("perm", [1, 0])])

    def reduce(self, op_type: str, value: str, axis: int, *, keepdims: bool) -> str:
        """ReduceSum, ReduceMean or ReduceMax along one axis."""
        keep = integer_attribute("keepdims", int(keepdims))
        if self._part.opset >= _AXES_INPUT_OPSET[op_type]:
            return self.add(op_type, value, self.integers(axis), attributes=[keep])
        return self.add(op_type, value, attributes=[integers_attribute("axes", [axis]), keep])

    def halves(self, value: str, axis: int) -> tuple[str, str]:
        """Split a value in two equal parts."""
        first, second = self.parts(value, axis, 2)
        return first, second

    def parts(self, value: str, axis: int, count: int) -> tuple[str, ...]:
        """Split a value in equal parts."""
        attributes = [integer_attribute("axis", axis)]
        if self._part.opset >= _SPLIT_COUNT_OPSET:
            attributes.append(integer_attribute("num_outputs", count))
        first = self.add("Split", value, attributes=attributes)
        outputs = (first, *(f"{first}:{index}" for index in range(1, count)))
        self.nodes[-1] = replace(self.nodes[-1], outputs=outputs)
        return outputs

    def integers(self, *values: int) -> str:
        """A constant int64 vector."""
        data = b"".join(integer_field(7, value) for value in values)
        return self._constant(INT64, (len(values),), data)

    def row_ranges(self, tensor: Tensor, rows: int) -> list[str]:
        """Constants that are up to ``rows`` rows each of one whose ``raw`` is known.

        Raises:
            ValueError: it is not.
        """
        if tensor.raw is None:
            raise ValueError(f"the values of {tensor.name!r} are in a typed field")
        count, *rest = tensor.dims
        row_bytes = tensor.raw.length // count
        names = []
        for first in range(0, count, rows):
            dims = (min(rows, count - first), *rest)
            start = tensor.raw.start + first * row_bytes
            raw = Span(start, start + dims[0] * row_bytes)
            names.append(self._constant(tensor.data_type, dims, b"", raw))
        return names

    def number(self, value: float) -> str:
        """A constant float32 scalar."""
        return self._constant(FLOAT, (), bytes([4 << 3 | FIXED32]) + struct.pack("<f", value))

    def _constant(
        self, data_type: int, dims: tuple[int, ...], data: bytes, raw: Span | None = None
    ) -> str:
        name = f"seesay/{self._stem}/constant_{len(self._part.constants)}"
        head = b"".join(integer_field(1, size) for size in dims) + integer_field(2, data_type)
        self._part.constants[name] = Tensor(name, data_type, dims, raw, (head + data,))
        return name
