"""onnxruntime behind a few functions: the only Python here that knows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import onnxruntime

from pycore.errors import InferenceError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Feeds = Mapping[str, NDArray[Any]]

_QUIET = 3
"""Only errors are logged, by onnxruntime's levels."""


@contextmanager
def runtime_errors(doing: str) -> Iterator[None]:
    """Map what onnxruntime throws.

    Raises:
        InferenceError: with the person's sentence; onnxruntime's text is the detail.
    """
    try:
        yield
    # onnxruntime's own exceptions have no common base but this one.
    except Exception as error:
        raise InferenceError(
            f"The model runtime failed while {doing}. The machine may be short of memory.",
            detail=f"{type(error).__name__}: {error}",
        ) from error


class Session:
    """An ONNX graph that can be run.

    Args:
        model: an ONNX file.
        threads: that one run may use.
        external_data: files that the graph's weights lie in, by the location it gives them.

    Attributes:
        inputs: names of the inputs.
        outputs: names of the outputs.

    Raises:
        InferenceError: onnxruntime refuses the model.
    """

    def __init__(
        self, model: bytes, threads: int, external_data: Mapping[str, bytes] | None = None
    ) -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = _QUIET
        options.intra_op_num_threads = threads
        with runtime_errors("loading the model"):
            if external_data:
                options.add_external_initializers_from_files_in_memory(
                    [*external_data],
                    [*external_data.values()],
                    [len(data) for data in external_data.values()],
                )
            self._session = onnxruntime.InferenceSession(
                model, options, providers=["CPUExecutionProvider"]
            )
        self.inputs = tuple(node.name for node in self._session.get_inputs())
        self.outputs = tuple(node.name for node in self._session.get_outputs())

    def run(self, outputs: Sequence[str], feeds: Feeds, doing: str) -> list[NDArray[Any]]:
        """Run the graph.

        Args:
            outputs: names of those that are wanted.
            feeds: the inputs by name.
            doing: what it is for; completes "failed while".

        Raises:
            InferenceError: when the runtime fails.
        """
        with runtime_errors(doing):
            values: list[NDArray[Any]] = self._session.run([*outputs], dict(feeds))
            return values

    def run_pixels(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """Run a graph with one input of pixels, and return its first output.

        Raises:
            InferenceError: when the runtime fails.
        """
        name = self.inputs[0]
        return self.run(self.outputs[:1], {name: pixels}, "looking at the image")[0]
