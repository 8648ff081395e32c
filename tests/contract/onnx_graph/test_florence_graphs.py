"""Rewritten graphs of a Florence-2 in CPU onnxruntime, and what the rewriting refuses."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from weakref import WeakSet

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.quant_utils import add_pre_process_metadata
from PIL import Image

from models.florence.bart_graph import build_embeddings
from models.florence.davit_graph import build_vision_encoder
from models.florence.random_model import (
    TINY_SEED,
    TINY_SIZE,
    TINY_TRACED_SIZE,
    random_weights,
    tiny_config,
    write_tiny,
)
from pycore.errors import ConfigurationError, GraphError
from pycore.onnx_graph.cross_caches import EMBEDS_INPUT
from pycore.onnx_graph.davit import DavitShape, mend_vision_encoder
from pycore.onnx_graph.davit.projections import part_projections
from pycore.onnx_graph.embedding_table import EmbeddingTable
from pycore.onnx_graph.flatten import flatten_decoder
from pycore.onnx_graph.graph_builder import Part
from pycore.onnx_graph.model import FLOAT, Node, read_model
from pycore.onnx_graph.split import encode_part, split_decoder
from pycore.onnx_graph.step.extra_outputs import add_attentions
from pycore.onnx_graph.wire import BytesSource
from pycore.onnx_graph.writer import integer_attribute
from seesay import Captioner
from seesay.inference.florence_model import FlorenceModel
from seesay.inference.sessions import Session
from seesay.models.models import ModelFolder
from tests.unit.helpers import run_sync

CONFIG = tiny_config()
SHAPE = DavitShape(size=TINY_SIZE, strides=(4, 2, 2, 2), depths=(1, 1, 2, 1), window_size=2)
OFF = {"scales": False, "depthwise": False, "chunks": False, "gelus": False}
IMAGE = np.random.default_rng(2).standard_normal((1, 3, TINY_SIZE, TINY_SIZE)).astype(np.float32)


@pytest.fixture(scope="module")
def weights() -> dict[str, Any]:
    return random_weights(CONFIG, TINY_SEED)


@pytest.fixture(scope="module")
def vision(weights: dict[str, Any]) -> onnx.ModelProto:
    vision_config = CONFIG["vision_config"]
    return build_vision_encoder(weights, vision_config, traced_size=TINY_TRACED_SIZE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("florence")
    write_tiny(path, keep_float=True)
    return path / "onnx"


def mend(model: onnx.ModelProto, shape: DavitShape = SHAPE, **mends: bool) -> bytes:
    source = BytesSource(model.SerializeToString())
    return mend_vision_encoder(source, "vision.onnx", shape, **{**OFF, **mends})


def run(graph: bytes | onnx.ModelProto, folder: Path, weights: onnx.ModelProto) -> Any:
    """Run a rewritten graph beside the file that has its weights."""
    onnx.save(weights, folder / "vision.onnx")
    data = graph if isinstance(graph, bytes) else graph.SerializeToString()
    path = folder / "mended.onnx"
    path.write_bytes(data)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(None, {"pixel_values": IMAGE})[0]


def depthwise_names(model: onnx.ModelProto) -> list[str]:
    return [
        node.name
        for node in model.graph.node
        if node.op_type == "Conv"
        and any(each.name == "group" and each.i > 1 for each in node.attribute)
    ]


def test_depthwise_convolutions_become_exact_again(vision: onnx.ModelProto, tmp_path: Path) -> None:
    """What is left is what 8 bits did to their weights: no rounding of what they convolve."""
    model = onnx.ModelProto()
    model.CopyFrom(vision)
    add_pre_process_metadata(model)
    onnx.save(model, tmp_path / "float.onnx")
    quantize_dynamic(
        tmp_path / "float.onnx",
        tmp_path / "quantized.onnx",
        weight_type=QuantType.QUInt8,
        nodes_to_quantize=depthwise_names(vision),
    )
    quantized = onnx.load(tmp_path / "quantized.onnx")
    constants = {each.name: numpy_helper.to_array(each) for each in quantized.graph.initializer}
    expected = onnx.ModelProto()
    expected.CopyFrom(vision)
    for tensor in expected.graph.initializer:
        name = f"{tensor.name}_quantized"
        if name in constants:
            values = constants[name].astype(np.float32)
            values -= constants[f"{tensor.name}_zero_point"].astype(np.float32)
            values *= constants[f"{tensor.name}_scale"]
            tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    mended = mend(quantized, depthwise=True)
    kinds = [node.op_type for node in onnx.load_from_string(mended).graph.node]
    assert "ConvInteger" not in kinds
    assert kinds.count("Conv") == sum(node.op_type == "Conv" for node in vision.graph.node)
    reference = run(expected, tmp_path, vision)
    np.testing.assert_allclose(run(mended, tmp_path, quantized), reference, atol=2e-4)
    spoilt = run(mend(quantized), tmp_path, quantized)
    assert np.abs(spoilt - reference).max() > 0.05


def kinds_of(graph: bytes) -> Counter[str]:
    return Counter(node.op_type for node in onnx.load_from_string(graph).graph.node)


def test_gelus_before_a_quantisation_are_approximated(folder: Path, tmp_path: Path) -> None:
    model = onnx.load(folder / "vision_encoder_quantized.onnx")
    before, after = (mend(model, depthwise=True, gelus=on) for on in (False, True))
    kinds = kinds_of(after)
    assert kinds["FastGelu"] == kinds_of(before)["Erf"] == 2 * len(SHAPE.stages)
    assert kinds["Erf"] == 0
    seen = [run(graph, tmp_path, model).ravel() for graph in (before, after)]
    assert np.corrcoef(*seen)[0, 1] > 0.99


def test_gelus_in_floats_stay_exact(vision: onnx.ModelProto) -> None:
    assert kinds_of(mend(vision, gelus=True)) == kinds_of(mend(vision))


@pytest.mark.parametrize("number", [0.5, 1.0, np.sqrt(2)])
def test_what_is_no_gelu_stays(folder: Path, number: float) -> None:
    model = onnx.load(folder / "vision_encoder_quantized.onnx")
    for node in model.graph.node:
        if node.op_type == "Constant":
            value = numpy_helper.to_array(node.attribute[0].t)
            if value.shape == () and np.isclose(value, number):
                other = numpy_helper.from_array(np.full_like(value, 0.9 * number))
                node.attribute[0].t.CopyFrom(other)
    assert kinds_of(mend(model, depthwise=True, gelus=True))["FastGelu"] == 0


def test_nothing_is_copied(folder: Path) -> None:
    data = (folder / "vision_encoder_quantized.onnx").read_bytes()
    mended = mend_vision_encoder(BytesSource(data), "vision.onnx", SHAPE)
    graph = onnx.load_from_string(mended).graph
    for tensor in graph.initializer:
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            place = {entry.key: entry.value for entry in tensor.external_data}
            assert place["location"] == "vision.onnx"
        else:
            assert tensor.ByteSize() < 1024


def projected(model: onnx.ModelProto, shape: DavitShape = SHAPE) -> bytes:
    """Divide nothing but what gives queries, keys and values of channel attention."""
    read = read_model(BytesSource(model.SerializeToString()))
    graph = flatten_decoder(read)
    part = Part(list(graph.nodes), dict(graph.inputs), dict(graph.outputs), read.opsets[""])
    part_projections(part, graph.constants, shape)
    return encode_part(read, graph.constants, "vision_encoder", "vision.onnx", part)


@pytest.mark.parametrize("suffix", ["", "_quantized"])
def test_queries_keys_and_values_each_for_itself_are_the_same(
    folder: Path, tmp_path: Path, suffix: str
) -> None:
    model = onnx.load(folder / f"vision_encoder{suffix}.onnx")
    whole, apart = mend(model), projected(model)
    kinds = [kinds_of(graph)["MatMulInteger" if suffix else "MatMul"] for graph in (whole, apart)]
    assert kinds[1] - kinds[0] == 2 * 2  # three products in place of one, in two blocks
    seen = [run(graph, tmp_path, model) for graph in (whole, apart)]
    np.testing.assert_allclose(seen[1], seen[0], rtol=0, atol=0 if suffix else 1e-5)


def test_queries_keys_and_values_put_in_another_order_stay_together(
    vision: onnx.ModelProto,
) -> None:
    model = onnx.ModelProto()
    model.CopyFrom(vision)
    for node in model.graph.node:
        for each in node.attribute:
            if node.op_type == "Transpose" and list(each.ints) == [2, 0, 3, 1, 4]:
                each.ints[:] = [2, 0, 1, 3, 4]
    assert kinds_of(projected(model)) == kinds_of(mend(model))


def test_chunks_halve_from_stage_to_stage(vision: onnx.ModelProto) -> None:
    """A window attention and two feed-forward parts each; the last stage has but one window."""
    graph = onnx.load_from_string(mend(vision, chunks=True)).graph
    pieces = Counter(len(node.output) for node in graph.node if node.op_type == "Split")
    assert pieces == {16: 3, 8: 3, 4: 2 * 3, 2: 2}


def test_chunks_that_do_not_come_out_even_are_larger() -> None:
    from pycore.onnx_graph.davit.chunks import _chunks

    assert [_chunks(0, count) for count in (256, 6, 25)] == [16, 2, 1]
    assert [_chunks(stage, 256) for stage in range(4)] == [16, 8, 4, 2]


@pytest.mark.parametrize(
    ("mends", "shape", "detail"),
    [
        ({"scales": True}, replace(SHAPE, depths=(1, 1, 1, 1)), "5 channel attentions in 4"),
        ({"scales": True}, replace(SHAPE, strides=(4, 4, 2, 2)), "belong to sizes"),
        ({"chunks": True}, replace(SHAPE, depths=(1, 1, 3, 1)), "5 window attentions and 10"),
    ],
)
def test_another_network_is_refused(
    vision: onnx.ModelProto, mends: dict[str, bool], shape: DavitShape, detail: str
) -> None:
    with pytest.raises(GraphError, match="vision encoder is built in a way") as caught:
        mend(vision, shape, **mends)
    assert detail in caught.value.detail


def test_convolutions_quantised_in_another_way_are_refused(
    vision: onnx.ModelProto, folder: Path
) -> None:
    model = onnx.load(folder / "vision_encoder_quantized.onnx")
    casts = {node.output[0]: node for node in model.graph.node if node.op_type == "ConvInteger"}
    for node in model.graph.node:
        if node.op_type == "Cast" and node.input[0] in casts:
            node.op_type = "Identity"
            del node.attribute[:]
    with pytest.raises(GraphError, match="vision encoder is built in a way"):
        mend(model, depthwise=True)


@pytest.mark.parametrize("suffix", ["", "_quantized"])
def test_rows_of_the_embeddings(folder: Path, suffix: str) -> None:
    path = folder / f"embed_tokens{suffix}.onnx"
    table = EmbeddingTable.from_source(BytesSource(path.read_bytes()))
    text = CONFIG["text_config"]
    assert (table.vocab_size, table.width) == (text["vocab_size"], text["d_model"])
    ids = np.arange(table.vocab_size)[None]
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    assert np.array_equal(table.rows(ids), session.run(None, {"input_ids": ids})[0])
    with pytest.raises(ConfigurationError, match="Token 9999 is not in the vocabulary"):
        table.rows(np.array([[9999]]))


def test_embeddings_of_another_kind_are_refused(weights: dict[str, Any], folder: Path) -> None:
    model = build_embeddings(weights, CONFIG["text_config"])
    model.graph.node[0].output[0] = "rows"
    model.graph.node.append(onnx.helper.make_node("Relu", ["rows"], ["inputs_embeds"]))
    for data in (
        model.SerializeToString(),
        (folder / "encoder_model.onnx").read_bytes(),
    ):
        with pytest.raises(GraphError, match="embeddings are kept in a way"):
            EmbeddingTable.from_source(BytesSource(data))


def decoder(folder: Path) -> onnx.ModelProto:
    return onnx.load(folder / "decoder_model_merged.onnx")


def test_layout_of_the_split_decoder(folder: Path) -> None:
    """The prelude fills the caches of cross-attention; the step is left with its own."""
    data = decoder(folder).SerializeToString()
    split = split_decoder(BytesSource(data), "decoder.onnx")
    caches = [f"past_key_values.{i}.{{}}.{part}" for i in range(2) for part in ("key", "value")]
    assert split.token_input == EMBEDS_INPUT
    assert split.past_inputs == tuple(each.format("decoder") for each in caches)
    cross = [each.format("encoder") for each in caches]
    assert split.prelude_outputs == (*cross, "encoder_attention_mask")
    prelude, step = (onnx.load_from_string(each).graph for each in (split.prelude, split.step))
    assert [each.name for each in prelude.input] == ["encoder_hidden_states"]
    names = {each.name for each in step.input}
    assert names == {"inputs_embeds", *split.past_inputs, *split.prelude_outputs}


def test_decoders_that_read_the_encoder_in_every_step_are_refused(folder: Path) -> None:
    model = decoder(folder)
    (choice,) = model.graph.node
    (branch,) = [each.g for each in choice.attribute if each.name == "then_branch"]
    for node in branch.node:
        for index, name in enumerate(node.input):
            if name == "past_key_values.0.encoder.key":
                node.input[index] = "encoder_hidden_states"
    with pytest.raises(GraphError) as caught:
        split_decoder(BytesSource(model.SerializeToString()), "decoder.onnx")
    assert "encoder's states" in caught.value.detail


def test_attentions_are_the_mean_of_all_that_look_at_the_encoder(folder: Path) -> None:
    path = folder / "decoder_model_merged.onnx"
    split = split_decoder(BytesSource(path.read_bytes()), path.name, attentions=True)
    assert split.attention_output is not None
    generator = np.random.default_rng(3)
    width, seen, rows = CONFIG["text_config"]["d_model"], 9, 2
    states = generator.standard_normal((1, seen, width), dtype=np.float32)
    feeds = {split.token_input: generator.standard_normal((rows, 1, width), dtype=np.float32)}
    heads = CONFIG["text_config"]["decoder_attention_heads"]
    feeds |= dict.fromkeys(split.past_inputs, np.zeros((rows, heads, 0, width // heads), "f"))
    step = onnx.load_from_string(split.step)
    weights = [node.output[0] for node in step.graph.node if node.op_type == "Softmax"]
    step.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in weights)
    sessions = []
    for name, data in (("prelude", split.prelude), ("step", step.SerializeToString())):
        file = folder / f"attentive_{name}.onnx"
        file.write_bytes(data)
        sessions.append(onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"]))
    prelude, attentive = sessions
    values = prelude.run(list(split.prelude_outputs), {split.encoder_input: states})
    feeds |= dict(zip(split.prelude_outputs, values, strict=True))
    found, *each = attentive.run([split.attention_output, *weights], feeds)
    crossed = [one for one in each if one.shape[-1] == seen]
    assert len(crossed) == CONFIG["text_config"]["decoder_layers"]
    np.testing.assert_allclose(found, np.concatenate(crossed, axis=1).mean(axis=1), atol=1e-6)
    np.testing.assert_allclose(found.sum(axis=-1), 1, atol=1e-5)


def test_each_word_has_its_place_in_the_picture(folder: Path) -> None:
    """The map is of the image's tokens alone: what belongs to the question is cut off."""
    noise = np.random.default_rng(4).integers(0, 256, (TINY_SIZE, TINY_SIZE, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, "PNG")
    with Captioner(model=str(folder.parent), num_threads=1) as captioner:
        told = captioner.caption(out.getvalue(), prefix="a cat", attentions=True)
    attention = told.candidates[0].attention
    assert attention is not None
    assert (attention.height, attention.width) == (2, 2)
    assert [word.text for word in attention.words][:2] == ["a", "cat"]
    assert all(sum(word.weights) == pytest.approx(1) for word in attention.words)


def test_attentions_are_computed_once_somebody_asks(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session computes all its outputs, wanted or not: the step has this one on demand."""
    steps = []

    class SeenSession(Session):
        def run(self, outputs: Sequence[str], feeds: Any, doing: str) -> list[Any]:
            if "logits" in outputs:
                steps.append("cross_attentions" in self.outputs)
            return super().run(outputs, feeds, doing)

    monkeypatch.setattr("seesay.inference.florence_model.Session", SeenSession)
    files = ModelFolder(folder.parent)
    model = FlorenceModel(files, files.read_json("config.json"), (TINY_SIZE, TINY_SIZE), 1)
    start, image = np.array([[2]]), np.array([0])

    def told(*, attentions: bool) -> Any:
        session = run_sync(run_sync(model.encode(IMAGE, attentions=attentions)).open([0, 2]))
        run_sync(session.step(start))
        return run_sync(session.attend(start, image))

    assert told(attentions=False) is None
    assert told(attentions=True).shape == (1, 1, 5)
    assert told(attentions=False) is not None  # what was opened stays
    assert steps == [False, True, True]
    assert model.notes == []


def test_in_low_memory_what_looks_and_what_writes_take_turns(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_now: WeakSet[Session] = WeakSet()
    seen: list[set[str]] = []

    class SeenSession(Session):
        def __init__(self, *parts: Any) -> None:
            super().__init__(*parts)
            open_now.add(self)
            seen.append({name for each in open_now for name in each.inputs})

    monkeypatch.setattr("seesay.inference.florence_model.Session", SeenSession)
    image = io.BytesIO()
    Image.effect_noise((TINY_SIZE, TINY_SIZE), 90).save(image, "PNG")
    said = set()
    for low_memory in (False, True):
        seen.clear()
        with Captioner(model=str(folder.parent), num_threads=1, low_memory=low_memory) as captioner:
            for _ in range(2):
                said.add(captioner.caption(image.getvalue(), max_new_tokens=4).caption)
        both = [names for names in seen if {"pixel_values", "attention_mask"} <= names]
        assert bool(both) != low_memory
    assert len(said) == 1


def test_a_decoder_without_attentions_is_noted_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pycore.onnx_graph.split.extra_outputs.add_attentions", lambda *_: False)
    files = ModelFolder(folder.parent)
    model = FlorenceModel(files, files.read_json("config.json"), (TINY_SIZE, TINY_SIZE), 1)
    for _ in range(2):
        run_sync(model.encode(IMAGE, attentions=True))
    assert model.notes == ["This model's decoder does not tell where the model looked."]


def test_attentions_are_told_where_rows_and_heads_have_one_axis(folder: Path) -> None:
    """BART's attention multiplied [batch * heads, sequence, size] in versions of many years."""
    rows, heads, seen = 2, 4, 5
    model = read_model(BytesSource((folder / "decoder_model_merged.onnx").read_bytes()))
    nodes = [
        Node("MatMul", ("queries", "keys"), ("scores",)),
        Node("Softmax", ("scores",), ("weights",), (integer_attribute("axis", 2),)),
    ]
    inputs = dict.fromkeys(("queries", "keys", EMBEDS_INPUT), FLOAT)
    part = Part(nodes, inputs, {}, model.opsets[""])
    assert add_attentions(part, ["keys"], EMBEDS_INPUT)
    session = onnxruntime.InferenceSession(
        encode_part(model, {}, "step", "none", part), providers=["CPUExecutionProvider"]
    )
    generator = np.random.default_rng(5)
    queries = generator.standard_normal((rows, heads, 1, 3), dtype=np.float32)
    keys = generator.standard_normal((rows, heads, 3, seen), dtype=np.float32)
    (found,) = session.run(
        None,
        {
            "queries": queries.reshape(rows * heads, 1, 3),
            "keys": keys.reshape(rows * heads, 3, seen),
            EMBEDS_INPUT: np.zeros((rows, 1, 8), np.float32),
        },
    )
    weights = np.exp(queries @ keys)
    expected = (weights / weights.sum(axis=-1, keepdims=True)).mean(axis=1)
    np.testing.assert_allclose(found, expected, atol=1e-6)
