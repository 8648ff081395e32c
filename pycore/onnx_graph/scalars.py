"""The values of constants that are a single number."""

from __future__ import annotations

import struct

from pycore.onnx_graph.model import FLOAT, INT8, UINT8, Tensor
from pycore.onnx_graph.wire import FIXED32, Reader, Span, malformed

_FLOAT_DATA, _INT32_DATA = 4, 5  # fields of TensorProto
_FORMATS = {FLOAT: "<f", INT8: "<b", UINT8: "<B"}


def read_scalar(tensor: Tensor, reader: Reader) -> float:
    """Read a number.

    Args:
        tensor: float32, int8 or uint8, of one element.
        reader: of the file that it is in.

    Raises:
        GraphError: it is of another type, or not one number.
    """
    layout = _FORMATS.get(tensor.data_type)
    if layout is None or any(size != 1 for size in tensor.dims):
        raise malformed(f"constant {tensor.name!r} is not one number")
    if tensor.raw is not None:
        return float(struct.unpack(layout, reader.read(tensor.raw))[0])
    wanted = _FLOAT_DATA if tensor.data_type == FLOAT else _INT32_DATA
    for span in tensor.rest:
        if not isinstance(span, Span):
            continue
        for item in reader.fields(span):
            if item.number == wanted and tensor.data_type != FLOAT:
                if numbers := reader.integers(item):
                    return float(numbers[0])
            elif item.number == wanted:
                data = reader.read(item.payload)
                if item.wire_type == FIXED32 or len(data) == struct.calcsize(layout):
                    return float(struct.unpack(layout, data)[0])
    raise malformed(f"constant {tensor.name!r} has no value")
