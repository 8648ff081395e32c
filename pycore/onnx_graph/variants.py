"""Optional changes to the step graph. Each adds a few small nodes and touches no weights."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pycore.onnx_graph.flatten import read_names, unsupported
from pycore.onnx_graph.model import FLOAT, INT64, Node, Tensor
from pycore.onnx_graph.wire import integer_field
from pycore.onnx_graph.writer import integer_attribute, integers_attribute

ATTENTIONS = "cross_attentions"
BEAM_IDX = "beam_idx"
_AXES_INPUT_OPSET = 18  # ReduceMean takes its axes as an input since then
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


def replace_lm_head(step: Part, constants: Mapping[str, Tensor], logits: str) -> bool:
    """Multiply by the output layer in integers where the graph dequantises it first.

    The hidden states are quantised dynamically, as before every other layer. At full size this
    spares dequantising 154 MB for every token.

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
    stem = "seesay/lm_head/"
    values = (f"{stem}hidden", f"{stem}hidden_scale", f"{stem}hidden_zero_point")
    product_inputs = (values[0], quantized, values[2], *zero_point)
    index = step.nodes.index(product)
    step.nodes[index : index + 1] = [
        Node("DynamicQuantizeLinear", (hidden,), values),
        Node("MatMulInteger", product_inputs, (f"{stem}product",)),
        Node("Cast", (f"{stem}product",), (f"{stem}float",), (integer_attribute("to", FLOAT),)),
        Node("Mul", (values[1], scale), (f"{stem}scale",)),
        Node("Mul", (f"{stem}float", f"{stem}scale"), (logits,)),
    ]
    return True


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
        axes = _vector("seesay/attentions/axes", [1])
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


def _vector(name: str, values: Sequence[int]) -> Tensor:
    """A small int64 vector."""
    encoded = integer_field(1, len(values)) + integer_field(2, INT64)
    encoded += b"".join(integer_field(7, value) for value in values)
    return Tensor(name, INT64, (len(values),), None, (encoded,))
