"""Reshapes that go, and those that must stay because something would notice."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import pytest

from pycore.onnx_graph.graph_builder import Part
from pycore.onnx_graph.model import FLOAT, INT64, Node, Tensor
from pycore.onnx_graph.step.reshapes import simplify_reshapes
from pycore.onnx_graph.wire import BytesSource, Reader, Span
from pycore.onnx_graph.writer import integer_attribute

WIDTH, WIDER = 4, 6


class Graph:
    """A step around ``hidden @ weights``, written as exporters do."""

    def __init__(self) -> None:
        self.constants: dict[str, Tensor] = {}
        self._data = b""
        for axis in (0, 1, 2):
            self.integers(f"axis_{axis}", (), [axis])
        self.integers("row_shape", (2,), [-1, WIDTH])
        self.integers("wider", (1,), [WIDER])
        for name, dims in (("weights", (WIDTH, WIDER)), ("bias", (WIDER,)), ("table", (9, WIDTH))):
            self.constants[name] = Tensor(name, FLOAT, dims, None, ())
        self.nodes = [
            Node("Gather", ("table", "input_ids"), ("hidden",)),
            Node("Reshape", ("hidden", "row_shape"), ("rows",)),
            Node("MatMul", ("rows", "weights"), ("product",)),
            Node("Add", ("product", "bias"), ("sum",)),
            *self.size("hidden", 0),
            *self.size("hidden", 1),
            Node("Concat", ("hidden:0", "hidden:1", "wider"), ("shape",)),
            Node("Reshape", ("sum", "shape"), ("back",)),
            Node("Tanh", ("back",), ("end",)),
        ]

    def integers(self, name: str, dims: tuple[int, ...], values: Sequence[int]) -> None:
        start = len(self._data)
        self._data += struct.pack(f"<{len(values)}q", *values)
        self.constants[name] = Tensor(name, INT64, dims, Span(start, len(self._data)), ())

    @staticmethod
    def size(value: str, axis: int) -> list[Node]:
        place = f"{value}:{axis}"
        return [
            Node("Shape", (value,), (f"{place}:all",)),
            Node("Gather", (f"{place}:all", f"axis_{axis}"), (f"{place}:one",)),
            Node("Unsqueeze", (f"{place}:one",), (place,)),
        ]

    def index(self, result: str) -> int:
        return next(i for i, node in enumerate(self.nodes) if result in node.outputs)

    def simplified(self) -> dict[str, Node]:
        """Nodes by result."""
        step = Part(list(self.nodes), {"input_ids": INT64}, {"end": FLOAT}, 11)
        reader = Reader(BytesSource(self._data))
        simplify_reshapes(step, self.constants, reader, {"input_ids": 2})
        return step.producers()


def test_products_take_their_rows_as_they_come() -> None:
    nodes = Graph().simplified()
    assert not nodes.keys() & {"rows", "back"}
    assert nodes["product"].inputs == ("hidden", "weights")
    assert nodes["end"].inputs == ("sum",)


def test_sizes_copied_from_the_input_are_written_as_zero() -> None:
    graph = Graph()
    graph.integers("heads", (1,), [2])
    graph.integers("part", (1,), [3])
    graph.nodes[-1:] = [
        *graph.size("back", 0),
        *graph.size("back", 1),
        Node("Concat", ("back:0", "back:1", "heads", "part"), ("split_shape",)),
        Node("Reshape", ("back", "split_shape"), ("end",)),
    ]
    data, shape = graph.simplified()["end"].inputs
    assert data == "sum"
    assert shape.startswith("seesay/sizes/")


@pytest.mark.parametrize(
    "change",
    [
        "rows are mixed",
        "a wrong dimension",
        "more dimensions",
        "another value's dimension",
        "weights of this image",
        "rows are put out",
    ],
)
def test_what_would_be_noticed_stays(change: str) -> None:
    graph = Graph()
    nodes = graph.nodes
    if change == "rows are mixed":
        nodes.insert(-1, Node("ReduceMax", ("product",), ("largest",)))
    elif change == "a wrong dimension":
        nodes[graph.index("hidden:1:one")] = Node(
            "Gather", ("hidden:1:all", "axis_2"), ("hidden:1:one",)
        )
    elif change == "more dimensions":
        nodes.insert(0, Node("Unsqueeze", ("input_ids",), ("deeper_ids",), ()))
        nodes[1] = Node("Gather", ("table", "deeper_ids"), ("hidden",))
    elif change == "another value's dimension":
        nodes[graph.index("hidden:0:all")] = Node("Shape", ("table",), ("hidden:0:all",))
    elif change == "weights of this image":
        del graph.constants["weights"]
    else:
        del nodes[-1]
        nodes[graph.index("sum")] = Node("Add", ("product", "bias"), ("end",))
        nodes[graph.index("back")] = Node("Reshape", ("end", "shape"), ("back",))
    assert {"rows", "back"} <= graph.simplified().keys()


def test_zeros_that_mean_zero_stay() -> None:
    """With allowzero a size of 0 is none that is copied."""
    graph = Graph()
    back = graph.index("back")
    attributes = (integer_attribute("allowzero", 1),)
    graph.nodes[back] = Node("Reshape", ("sum", "shape"), ("back",), attributes)
    assert {"rows", "back"} <= graph.simplified().keys()
