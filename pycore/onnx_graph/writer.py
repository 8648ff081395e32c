"""Encodes graphs; payloads of any size stay in the file that they came from.

An initializer with ``data_location = EXTERNAL`` names a file, an offset and a length. Nothing says
that the file may not be an .onnx file itself: the written graphs point into the downloaded one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pycore.onnx_graph.model import Attribute, Model, Node, Tensor
from pycore.onnx_graph.wire import (
    MAX_READ_BYTES,
    Reader,
    Span,
    bytes_field,
    integer_field,
    malformed,
    text_field,
)

EXTERNAL_BYTES = 256  # payloads from this size on stay in the file
_EXTERNAL = 1  # TensorProto.DataLocation
_IR_VERSION = 4  # before that, initializers had to be inputs


def encode_model(
    model: Model,
    name: str,
    location: str,
    nodes: Iterable[Node],
    constants: Iterable[Tensor],
    inputs: Mapping[str, int],
    outputs: Mapping[str, int],
) -> bytes:
    """Encode a graph made of parts of ``model``.

    Args:
        model: where versions and payloads come from.
        name: of the new graph.
        location: name under which the runtime finds the model's file.
        nodes: in topological order.
        constants: written as initializers.
        inputs: element types by name.
        outputs: element types by name.

    Returns:
        The new file's bytes.

    Raises:
        GraphError: what must stand inline exceeds 16 MiB.
    """
    reader = model.reader
    nodes, constants = list(nodes), list(constants)
    verbatim = [item.encoded for node in nodes for item in node.attributes]
    verbatim += [part for tensor in constants for part in tensor.rest]
    if sum(part.length for part in verbatim if isinstance(part, Span)) > MAX_READ_BYTES:
        raise malformed("too many weights are in typed fields and attributes")
    graph = [bytes_field(1, _encode_node(reader, node)) for node in nodes]
    graph.append(text_field(2, name))
    graph += [bytes_field(5, _encode_tensor(reader, item, location)) for item in constants]
    graph += [bytes_field(11, _encode_value(*item)) for item in inputs.items()]
    graph += [bytes_field(12, _encode_value(*item)) for item in outputs.items()]

    parts = [integer_field(1, max(model.ir_version, _IR_VERSION)), text_field(2, "seesay")]
    parts.append(bytes_field(7, b"".join(graph)))
    for domain, version in model.opsets.items():
        parts.append(bytes_field(8, text_field(1, domain) + integer_field(2, version)))
    return b"".join(parts)


def integer_attribute(name: str, value: int) -> Attribute:
    """An attribute that holds one integer."""
    encoded = text_field(1, name) + integer_field(3, value) + integer_field(20, 2)
    return Attribute(name, encoded, (value,))


def integers_attribute(name: str, values: Iterable[int]) -> Attribute:
    """An attribute that holds a list of integers."""
    numbers = tuple(values)
    encoded = text_field(1, name) + b"".join(integer_field(8, value) for value in numbers)
    return Attribute(name, encoded + integer_field(20, 7), numbers)


def _read(reader: Reader, part: Span | bytes) -> bytes:
    return part if isinstance(part, bytes) else reader.read(part)


def _encode_node(reader: Reader, node: Node) -> bytes:
    parts = [text_field(1, name) for name in node.inputs]
    parts += [text_field(2, name) for name in node.outputs]
    parts += [text_field(3, node.name), text_field(4, node.op_type)]
    parts += [bytes_field(5, _read(reader, item.encoded)) for item in node.attributes]
    if node.domain:
        parts.append(text_field(7, node.domain))
    return b"".join(parts)


def _encode_tensor(reader: Reader, tensor: Tensor, location: str) -> bytes:
    parts = [text_field(8, tensor.name)]
    parts += [_read(reader, part) for part in tensor.rest]
    if tensor.raw is not None and tensor.raw.length < EXTERNAL_BYTES:
        parts.append(bytes_field(9, reader.read(tensor.raw)))
    elif tensor.raw is not None:
        place = {
            "location": location,
            "offset": str(tensor.raw.start),
            "length": str(tensor.raw.length),
        }
        for key, value in place.items():
            parts.append(bytes_field(13, text_field(1, key) + text_field(2, value)))
        parts.append(integer_field(14, _EXTERNAL))
    return b"".join(parts)


def _encode_value(name: str, element_type: int) -> bytes:
    """A ValueInfoProto: a tensor of that type, of any shape."""
    tensor_type = integer_field(1, element_type)
    return text_field(1, name) + bytes_field(2, bytes_field(1, tensor_type))
