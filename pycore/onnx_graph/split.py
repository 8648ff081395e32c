"""Splits a decoder into what is done once for an image and what is done for every token.

Everything that depends on ``encoder_hidden_states`` alone, above all each layer's cross-attention
keys and values, is computed again in every step of an official merged decoder: about twenty times
the arithmetic of the rest. Here those nodes become a graph of their own, the *prelude*; what
remains of the with-past branch is the *step*, which takes the prelude's results as inputs. Both
share the weights in the decoder's file. Nodes are told apart by what they depend on, never by name.
(Decoders whose cross-attention is cached are parted by cross_caches.py.)
"""

from __future__ import annotations

from collections.abc import Mapping

from pycore.onnx_graph import cross_caches
from pycore.onnx_graph.element_types import element_types, known_type
from pycore.onnx_graph.flatten import PAST, FlatGraph, flatten_decoder, read_names, unsupported
from pycore.onnx_graph.graph_builder import Part
from pycore.onnx_graph.model import Model, Node, Tensor, read_model
from pycore.onnx_graph.split_graphs import IDS_INPUT, SplitDecoder
from pycore.onnx_graph.step import extra_outputs
from pycore.onnx_graph.step.lm_head import replace_lm_head
from pycore.onnx_graph.step.reshapes import simplify_reshapes
from pycore.onnx_graph.step.weight_padding import pad_columns
from pycore.onnx_graph.wire import ByteSource
from pycore.onnx_graph.writer import encode_model

ENCODER_INPUT = "encoder_hidden_states"
LOGITS = "logits"
PRESENT = "present."
_FROM_ENCODER, _FROM_TOKENS = 1, 2
_IMPURE = {"RandomNormalLike", "RandomUniformLike", "Multinomial", "Bernoulli"}
_HEAVY = {"MatMul", "MatMulInteger", "Gemm"}


def split_decoder(
    source: ByteSource,
    location: str,
    *,
    attentions: bool = False,
    int8_lm_head: bool = False,
    low_memory: bool = False,
    logsumexp: bool = False,
) -> SplitDecoder:
    """Split a decoder file without reading its weights.

    Args:
        source: the decoder's file, in the official merged layout (or its with-past graph alone).
        location: the name under which the runtime will find that file as external data.
        attentions: the step also puts out ``cross_attentions``, float32
            [batch, sequence, encoder tokens]: the weights averaged over layers and heads. Left
            out where none are found; the result's ``attention_output`` tells.
        int8_lm_head: multiply by the tied, quantised token embedding in integers, where the file
            dequantises it first. Faster, leaner; logits differ by about 0.001, a hundredth of
            what onnxruntime's own optimisation changes. Left out where the output layer is of
            another kind; the result's ``int8_lm_head`` tells.
        low_memory: let the runtime keep no rearranged copies of weights, neither a transposed table
            nor wider matrices (weight_padding.py): 45 MB less heap at full size, a quarter more
            time.
        logsumexp: the step also puts out ``logsumexp``, float32 [batch, sequence, 1]: the
            logarithm of the sum of the logits' exponentials.

    Raises:
        GraphError: the bytes are no ONNX model, or the graph is not understood. Run the file as
            it is then.
    """
    model = read_model(source)
    graph = flatten_decoder(model)
    is_cached = cross_caches.has_cross_caches(graph)
    divide = _by_caches if is_cached else _by_dependence
    prelude, step, past, present, constants = divide(model, graph)
    token_input, rank = (cross_caches.EMBEDS_INPUT, 3) if is_cached else (IDS_INPUT, 2)
    crossing = tuple(prelude.outputs)
    simplify_reshapes(step, constants, model.reader, {token_input: rank})
    if not low_memory:
        pad_columns(step, constants)
    has_int8 = int8_lm_head and replace_lm_head(step, constants, LOGITS, low_memory=low_memory)
    rows_of = token_input if is_cached else None
    has_attentions = attentions and extra_outputs.add_attentions(step, crossing, rows_of)
    if logsumexp:
        extra_outputs.add_logsumexp(step, LOGITS)
    return SplitDecoder(
        prelude=encode_part(model, constants, "prelude", location, prelude),
        step=encode_part(model, constants, "step", location, step),
        encoder_input=ENCODER_INPUT,
        prelude_outputs=crossing,
        past_inputs=past,
        present_outputs=present,
        attention_output=extra_outputs.ATTENTIONS if has_attentions else None,
        logsumexp_output=extra_outputs.LOGSUMEXP if logsumexp else None,
        int8_lm_head=has_int8,
        token_input=token_input,
    )


_Divided = tuple[Part, Part, tuple[str, ...], tuple[str, ...], Mapping[str, Tensor]]
"""Prelude, step, the step's past and present, and constants that are not in the parts."""


def _by_dependence(model: Model, graph: FlatGraph) -> _Divided:
    """Divide a decoder that computes its cross-attention's keys and values in every step."""
    past, present = _caches(graph)
    shared, hoisted, rest = _divide(graph)
    if not any(node.op_type in _HEAVY for node in hoisted):
        raise unsupported("nothing worth hoisting depends on the encoder alone")
    used = {name for node in rest for name in read_names(node)} | set(graph.outputs)
    crossing = tuple(name for node in hoisted for name in node.outputs if name in used)
    if set(crossing) & set(graph.outputs):
        raise unsupported("an output depends on the encoder alone")
    types = element_types(graph)
    prelude_outputs = {name: known_type(types, name) for name in crossing}
    opset = model.opsets[""]
    encoder = {ENCODER_INPUT: graph.inputs[ENCODER_INPUT]}
    prelude = Part([*shared, *hoisted], encoder, prelude_outputs, opset)
    inputs = {IDS_INPUT: graph.inputs[IDS_INPUT], **prelude_outputs}
    inputs.update({name: graph.inputs[name] for name in past})
    step = Part([*shared, *rest], inputs, dict(graph.outputs), opset)
    return prelude, step, past, present, graph.constants


def _by_caches(model: Model, graph: FlatGraph) -> _Divided:
    """Divide a decoder whose cross-attention is cached."""
    prelude, step = cross_caches.divide(model, graph)
    past = tuple(name for name in step.inputs if name in cross_caches.own_caches(graph))
    present = tuple(PRESENT + name.removeprefix(PAST) for name in past)
    return prelude, step, past, present, graph.constants


def _caches(graph: FlatGraph) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Check inputs and outputs against the official layout; return the caches' names in order."""
    past = tuple(name for name in graph.inputs if name.startswith(PAST))
    present = tuple(PRESENT + name.removeprefix(PAST) for name in past)
    outputs = {LOGITS, *present}
    if not past or set(graph.outputs) != outputs:
        raise unsupported(f"outputs are {sorted(graph.outputs)}, not {sorted(outputs)}")
    for name in (IDS_INPUT, ENCODER_INPUT):
        if name not in graph.inputs:
            raise unsupported(f"there is no input {name!r}")
    return past, present


def _divide(graph: FlatGraph) -> tuple[list[Node], list[Node], list[Node]]:
    """Part the nodes by what they depend on: constants only, the encoder as well, anything else."""
    origin = dict.fromkeys(graph.constants, 0)
    for name in graph.inputs:
        origin[name] = _FROM_ENCODER if name == ENCODER_INPUT else _FROM_TOKENS
    parts: tuple[list[Node], list[Node], list[Node]] = ([], [], [])
    for node in graph.nodes:
        mask = _FROM_TOKENS if node.op_type in _IMPURE else 0
        for name in read_names(node):
            mask |= origin[name]
        for name in node.outputs:
            origin[name] = mask
        parts[min(mask, _FROM_TOKENS)].append(node)
    return parts


def encode_part(
    model: Model, shared: Mapping[str, Tensor], name: str, location: str, part: Part
) -> bytes:
    """Encode a part of a model, without the nodes and constants that it does not need.

    Raises:
        GraphError: it needs an input that the part does not have.
    """
    nodes = part.needed_nodes()
    needed = set(part.outputs).union(*map(read_names, nodes))
    constants = {**shared, **part.constants}
    produced = {name for node in nodes for name in node.outputs}
    foreign = needed - produced - constants.keys() - part.inputs.keys()
    if foreign:
        raise unsupported(f"the {name} graph needs {sorted(foreign)}")
    tensors = [tensor for key, tensor in constants.items() if key in needed]
    return encode_model(model, name, location, nodes, tensors, part.inputs, part.outputs)
