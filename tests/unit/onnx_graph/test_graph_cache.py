"""A rewritten graph survives being kept, and is made again where it no longer fits."""

from pycore.onnx_graph import graph_cache


def test_a_graph_comes_back_as_it_was_for_the_same_origin_alone():
    data = graph_cache.to_bytes(b"a\ngraph", "made of this")
    assert graph_cache.from_bytes(data, "made of this") == b"a\ngraph"
    assert graph_cache.from_bytes(data, "made of that") is None
    for damaged in (b"", b"\n", data[:-1], data + b"\0", data[5:]):
        assert graph_cache.from_bytes(damaged, "made of this") is None
