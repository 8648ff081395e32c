"""onnxruntime-web behind pycore's protocols: the only Python that knows it.

Sessions, tensors and caches stay in JavaScript (ort_runtime.mjs, steps.mjs). A decoder step sends
token ids over and gets one row of logits for each sequence back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, Protocol

import numpy as np
from js import BigInt64Array, Float32Array, Object
from pyodide.ffi import JsException, to_js

from pycore.errors import AssetError, InferenceError
from pycore.interfaces import DecoderSession, FloatArray, IntArray

PAST, PRESENT = "past_key_values.", "present."
INPUT_IDS, HIDDEN_STATES, LOGITS = "input_ids", "encoder_hidden_states", "logits"
USE_CACHE_BRANCH = "use_cache_branch"

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
    optimization: Literal["all", "disabled"] = "all",
) -> JsSession:
    """Create an InferenceSession.

    Args:
        runtime: the OrtRuntime of ort_runtime.mjs.
        model: an ONNX file.
        external_data: files that the model's weights lie in, by the location it gives them.
        optimization: graph optimisation level.

    Raises:
        InferenceError: when onnxruntime refuses the model.
    """
    files = [{"path": path, "data": data} for path, data in (external_data or {}).items()]
    with runtime_errors("loading the model"):
        return await runtime.createSession(model, _js(files), optimization)


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
        # Float32Array.assign copies 600 kB in 24 microseconds; to_js takes 510.
        data = Float32Array.new(pixel_values.size)
        data.assign(np.ascontiguousarray(pixel_values, dtype=np.float32).reshape(-1))
        tensor = self._runtime.ort.Tensor.new("float32", data, _js(list(pixel_values.shape)))
        with runtime_errors("looking at the image"):
            outputs = await self._session.run(_js({self._input: tensor}))
        tensor.dispose()
        return getattr(outputs, self._output)

    async def release(self) -> None:
        """Free the session's memory for other sessions."""
        await self._session.release()


class Decoder(Protocol):
    """A decoder in one of its layouts."""

    layout: Literal["merged", "split"]

    async def open(self, hidden_states: JsTensor) -> DecoderSession:
        """Start on an image; takes ownership of its hidden states.

        Raises:
            InferenceError: when the runtime fails.
        """

    async def release(self) -> None:
        """Free the sessions' memory."""


class MergedDecoder:
    """The official layout: one file, ``use_cache_branch`` tells the first step from the others."""

    layout: Literal["merged", "split"] = "merged"

    def __init__(self, runtime: Any, session: JsSession, config: Mapping[str, Any]) -> None:
        self._runtime = runtime
        self._session = session
        self._names = describe_inputs(session, config, context=(HIDDEN_STATES,))

    async def open(self, hidden_states: JsTensor) -> DecoderSession:
        """Start on an image; takes ownership of its hidden states."""
        context = _js({HIDDEN_STATES: hidden_states})
        return OrtDecoderSession(
            self._runtime.createSteps(self._session, _js(self._names), context)
        )

    async def release(self) -> None:
        """Free the session's memory."""
        await self._session.release()


class OrtDecoderSession:
    """pycore's DecoderSession on the Steps of steps.mjs.

    Args:
        steps: owned by this session from now on.
    """

    def __init__(self, steps: Any) -> None:
        self._steps = steps

    async def step(self, input_ids: IntArray, beam_idx: IntArray | None = None) -> FloatArray:
        """Run the decoder on the newest tokens; see pycore.interfaces."""
        if self._steps is None:
            raise InferenceError("The caption was already finished.", detail="step after release")
        batch = input_ids.shape[0]
        ids = BigInt64Array.new(input_ids.size)
        ids.assign(np.ascontiguousarray(input_ids, dtype=np.int64).reshape(-1))
        rows = None if beam_idx is None else to_js(beam_idx.tolist())
        with runtime_errors("writing the caption"):
            logits = await self._steps.step(ids, batch, rows)
        values: FloatArray = np.asarray(logits.to_py(), dtype=np.float32).reshape(batch, -1)
        return values

    def release(self) -> None:
        """Free the caches and the encoder states. Harmless when called twice."""
        if self._steps is not None:
            self._steps.release()
            self._steps = None


def describe_inputs(
    session: JsSession, config: Mapping[str, Any], context: Sequence[str]
) -> dict[str, Any]:
    """Find out what a decoder's inputs and outputs are called and how large its caches are.

    Args:
        session: of the decoder.
        config: the model's config.json.
        context: inputs that stay the same in all steps of one image.

    Returns:
        The ``Layout`` of steps.mjs.

    Raises:
        AssetError: when there is an input that Seesay does not know how to fill.
    """
    inputs, outputs = list(session.inputNames), list(session.outputNames)
    pasts = [name for name in inputs if name.startswith(PAST)]
    known = {INPUT_IDS, USE_CACHE_BRANCH, *context, *pasts}
    unknown = sorted(set(inputs) - known)
    missing = sorted({PRESENT + name[len(PAST) :] for name in pasts} | {LOGITS} - set(outputs))
    missing = [name for name in missing if name not in outputs]
    if unknown or missing or INPUT_IDS not in inputs or not pasts:
        raise AssetError(
            "This model's decoder is built in a way that Seesay does not know.",
            detail=f"inputs {inputs}, outputs {outputs}",
        )
    heads, dim = _cache_shape(config)
    return {
        "inputIds": INPUT_IDS,
        "logits": LOGITS,
        "useCacheBranch": USE_CACHE_BRANCH if USE_CACHE_BRANCH in inputs else None,
        "caches": [
            {"past": name, "present": PRESENT + name[len(PAST) :], "heads": heads, "dim": dim}
            for name in pasts
        ],
    }


def _cache_shape(config: Mapping[str, Any]) -> tuple[int, int]:
    """Heads and size of a head in the decoder.

    Raises:
        AssetError: when config.json does not tell.
    """
    decoder = config.get("decoder") or {}
    heads = decoder.get("n_head") or decoder.get("num_attention_heads")
    width = decoder.get("n_embd") or decoder.get("hidden_size")
    if not (isinstance(heads, int) and isinstance(width, int) and heads > 0):
        raise AssetError(
            "This model's config.json does not say how its decoder is built.",
            detail=f"heads {heads!r}, width {width!r}",
        )
    return heads, width // heads


def _only_name(names: Any, what: str) -> str:
    """Return the only one of a session's names.

    Raises:
        AssetError: when there are others.
    """
    found = [str(name) for name in names]
    if len(found) != 1:
        raise AssetError(
            "This model's encoder is built in a way that Seesay does not know.",
            detail=f"expected one {what}, found {found}",
        )
    return found[0]


def _js(value: Any) -> Any:
    """Convert lists and dicts (to plain objects); JavaScript values inside stay as they are."""
    return to_js(value, dict_converter=Object.fromEntries)
