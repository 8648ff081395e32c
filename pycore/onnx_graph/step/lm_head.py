"""An output layer in integers, for decoders that dequantise theirs anew for every token.

A tied output layer is the transposed token embedding, which official files keep in 8 bits. They
turn it into floats in every step: at full size 154 MB, a good part of a step's time and most of
what the runtime's heap grows to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pycore.onnx_graph.graph_builder import NodeWriter, Part
from pycore.onnx_graph.model import FLOAT, UINT8, Node, Tensor

_COLUMNS = 4992
"""Vocabulary entries that are multiplied at a time. The runtime copies the weights on their way
through the cache: a fifth faster where a row of them is whole cache lines (64 bytes), but no power
of two apart from the next."""
_MATRIX = 2  # dimensions
_SLICE_INPUTS_OPSET = 10  # Slice takes its bounds as inputs since then


class _Table(NamedTuple):
    """A quantised token embedding.

    Attributes:
        transposed: the value [width, vocabulary].
        plain: the constant [vocabulary, width] that it is made of, where there is one.
        scale: of its numbers.
        zero_point: of its numbers, or nothing.
    """

    transposed: str
    plain: Tensor | None
    scale: str
    zero_point: Sequence[str]


def replace_lm_head(
    step: Part, constants: Mapping[str, Tensor], logits: str, *, low_memory: bool
) -> bool:
    """Multiply hidden states by the quantised output layer in integers.

    Each row of hidden states becomes two rows of 8-bit numbers, a coarse and a fine one: logits
    keep 15 bits of them, and rows of a batch do not touch each other.

    Args:
        step: changed in place; its hidden states are [batch, sequence, width].
        constants: of the whole graph.
        logits: name of the output.
        low_memory: use the table as it is, where that can be done.

    Returns:
        Whether the graph has such an output layer: MatMul by a dequantised constant of one scale.
    """
    producers = step.producers()
    product = producers.get(logits)
    if product is None or product.op_type != "MatMul" or product.domain:
        return False
    hidden, weights = product.inputs
    table = _find_table(weights, producers, constants)
    if table is None or step.opset < _SLICE_INPUTS_OPSET:
        return False
    index = step.nodes.index(product)
    step.nodes[index : index + 1] = _integer_head(
        step, hidden, table, logits, low_memory=low_memory
    )
    return True


def _find_table(
    name: str, producers: Mapping[str, Node], constants: Mapping[str, Tensor]
) -> _Table | None:
    """Look behind the dequantised weights for a constant of one scale, transposed or not."""
    dequantize = producers.get(name)
    if dequantize is None or dequantize.op_type != "DequantizeLinear" or dequantize.domain:
        return None
    quantized, scale, *zero_point = dequantize.inputs
    if scale not in constants or constants[scale].dims not in ((), (1,)):
        return None
    transpose = producers.get(quantized)
    if transpose is not None and transpose.op_type == "Transpose":
        plain = constants.get(transpose.inputs[0])
        if plain is None or len(plain.dims) != _MATRIX:
            return None
        return _Table(quantized, plain, scale, zero_point)
    return _Table(quantized, None, scale, zero_point) if quantized in constants else None


def _integer_head(
    step: Part, hidden: str, table: _Table, logits: str, *, low_memory: bool
) -> list[Node]:
    """Return the nodes that compute ``logits`` from ``hidden``."""
    w = NodeWriter(step, "lm_head")
    # Each row is scaled to -127...127 and rounded; what rounding loses is scaled up by 254, to
    # the same range, and rounded too.
    largest = w.reduce("ReduceMax", w.add("Abs", hidden), -1, keepdims=True)
    unit = w.add("Mul", w.add("Max", largest, w.number(1e-30)), w.number(1 / 127))
    scaled = w.add("Div", hidden, unit)
    coarse = w.add("Round", scaled)
    fine = w.add("Round", w.add("Mul", w.add("Sub", scaled, coarse), w.number(254.0)))
    zero = w.number(128.0)
    rows = w.cast(w.add("Add", w.concat(coarse, fine, axis=1), zero), UINT8)
    multiply = _table_first if low_memory else _rows_first
    product = w.cast(multiply(w, rows, w.cast(zero, UINT8), table), FLOAT)
    coarse, fine = w.halves(product, 1)
    total = w.add("Add", coarse, w.add("Mul", fine, w.number(1 / 254)))
    factor = w.add("Mul", unit, table.scale)
    return [*w.nodes, Node("Mul", (total, factor), (logits,))]


def _rows_first(w: NodeWriter, rows: str, rows_zero: str, table: _Table) -> str:
    """Integer product, int32 [batch, 2 * sequence, vocabulary], in pieces of the vocabulary.

    The runtime keeps a transposed copy of the table (39 MB at full size).
    """
    plain = table.plain
    if plain is None or plain.raw is None or not plain.dims[0]:
        return w.add("MatMulInteger", rows, table.transposed, rows_zero, *table.zero_point)
    products = [
        w.add("MatMulInteger", rows, w.transpose(piece), rows_zero, *table.zero_point)
        for piece in w.row_ranges(plain, _COLUMNS)
    ]
    return w.concat(*products, axis=2)


def _table_first(w: NodeWriter, rows: str, rows_zero: str, table: _Table) -> str:
    """The same without a transposed copy, but computed in eights of rows, needed or not."""
    plain = table.plain
    if plain is None or plain.data_type != UINT8:
        # onnxruntime-web has no kernel for signed numbers in first place.
        return _rows_first(w, rows, rows_zero, table)
    columns = w.transpose(w.add("Reshape", rows, w.integers(-1, plain.dims[1])))
    zero_point = table.zero_point[0] if table.zero_point else ""
    product = w.transpose(w.add("MatMulInteger", plain.name, columns, zero_point, rows_zero))
    batch_and_length = w.add("Slice", w.add("Shape", rows), w.integers(0), w.integers(2))
    shape = w.concat(batch_and_length, w.integers(plain.dims[0]), axis=0)
    return w.add("Reshape", product, shape)
