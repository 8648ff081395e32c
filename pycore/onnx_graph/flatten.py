"""A branch of a decoder, as one flat graph.

A merged decoder is an ``If`` between a graph without and a graph with a past. The latter serves
every token: it takes a past of length zero too. Of the former no more is wanted than the caches of
cross-attention, where the decoder has such. Which branch is which shows in what it reads, not in
its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pycore.errors import GraphError
from pycore.onnx_graph.model import Graph, Model, Node, Tensor

PAST = "past_key_values."


@dataclass(frozen=True, slots=True)
class FlatGraph:
    """A graph without control flow at its top, every name defined once, nodes in order.

    Attributes:
        nodes: constants are not among them.
        constants: initializers and the values of Constant nodes, by name.
        inputs: element types by name.
        outputs: element types by name.
        value_types: element types of inner values, as far as known.
    """

    nodes: tuple[Node, ...]
    constants: Mapping[str, Tensor]
    inputs: Mapping[str, int]
    outputs: Mapping[str, int]
    value_types: Mapping[str, int]


def unsupported(detail: str) -> GraphError:
    """A GraphError for a valid graph that the rewrite does not understand."""
    message = "This model's decoder is built in a way that Seesay cannot speed up."
    return GraphError(message, detail=detail)


def captured_names(graph: Graph) -> set[str]:
    """Names that a subgraph reads from the graphs around it."""
    own = {*graph.inputs, *graph.initializers}
    own.update(name for node in graph.nodes for name in node.outputs)
    used = set(graph.outputs)
    for node in graph.nodes:
        used.update(read_names(node))
    return used - own - {""}


def read_names(node: Node) -> set[str]:
    """All values that a node reads, those of its subgraphs included."""
    names = {name for name in node.inputs if name}
    for graph in node.graphs():
        names |= captured_names(graph)
    return names


def flatten_decoder(model: Model, *, with_past: bool = True) -> FlatGraph:
    """Replace the top-level ``If`` by one of its branches; a graph without one stays as it is.

    Args:
        model: the decoder.
        with_past: take the branch that reads the past, or the other one.

    Raises:
        GraphError: several ``If`` nodes, none or both branches read the past, or names that are
            undefined, defined twice or used before they are defined.
    """
    graph = model.graph
    choices = [node for node in graph.nodes if node.op_type == "If" and not node.domain]
    if len(choices) > 1:
        raise unsupported(f"{len(choices)} If nodes at the top")
    parts: list[Graph] = [graph]
    nodes: list[Node] = []
    for node in graph.nodes:
        if choices and node is choices[0]:
            branch = _branch(node, with_past=with_past)
            parts.append(branch)
            nodes += _inlined(node, branch)
        else:
            nodes.append(node)

    constants: dict[str, Tensor] = {}
    value_types: dict[str, int] = {}
    for part in parts:
        for name in part.initializers.keys() & constants.keys():
            raise unsupported(f"initializer {name!r} is there twice")
        constants.update(part.initializers)
        value_types.update(part.value_types)
    # Old files list their initializers among the inputs too.
    inputs = {name: kind for name, kind in graph.inputs.items() if name not in constants}
    nodes, constants = _constants_apart(nodes, constants)
    _check_order(nodes, {*constants, *inputs}, graph.outputs)
    return FlatGraph(tuple(nodes), constants, inputs, graph.outputs, value_types)


def _branch(node: Node, *, with_past: bool) -> Graph:
    """The one branch that reads the past, or the one that does not."""
    found: dict[bool, list[Graph]] = {True: [], False: []}
    for graph in node.graphs():
        reads_past = any(name.startswith(PAST) for name in captured_names(graph))
        found[reads_past].append(graph)
    if len(found[True]) != 1 or not found[with_past]:
        raise unsupported(f"{len(found[True])} branches read the past; one should")
    return found[with_past][0]


def _inlined(choice: Node, branch: Graph) -> list[Node]:
    """The branch's nodes, and its results under the names that the If gives them."""
    results = tuple(branch.outputs)
    if len(results) != len(choice.outputs) or branch.inputs:
        raise unsupported("the branch's results do not match its If node")
    nodes = list(branch.nodes)
    for inner, outer in zip(results, choice.outputs, strict=True):
        if inner != outer:
            nodes.append(Node("Identity", (inner,), (outer,)))
    return nodes


def _constants_apart(
    nodes: Iterable[Node], initializers: Mapping[str, Tensor]
) -> tuple[list[Node], dict[str, Tensor]]:
    """Turn Constant nodes of tensors into initializers; others (numbers, text) stay nodes."""
    rest: list[Node] = []
    constants = dict(initializers)
    for node in nodes:
        attribute = node.attribute("value")
        if node.op_type != "Constant" or attribute is None or attribute.tensor is None:
            rest.append(node)
            continue
        if len(node.outputs) != 1 or node.outputs[0] in constants:
            raise unsupported(f"constant {node.outputs} is there twice")
        tensor = attribute.tensor
        name = node.outputs[0]
        constants[name] = Tensor(name, tensor.data_type, tensor.dims, tensor.raw, tensor.rest)
    return rest, constants


_INPUTS = {
    **dict.fromkeys(("Add", "Sub", "Mul", "Div", "Pow", "MatMul", "Gather", "Reshape"), (2, 2)),
    **dict.fromkeys(("Cast", "Identity", "Shape", "Softmax", "Transpose"), (1, 1)),
    "Concat": (1, 1 << 20),
    "ConstantOfShape": (1, 1),
    "ConvInteger": (2, 4),
    "DequantizeLinear": (2, 3),
    "DynamicQuantizeLinear": (1, 1),
    "MatMulInteger": (2, 4),
    "Squeeze": (1, 2),
    "Unsqueeze": (1, 2),
}
"""The fewest and the most inputs of the operators that are looked at. Source: ONNX 1.19,
docs/Operators.md."""


def _check_order(nodes: Iterable[Node], known: set[str], outputs: Iterable[str]) -> None:
    """Every name is defined once, before its use; every node has as many as its operator takes."""
    for node in nodes:
        least, most = (0, 1 << 20) if node.domain else _INPUTS.get(node.op_type, (0, 1 << 20))
        results = 3 if node.op_type == "DynamicQuantizeLinear" and not node.domain else 1
        if not (least <= len(node.inputs) <= most and results <= len(node.outputs)):
            raise unsupported(
                f"{node.op_type} {node.name!r} has {len(node.inputs)} inputs and "
                f"{len(node.outputs)} outputs"
            )
        undefined = read_names(node) - known
        if undefined:
            raise unsupported(f"{node.op_type} {node.name!r} reads undefined {sorted(undefined)}")
        for name in node.outputs:
            if name in known:
                raise unsupported(f"value {name!r} is defined twice")
            if name:
                known.add(name)
    missing = set(outputs) - known
    if missing:
        raise unsupported(f"outputs {sorted(missing)} are never computed")
