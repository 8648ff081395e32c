"""Token embeddings, read row by row out of the ONNX file that holds them.

Such a file does no more than pick rows of a table of 8 bits and turn them into floats. That needs
no session, and no second copy of the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pycore.errors import ConfigurationError, GraphError
from pycore.onnx_graph.flatten import FlatGraph, flatten_decoder
from pycore.onnx_graph.model import FLOAT, INT8, UINT8, Model, Node, Tensor, read_model
from pycore.onnx_graph.scalars import read_scalar
from pycore.onnx_graph.wire import ByteSource, Span

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TYPES: dict[int, np.dtype[Any]] = {
    FLOAT: np.dtype("<f4"),
    INT8: np.dtype("<i1"),
    UINT8: np.dtype("<u1"),
}
_IDS_INPUT = "input_ids"


class EmbeddingTable:
    """Rows of a table; build one with `from_source`.

    Attributes:
        vocab_size: number of rows.
        width: of a row.
    """

    def __init__(
        self, source: ByteSource, place: Span, table: Tensor, scale: float, zero_point: float
    ) -> None:
        self.vocab_size, self.width = table.dims
        self._source = source
        self._start = place.start
        self._dtype = _TYPES[table.data_type]
        self._scale = np.float32(scale)
        self._zero_point = np.float32(zero_point)

    @classmethod
    def from_source(cls, source: ByteSource) -> EmbeddingTable:
        """Find the table in an ONNX file: ``input_ids`` -> rows, in floats or in 8 bits.

        Raises:
            GraphError: the bytes are no ONNX model, or one that does something else.
        """
        model = read_model(source)
        graph = flatten_decoder(model)
        picks = [node for node in graph.nodes if _IDS_INPUT in node.inputs]
        if len(picks) != 1 or picks[0].op_type != "Gather" or len(graph.outputs) != 1:
            raise _unknown(f"{[node.op_type for node in picks]} read {_IDS_INPUT}")
        (gather,) = picks
        axis = gather.attribute("axis")
        table = graph.constants.get(gather.inputs[0])
        if axis is not None and axis.integers != (0,):
            raise _unknown(f"rows are picked along axis {axis.integers}")
        if table is None or table.raw is None or table.data_type not in _TYPES:
            raise _unknown(f"the table {gather.inputs[0]!r} is no plain constant")
        if len(table.dims) != 2:
            raise _unknown(f"the table has the shape {table.dims}")
        scale, zero_point = _scale(model, graph, gather, table)
        return cls(source, table.raw, table, scale, zero_point)

    def rows(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the embeddings of tokens.

        Args:
            ids: int64 of any shape.

        Returns:
            float32 of the same shape and one dimension more, of ``width``.

        Raises:
            ConfigurationError: a token is outside of the vocabulary.
        """
        rows = np.empty((ids.size, self.width), dtype=np.float32)
        size = self.width * self._dtype.itemsize
        for row, token_id in zip(rows, ids.ravel().tolist(), strict=True):
            if not 0 <= token_id < self.vocab_size:
                raise ConfigurationError(
                    f"Token {token_id} is not in the vocabulary; this model has {self.vocab_size}."
                )
            data = self._source.read(self._start + token_id * size, size)
            row[:] = np.frombuffer(data, dtype=self._dtype)
        rows -= self._zero_point
        rows *= self._scale
        return rows.reshape(*ids.shape, self.width)


def _scale(model: Model, graph: FlatGraph, gather: Node, table: Tensor) -> tuple[float, float]:
    """Scale and zero point; 1 and 0 for a table in floats."""
    (output,) = graph.outputs
    if table.data_type == FLOAT:
        if len(graph.nodes) != 1 or gather.outputs != (output,):
            raise _unknown("something is done to the rows of a table in floats")
        return 1.0, 0.0
    last = graph.nodes[-1]
    if len(graph.nodes) != 2 or last.op_type != "DequantizeLinear" or last.outputs != (output,):
        raise _unknown(f"rows go through {[node.op_type for node in graph.nodes]}")
    numbers = [graph.constants.get(name) for name in last.inputs[1:]]
    if last.inputs[0] != gather.outputs[0] or not numbers or None in numbers:
        raise _unknown(f"rows are scaled by {last.inputs[1:]}")
    scale, *zero_point = [read_scalar(each, model.reader) for each in numbers if each is not None]
    return scale, zero_point[0] if zero_point else 0.0


def _unknown(detail: str) -> GraphError:
    return GraphError(
        "This model's token embeddings are kept in a way that Seesay does not know.", detail=detail
    )
