"""Hypothesis looks for bytes that the graph rewriter neither splits nor refuses."""

from collections.abc import Iterator
from pathlib import Path

import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pycore.errors import GraphError
from pycore.onnx_graph.split import split_decoder
from pycore.onnx_graph.wire import BytesSource

QUANTIZED = "decoder_model_merged_quantized.onnx"


@pytest.fixture(scope="module")
def decoder_bytes():
    fixtures = Path(__file__).parents[2] / "fixtures"
    return (fixtures / "tiny-model" / "onnx" / QUANTIZED).read_bytes()


# The same examples each time: what a change breaks must not be for another change to find.
@settings(
    max_examples=60,
    derandomize=True,
    deadline=60_000,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(data=st.data())
def test_changed_files_split_or_are_refused(decoder_bytes, data):
    start = data.draw(st.integers(0, len(decoder_bytes)))
    removed = data.draw(st.integers(0, 50))
    inserted = data.draw(st.binary(max_size=50))
    changed = decoder_bytes[:start] + inserted + decoder_bytes[start + removed :]
    try:
        split_decoder(BytesSource(changed), "decoder.onnx", attentions=True, int8_lm_head=True)
    except GraphError as error:
        assert error.detail


def _nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            yield from _nodes(attribute.g)


@pytest.mark.parametrize("places", ["input", "output"])
@pytest.mark.parametrize("count", [0, 1, 2, 9])
def test_nodes_of_any_number_of_inputs_and_outputs(decoder_bytes, places, count):
    """All nodes of an operator are given so many; what they had is cut or said again."""
    operators = {node.op_type for node in _nodes(onnx.load_from_string(decoder_bytes).graph)}
    refused = 0
    for operator in sorted(operators - {"If"}):
        model = onnx.load_from_string(decoder_bytes)
        for node in (node for node in _nodes(model.graph) if node.op_type == operator):
            names = [*getattr(node, places)] or ["logits"]
            del getattr(node, places)[:]
            getattr(node, places).extend((names * count)[:count])
        try:
            split_decoder(
                BytesSource(model.SerializeToString()), "decoder.onnx",
                attentions=True, int8_lm_head=True, logsumexp=True,
            )  # fmt: skip
        except GraphError as error:
            assert error.detail
            refused += 1
    assert refused
