"""Optional changes to the step graph. Each adds a few small nodes and touches no weights."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from pycore.onnx_graph.flatten import read_names, unsupported
from pycore.onnx_graph.model import FLOAT, INT64, Node
from pycore.onnx_graph.part import NodeWriter, Part
from pycore.onnx_graph.writer import integer_attribute

ATTENTIONS = "cross_attentions"
BEAM_IDX = "beam_idx"
_SCORE_OPS = {"Add", "Sub", "Mul", "Div", "Where", "Cast", "Identity"}
"""What stands between a product of queries and keys and its softmax: scaling and masking."""


def add_attentions(step: Part, crossing: Collection[str]) -> bool:
    """Put out the cross-attention weights, averaged over layers and heads.

    Args:
        step: changed in place.
        crossing: values that come from the prelude.

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
    writer = NodeWriter(step, "attentions")
    mean = writer.reduce("ReduceMean", writer.concat(*weights, axis=1), 1, keepdims=False)
    step.nodes += [*writer.nodes, Node("Identity", (mean,), (ATTENTIONS,))]
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
