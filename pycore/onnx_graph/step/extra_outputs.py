"""Optional changes to the step graph. Each adds a few small nodes and touches no weights."""

from __future__ import annotations

from collections.abc import Collection

from pycore.onnx_graph.graph_builder import NodeWriter, Part
from pycore.onnx_graph.model import FLOAT, Node

ATTENTIONS = "cross_attentions"
LOGSUMEXP = "logsumexp"
_LARGE = 2**31 - 1  # to the end, for a Slice
_SCORE_OPS = {"Add", "Sub", "Mul", "Div", "Where", "Cast", "Identity", "Reshape"}
"""What stands between a product of queries and keys and its softmax: scaling and masking."""
_KEY_OPS = {"Transpose", "Reshape", "Mul", "Identity"}
"""What stands between cached keys and their product with queries."""


def add_attentions(step: Part, crossing: Collection[str], rows_of: str | None = None) -> bool:
    """Put out the cross-attention weights, averaged over layers and heads.

    Args:
        step: changed in place.
        crossing: values that come from the prelude.
        rows_of: an input [batch, sequence, ...] where rows and heads may have one axis together, as
            BART had it for years; None where weights are [batch, heads, ...].

    Returns:
        Whether the graph has such weights: a Softmax of a MatMul with a value of the prelude.
    """
    from_prelude = set(crossing)
    scores: set[str] = set()  # products of queries with keys from the prelude, scaled and masked
    weights: list[str] = []
    for node in step.nodes:
        if node.op_type in _KEY_OPS and not from_prelude.isdisjoint(node.inputs):
            from_prelude.update(node.outputs)
            continue
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
    if rows_of is not None:
        weights = [_with_heads(writer, each, rows_of) for each in weights]
    mean = writer.reduce("ReduceMean", writer.concat(*weights, axis=1), 1, keepdims=False)
    step.nodes += [*writer.nodes, Node("Identity", (mean,), (ATTENTIONS,))]
    step.outputs[ATTENTIONS] = FLOAT
    return True


def _with_heads(w: NodeWriter, weights: str, rows_of: str) -> str:
    """Give weights an axis for heads: [batch, heads, sequence, encoder tokens]."""
    first, second, third = w.integers(0), w.integers(1), w.integers(2)
    shape = w.add("Shape", rows_of)
    batch, sequence = w.add("Slice", shape, first, second), w.add("Slice", shape, second, third)
    seen = w.add("Slice", w.add("Shape", weights), w.integers(-1), w.integers(_LARGE))
    target = w.concat(batch, w.integers(-1), sequence, seen, axis=0)
    return w.add("Reshape", weights, target)


def add_logsumexp(step: Part, logits: str) -> None:
    """Put out the logarithm of the sum of the logits' exponentials.

    Args:
        step: changed in place.
        logits: name of the output [batch, sequence, vocabulary].
    """
    w = NodeWriter(step, "logsumexp")
    highest = w.reduce("ReduceMax", logits, -1, keepdims=True)
    exponentials = w.add("Exp", w.add("Sub", logits, highest))
    total = w.reduce("ReduceSum", exponentials, -1, keepdims=True)
    logarithm = w.add("Log", total)
    step.nodes += [*w.nodes, Node("Add", (logarithm, highest), (LOGSUMEXP,))]
    step.outputs[LOGSUMEXP] = FLOAT
