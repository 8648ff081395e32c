"""A split decoder survives being kept, and is made again where it no longer fits."""

from pathlib import Path

import pytest

from pycore.onnx_graph import split_cache
from pycore.onnx_graph.wire import BytesSource

FOLDER = Path(__file__).parents[2] / "fixtures" / "tiny-model" / "onnx"
DECODER = (FOLDER / "decoder_model_merged_quantized.onnx").read_bytes()
ORIGIN = split_cache.origin_of("0" * 64, "this code")


@pytest.mark.parametrize("attentions", [False, True])
@pytest.mark.parametrize("low_memory", [False, True])
def test_graphs_come_back_as_they_were(low_memory, attentions):
    source = BytesSource(DECODER)
    graphs = split_cache.split_for_worker(source, low_memory=low_memory, attentions=attentions)
    assert split_cache.from_bytes(split_cache.to_bytes(graphs, ORIGIN), ORIGIN) == graphs


def test_graphs_of_another_origin_are_not_taken():
    graphs = split_cache.split_for_worker(BytesSource(DECODER), low_memory=False, attentions=False)
    data = split_cache.to_bytes(graphs, ORIGIN)
    for origin in (
        split_cache.origin_of("1" * 64, "this code"),
        split_cache.origin_of("0" * 64, "other code"),
    ):
        assert split_cache.from_bytes(data, origin) is None


def test_damaged_files_are_not_taken():
    graphs = split_cache.split_for_worker(BytesSource(DECODER), low_memory=False, attentions=False)
    data = split_cache.to_bytes(graphs, ORIGIN)
    head = data.index(b"\n")
    for damaged in (
        b"",
        b"[]",
        b"{}",
        b"7\n",
        data[:head],
        data[: head - 9],
        data[:-1],
        data + b"x",
    ):
        assert split_cache.from_bytes(damaged, ORIGIN) is None


def test_each_kind_has_a_name_of_its_own():
    kinds = [
        (low_memory, attentions) for low_memory in (False, True) for attentions in (False, True)
    ]
    names = {
        split_cache.file_name(low_memory=low_memory, attentions=attentions)
        for low_memory, attentions in kinds
    }
    assert len(names) == len(kinds)
