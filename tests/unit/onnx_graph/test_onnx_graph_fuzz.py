"""Any bytes give a clear error or a graph that reads back, in bounded time."""

import random
import time
from pathlib import Path

import pytest

from pycore.errors import GraphError
from pycore.onnx_graph import wire
from pycore.onnx_graph.split import split_decoder
from pycore.onnx_graph.wire import BytesSource, Reader, Span, bytes_field, text_field, varint

FOLDER = Path(__file__).parents[2] / "fixtures" / "tiny-model" / "onnx"
DECODER = (FOLDER / "decoder_model_merged_quantized.onnx").read_bytes()
LIMIT_S = 60.0  # for one file; a usual one takes a tenth of a second, several in a busy Pyodide


def try_to_split(data):
    """Split, or be refused; return whether it worked."""
    started = time.monotonic()
    try:
        split = split_decoder(BytesSource(data), "decoder.onnx", attentions=True, logsumexp=True)
    except GraphError:
        return False
    finally:
        assert time.monotonic() - started < LIMIT_S
    for written in (split.prelude, split.step):
        assert list(Reader(BytesSource(written)).fields(Span(0, len(written))))
    return True


def mutate(data, generator):
    """Change, remove, repeat or insert a few bytes somewhere."""
    changed = bytearray(data)
    for _ in range(generator.randrange(1, 8)):
        start = generator.randrange(len(changed))
        length = generator.choice((1, 1, 1, 2, 8, 100))
        kind = generator.randrange(4)
        if kind == 0:
            changed[start : start + length] = generator.randbytes(length)
        elif kind == 1:
            del changed[start : start + length]
        elif kind == 2:
            changed[start:start] = changed[start : start + length]
        else:
            changed[start] ^= 1 << generator.randrange(8)
    return bytes(changed)


@pytest.mark.parametrize("seed", range(4))
def test_mutations(seed):
    generator = random.Random(seed)
    for _ in range(8):
        try_to_split(mutate(DECODER, generator))


def test_truncations():
    generator = random.Random(5)
    for _ in range(20):
        assert not try_to_split(DECODER[: generator.randrange(len(DECODER))])


def test_random_bytes():
    generator = random.Random(6)
    for _ in range(200):
        assert not try_to_split(generator.randbytes(generator.randrange(2000)))


def test_graphs_in_graphs_end():
    graph = b""
    for _ in range(2000):
        attribute = text_field(1, "body") + bytes_field(6, graph)
        graph = bytes_field(1, text_field(4, "If") + bytes_field(5, attribute))
    with pytest.raises(GraphError) as caught:
        split_decoder(BytesSource(bytes_field(7, graph)), "decoder.onnx")
    assert "deep" in caught.value.detail


def test_endless_lists_end(monkeypatch):
    monkeypatch.setattr(wire, "MAX_FIELDS", 50_000)
    dims = bytes_field(1, b"\x01" * 3_000_000)
    for tensor in (dims, bytes_field(1, varint(2**62)) * 20_000):
        graph = bytes_field(5, text_field(8, "weights") + tensor)
        with pytest.raises(GraphError):
            split_decoder(BytesSource(bytes_field(7, graph)), "decoder.onnx")
