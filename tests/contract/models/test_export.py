"""The exported graphs against PyTorch's numbers, and against the official files' layout."""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from models.random_model import write_tiny
from pycore.onnx_graph.split import split_decoder
from pycore.onnx_graph.wire import BytesSource

FIXTURES = Path(__file__).parents[2] / "fixtures"
OFFICIAL = FIXTURES / "vit-gpt2-image-captioning"
FLOAT_DECODER = "decoder_model_merged.onnx"
DECODER = "decoder_model_merged_quantized.onnx"
# What the quantiser makes of MatMul and Gemm, beside the operators that it was told to look at.
QUANTIZED_OPS = {"DequantizeLinear", "DynamicQuantizeLinear", "MatMulInteger", "ConvInteger"}
INNER_HEADS, HEAD_SIZE = 4, 8


@pytest.fixture(scope="module")
def reference():
    with np.load(FIXTURES / "export" / "tiny_model.npz") as arrays:
        return dict(arrays)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """The tiny model, exported again, with its float32 files."""
    folder = tmp_path_factory.mktemp("tiny")
    write_tiny(folder, keep_float=True)
    return folder


def run(path, **feeds):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, feeds), strict=True))


def empty_past(batch):
    empty = np.zeros((batch, INNER_HEADS, 0, HEAD_SIZE), np.float32)
    return {f"past_key_values.{i}.{part}": empty for i in range(2) for part in ("key", "value")}


@pytest.mark.parametrize("file", [FLOAT_DECODER, DECODER])
def test_decoder_logits(tiny, reference, file):
    encoded, ids, logits = (reference[k] for k in ("last_hidden_state", "input_ids", "logits"))
    tolerance = 1e-4 if file == FLOAT_DECODER else 1.0  # 8 bits of logits up to 10
    path = tiny / "onnx" / file
    for use_cache in (False, True):
        feeds = {
            "input_ids": ids[:, :3],
            "encoder_hidden_states": encoded,
            "use_cache_branch": np.array([use_cache]),
        }
        first = run(path, **feeds, **empty_past(len(ids)))
        np.testing.assert_allclose(first["logits"], logits[:, :3], atol=tolerance)
        past = {name: first[name.replace("past_key_values", "present")] for name in empty_past(1)}
        feeds |= {"input_ids": ids[:, 3:], "use_cache_branch": np.array([True])}
        rest = run(path, **feeds, **past)
        np.testing.assert_allclose(rest["logits"], logits[:, 3:], atol=tolerance)


def test_encoder_states(tiny, reference):
    pixels, expected = reference["pixel_values"], reference["last_hidden_state"]
    exact = run(tiny / "onnx" / "encoder_model.onnx", pixel_values=pixels)
    np.testing.assert_allclose(exact["last_hidden_state"], expected, atol=1e-4)
    close = run(tiny / "onnx" / "encoder_model_quantized.onnx", pixel_values=pixels)
    np.testing.assert_allclose(close["last_hidden_state"], expected, atol=0.5)


def test_cross_attentions(tiny, reference):
    path = tiny / "onnx" / FLOAT_DECODER
    split = split_decoder(BytesSource(path.read_bytes()), path.name, attentions=True)
    prelude, step = path.with_name("prelude.onnx"), path.with_name("step.onnx")
    prelude.write_bytes(split.prelude)
    step.write_bytes(split.step)
    encoded, ids = reference["last_hidden_state"], reference["input_ids"]
    values = run(prelude, **{split.encoder_input: encoded})
    outputs = run(step, input_ids=ids, **values, **empty_past(len(ids)))
    attentions = outputs[split.attention_output]
    np.testing.assert_allclose(attentions, reference["cross_attentions"], atol=1e-5)


def test_the_committed_model_is_what_the_script_makes(tiny):
    committed = FIXTURES / "tiny-model"
    for path in sorted(committed.rglob("*.*")):
        made = tiny / path.relative_to(committed)
        if path.suffix != ".onnx":
            assert made.read_text(encoding="utf-8") == path.read_text(encoding="utf-8")
            continue
        # Other releases of onnx may lay the same graph out differently: compare what is in it.
        ours, theirs = onnx.load(made).graph, onnx.load(path).graph
        assert [node.op_type for node in ours.node] == [node.op_type for node in theirs.node]
        assert list(ours.initializer) == list(theirs.initializer)


def test_layout_of_the_merged_decoder():
    graph = onnx.load(FIXTURES / "tiny-model" / "onnx" / DECODER).graph
    caches = [f"{i}.{part}" for i in range(2) for part in ("key", "value")]
    inputs = ["input_ids", "encoder_hidden_states", *(f"past_key_values.{c}" for c in caches)]
    assert [item.name for item in graph.input] == [*inputs, "use_cache_branch"]
    assert [item.name for item in graph.output] == ["logits", *(f"present.{c}" for c in caches)]
    (choice,) = graph.node
    assert choice.op_type == "If"
    told = json.loads((OFFICIAL / "quantize_config.json").read_text(encoding="utf-8"))
    told = set(told["per_model_config"]["decoder_model_merged"]["op_types"])
    for branch in (attribute.g for attribute in choice.attribute):
        assert not branch.initializer  # one copy of every weight, outside
        assert {node.op_type for node in branch.node} <= told | QUANTIZED_OPS


def test_operators_of_the_encoder():
    graph = onnx.load(FIXTURES / "tiny-model" / "onnx" / "encoder_model_quantized.onnx").graph
    told = json.loads((OFFICIAL / "quantize_config.json").read_text(encoding="utf-8"))
    told = set(told["per_model_config"]["encoder_model"]["op_types"])
    assert {node.op_type for node in graph.node} <= told | QUANTIZED_OPS | {"Cast"}
