"""The structure of an ONNX model, without its weights.

A ``Model`` holds names, nodes and the places of payloads in the file; the payloads stay where they
are. Field numbers are those of onnx.proto (ONNX 1.19); fields that the rewrite has no use for
(documentation, metadata) are skipped.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from pycore.onnx_graph.wire import ByteSource, Field, Reader, Span, malformed

FLOAT, UINT8, INT8, INT32, INT64, BOOL = 1, 2, 3, 6, 7, 9
"""Element types (TensorProto.DataType) that the rewrite names."""

_ITEM_BYTES = {1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 16: 2}
"""Bytes of one element; types of less than a byte and text are not read from ``raw_data``."""

_MAX_RANK = 16
MAX_GRAPH_DEPTH = 4  # subgraphs in subgraphs
_TENSOR_ATTRIBUTE, _GRAPH_ATTRIBUTE = 5, 6  # fields t and g of AttributeProto


@dataclass(frozen=True, slots=True)
class Tensor:
    """A TensorProto.

    Attributes:
        name: name of the value; empty in attributes.
        data_type: element type.
        dims: shape.
        raw: place of ``raw_data`` in the file; None where the values are in a typed field.
        rest: encoded fields other than the name and ``raw_data``: places in the file, or bytes.
    """

    name: str
    data_type: int
    dims: tuple[int, ...]
    raw: Span | None
    rest: tuple[Span | bytes, ...]


@dataclass(frozen=True, slots=True)
class Attribute:
    """An AttributeProto: the encoded message, and the parts of it that the rewrite looks at."""

    name: str
    encoded: Span | bytes
    integers: tuple[int, ...] = ()
    tensor: Tensor | None = None
    graph: Graph | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """A NodeProto. Empty names in ``inputs`` and ``outputs`` stand for what is left out."""

    op_type: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: tuple[Attribute, ...] = ()
    name: str = ""
    domain: str = ""

    def attribute(self, name: str) -> Attribute | None:
        """The attribute of that name, or None."""
        return next((item for item in self.attributes if item.name == name), None)

    def graphs(self) -> list[Graph]:
        """Subgraphs among the attributes."""
        return [item.graph for item in self.attributes if item.graph is not None]


@dataclass(frozen=True, slots=True)
class Graph:
    """A GraphProto.

    Attributes:
        nodes: in file order, which ONNX requires to be topological.
        initializers: by name.
        inputs: element types (0: unknown) by name, in order.
        outputs: likewise.
        value_types: element types of inner values, as far as the file tells them.
    """

    nodes: tuple[Node, ...]
    initializers: Mapping[str, Tensor]
    inputs: Mapping[str, int]
    outputs: Mapping[str, int]
    value_types: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Model:
    """A ModelProto.

    Attributes:
        ir_version: version of the file format.
        opsets: version by operator domain.
        graph: the main graph.
        reader: access to the payloads.
    """

    ir_version: int
    opsets: Mapping[str, int]
    graph: Graph
    reader: Reader


def read_model(source: ByteSource) -> Model:
    """Read the structure of an ONNX file; weights are not touched.

    Raises:
        GraphError: the bytes are no ONNX model, or one with parts unknown to this reader
            (model-local functions, sparse tensors).
    """
    reader = Reader(source)
    ir_version = 0
    opsets: dict[str, int] = {}
    graph: Graph | None = None
    for item in reader.fields(Span(0, reader.size)):
        if item.number == 1:
            ir_version = reader.integer(item)
        elif item.number == 7:
            if graph is not None:
                raise malformed("two main graphs")
            graph = _read_graph(reader, reader.message(item), MAX_GRAPH_DEPTH)
        elif item.number == 8:
            domain, version = _read_opset(reader, reader.message(item))
            opsets[domain] = version
        elif item.number in (20, 25):
            raise malformed("training information and model-local functions are not read")
    if graph is None or "" not in opsets:
        raise malformed("no graph, or no operator set")
    return Model(ir_version, opsets, graph, reader)


def _read_opset(reader: Reader, span: Span) -> tuple[str, int]:
    domain, version = "", 0
    for item in reader.fields(span):
        if item.number == 1:
            domain = reader.text(item)
        elif item.number == 2:
            version = reader.integer(item)
    return domain, version


def _read_graph(reader: Reader, span: Span, depth: int) -> Graph:
    if depth == 0:
        raise malformed(f"subgraphs are nested more than {MAX_GRAPH_DEPTH} deep")
    nodes: list[Node] = []
    initializers: dict[str, Tensor] = {}
    declared: dict[int, dict[str, int]] = {11: {}, 12: {}, 13: {}}
    for item in reader.fields(span):
        if item.number == 1:
            nodes.append(_read_node(reader, reader.message(item), depth))
        elif item.number == 5:
            tensor = _read_tensor(reader, reader.message(item))
            if not tensor.name or tensor.name in initializers:
                raise malformed(f"initializer {tensor.name!r} is nameless or there twice")
            initializers[tensor.name] = tensor
        elif item.number in declared:
            name, element_type = _read_value_info(reader, reader.message(item))
            declared[item.number][name] = element_type
        elif item.number == 15:
            raise malformed("sparse initializers are not read")
    return Graph(tuple(nodes), initializers, declared[11], declared[12], declared[13])


def _read_node(reader: Reader, span: Span, depth: int) -> Node:
    inputs: list[str] = []
    outputs: list[str] = []
    attributes: list[Attribute] = []
    texts = {3: "", 4: "", 7: ""}  # name, op_type, domain
    for item in reader.fields(span):
        if item.number == 1:
            inputs.append(reader.text(item))
        elif item.number == 2:
            outputs.append(reader.text(item))
        elif item.number in texts:
            texts[item.number] = reader.text(item)
        elif item.number == 5:
            attributes.append(_read_attribute(reader, reader.message(item), depth))
        elif item.number == 8:
            raise malformed("overloaded functions are not read")
    if not texts[4]:
        raise malformed(f"node {texts[3]!r} has no operator")
    domain = "" if texts[7] == "ai.onnx" else texts[7]
    return Node(texts[4], tuple(inputs), tuple(outputs), tuple(attributes), texts[3], domain)


def _read_attribute(reader: Reader, span: Span, depth: int) -> Attribute:
    name = ""
    integers: list[int] = []
    tensor: Tensor | None = None
    graph: Graph | None = None
    for item in reader.fields(span):
        if item.number == 1:
            name = reader.text(item)
        elif item.number in (3, 8):
            integers += reader.integers(item)
        elif item.number == _TENSOR_ATTRIBUTE:
            tensor = _read_tensor(reader, reader.message(item))
        elif item.number == _GRAPH_ATTRIBUTE:
            graph = _read_graph(reader, reader.message(item), depth - 1)
        elif item.number in (10, 11, 21, 22, 23):
            raise malformed(f"attribute {name!r} is of a kind that is not read")
    return Attribute(name, span, tuple(integers), tensor, graph)


def _read_tensor(reader: Reader, span: Span) -> Tensor:
    name, data_type, raw = "", 0, None
    dims: list[int] = []
    rest: list[Span | bytes] = []
    for item in reader.fields(span):
        if item.number == 8:
            name = reader.text(item)
            continue
        if item.number == 9:
            raw = reader.message(item)
            continue
        if item.number == 1:
            dims += reader.integers(item)
        elif item.number == 2:
            data_type = reader.integer(item)
        elif item.number in (3, 13) or (item.number == 14 and item.value != 0):
            raise malformed(f"tensor {name!r} keeps its data in another file or in segments")
        _append(rest, item)
    if len(dims) > _MAX_RANK:
        raise malformed(f"tensor {name!r} has {len(dims)} dimensions")
    size = _ITEM_BYTES.get(data_type, 0) * math.prod(dims)
    if raw is not None and (min(dims, default=0) < 0 or raw.length != size):
        raise malformed(f"tensor {name!r}: {raw.length} bytes for the shape {dims}")
    return Tensor(name, data_type, tuple(dims), raw, tuple(rest))


def _append(rest: list[Span | bytes], item: Field) -> None:
    """Add a field's place to a list, joined with the one before where they touch."""
    last = rest[-1] if rest else None
    if isinstance(last, Span) and last.end == item.whole.start:
        rest[-1] = Span(last.start, item.whole.end)
    else:
        rest.append(item.whole)


def _read_value_info(reader: Reader, span: Span) -> tuple[str, int]:
    """Name and element type; 0 for what is no tensor or has no type."""
    name, element_type = "", 0
    for item in reader.fields(span):
        if item.number == 1:
            name = reader.text(item)
        elif item.number == 2:
            for kind in reader.fields(reader.message(item)):
                if kind.number == 1:
                    for part in reader.fields(reader.message(kind)):
                        if part.number == 1:
                            element_type = reader.integer(part)
    return name, element_type
