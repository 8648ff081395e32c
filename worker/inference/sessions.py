"""onnxruntime-web behind pycore's protocols: the only Python that knows it.

Sessions, tensors and caches stay in JavaScript (runtime.mjs, decoder_steps.mjs). A decoder step
sends token ids over and gets one row of logits for each sequence back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from js import BigInt64Array, Float32Array, Object
from pyodide.ffi import JsException, to_js

from pycore.errors import InferenceError, UnsupportedModelError
from pycore.interfaces import FloatArray, IntArray, StepOutput

if TYPE_CHECKING:
    from pycore.onnx_graph.embedding_table import EmbeddingTable

JsSession = Any
"""An onnxruntime-web InferenceSession."""
JsTensor = Any
"""An onnxruntime-web Tensor."""
JsBytes = Any
"""A Uint8Array."""


@contextmanager
def runtime_errors(doing: str) -> Iterator[None]:
    """Map what onnxruntime-web throws.

    Raises:
        InferenceError: with the person's sentence; onnxruntime's text is the detail.
    """
    try:
        yield
    except JsException as error:
        raise InferenceError(
            f"The model runtime failed while {doing}. If it happens again, reload the page; "
            "the device may be short of memory.",
            detail=str(error),
        ) from error


async def create_session(
    runtime: Any,
    model: JsBytes,
    external_data: Mapping[str, JsBytes] | None = None,
) -> JsSession:
    """Create an InferenceSession.

    Args:
        runtime: the OrtRuntime of runtime.mjs.
        model: an ONNX file.
        external_data: files that the model's weights lie in, by the location it gives them.

    Raises:
        InferenceError: when onnxruntime refuses the model.
    """
    files = [{"path": path, "data": data} for path, data in (external_data or {}).items()]
    with runtime_errors("loading the model"):
        return await runtime.createSession(model, to_object(files))


class JsByteSource:
    """A Uint8Array as pycore.onnx_graph reads it: a little at a time."""

    def __init__(self, data: JsBytes) -> None:
        self._data = data
        self.size = int(data.length)

    def read(self, offset: int, length: int) -> bytes:
        """Return ``length`` bytes from ``offset``."""
        part: bytes = self._data.subarray(offset, offset + length).to_bytes()
        return part


class Encoder:
    """The vision encoder: pixel values in, hidden states (kept in JavaScript) out."""

    def __init__(self, runtime: Any, session: JsSession) -> None:
        self._runtime = runtime
        self._session = session
        self._input = _only_name(session.inputNames, "input of the encoder")
        self._output = next(iter(session.outputNames))

    async def run(self, pixel_values: FloatArray) -> JsTensor:
        """Return the hidden states.

        Args:
            pixel_values: float32 of shape (1, 3, height, width).

        Raises:
            InferenceError: when the runtime fails.
        """
        tensor = to_tensor(self._runtime, pixel_values)
        with runtime_errors("looking at the image"):
            outputs = await self._session.run(to_object({self._input: tensor}))
        tensor.dispose()
        return getattr(outputs, self._output)

    async def release(self) -> None:
        """Free the session's memory for other sessions."""
        await self._session.release()


class SingleOutput:
    """A model with one input of pixels and one output of numbers, which Python reads."""

    def __init__(self, runtime: Any, session: JsSession) -> None:
        self._runtime = runtime
        self._session = session
        self._input = _only_name(session.inputNames, "input of a model")
        self._output = _only_name(session.outputNames, "output of a model")

    async def run(self, pixels: FloatArray) -> FloatArray:
        """Return the output, in its own shape.

        Args:
            pixels: float32 of the shape that the model takes.

        Raises:
            InferenceError: when the runtime fails.
        """
        tensor = to_tensor(self._runtime, pixels)
        with runtime_errors("looking at the image"):
            feeds = to_object({self._input: tensor})
            outputs = await self._runtime.runLong(self._session, feeds)
        tensor.dispose()
        output = getattr(outputs, self._output)
        values: FloatArray = np.asarray(output.data.to_py(), dtype=np.float32)
        shape = [int(length) for length in output.dims]
        output.dispose()
        return values.reshape(shape)

    async def release(self) -> None:
        """Free the session's memory for other sessions."""
        await self._session.release()


def to_tensor(runtime: Any, values: FloatArray | IntArray) -> JsTensor:
    """Copy an array of floats or of int64 into a tensor of JavaScript's."""
    shape = to_object(list(values.shape))
    if values.dtype == np.int64:
        return runtime.ort.Tensor.new("int64", _to_int64(values), shape)
    return runtime.ort.Tensor.new("float32", _to_float32(values), shape)


def _to_float32(values: Any) -> Any:
    """Copy an array into a Float32Array."""
    # Float32Array.assign copies 600 kB in 24 microseconds; to_js takes 510.
    copy = Float32Array.new(values.size)
    copy.assign(np.ascontiguousarray(values, dtype=np.float32).reshape(-1))
    return copy


class OrtDecoderSession:
    """pycore's DecoderSession on the Steps of decoder_steps.mjs.

    Args:
        steps: owned by this session from now on.
        embeddings: of tokens, for a decoder that has none: it reads one token of each row at a
            time then.
        image_tokens: how many of the encoder's tokens are the image's, from the first on; None for
            all.
    """

    def __init__(
        self,
        steps: Any,
        embeddings: EmbeddingTable | None = None,
        image_tokens: int | None = None,
    ) -> None:
        self._steps = steps
        self._embeddings = embeddings
        self._image_tokens = image_tokens

    async def step(self, input_ids: IntArray, beam_idx: IntArray | None = None) -> StepOutput:
        """Run the decoder on the newest tokens; see pycore.interfaces."""
        if self._steps is None:
            raise InferenceError("The caption was already finished.", detail="step after release")
        rows = None if beam_idx is None else to_object(beam_idx.tolist())
        if self._embeddings is None:
            return await self._run(_to_int64(input_ids), len(input_ids), rows)
        embeds = self._embeddings.rows(input_ids)
        for place in range(input_ids.shape[1]):
            output = await self._run(_to_float32(embeds[:, place]), len(input_ids), rows)
            rows = None
        return output

    async def _run(self, tokens: Any, batch: int, rows: Any) -> StepOutput:
        with runtime_errors("writing the caption"):
            logits, logsumexp = await self._steps.step(tokens, batch, rows)
        return StepOutput(_rows(logits, batch), _rows(logsumexp, batch) if logsumexp else None)

    async def attend(self, input_ids: IntArray, images: IntArray) -> FloatArray | None:
        """Tell where the decoder looks; see pycore.interfaces."""
        if self._steps is None:
            raise InferenceError("The caption was already finished.", detail="attend after release")
        if self._embeddings is None:
            parts = [_to_int64(input_ids)]
        else:
            embeds = self._embeddings.rows(input_ids)
            parts = [_to_float32(embeds[:, place]) for place in range(input_ids.shape[1])]
        with runtime_errors("finding out where the model looked"):
            weights = await self._steps.attend(to_object(parts), to_object(images.tolist()))
        if weights is None:
            return None
        rows = len(input_ids)
        length = input_ids.shape[1] // len(parts)
        values = [
            np.asarray(part.to_py(), np.float32).reshape(rows, length, -1) for part in weights
        ]
        return np.concatenate(values, axis=1)[:, :, : self._image_tokens]

    def release(self) -> None:
        """Free the caches and the encoder states. Harmless when called twice."""
        if self._steps is not None:
            self._steps.release()
            self._steps = None


def _rows(values: Any, count: int) -> FloatArray:
    """Copy a Float32Array."""
    rows: FloatArray = np.asarray(values.to_py(), dtype=np.float32).reshape(count, -1)
    return rows


def _to_int64(ids: Any) -> Any:
    """Copy token ids, or a mask, into a BigInt64Array."""
    copy = BigInt64Array.new(ids.size)
    copy.assign(np.ascontiguousarray(ids, dtype=np.int64).reshape(-1))
    return copy


def _only_name(names: Any, what: str) -> str:
    """Return the only one of a session's names.

    Raises:
        UnsupportedModelError: when there are others.
    """
    found = [str(name) for name in names]
    if len(found) != 1:
        raise UnsupportedModelError(
            "its encoder is built in another way.",
            detail=f"expected one {what}, found {found}",
        )
    return found[0]


def to_object(value: Any) -> Any:
    """Convert bytes, lists, and dicts (to plain objects); JavaScript values stay as they are."""
    return to_js(value, dict_converter=Object.fromEntries)
