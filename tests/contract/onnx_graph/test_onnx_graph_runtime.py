"""The split decoder against the merged one, in CPU onnxruntime, on models of several kinds."""

import copy

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import version_converter
from onnxruntime.quantization import quantize_dynamic

from models.export import export_graphs
from models.random_model import random_weights, tiny_config
from pycore.onnx_graph.split import split_decoder
from pycore.onnx_graph.split_graphs import SplitDecoder
from pycore.onnx_graph.wire import BytesSource

OFF = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
ON = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
QUANTIZED = "decoder_model_merged_quantized.onnx"
FLOAT = "decoder_model_merged.onnx"
IN_PLACE = "quantized_in_place.onnx"
# Random weights make activations lie close to the steps of quantisation; a value that falls to the
# other side moves the logits by this much, in files with a standard deviation of about 3.
ROUNDING = 0.2


def configurations():
    """Name and config.json of each architecture."""
    yield "tiny", tiny_config()
    config = tiny_config()  # widths as in ViT-GPT2: no projection between the two
    config["encoder"] = config["encoder"] | {"hidden_size": 32}
    config["decoder"] = config["decoder"] | {"n_layer": 3, "n_inner": 40}
    yield "equal-widths", config
    config = copy.deepcopy(tiny_config())
    config["decoder"] |= {"tie_word_embeddings": False, "activation_function": "relu"}
    yield "untied", config


@pytest.fixture(scope="module", params=list(configurations()), ids=lambda item: item[0])
def model(request, tmp_path_factory):
    """Folder with the ONNX files, and config.json, of one architecture."""
    name, config = request.param
    folder = tmp_path_factory.mktemp(name)
    weights = random_weights(config, seed=3)
    if name == "untied":
        table = weights["decoder.transformer.wte.weight"]
        weights["decoder.lm_head.weight"] = table[::-1] * np.float32(0.9)
    export_graphs(weights, config, folder, keep_float=True)
    folder = folder / "onnx"
    # The other way to quantise, of the official files, puts nodes beside the If as well.
    quantize_dynamic(
        folder / FLOAT,
        folder / IN_PLACE,
        per_channel=True,
        reduce_range=True,
        extra_options={"EnableSubgraph": True},
    )
    return folder, config


class Decoder:
    """Runs a decoder file step by step, merged or split."""

    def __init__(self, path, config, optimization, **options):
        self.config = config
        self._split: SplitDecoder | None = None
        if options.pop("merged", False):
            self.session = self._open(path, optimization)
            self.encoder_values = {}
        else:
            split = split_decoder(BytesSource(path.read_bytes()), path.name, **options)
            prelude, step = path.with_suffix(".prelude"), path.with_suffix(".step")
            prelude.write_bytes(split.prelude)
            step.write_bytes(split.step)
            self._split = split
            self.prelude = self._open(prelude, optimization)
            self.session = self._open(step, optimization)

    @property
    def split(self) -> SplitDecoder:
        assert self._split is not None
        return self._split

    @staticmethod
    def _open(path, optimization):
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = optimization
        options.intra_op_num_threads = 1
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def start(self, encoded, batch=None):
        """Take the encoder's states; ``batch`` rows follow (default: as many as states)."""
        decoder = self.config["decoder"]
        heads = decoder["n_head"]
        shape = (batch or len(encoded), heads, 0, decoder["n_embd"] // heads)
        self.past = {
            f"past_key_values.{layer}.{part}": np.zeros(shape, np.float32)
            for layer in range(decoder["n_layer"])
            for part in ("key", "value")
        }
        if self._split is None:
            self.encoder_values = {"encoder_hidden_states": encoded}
            self.encoder_values["use_cache_branch"] = np.array([True])
        else:
            names = list(self.split.prelude_outputs)
            values = self.prelude.run(names, {self.split.encoder_input: encoded})
            self.encoder_values = dict(zip(names, values, strict=True))

    def step(self, ids, **more):
        """Return all outputs by name, and keep the caches."""
        names = [output.name for output in self.session.get_outputs()]
        feeds = {"input_ids": np.array(ids, np.int64), **self.past, **self.encoder_values, **more}
        outputs = dict(zip(names, self.session.run(names, feeds), strict=True))
        self.past = {
            name: outputs[name.replace("past_key_values", "present")] for name in self.past
        }
        return outputs


def encoder_states(config, batch=1, seed=0):
    encoder = config["encoder"]
    tokens = (encoder["image_size"] // encoder["patch_size"]) ** 2 + 1
    shape = (batch, tokens, encoder["hidden_size"])
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


def compare(path, config, optimization, batch, **options):
    """Largest difference of any output over a few steps, the first of three tokens."""
    merged = Decoder(path, config, optimization, merged=True)
    split = Decoder(path, config, optimization, **options)
    encoded = encoder_states(config, batch)
    merged.start(encoded)
    split.start(encoded)
    generator = np.random.default_rng(1)
    largest = 0.0
    for length in (3, 1, 1, 1, 1):
        ids = generator.integers(0, config["decoder"]["vocab_size"], (batch, length))
        expected, actual = merged.step(ids), split.step(ids)
        assert expected.keys() <= actual.keys()
        for name, value in expected.items():
            assert value.shape == actual[name].shape
            largest = max(largest, float(np.abs(value - actual[name]).max()))
    return largest


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("file", [QUANTIZED, FLOAT, IN_PLACE])
@pytest.mark.parametrize("options", [{}, {"attentions": True}])
def test_bit_identical_without_optimization(model, file, batch, options):
    folder, config = model
    assert compare(folder / file, config, OFF, batch, **options) == 0.0


def test_within_rounding_with_optimization(model):
    folder, config = model
    assert compare(folder / FLOAT, config, ON, 1) < 1e-4
    assert compare(folder / QUANTIZED, config, ON, 1) < ROUNDING


def test_a_graph_with_past_alone_is_split_too(model):
    folder, config = model
    path = folder / "with_past.onnx"
    onnx.save(with_past_alone(folder / FLOAT), path)
    split = Decoder(path, config, OFF)
    whole = Decoder(folder / FLOAT, config, OFF, merged=True)
    for decoder in (split, whole):
        decoder.start(encoder_states(config))
    assert np.array_equal(split.step([[1, 2]])["logits"], whole.step([[1, 2]])["logits"])


def test_one_prelude_serves_a_batch(model):
    """Rows of one image share its prelude, whatever their number."""
    folder, config = model
    encoded = encoder_states(config)
    merged = Decoder(folder / QUANTIZED, config, OFF, merged=True)
    merged.start(np.repeat(encoded, 4, axis=0))
    split = Decoder(folder / QUANTIZED, config, OFF)
    split.start(encoded, batch=4)
    for ids in ([[1], [2], [3], [4]], [[5], [6], [7], [8]]):
        assert np.array_equal(merged.step(ids)["logits"], split.step(ids)["logits"])


def test_logsumexp_is_that_of_the_logits(model):
    folder, config = model
    for batch in (1, 3):
        decoder = Decoder(folder / QUANTIZED, config, OFF, logsumexp=True)
        decoder.start(encoder_states(config), batch=batch)
        outputs = decoder.step([[1, 2, 3]] * batch)
        expected = np.log(np.exp(outputs["logits"].astype(np.float64)).sum(-1, keepdims=True))
        actual = outputs[decoder.split.logsumexp_output]
        np.testing.assert_allclose(actual, expected, rtol=1e-6)


@pytest.mark.parametrize("file", [QUANTIZED, FLOAT])
def test_attentions_are_the_mean_of_the_softmaxes(model, file):
    folder, config = model
    decoder = Decoder(folder / file, config, OFF, attentions=True)
    encoded = encoder_states(config)
    # Put out every softmax over the encoder's tokens, and average them here.
    path = (folder / file).with_suffix(".step")
    graph = onnx.load(path, load_external_data=False)
    softmaxes = [node.output[0] for node in graph.graph.node if node.op_type == "Softmax"]
    for name in softmaxes:
        graph.graph.output.append(onnx.helper.make_tensor_value_info(name, 1, None))
    onnx.save(graph, path)
    decoder.session = decoder._open(path, OFF)
    decoder.start(encoded)
    outputs = decoder.step([[1, 2, 3]])
    heads = [outputs[name] for name in softmaxes if outputs[name].shape[-1] == encoded.shape[1]]
    assert len(heads) == config["decoder"]["n_layer"]
    attentions = outputs[decoder.split.attention_output]
    assert attentions.shape == (1, 3, encoded.shape[1])
    np.testing.assert_allclose(attentions, np.concatenate(heads, 1).mean(1), atol=1e-6)
    np.testing.assert_allclose(attentions.sum(-1), 1, atol=1e-5)


def test_int8_lm_head_where_the_table_is_quantized(model):
    folder, config = model
    tied = config["decoder"]["tie_word_embeddings"]
    for file in (QUANTIZED, FLOAT):
        split = Decoder(folder / file, config, OFF, int8_lm_head=True).split
        assert split.int8_lm_head == (tied and file == QUANTIZED)
    for batch in (1, 3):
        for low_memory in (False, True):
            options = {"int8_lm_head": True, "low_memory": low_memory}
            assert compare(folder / QUANTIZED, config, OFF, batch, **options) < 1e-3


def transposed_constants(path):
    """Shapes of the constants that the runtime will keep a transposed copy of."""
    graph = onnx.load(path, load_external_data=False).graph
    shapes = {tensor.name: list(tensor.dims) for tensor in graph.initializer}
    transposes = [node for node in graph.node if node.op_type == "Transpose"]
    return [shapes[node.input[0]] for node in transposes if node.input[0] in shapes]


def test_lean_drops_the_transposed_table(model):
    folder, config = model
    if not config["decoder"]["tie_word_embeddings"]:
        pytest.skip("its output layer is not the token embedding")
    step = (folder / QUANTIZED).with_suffix(".step")
    shape = [config["decoder"]["vocab_size"], config["decoder"]["n_embd"]]
    for low_memory, expected in ((False, [shape]), (True, [])):
        Decoder(folder / QUANTIZED, config, OFF, int8_lm_head=True, low_memory=low_memory)
        assert transposed_constants(step) == expected


def test_int8_lm_head_in_pieces(model, monkeypatch):
    """The last piece is the smallest; together they give the same logits to the last bit."""
    folder, config = model
    if not config["decoder"]["tie_word_embeddings"]:
        pytest.skip("its output layer is not the token embedding")
    path = folder / QUANTIZED
    vocab_size, width = config["decoder"]["vocab_size"], config["decoder"]["n_embd"]
    whole = Decoder(path, config, OFF, int8_lm_head=True)
    piece = vocab_size // 2 - 1
    monkeypatch.setattr("pycore.onnx_graph.step.lm_head._COLUMNS", piece)
    pieces = Decoder(path, config, OFF, int8_lm_head=True)
    sizes = (piece, piece, vocab_size - 2 * piece)
    shapes = transposed_constants(path.with_suffix(".step"))
    assert shapes == [[size, width] for size in sizes]
    for decoder in (whole, pieces):
        decoder.start(encoder_states(config))
    expected, actual = whole.step([[1, 2, 3]]), pieces.step([[1, 2, 3]])
    assert np.array_equal(expected["logits"], actual["logits"])


@pytest.mark.parametrize("file", [QUANTIZED, IN_PLACE])
def test_wider_matrices_give_the_same_bits(model, file, monkeypatch):
    """Zero points of a matrix or of each column; not in low-memory mode, which keeps no copies."""
    folder, config = model
    path = folder / file
    monkeypatch.setattr("pycore.onnx_graph.step.weight_padding._APART", config["decoder"]["n_embd"])
    assert compare(path, config, OFF, 1) == 0
    assert compare(path, config, OFF, 3, attentions=True) == 0
    pads = []
    for low_memory in (False, True):
        Decoder(path, config, OFF, low_memory=low_memory)
        graph = onnx.load(path.with_suffix(".step"), load_external_data=False).graph
        pads.append(sum(node.op_type == "Pad" for node in graph.node))
    assert pads[0] > pads[1] == 0


def test_no_shape_arithmetic_is_left_in_the_step(model):
    folder, config = model
    path = folder / QUANTIZED
    Decoder(path, config, OFF)
    graph = onnx.load(path.with_suffix(".step"), load_external_data=False).graph
    # Of the ids and of the past's length, once for all layers.
    assert sum(node.op_type == "Shape" for node in graph.node) <= 2


def with_past_alone(path):
    """The with-past branch of a merged decoder as a model of its own."""
    merged = onnx.load(path)
    (choice,) = merged.graph.node
    branch = next(item.g for item in choice.attribute if item.name == "then_branch")
    inputs = [item for item in merged.graph.input if item.name != "use_cache_branch"]
    outputs, weights = merged.graph.output, merged.graph.initializer
    graph = onnx.helper.make_graph(branch.node, "with_past", inputs, outputs, weights)
    opsets = merged.opset_import
    return onnx.helper.make_model(graph, opset_imports=opsets, ir_version=merged.ir_version)


@pytest.mark.parametrize("opset", [13, 18])
def test_later_operator_sets(model, opset):
    """Axes became inputs in 13 and 18, Split counts its outputs since 18."""
    folder, config = model
    path = folder / f"opset_{opset}.onnx"
    onnx.save(version_converter.convert_version(with_past_alone(folder / QUANTIZED), opset), path)
    plain = Decoder(path, config, OFF)
    for low_memory in (False, True):
        options = {"int8_lm_head": True, "low_memory": low_memory, "logsumexp": True}
        changed = Decoder(path, config, OFF, **options)
        for decoder in (plain, changed):
            decoder.start(encoder_states(config))
        expected, actual = plain.step([[1, 2, 3]]), changed.step([[1, 2, 3]])
        np.testing.assert_allclose(actual["logits"], expected["logits"], atol=1e-3)
        sums = np.exp(actual["logits"].astype(np.float64)).sum(-1, keepdims=True)
        np.testing.assert_allclose(actual["logsumexp"], np.log(sums), rtol=1e-6)


def test_signed_tables(model):
    """A token embedding of signed numbers is multiplied transposed, low_memory or not."""
    folder, config = model
    if not config["decoder"]["tie_word_embeddings"]:
        pytest.skip("its output layer is not the token embedding")
    decoder = onnx.load(folder / QUANTIZED)
    for tensor in decoder.graph.initializer:
        if tensor.name.startswith("decoder.transformer.wte.weight") and tensor.data_type == 2:
            signed = onnx.numpy_helper.to_array(tensor).astype(np.int16) - 128
            tensor.CopyFrom(onnx.numpy_helper.from_array(signed.astype(np.int8), tensor.name))
    path = folder / "signed.onnx"
    onnx.save(decoder, path)
    for low_memory in (False, True):
        assert compare(path, config, OFF, 2, int8_lm_head=True, low_memory=low_memory) < 1e-3
