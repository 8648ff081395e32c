"""The split of the tiny model's decoder, looked at as bytes; tests/contract runs it."""

from pathlib import Path

import pytest

from pycore.errors import GraphError
from pycore.onnx_graph.model import read_model
from pycore.onnx_graph.split import split_decoder
from pycore.onnx_graph.wire import BytesSource, Reader, Span, bytes_field

FOLDER = Path(__file__).parents[2] / "fixtures" / "tiny-model" / "onnx"
DECODER = (FOLDER / "decoder_model_merged_quantized.onnx").read_bytes()
LAYERS = 2
CACHES = tuple(f"{i}.{part}" for i in range(LAYERS) for part in ("key", "value"))


class CountingSource(BytesSource):
    """Counts the bytes that are read."""

    count = 0

    def read(self, offset, length):
        self.count += length
        return super().read(offset, length)


class Written:
    """A written graph, as far as these tests look at it."""

    def __init__(self, data):
        reader = Reader(BytesSource(data))
        (graph,) = self._all(reader, Span(0, len(data)), 7)
        self.op_types = [
            reader.text(item)
            for node in self._all(reader, graph.payload, 1)
            for item in self._all(reader, node.payload, 4)
        ]
        self.tensors = {}
        for tensor in self._all(reader, graph.payload, 5):
            (name,) = self._all(reader, tensor.payload, 8)
            place = {}
            for entry in self._all(reader, tensor.payload, 13):
                key, value = reader.fields(entry.payload)
                place[reader.text(key)] = reader.text(value)
            self.tensors[reader.text(name)] = place
        self.inputs = self._names(reader, graph, 11)
        self.outputs = self._names(reader, graph, 12)

    @staticmethod
    def _all(reader, span, number):
        return [field for field in reader.fields(span) if field.number == number]

    def _names(self, reader, graph, number):
        return [
            reader.text(self._all(reader, item.payload, 1)[0])
            for item in self._all(reader, graph.payload, number)
        ]


@pytest.fixture(scope="module")
def split():
    return split_decoder(BytesSource(DECODER), "decoder.onnx")


def test_prelude_takes_the_encoder_states_alone(split):
    prelude = Written(split.prelude)
    assert prelude.inputs == [split.encoder_input] == ["encoder_hidden_states"]
    assert prelude.outputs == list(split.prelude_outputs)
    # One key and one value for each layer, and the mask that GPT-2 makes from the shape.
    assert len(split.prelude_outputs) == 2 * LAYERS + 1
    # The projection to the decoder's width and each layer's keys and values.
    assert prelude.op_types.count("MatMulInteger") == 1 + LAYERS


def test_step_takes_tokens_prelude_and_past(split):
    step = Written(split.step)
    assert step.inputs == ["input_ids", *split.prelude_outputs, *split.past_inputs]
    assert step.outputs == ["logits", *split.present_outputs]
    assert split.past_inputs == tuple(f"past_key_values.{cache}" for cache in CACHES)
    assert split.present_outputs == tuple(f"present.{cache}" for cache in CACHES)
    assert "If" not in step.op_types
    # Self-attention (2), cross-attention (2: query and output), feed-forward (2).
    assert step.op_types.count("MatMulInteger") == 6 * LAYERS


def test_weights_stay_in_the_file(split):
    model = read_model(BytesSource(DECODER))
    checked = 0
    for graph in (Written(split.prelude), Written(split.step)):
        for name, place in graph.tensors.items():
            if not place:
                continue
            raw = model.graph.initializers[name].raw
            assert raw
            assert place["location"] == "decoder.onnx"
            assert int(place["offset"]) == raw.start
            assert int(place["length"]) == raw.length
            checked += 1
    assert checked > 20


def test_weights_are_not_read():
    weights = 64 << 20  # as an unknown field before the model: skipped in the same way
    source = CountingSource(bytes_field(100, bytes(weights)) + DECODER)
    split_decoder(source, "decoder.onnx")
    assert source.count < weights / 8


def test_same_file_gives_the_same_bytes(split):
    again = split_decoder(BytesSource(DECODER), "decoder.onnx")
    assert (again.prelude, again.step) == (split.prelude, split.step)


def test_options_add_what_they_say(split):
    full = split_decoder(
        BytesSource(DECODER), "decoder.onnx", attentions=True, int8_lm_head=True, logsumexp=True
    )
    plain, changed = Written(split.step), Written(full.step)
    assert changed.inputs == plain.inputs
    assert changed.outputs == [*plain.outputs, full.attention_output, full.logsumexp_output]
    assert full.int8_lm_head
    integer_products = changed.op_types.count("MatMulInteger")
    assert integer_products == plain.op_types.count("MatMulInteger") + 1
    assert full.prelude == split.prelude


def test_options_off_cost_nothing(split):
    assert split.attention_output is None
    assert split.logsumexp_output is None
    assert not split.int8_lm_head
    assert len(split.step) < len(DECODER) / 2


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<!doctype html><title>Sign in</title>",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 158599996\n",
        (FOLDER / "encoder_model_quantized.onnx").read_bytes(),
        DECODER[: len(DECODER) // 2],
        DECODER[:-1],
        DECODER + b"\x00",
    ],
    ids=["empty", "page", "pointer", "encoder", "half", "cut", "longer"],
)
def test_other_files_are_refused(data):
    with pytest.raises(GraphError) as caught:
        split_decoder(BytesSource(data), "decoder.onnx")
    assert caught.value.detail


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"encoder_hidden_states", b"encoder_hidden_stateX"),
        (b"past_key_values.0.key", b"some_key_values.0.key"),
        (b"present.1.value", b"present.1.valuX"),
        (b"logits", b"logitX"),
    ],
)
def test_other_layouts_are_refused(old, new):
    assert old in DECODER
    with pytest.raises(GraphError):
        split_decoder(BytesSource(DECODER.replace(old, new)), "decoder.onnx")
