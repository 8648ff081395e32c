"""The decoder in its two layouts: as downloaded, and split into prelude and step.

Split is several times faster (pycore/onnx_graph/split.py says why) and shares the downloaded
file's weights. What cannot be split runs as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol

from pycore.errors import UnsupportedModelError
from pycore.families import family_of
from pycore.interfaces import DecoderSession
from pycore.models.layouts import DECODER_PATH
from pycore.onnx_graph import split_cache
from pycore.onnx_graph.split_cache import WEIGHTS_LOCATION, split_for_worker
from pycore.onnx_graph.split_graphs import SplitDecoder as SplitGraphs
from worker.inference.sessions import (
    JsBytes,
    JsByteSource,
    JsSession,
    JsTensor,
    OrtDecoderSession,
    create_session,
    runtime_errors,
    to_object,
)

if TYPE_CHECKING:
    from pycore.onnx_graph.embedding_table import EmbeddingTable
    from worker.inference.model_files import ModelFiles

PAST, PRESENT = "past_key_values.", "present."
INPUT_IDS, HIDDEN_STATES, LOGITS = "input_ids", "encoder_hidden_states", "logits"
USE_CACHE_BRANCH = "use_cache_branch"


class Decoder(Protocol):
    """A decoder in one of its layouts.

    Attributes:
        layout: which one.
        tells_attentions: its sessions' ``attend`` has an answer.
    """

    layout: Literal["merged", "split"]
    tells_attentions: bool

    async def open(self, hidden_states: Sequence[JsTensor]) -> DecoderSession:
        """Start on some images; takes ownership of their hidden states if it succeeds.

        Raises:
            InferenceError: when the runtime fails.
            UnsupportedModelError: when the decoder is not what it should be.
        """

    async def release(self) -> None:
        """Free the sessions' memory."""


class MergedDecoder:
    """The official layout: one file, ``use_cache_branch`` tells the first step from the others.

    Raises:
        UnsupportedModelError: from the constructor, when the decoder is not in that layout.
    """

    layout: Literal["merged", "split"] = "merged"
    tells_attentions = False

    def __init__(self, runtime: Any, session: JsSession, config: Mapping[str, Any]) -> None:
        self._runtime = runtime
        self._session = session
        self._steps = describe_steps(session, config, context=(HIDDEN_STATES,))

    async def open(self, hidden_states: Sequence[JsTensor]) -> DecoderSession:
        """Start on some images; takes ownership of their hidden states."""
        contexts = to_object([{HIDDEN_STATES: states} for states in hidden_states])
        steps = self._runtime.createSteps(self._session, to_object(self._steps), contexts)
        return OrtDecoderSession(steps)

    async def release(self) -> None:
        """Free the session's memory."""
        await self._session.release()


class SplitDecoder:
    """Two graphs: the prelude once for each image, the step for each token.

    The step's session is created after the first run of the prelude, whose working memory it then
    takes over: the wasm heap never shrinks.

    Args:
        runtime: the OrtRuntime of runtime.mjs.
        prelude: its session.
        graphs: both.
        data: the decoder's file.
        config: the model's config.json.
        embeddings: of tokens, where the decoder's file has none.
    """

    layout: Literal["merged", "split"] = "split"

    def __init__(
        self,
        runtime: Any,
        prelude: JsSession,
        graphs: SplitGraphs,
        data: JsBytes,
        config: Mapping[str, Any],
        embeddings: EmbeddingTable | None = None,
    ) -> None:
        self._runtime = runtime
        self._embeddings = embeddings
        self._prelude = prelude
        self._graphs = graphs
        self.tells_attentions = graphs.attention_output is not None
        self._data: JsBytes | None = data
        self._config = config
        self._step: JsSession | None = None
        self._steps: dict[str, Any] = {}

    async def open(
        self, hidden_states: Sequence[JsTensor], image_tokens: int | None = None
    ) -> DecoderSession:
        """Start on some images.

        Args:
            hidden_states: of each image.
            image_tokens: how many of their tokens are the image's; see ``OrtDecoderSession``.

        Raises:
            InferenceError: when the runtime fails; the hidden states are still the caller's then.
            UnsupportedModelError: when the step is not what it should be.
        """
        with runtime_errors("preparing the caption"):
            # One by one: quantisation is per tensor, so in a batch each would depend on the rest.
            contexts = [
                await self._prelude.run(to_object({self._graphs.encoder_input: states}))
                for states in hidden_states
            ]
        if self._step is None:
            weights = {WEIGHTS_LOCATION: self._data}
            self._step = await create_session(self._runtime, to_object(self._graphs.step), weights)
            self._data = None
            self._steps = describe_steps(
                self._step, self._config, self._graphs.prelude_outputs, self._graphs.token_input
            )
            self._steps["tokenWidth"] = self._embeddings.width if self._embeddings else None
            # The step takes the prelude's results of one image for any number of rows.
            self._steps["sharesContext"] = True
            self._steps["attentions"] = self._graphs.attention_output
            self._steps["logsumexp"] = self._graphs.logsumexp_output
        for states in hidden_states:
            states.dispose()
        steps = self._runtime.createSteps(self._step, to_object(self._steps), to_object(contexts))
        return OrtDecoderSession(steps, self._embeddings, image_tokens)

    async def release(self) -> None:
        """Free the sessions' memory."""
        await self._prelude.release()
        if self._step is not None:
            await self._step.release()


async def open_merged(runtime: Any, source: ModelFiles, config: Mapping[str, Any]) -> MergedDecoder:
    """Create the session of a decoder as it was downloaded.

    Raises:
        UnsupportedModelError: when this is no decoder in the official layout.
        InferenceError: when the runtime refuses it.
    """
    data = await source.read_bytes(DECODER_PATH)
    return MergedDecoder(runtime, await create_session(runtime, data), config)


async def open_split(
    runtime: Any,
    source: ModelFiles,
    config: Mapping[str, Any],
    maker: str,
    *,
    is_low_memory: bool,
    attentions: bool = False,
    embeddings: EmbeddingTable | None = None,
) -> SplitDecoder:
    """Split a decoder, and create the prelude's session.

    Args:
        runtime: the OrtRuntime of runtime.mjs.
        source: the model; it keeps the graphs for the next time.
        config: its config.json.
        maker: names the code that makes the graphs; those of another are made again.
        is_low_memory: be sparing with memory rather than fast.
        attentions: the sessions can tell where the decoder looked.
        embeddings: of tokens, where the decoder's file has none.

    Raises:
        GraphError: when the decoder cannot be split.
        InferenceError: when the runtime refuses the prelude.
    """
    data = await source.read_bytes(DECODER_PATH)
    name = split_cache.file_name(low_memory=is_low_memory, attentions=attentions)
    (sha256,) = (file.sha256 for file in source.entry.files if file.path == DECODER_PATH)
    origin = split_cache.origin_of(sha256, maker)
    kept = await source.read_derived(name)
    graphs = split_cache.from_bytes(kept, origin) if kept else None
    if graphs is None:
        graphs = split_for_worker(
            JsByteSource(data), low_memory=is_low_memory, attentions=attentions
        )
        await source.write_derived(name, split_cache.to_bytes(graphs, origin))
    weights = {WEIGHTS_LOCATION: data}
    prelude = await create_session(runtime, to_object(graphs.prelude), weights)
    return SplitDecoder(runtime, prelude, graphs, data, config, embeddings)


def describe_steps(
    session: JsSession,
    config: Mapping[str, Any],
    context: Iterable[str],
    token_input: str = INPUT_IDS,
) -> dict[str, Any]:
    """Find out what a decoder's inputs and outputs are called and how large its caches are.

    Args:
        session: of the decoder, or of its step graph.
        config: the model's config.json.
        context: inputs that stay the same in all steps of one image.
        token_input: name of the input of tokens.

    Returns:
        The ``Layout`` of decoder_steps.mjs.

    Raises:
        UnsupportedModelError: when there is an input that Seesay does not know how to fill.
    """
    inputs, outputs, constant = set(session.inputNames), set(session.outputNames), set(context)
    pasts = [name for name in session.inputNames if name.startswith(PAST) and name not in constant]
    presents = [PRESENT + name.removeprefix(PAST) for name in pasts]
    unknown = inputs - {token_input, USE_CACHE_BRANCH, *constant, *pasts}
    if unknown or not pasts or token_input not in inputs or not outputs >= {LOGITS, *presents}:
        raise UnsupportedModelError(
            "its decoder is built in another way.",
            detail=f"inputs {sorted(inputs)}, outputs {sorted(outputs)}",
        )
    heads, dim = family_of(config).decoder_shape(config)
    return {
        "tokenInput": token_input,
        "tokenWidth": None,
        "logits": LOGITS,
        "useCacheBranch": USE_CACHE_BRANCH if USE_CACHE_BRANCH in inputs else None,
        "sharesContext": False,
        "caches": [
            {"past": past, "present": present, "heads": heads, "dim": dim}
            for past, present in zip(pasts, presents, strict=True)
        ],
    }
