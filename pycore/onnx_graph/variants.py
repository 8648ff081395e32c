"""Optional changes to the step graph. Each adds a few small nodes and touches no weights."""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pycore.onnx_graph.flatten import read_names, unsupported
from pycore.onnx_graph.model import FLOAT, INT64, UINT8, Attribute, Node, Tensor
from pycore.onnx_graph.wire import FIXED32, integer_field
from pycore.onnx_graph.writer import integer_attribute, integers_attribute

ATTENTIONS = "cross_attentions"
BEAM_IDX = "beam_idx"
_AXES_INPUT_OPSET = 18  # ReduceMean and ReduceMax take their axes as an input since then
_SPLIT_COUNT_OPSET = 18  # Split wants the number of its outputs since then
_SCORE_OPS = {"Add", "Sub", "Mul", "Div", "Where", "Cast", "Identity"}
"""What stands between a product of queries and keys and its softmax: scaling and masking."""


@dataclass(slots=True)
class Part:
    """A graph while it is being put together; inputs and outputs map names to element types."""

    nodes: list[Node]
    inputs: dict[str, int]
    outputs: dict[str, int]
    constants: dict[str, Tensor] = field(default_factory=dict)

    def producers(self) -> dict[str, Node]:
        """Which node computes which value."""
        return {name: node for node in self.nodes for name in node.outputs}


def replace_lm_head(step: Part, constants: Mapping[str, Tensor], logits: str, opset: int) -> bool:
    """Multiply by the output layer in integers where the graph dequantises it first.

    At full size this spares making 154 MB of floats for every token. Unlike in the layers before,
    hidden states become two 8-bit numbers, a coarse and a fine one, each a row of one product:
    logits keep 15 bits of them, and rows of a batch do not touch each other.

    Args:
        step: changed in place.
        constants: of the whole graph.
        logits: name of the output.
        opset: version of the default operator set.

    Returns:
        Whether the graph has such an output layer: MatMul by a dequantised constant of one scale.
    """
    producers = step.producers()
    product = producers.get(logits)
    if product is None or product.op_type != "MatMul" or product.domain:
        return False
    hidden, table = product.inputs
    dequantize = producers.get(table)
    if dequantize is None or dequantize.op_type != "DequantizeLinear" or dequantize.domain:
        return False
    quantized, scale, *zero_point = dequantize.inputs
    if scale not in constants or constants[scale].dims not in ((), (1,)):
        return False
    if not _is_constant(quantized, producers, constants):
        return False
    index = step.nodes.index(product)
    head = _LmHead(step, opset)
    step.nodes[index : index + 1] = head.nodes(hidden, quantized, scale, zero_point, logits)
    return True


class _LmHead:
    """Writes the nodes of an integer output layer; hidden states are [batch, sequence, width]."""

    def __init__(self, step: Part, opset: int) -> None:
        self._step = step
        self._opset = opset
        self._nodes: list[Node] = []

    def nodes(
        self, hidden: str, table: str, scale: str, zero_point: Sequence[str], logits: str
    ) -> list[Node]:
        """Return the nodes that compute ``logits`` from ``hidden``."""
        add, number = self._add, self._number
        # Each row is scaled to -127...127 and rounded; what rounding loses is scaled up by 254,
        # to the same range, and rounded too.
        largest = self._row_maximum(add("Abs", hidden))
        unit = add("Mul", add("Max", largest, number("tiny", 1e-30)), number("unit", 1 / 127))
        scaled = add("Div", hidden, unit)
        coarse = add("Round", scaled)
        lost = add("Sub", scaled, coarse)
        fine = add("Round", add("Mul", lost, number("up", 254.0)))
        rows = add("Concat", coarse, fine, attributes=[integer_attribute("axis", 1)])
        rows = add("Add", rows, number("offset", 128.0))
        rows = add("Cast", rows, attributes=[integer_attribute("to", UINT8)])
        offset = add("Cast", number("offset", 128.0), attributes=[integer_attribute("to", UINT8)])
        product = add("MatMulInteger", rows, table, offset, *zero_point)
        product = add("Cast", product, attributes=[integer_attribute("to", FLOAT)])
        coarse, fine = self._halves(product)
        total = add("Add", coarse, add("Mul", fine, number("down", 1 / 254)))
        factor = add("Mul", unit, scale)
        self._nodes.append(Node("Mul", (total, factor), (logits,)))
        return self._nodes

    def _row_maximum(self, value: str) -> str:
        if self._opset < _AXES_INPUT_OPSET:
            return self._add("ReduceMax", value, attributes=[integers_attribute("axes", [-1])])
        axes = _tensor("seesay/lm_head/axes", INT64, (1,), integer_field(7, -1))
        self._step.constants[axes.name] = axes
        return self._add("ReduceMax", value, axes.name)

    def _halves(self, value: str) -> tuple[str, str]:
        attributes = [integer_attribute("axis", 1)]
        if self._opset >= _SPLIT_COUNT_OPSET:
            attributes.append(integer_attribute("num_outputs", 2))
        first = self._add("Split", value, attributes=attributes)
        second = f"{first}:1"
        self._nodes[-1] = replace(self._nodes[-1], outputs=(first, second))
        return first, second

    def _number(self, name: str, value: float) -> str:
        data = bytes([4 << 3 | FIXED32]) + struct.pack("<f", value)
        tensor = _tensor(f"seesay/lm_head/{name}", FLOAT, (), data)
        self._step.constants[tensor.name] = tensor
        return tensor.name

    def _add(self, op_type: str, *inputs: str, attributes: Sequence[Attribute] = ()) -> str:
        name = f"seesay/lm_head/{len(self._nodes)}"
        self._nodes.append(Node(op_type, inputs, (name,), tuple(attributes)))
        return name


def add_attentions(step: Part, crossing: Collection[str], opset: int) -> bool:
    """Put out the cross-attention weights, averaged over layers and heads.

    Args:
        step: changed in place.
        crossing: values that come from the prelude.
        opset: version of the default operator set.

    Returns:
        Whether the graph has such weights: a Softmax of a MatMul with a value of the prelude.
    """
    from_prelude = set(crossing)
    scores: set[str] = set()  # products of queries with keys from the prelude, scaled and masked
    weights: list[str] = []
    for node in step.nodes:
        source = from_prelude if node.op_type == "MatMul" else scores
        if source.isdisjoint(node.inputs):
            continue
        if node.op_type == "Softmax":
            weights += node.outputs
        elif node.op_type == "MatMul" or node.op_type in _SCORE_OPS:
            scores.update(node.outputs)
    if not weights:
        return False
    every = "seesay/attentions"
    step.nodes.append(Node("Concat", tuple(weights), (every,), (integer_attribute("axis", 1),)))
    keep = integer_attribute("keepdims", 0)
    if opset < _AXES_INPUT_OPSET:
        attributes = (integers_attribute("axes", [1]), keep)
        step.nodes.append(Node("ReduceMean", (every,), (ATTENTIONS,), attributes))
    else:
        axes = _tensor("seesay/attentions/axes", INT64, (1,), integer_field(7, 1))
        step.constants[axes.name] = axes
        step.nodes.append(Node("ReduceMean", (every, axes.name), (ATTENTIONS,), (keep,)))
    step.outputs[ATTENTIONS] = FLOAT
    return True


def add_beam_idx(step: Part, past: Sequence[str]) -> None:
    """Let the step reorder the rows of its caches before it uses them.

    Raises:
        GraphError: a nested graph reads the caches.
    """
    if any(not set(past).isdisjoint(read_names(node) - {*node.inputs}) for node in step.nodes):
        raise unsupported("a nested graph reads the caches")
    renamed = {name: f"seesay/{name}" for name in past}
    axis = (integer_attribute("axis", 0),)
    gathers = [Node("Gather", (old, BEAM_IDX), (new,), axis) for old, new in renamed.items()]
    step.nodes[:] = gathers + [
        replace(node, inputs=tuple(renamed.get(name, name) for name in node.inputs))
        for node in step.nodes
    ]
    step.inputs[BEAM_IDX] = INT64


def _is_constant(name: str, producers: Mapping[str, Node], constants: Mapping[str, Tensor]) -> bool:
    """Whether a value is a constant, or a transposed one."""
    node = producers.get(name)
    if node is not None and node.op_type == "Transpose":
        name = node.inputs[0]
    return name in constants


def _tensor(name: str, data_type: int, dims: tuple[int, ...], data: bytes) -> Tensor:
    """A small tensor from its encoded data field."""
    encoded = b"".join(integer_field(1, size) for size in dims) + integer_field(2, data_type)
    return Tensor(name, data_type, dims, None, (encoded + data,))
