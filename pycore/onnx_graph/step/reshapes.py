"""Takes the shape arithmetic out of a decoder's step.

Exporters write ``x.view(-1, width) @ weights`` and the way back as reshapes whose sizes are
computed anew for each of them: half of a step's nodes, none of its results. Here products of
matrices take their rows as they come, and sizes that a reshape copies from its own input are
written as 0, which means just that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from heapq import heappop, heappush
from typing import NamedTuple

from pycore.onnx_graph.flatten import read_names
from pycore.onnx_graph.graph_builder import NodeWriter, Part
from pycore.onnx_graph.model import INT64, Node, Tensor
from pycore.onnx_graph.step.ranks import ranks
from pycore.onnx_graph.wire import Reader

_ELEMENTWISE = {"Add", "Cast", "Div", "Erf", "Identity", "Mul", "Pow", "Relu", "Sub", "Tanh"}
_MATRIX = 2  # dimensions
_SEQUENCES = 3  # dimensions of hidden states: batch, position, width
_MAX_LENGTH = 8
_ITEM_BYTES = 8


class _Dimension(NamedTuple):
    """The size of one dimension of a value."""

    value: str
    axis: int


def simplify_reshapes(
    step: Part, constants: Mapping[str, Tensor], reader: Reader, known_ranks: Mapping[str, int]
) -> None:
    """Remove or simplify reshapes; results stay the same to the last bit.

    Args:
        step: changed in place.
        constants: of the whole graph.
        reader: of their values.
        known_ranks: dimensions of inputs, by name, from where ranks are counted.
    """
    sizes = _Sizes(step.producers(), constants, reader)
    known = dict(known_ranks)
    for node in step.nodes:
        shape = sizes.of_reshape(node)
        if shape is not None:
            known[node.outputs[0]] = len(shape)
    _copy_sizes(step, sizes)
    paths = _Paths(step, sizes, constants, ranks(step.nodes, constants, known))
    renamed: dict[str, str] = {}
    for node in step.nodes:
        renamed.update(paths.from_joined_rows(node))
    step.nodes[:] = _without(step.nodes, renamed)


class _Sizes:
    """The sizes that reshapes ask for."""

    def __init__(
        self, producers: Mapping[str, Node], constants: Mapping[str, Tensor], reader: Reader
    ) -> None:
        self._producers = producers
        self._constants = constants
        self._reader = reader

    def of_reshape(self, node: Node) -> list[int | _Dimension | None] | None:
        """Sizes of a reshape's result, each None if unknown; None if even their number is."""
        if node.op_type != "Reshape" or node.domain:
            return None
        allow_zero = node.attribute("allowzero")
        return None if allow_zero and allow_zero.integers != (0,) else self._vector(node.inputs[1])

    def _vector(self, name: str) -> list[int | _Dimension | None] | None:
        values = self._integers(name)
        if values is not None:
            return list(values)
        node = self._producers.get(name)
        if node is None or node.op_type != "Concat":
            return None
        sizes: list[int | _Dimension | None] = []
        for part in node.inputs:
            values = self._integers(part)
            sizes += [self._dimension(part)] if values is None else values
        return sizes

    def _dimension(self, name: str) -> _Dimension | None:
        """What ``Unsqueeze(Gather(Shape(value), axis))`` stands for."""
        unsqueeze = self._producers.get(name)
        if unsqueeze is None or unsqueeze.op_type != "Unsqueeze":
            return None
        gather = self._producers.get(unsqueeze.inputs[0])
        if gather is None or gather.op_type != "Gather":
            return None
        shape = self._producers.get(gather.inputs[0])
        axis = self._integers(gather.inputs[1])
        if shape is None or shape.op_type != "Shape" or shape.attributes or not axis:
            return None
        scalar = self._constants[gather.inputs[1]].dims == ()
        return _Dimension(shape.inputs[0], axis[0]) if scalar and axis[0] >= 0 else None

    def _integers(self, name: str) -> tuple[int, ...] | None:
        """A short constant's values."""
        tensor = self._constants.get(name)
        if tensor is None or tensor.data_type != INT64 or tensor.raw is None:
            return None
        if not 0 < tensor.raw.length <= _MAX_LENGTH * _ITEM_BYTES:
            return None
        data = memoryview(self._reader.read(tensor.raw))
        places = range(0, len(data), _ITEM_BYTES)
        return tuple(
            int.from_bytes(data[place : place + _ITEM_BYTES], "little", signed=True)
            for place in places
        )


class _Paths:
    """The ways from joined rows, [batch * sequence, width], back to [batch, sequence, width]."""

    def __init__(
        self,
        step: Part,
        sizes: _Sizes,
        constants: Mapping[str, Tensor],
        found: Mapping[str, int],
    ) -> None:
        self._nodes = step.nodes
        self._outputs = step.outputs
        self._sizes = sizes
        self._constants = constants
        self._ranks = found
        self._readers: dict[str, list[int]] = {}
        for index, node in enumerate(step.nodes):
            for name in read_names(node):
                self._readers.setdefault(name, []).append(index)

    def from_joined_rows(self, joined: Node) -> dict[str, str]:
        """Follow a reshape that joins rows.

        Returns:
            What stands for the results of the reshapes at both ends; empty when the node is none,
            or when something on the way would notice that the rows are not joined.
        """
        if not self._joins_rows(joined):
            return {}
        origin, rows = joined.inputs[0], {joined.outputs[0]}
        ends: dict[str, str] = {joined.outputs[0]: origin}
        waiting = list(self._readers.get(joined.outputs[0], ()))
        while waiting:
            node = self._nodes[heappop(waiting)]  # in order, so that all its operands are known
            shape = self._sizes.of_reshape(node)
            if shape is not None and node.inputs[0] in rows:
                batch_and_length = [_Dimension(origin, 0), _Dimension(origin, 1)]
                if len(shape) != _SEQUENCES or shape[:2] != batch_and_length:
                    return {}
                ends[node.outputs[0]] = node.inputs[0]
            elif not self._keeps_rows(node, rows):
                return {}
            elif node.outputs[0] not in rows:
                rows.add(node.outputs[0])
                for index in self._readers.get(node.outputs[0], ()):
                    heappush(waiting, index)
        is_seen = not rows.isdisjoint(self._outputs)
        return ends if len(ends) > 1 and not is_seen else {}

    def _joins_rows(self, node: Node) -> bool:
        shape = self._sizes.of_reshape(node)
        return (
            shape is not None
            and len(shape) == _MATRIX
            and shape[0] == -1
            and isinstance(shape[1], int)
            and self._ranks.get(node.inputs[0]) == _SEQUENCES
        )

    def _keeps_rows(self, node: Node, rows: set[str]) -> bool:
        """Whether a node does the same to each row, however rows are arranged."""
        if node.domain:
            return False
        if node.op_type == "DynamicQuantizeLinear":
            return True
        others = [name for name in node.inputs if name not in rows]
        if node.op_type in _ELEMENTWISE:
            return all(self._ranks.get(name, _MATRIX) < _MATRIX for name in others)
        if node.op_type not in ("MatMul", "MatMulInteger") or node.inputs[0] not in rows:
            return False
        weights = self._constants.get(node.inputs[1])
        is_matrix = weights is not None and len(weights.dims) == _MATRIX
        return is_matrix and others == [*node.inputs[1:]]


def _without(nodes: list[Node], renamed: Mapping[str, str]) -> list[Node]:
    """The nodes but those whose results are renamed."""

    def name_of(value: str) -> str:
        while value in renamed:
            value = renamed[value]
        return value

    return [
        replace(node, inputs=tuple(map(name_of, node.inputs)))
        for node in nodes
        if renamed.keys().isdisjoint(node.outputs)
    ]


def _copy_sizes(step: Part, sizes: _Sizes) -> None:
    """Write sizes that a reshape takes from its own input as 0."""
    writer = NodeWriter(step, "sizes")
    for index, node in enumerate(step.nodes):
        shape = sizes.of_reshape(node)
        if shape is None:
            continue
        copied = [
            0 if size == _Dimension(node.inputs[0], axis) else size
            for axis, size in enumerate(shape)
        ]
        numbers = [size for size in copied if isinstance(size, int)]
        if copied != shape and len(numbers) == len(copied):
            step.nodes[index] = replace(node, inputs=(node.inputs[0], writer.integers(*numbers)))
