"""What photograph models are made with: readers of foreign files, their nodes, stored weights."""

from __future__ import annotations

import io
import json
import os
import pickle
import sys
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnxruntime
import pytest

from models.graph_builder import GraphBuilder
from models.photo.stored_weights import SMALL_KERNEL, add_weights, quantize
from models.photo.tfjs_to_onnx import CHANNELS_LAST, Converter, Value
from models.readers.tfjs_graph import GraphModel, Node, read_graph_model
from models.readers.torch_pickle import MAGIC_NUMBER, PROTOCOL_VERSION, read_state

RNG = np.random.default_rng(8)


def run(graph: GraphBuilder, **inputs: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(
        graph.model().SerializeToString(), providers=["CPUExecutionProvider"]
    )
    output: np.ndarray = session.run(None, inputs)[0]
    return output


# Legacy checkpoints, written as torch.save of PyTorch 1.5 does.


Sides = tuple[int, ...]


class FloatStorage:
    __module__, __qualname__ = "torch", "FloatStorage"


def _rebuild_tensor_v2(*_: object) -> None: ...


_rebuild_tensor_v2.__module__ = "torch._utils"


class Storage:
    def __init__(self, key: str, numbers: list[float]) -> None:
        self.key, self.numbers = key, np.array(numbers, "<f4")


class Tensor:
    def __init__(self, storage: Storage, offset: int, shape: Sides, strides: Sides) -> None:
        self.view: tuple[object, ...] = (storage, offset, shape, strides, False, OrderedDict())

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_tensor_v2, self.view


class Pickler(pickle.Pickler):
    def persistent_id(self, obj: Any) -> Any:
        if isinstance(obj, Storage):
            return ("storage", FloatStorage, obj.key, "cpu", obj.numbers.size, None)
        return None


@pytest.fixture
def checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Writes a checkpoint; while it does, pickle finds PyTorch's names."""

    def write(state: object, *storages: Storage) -> Path:
        stream = io.BytesIO()
        keys = [storage.key for storage in storages]
        parts = (MAGIC_NUMBER, PROTOCOL_VERSION, {"little_endian": True}, state, keys)
        with monkeypatch.context() as patch:
            torch = SimpleNamespace(FloatStorage=FloatStorage)
            utils = SimpleNamespace(_rebuild_tensor_v2=_rebuild_tensor_v2)
            patch.setitem(sys.modules, "torch", torch)
            patch.setitem(sys.modules, "torch._utils", utils)
            for part in parts:
                Pickler(stream, protocol=2).dump(part)
        for storage in storages:
            stream.write(storage.numbers.size.to_bytes(8, "little") + storage.numbers.tobytes())
        path = tmp_path / "a.pth"
        path.write_bytes(stream.getvalue())
        return path

    return write


def test_checkpoint_with_strides(checkpoint: Callable[..., Path]) -> None:
    """Tensors are views: transposed ones, and parts of a storage."""
    storage = Storage("7", list(range(12)))
    turned, part = Tensor(storage, 0, (3, 2), (1, 3)), Tensor(storage, 10, (2,), (1,))
    found = read_state(checkpoint(OrderedDict(turned=turned, part=part), storage))
    assert list(found) == ["turned", "part"]
    np.testing.assert_array_equal(found["turned"], [[0, 3], [1, 4], [2, 5]])
    np.testing.assert_array_equal(found["part"], [10, 11])


def test_checkpoint_cannot_run_code(checkpoint: Callable[..., Path]) -> None:
    path = checkpoint({"x": os.system})
    with pytest.raises(pickle.UnpicklingError, match=f"no {os.name}.system"):
        read_state(path)


def test_other_files_are_no_checkpoints(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    path.write_bytes(b"".join(pickle.dumps(part) for part in (1, 2, 3)))
    with pytest.raises(ValueError, match="not a legacy PyTorch checkpoint"):
        read_state(path)


# TensorFlow.js.


def test_graph_model(tmp_path: Path) -> None:
    kernel = RNG.normal(size=(2, 3)).astype(np.float16)
    content = {
        "modelTopology": {
            "node": [
                {"name": "k", "op": "Const"},
                {"name": "c", "op": "Conv2D", "input": ["x", "k", "^late"],
                 "attr": {"padding": {"s": "U0FNRQ=="}, "strides": {"list": {"i": ["1", "2"]}}}},
            ]
        },
        "weightsManifest": [
            {"paths": ["m.bin"], "weights": [
                {"name": "k", "shape": [2, 3], "dtype": "float32",
                 "quantization": {"dtype": "float16"}},
                {"name": "n", "shape": [], "dtype": "int32"},
            ]}
        ],
    }  # fmt: skip
    (tmp_path / "m.json").write_text(json.dumps(content))
    (tmp_path / "m.bin").write_bytes(kernel.tobytes() + np.int32(5).tobytes())
    model = read_graph_model(tmp_path / "m.json")
    (node,) = model.nodes
    assert (node.op_type, node.inputs) == ("Conv2D", ("x", "k"))
    assert (node.string("padding"), node.ints("strides")) == ("SAME", [1, 2])
    assert model.constants["k"].dtype == np.float32
    np.testing.assert_array_equal(model.constants["k"], kernel.astype(np.float32))
    assert model.constants["n"] == 5
    (tmp_path / "m.bin").write_bytes(kernel.tobytes() + bytes(8))
    with pytest.raises(ValueError, match="16 of 20 bytes"):
        read_graph_model(tmp_path / "m.json")


def ints(*values: int) -> dict[str, Any]:
    return {"list": {"i": [str(value) for value in values]}}


def convert(nodes: list[Node], constants: dict[str, np.ndarray], image: np.ndarray) -> np.ndarray:
    """Run a graph on an image ``[n, h, w, c]``; returns its last value, likewise."""
    graph = GraphBuilder("test", {})
    converter = Converter(GraphModel(tuple(nodes), constants), graph, keep_float=True)
    turned = np.ascontiguousarray(image.transpose(0, 3, 1, 2))
    converter.place("x", Value(graph.input("x", "float32", turned.shape), CHANNELS_LAST))
    output = converter.image(nodes[-1].name)
    graph.output("y", output, "float32", ["n", "c", "h", "w"])
    return run(graph, x=turned).transpose(0, 2, 3, 1)


@pytest.mark.parametrize("side", [7, 8])
def test_same_padding_is_tensorflows(side: int) -> None:
    """With stride 2 an even image is padded below and to the right only."""
    image = RNG.normal(size=(1, side, side, 2)).astype(np.float32)
    kernel = RNG.normal(size=(3, 3, 2, 4)).astype(np.float32)
    strides = {"strides": ints(1, 2, 2, 1), "padding": {"s": "U0FNRQ=="}}
    found = convert([Node("y", "Conv2D", ("x", "k"), strides)], {"k": kernel}, image)
    before = 0 if side % 2 == 0 else 1
    padded = np.pad(image, ((0, 0), (before, 1), (before, 1), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (1, 3, 3, 2))[:, ::2, ::2, 0, 0]
    np.testing.assert_allclose(found, np.einsum("nhwijc,ijco->nhwo", windows, kernel), atol=1e-5)


def test_transposes_cost_no_nodes() -> None:
    """A bias added channels last, a pad channels first, a concatenation over channels."""
    image = RNG.normal(size=(1, 4, 5, 3)).astype(np.float32)
    constants = {
        "bias": np.array([1, 2, 3], np.float32),
        "to_first": np.array([0, 3, 1, 2]),
        "to_last": np.array([0, 2, 3, 1]),
        "pads": np.array([[0, 0], [0, 0], [1, 0], [0, 2]]),
        "axis": np.array(3),
    }
    nodes = [
        Node("sum", "AddV2", ("x", "bias"), {}),
        Node("first", "Transpose", ("sum", "to_first"), {}),
        Node("padded", "Pad", ("first", "pads"), {}),
        Node("last", "Transpose", ("padded", "to_last"), {}),
        Node("y", "ConcatV2", ("last", "last", "axis"), {}),
    ]
    padded = np.pad(image + constants["bias"], ((0, 0), (1, 0), (0, 2), (0, 0)))
    expected = np.concatenate([padded, padded], axis=3)
    np.testing.assert_allclose(convert(nodes, constants, image), expected, rtol=1e-6)


@pytest.mark.parametrize("centres", [False, True])
def test_resize(centres: bool) -> None:
    """Twice the size, sampled from corners or from centres of pixels."""
    image = np.array([0, 1, 2], np.float32).reshape(1, 1, 3, 1)
    attributes = {"half_pixel_centers": {"b": centres}}
    nodes = [Node("y", "ResizeBilinear", ("x", "size"), attributes)]
    found = convert(nodes, {"size": np.array([2, 6], np.int32)}, image)
    line = [0, 0.25, 0.75, 1.25, 1.75, 2] if centres else [0, 0.5, 1, 1.5, 2, 2]
    np.testing.assert_allclose(found[0, :, :, 0], [line, line])


def test_unknown_operations_are_named() -> None:
    with pytest.raises(ValueError, match="Erf, of y, is not supported"):
        convert([Node("y", "Erf", ("x",), {})], {}, np.zeros((1, 1, 1, 1), np.float32))


# Weights.


def test_large_weights_become_int8_and_small_ones_float16() -> None:
    large = RNG.normal(size=(200, SMALL_KERNEL // 200)).astype(np.float32)
    large *= np.logspace(-2, 3, 200, dtype=np.float32)[:, None]  # channels of all sizes
    large[7] = 0
    rounded, scales = quantize(large)
    assert rounded.dtype == np.int8
    assert scales.shape == (200, 1)
    half_a_step = np.abs(large).max(axis=1, keepdims=True) / 127 / 2
    small = large[:, :50]
    for weights, bytes_each, error in (
        (large, 1, half_a_step * 1.01),
        (small, 2, np.abs(small) / 2048 + 1e-7),  # float16 has 11 bits
    ):
        graph = GraphBuilder("test", {})
        value = graph.add("Identity", add_weights(graph, "w", weights))
        graph.output("y", value, "float32", weights.shape)
        assert len(graph.model().SerializeToString()) < weights.size * bytes_each + 2000
        assert (np.abs(run(graph) - weights) <= error).all()
