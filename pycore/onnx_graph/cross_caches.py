"""Parts a decoder whose cross-attention is cached, as those of BART are.

Its branch without a past computes each layer's cross-attention keys and values and hands them out
as caches; its branch with a past takes them as inputs. Prelude: what the first branch computes of
``encoder_hidden_states`` for those caches. Step: the second branch. Its padding mask is made in the
prelude: nothing is padded here, so it is ones.
"""

from __future__ import annotations

from collections.abc import Iterable

from pycore.onnx_graph.flatten import PAST, FlatGraph, flatten_decoder, read_names, unsupported
from pycore.onnx_graph.graph_builder import NodeWriter, Part
from pycore.onnx_graph.model import INT64, Model, Node

ENCODER_INPUT = "encoder_hidden_states"
EMBEDS_INPUT = "inputs_embeds"
MASK_INPUT = "encoder_attention_mask"
LOGITS = "logits"
_PRESENT = "present."
_CROSS, _OWN = ".encoder.", ".decoder."


def has_cross_caches(graph: FlatGraph) -> bool:
    """Whether a decoder's inputs include caches of cross-attention."""
    return any(name.startswith(PAST) and _CROSS in name for name in graph.inputs)


def own_caches(graph: FlatGraph) -> tuple[str, ...]:
    """The inputs that are caches of self-attention, in order."""
    return tuple(name for name in graph.inputs if name.startswith(PAST) and _OWN in name)


def divide(model: Model, graph: FlatGraph) -> tuple[Part, Part]:
    """Part the decoder.

    Args:
        model: the decoder.
        graph: its branch with a past.

    Returns:
        Prelude and step; the prelude's outputs are inputs of the step.

    Raises:
        GraphError: when the graph is not understood.
    """
    cross = tuple(name for name in graph.inputs if name.startswith(PAST) and _CROSS in name)
    own = own_caches(graph)
    opset = model.opsets[""]
    known = {EMBEDS_INPUT, ENCODER_INPUT, MASK_INPUT, "use_cache_branch", *cross, *own}
    present = [_PRESENT + name.removeprefix(PAST) for name in own]
    if set(graph.inputs) - known or EMBEDS_INPUT not in graph.inputs or not own:
        raise unsupported(f"inputs are {sorted(graph.inputs)}")
    if not {LOGITS, *present} <= graph.outputs.keys():
        raise unsupported(f"outputs are {sorted(graph.outputs)}")
    outputs = {name: graph.outputs[name] for name in (LOGITS, *present)}
    step = Part(list(graph.nodes), {}, outputs, opset)
    read = _read_by(graph.nodes, outputs)
    if ENCODER_INPUT in read:
        raise unsupported("the branch with a past reads the encoder's states")
    step.inputs |= {name: graph.inputs[name] for name in (EMBEDS_INPUT, *own)}
    prelude = _prelude(model, cross, opset)
    if MASK_INPUT in read:
        _add_mask(prelude)
    step.inputs |= prelude.outputs
    return prelude, step


def _prelude(model: Model, cross: tuple[str, ...], opset: int) -> Part:
    """What the branch without a past computes for the caches, under the names of the step."""
    first = flatten_decoder(model, with_past=False)
    presents = {name: _PRESENT + name.removeprefix(PAST) for name in cross}
    if not first.outputs.keys() >= set(presents.values()):
        raise unsupported("the branch without a past does not give the caches that the other takes")
    read = _read_by(first.nodes, presents.values())
    foreign = read & first.inputs.keys() - {ENCODER_INPUT}
    if foreign:
        raise unsupported(f"cross-attention's keys and values depend on {sorted(foreign)}")
    named = [Node("Identity", (present,), (name,)) for name, present in presents.items()]
    return Part(
        [*first.nodes, *named],
        {ENCODER_INPUT: first.inputs[ENCODER_INPUT]},
        {name: first.inputs[name] for name in cross},
        opset,
        dict(first.constants),  # branches may name different constants alike
    )


def _add_mask(prelude: Part) -> None:
    """Put out ones, int64 [batch, encoder tokens]."""
    w = NodeWriter(prelude, "mask")
    shape = w.add("Slice", w.add("Shape", ENCODER_INPUT), w.integers(0), w.integers(2))
    ones = w.add("Expand", w.integers(1), shape)
    prelude.nodes += [*w.nodes, Node("Identity", (ones,), (MASK_INPUT,))]
    prelude.outputs[MASK_INPUT] = INT64


def _read_by(nodes: tuple[Node, ...], wanted: Iterable[str]) -> set[str]:
    """Everything that some values are computed from, themselves included."""
    needed = set(wanted)
    for node in reversed(nodes):
        if needed.intersection(node.outputs):
            needed |= read_names(node)
    return needed
