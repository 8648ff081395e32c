"""The decoder in its two layouts: as downloaded, and split into prelude and step.

Split is several times faster (pycore/onnx_graph/split.py says why) and shares the downloaded
file's weights. What cannot be split runs as it is, and the diagnostics tell.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Protocol

from pycore.errors import AssetError, GraphError, InferenceError
from pycore.interfaces import DecoderSession
from pycore.onnx_graph import SplitDecoder as SplitGraphs
from pycore.onnx_graph import split_decoder
from worker.ort_session import (
    JsBytes,
    JsSession,
    JsTensor,
    OrtDecoderSession,
    create_session,
    runtime_errors,
    to_object,
)

if TYPE_CHECKING:
    from worker.models import ModelSource

PAST, PRESENT = "past_key_values.", "present."
INPUT_IDS, HIDDEN_STATES, LOGITS = "input_ids", "encoder_hidden_states", "logits"
USE_CACHE_BRANCH = "use_cache_branch"
WEIGHTS_LOCATION = "decoder.onnx"
"""What the split graphs call the downloaded file."""


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
    """The official layout: one file, ``use_cache_branch`` tells the first step from the others.

    Raises:
        AssetError: from the constructor, when the decoder is not in that layout.
    """

    layout: Literal["merged", "split"] = "merged"

    def __init__(self, runtime: Any, session: JsSession, config: Mapping[str, Any]) -> None:
        self._runtime = runtime
        self._session = session
        self._steps = describe_steps(session, config, context=(HIDDEN_STATES,))

    async def open(self, hidden_states: JsTensor) -> DecoderSession:
        """Start on an image; takes ownership of its hidden states."""
        context = to_object({HIDDEN_STATES: hidden_states})
        steps = self._runtime.createSteps(self._session, to_object(self._steps), context)
        return OrtDecoderSession(steps)

    async def release(self) -> None:
        """Free the session's memory."""
        await self._session.release()


class SplitDecoder:
    """Two graphs: the prelude once for each image, the step for each token.

    Raises:
        AssetError: from the constructor, when the step is not what it should be.
    """

    layout: Literal["merged", "split"] = "split"

    def __init__(
        self,
        runtime: Any,
        prelude: JsSession,
        step: JsSession,
        graphs: SplitGraphs,
        config: Mapping[str, Any],
    ) -> None:
        self._runtime = runtime
        self._prelude = prelude
        self._step = step
        self._input = graphs.encoder_input
        self._steps = describe_steps(step, config, context=graphs.prelude_outputs)
        # The step takes the prelude's results of one image for any number of rows.
        self._steps["sharesContext"] = True

    async def open(self, hidden_states: JsTensor) -> DecoderSession:
        """Start on an image; takes ownership of its hidden states."""
        with runtime_errors("preparing the caption"):
            context = await self._prelude.run(to_object({self._input: hidden_states}))
        hidden_states.dispose()
        steps = self._runtime.createSteps(self._step, to_object(self._steps), context)
        return OrtDecoderSession(steps)

    async def release(self) -> None:
        """Free the sessions' memory."""
        await self._prelude.release()
        await self._step.release()


class JsByteSource:
    """A Uint8Array as pycore.onnx_graph reads it: a little at a time."""

    def __init__(self, data: JsBytes) -> None:
        self._data = data
        self.size = int(data.length)

    def read(self, offset: int, length: int) -> bytes:
        """Return ``length`` bytes from ``offset``."""
        part: bytes = self._data.subarray(offset, offset + length).to_bytes()
        return part


async def open_decoder(
    runtime: Any,
    source: ModelSource,
    data: JsBytes,
    config: Mapping[str, Any],
    version: str,
    notes: list[str],
) -> Decoder:
    """Create the sessions of a decoder, split if it can be.

    Args:
        runtime: the OrtRuntime of ort_runtime.mjs.
        source: keeps the split graphs for the next time.
        data: the decoder's file.
        config: the model's config.json.
        version: of the app that makes the graphs.
        notes: if the decoder cannot be split, the reason is added here.

    Raises:
        AssetError: when this is no decoder in the official layout.
        InferenceError: when the runtime refuses it.
    """
    try:
        return await _open_split(runtime, source, data, config, version)
    except (GraphError, InferenceError) as error:
        notes.append(f"The decoder runs in its official, slower layout. {error} {error.detail}")
    session = await create_session(runtime, data)
    return MergedDecoder(runtime, session, config)


async def _open_split(
    runtime: Any, source: ModelSource, data: JsBytes, config: Mapping[str, Any], version: str
) -> Decoder:
    graphs = await _read_graphs(source, version)
    if graphs is None:
        graphs = split_decoder(JsByteSource(data), WEIGHTS_LOCATION)
        await _write_graphs(source, version, graphs)
    weights = {WEIGHTS_LOCATION: data}
    prelude = await create_session(runtime, to_object(graphs.prelude), weights)
    try:
        step = await create_session(runtime, to_object(graphs.step), weights)
    except InferenceError:
        await prelude.release()
        raise
    return SplitDecoder(runtime, prelude, step, graphs, config)


async def _read_graphs(source: ModelSource, version: str) -> SplitGraphs | None:
    """Return the graphs that this version of the app has made before."""
    about = await source.read_derived("decoder.json")
    prelude = await source.read_derived("prelude.onnx")
    step = await source.read_derived("step.onnx")
    if about is None or prelude is None or step is None:
        return None
    fields = json.loads(about)
    if fields.pop("version") != version:
        return None
    names: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in fields.items()
    }
    return SplitGraphs(prelude=prelude, step=step, **names)


async def _write_graphs(source: ModelSource, version: str, graphs: SplitGraphs) -> None:
    fields = {name: getattr(graphs, name) for name in graphs.__slots__}
    prelude, step = fields.pop("prelude"), fields.pop("step")
    await source.write_derived("prelude.onnx", prelude)
    await source.write_derived("step.onnx", step)
    about = json.dumps({"version": version, **fields}).encode()
    await source.write_derived("decoder.json", about)  # last: it says that the others are whole


def describe_steps(
    session: JsSession, config: Mapping[str, Any], context: Iterable[str]
) -> dict[str, Any]:
    """Find out what a decoder's inputs and outputs are called and how large its caches are.

    Args:
        session: of the decoder, or of its step graph.
        config: the model's config.json.
        context: inputs that stay the same in all steps of one image.

    Returns:
        The ``Layout`` of steps.mjs.

    Raises:
        AssetError: when there is an input that Seesay does not know how to fill.
    """
    inputs, outputs = set(session.inputNames), set(session.outputNames)
    pasts = [name for name in session.inputNames if name.startswith(PAST)]
    presents = [PRESENT + name.removeprefix(PAST) for name in pasts]
    unknown = inputs - {INPUT_IDS, USE_CACHE_BRANCH, *context, *pasts}
    if unknown or not pasts or INPUT_IDS not in inputs or not outputs >= {LOGITS, *presents}:
        raise AssetError(
            "This model's decoder is built in a way that Seesay does not know.",
            detail=f"inputs {sorted(inputs)}, outputs {sorted(outputs)}",
        )
    heads, dim = _cache_shape(config)
    return {
        "inputIds": INPUT_IDS,
        "logits": LOGITS,
        "useCacheBranch": USE_CACHE_BRANCH if USE_CACHE_BRANCH in inputs else None,
        "sharesContext": False,
        "caches": [
            {"past": past, "present": present, "heads": heads, "dim": dim}
            for past, present in zip(pasts, presents, strict=True)
        ],
    }


def _cache_shape(config: Mapping[str, Any]) -> tuple[int, int]:
    """Heads, and size of a head, of the decoder.

    Raises:
        AssetError: when config.json does not tell.
    """
    decoder = config["decoder"]
    heads = decoder.get("n_head") or decoder.get("num_attention_heads")
    width = decoder.get("n_embd") or decoder.get("hidden_size")
    if not (isinstance(heads, int) and isinstance(width, int) and heads > 0 and width > 0):
        raise AssetError(
            "This model's config.json does not say how its decoder is built.",
            detail=f"heads {heads!r}, width {width!r}",
        )
    return heads, width // heads
