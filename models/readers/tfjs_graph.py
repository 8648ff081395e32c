"""A reader of TensorFlow.js graph models: nodes and their constants, without TensorFlow.

A graph model is a JSON file with a TensorFlow graph (attributes as protobuf spells them in JSON)
and a manifest of its constants, and binary files that hold these one after the other.

Source: tensorflow/tfjs, converter/python/tensorflowjs/{read,write}_weights.py.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.graph_builder import Array

DTYPES = {"float32": "<f4", "int32": "<i4", "float16": "<f2"}


@dataclass(frozen=True)
class Node:
    """One operation of a graph.

    Attributes:
        name: of the node, and of its first output; ``name:1`` is the second.
        op_type: TensorFlow's name of the operation.
        inputs: names of values, constants included; without control inputs.
    """

    name: str
    op_type: str
    inputs: tuple[str, ...]
    _attributes: Mapping[str, Any]

    def ints(self, key: str) -> list[int]:
        """A list of numbers; empty if there is none."""
        return [int(value) for value in self._list(key).get("i", ())]

    def strings(self, key: str) -> list[str]:
        """A list of names; empty if there is none."""
        return [_text(value) for value in self._list(key).get("s", ())]

    def number(self, key: str) -> float:
        """A number that is not whole."""
        return float(self._attributes[key]["f"])

    def string(self, key: str) -> str:
        """A name; empty if there is none."""
        return _text(self._attributes.get(key, {}).get("s", ""))

    def flag(self, key: str) -> bool:
        """A truth value; false if there is none."""
        return bool(self._attributes.get(key, {}).get("b", False))

    def shape(self) -> list[int]:
        """The shape of a placeholder."""
        return [int(size["size"]) for size in self._attributes["shape"]["shape"]["dim"]]

    def _list(self, key: str) -> Mapping[str, Sequence[str]]:
        found: Mapping[str, Sequence[str]] = self._attributes.get(key, {}).get("list", {})
        return found


@dataclass(frozen=True)
class GraphModel:
    """A graph model as read.

    Attributes:
        nodes: in an order in which they can run; without constants.
        constants: float32 or int32 arrays by name.
    """

    nodes: tuple[Node, ...]
    constants: Mapping[str, Array]


def read_graph_model(path: Path) -> GraphModel:
    """Read ``path``, a graph model's JSON file, and the binary files beside it.

    Raises:
        ValueError: a constant is stored in a way that is not known here.
    """
    content = json.loads(path.read_text(encoding="utf-8"))
    nodes = tuple(
        Node(
            node["name"],
            node["op"],
            tuple(name for name in node.get("input", ()) if not name.startswith("^")),
            node.get("attr", {}),
        )
        for node in content["modelTopology"]["node"]
        if node["op"] != "Const"
    )
    constants: dict[str, Array] = {}
    for group in content["weightsManifest"]:
        data = b"".join((path.parent / name).read_bytes() for name in group["paths"])
        constants.update(_split(data, group["weights"]))
    return GraphModel(nodes, constants)


def _split(data: bytes, entries: Sequence[Mapping[str, Any]]) -> dict[str, Array]:
    constants: dict[str, Array] = {}
    offset = 0
    for entry in entries:
        stored = entry.get("quantization", {}).get("dtype", entry["dtype"])
        if stored not in DTYPES:
            raise ValueError(f"constants stored as {stored} are not supported")
        dtype = np.dtype(DTYPES[stored])
        count = int(np.prod(entry["shape"], dtype=np.int64))
        array = np.frombuffer(data, dtype, count, offset).reshape(entry["shape"])
        constants[entry["name"]] = array.astype(entry["dtype"])
        offset += count * dtype.itemsize
    if offset != len(data):
        raise ValueError(f"{offset} of {len(data)} bytes belong to constants")
    return constants


def _text(value: str) -> str:
    """Decode a name: bytes travel in JSON as base64."""
    return base64.b64decode(value).decode("utf-8")
