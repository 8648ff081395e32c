"""Florence-2 on onnxruntime-web: what looks, what reads and writes, and how long each stays.

The wasm heap never shrinks, so what counts is the most that was ever in it: the vision encoder with
its largest values. It is released before text encoder and decoder are created, which fit into what
it leaves. From the second image on all stay; in low-memory mode they go on taking turns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from pycore.families.family import NO_ATTENTIONS
from pycore.families.florence2 import davit_shape
from pycore.models.layouts import (
    EMBEDDINGS_PATH,
    TEXT_ENCODER_PATH,
    VISION_ENCODER_PATH,
)
from pycore.onnx_graph import graph_cache, split_cache
from pycore.onnx_graph.davit import mend_vision_encoder
from pycore.onnx_graph.embedding_table import EmbeddingTable
from pycore.onnx_graph.externalize import externalize
from worker.inference.decoders import SplitDecoder, open_split
from worker.inference.last_look import LastLook
from worker.inference.sessions import (
    JsBytes,
    JsByteSource,
    JsSession,
    JsTensor,
    SingleOutput,
    create_session,
    runtime_errors,
    to_object,
    to_tensor,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pycore.interfaces import DecoderSession, FloatArray
    from worker.inference.model_files import ModelFiles

_MENDED, _VISION, _TEXT = "vision_encoder.mended", "vision_encoder.onnx", "text_encoder.onnx"
"""What the kept graph is called, and what rewritten graphs call the files with their weights."""


class FlorenceModel:
    """pycore's CaptionModel on onnxruntime-web.

    Args:
        runtime: the OrtRuntime of runtime.mjs.
        source: the model's files.
        config: its config.json.
        size: (height, width) in pixels that images are resized to.
        maker: names the code that rewrites graphs; what other code made is made again.
        is_low_memory: never keep what looks and what writes at the same time.

    Attributes:
        notes: sentences for the diagnostics.
        decoder_layout: how the decoder runs.
    """

    decoder_layout: Literal["split", "merged"] | None = "split"

    def __init__(
        self,
        runtime: Any,
        source: ModelFiles,
        config: Mapping[str, Any],
        size: tuple[int, int] | int | None,
        maker: str,
        *,
        is_low_memory: bool,
    ) -> None:
        self.notes: list[str] = []
        self._runtime = runtime
        self._source = source
        self._config = config
        self._shape = davit_shape(config, size)
        self._maker = maker
        self._is_low_memory = is_low_memory
        self._vision: SingleOutput | None = None
        self._writer: _Writer | None = None
        self._is_attentive = False  # what writes was opened to tell its attentions
        self._looks = 0
        self._last_look = LastLook()

    async def load(self) -> None:
        """Create the session that the first image needs first.

        Raises:
            SeesayError: when the files are not what they should be, or the runtime fails.
        """
        await self._open_vision()

    async def encode(self, pixel_values: FloatArray, *, attentions: bool = False) -> FlorenceImages:
        """Look at images; see pycore.interfaces."""
        if attentions and not self._is_attentive:
            await self._close_writer()
            self._is_attentive = True
        known = self._last_look.recall(pixel_values)
        if known is not None:
            return FlorenceImages([known], self.open_writer)
        if self._is_low_memory:
            await self._close_writer()
        vision = await self._open_vision()
        # One by one: quantisation is per tensor, so in a batch each would depend on the rest.
        features = [await vision.run(image[None]) for image in pixel_values]
        is_first = self._looks == 0 and len(features) == 1
        self._looks += len(features)
        if self._is_low_memory or is_first:
            await self._close_vision()
        if len(features) == 1:
            self._last_look.remember(pixel_values, features[0])
        return FlorenceImages(features, self.open_writer)

    async def open_writer(self) -> _Writer:
        """Return what reads questions and writes answers.

        Raises:
            SeesayError: when the files are not what they should be, or the runtime fails.
        """
        if self._writer is None:
            self._writer = await _open_writer(
                self._runtime,
                self._source,
                self._config,
                self._maker,
                is_low_memory=self._is_low_memory,
                attentions=self._is_attentive,
            )
            is_silent = self._is_attentive and not self._writer.decoder.tells_attentions
            if is_silent and NO_ATTENTIONS not in self.notes:
                self.notes.append(NO_ATTENTIONS)
        return self._writer

    async def release(self) -> None:
        """Free the sessions."""
        self._last_look.forget()
        await self._close_vision()
        await self._close_writer()

    async def _open_vision(self) -> SingleOutput:
        if self._vision is None:
            data = await self._source.read_bytes(VISION_ENCODER_PATH)
            graph = to_object(await self._mended(data))
            session = await create_session(self._runtime, graph, {_VISION: data})
            self._vision = SingleOutput(self._runtime, session)
        return self._vision

    async def _mended(self, data: JsBytes) -> bytes:
        """The vision encoder's graph, made right; kept beside the model for the next time."""
        files = self._source.entry.files
        (sha256,) = (file.sha256 for file in files if file.path == VISION_ENCODER_PATH)
        origin = split_cache.origin_of(f"{sha256} {self._shape.size}", self._maker)
        kept = await self._source.read_derived(_MENDED)
        graph = graph_cache.from_bytes(kept, origin) if kept else None
        if graph is None:
            graph = mend_vision_encoder(JsByteSource(data), _VISION, self._shape)
            await self._source.write_derived(_MENDED, graph_cache.to_bytes(graph, origin))
        return graph

    async def _close_vision(self) -> None:
        if self._vision is not None:
            await self._vision.release()
            self._vision = None

    async def _close_writer(self) -> None:
        if self._writer is not None:
            await self._writer.release()
            self._writer = None


class FlorenceImages:
    """What was seen in some images: pycore's EncodedImages.

    Args:
        features: of each image, float32 of shape (1, image tokens, width).
        open_writer: of the model.
    """

    def __init__(self, features: Sequence[FloatArray], open_writer: Callable[[], Any]) -> None:
        self._features = features
        self._open_writer = open_writer

    async def open(self, prompt_ids: Sequence[int] = ()) -> DecoderSession:
        """Ask about the images; see pycore.interfaces."""
        writer: _Writer = await self._open_writer()
        return await writer.ask(self._features, prompt_ids)

    def release(self) -> None:
        """Forget what was seen."""
        self._features = ()


class _Writer(NamedTuple):
    """What reads a question and writes the answer.

    Attributes:
        runtime: the OrtRuntime of runtime.mjs.
        text_encoder: its session.
        decoder: its sessions.
        embeddings: of tokens.
    """

    runtime: Any
    text_encoder: JsSession
    decoder: SplitDecoder
    embeddings: EmbeddingTable

    async def ask(
        self, features: Sequence[FloatArray], prompt_ids: Sequence[int]
    ) -> DecoderSession:
        """Let the text encoder read a prompt after what was seen in each image.

        Args:
            features: of each image, float32 of shape (1, image tokens, width).
            prompt_ids: the same for all.

        Raises:
            InferenceError: when the runtime fails.
        """
        prompt = self.embeddings.rows(np.array([prompt_ids], dtype=np.int64))
        states = [await self._read(np.concatenate([image, prompt], axis=1)) for image in features]
        return await self.decoder.open(states, features[0].shape[1])

    async def _read(self, embeds: FloatArray) -> JsTensor:
        mask = np.ones(embeds.shape[:2], dtype=np.int64)
        feeds = {
            "inputs_embeds": to_tensor(self.runtime, embeds),
            "attention_mask": to_tensor(self.runtime, mask),
        }
        with runtime_errors("reading the question"):
            outputs = await self.runtime.runLong(self.text_encoder, to_object(feeds))
        for tensor in feeds.values():
            tensor.dispose()
        return outputs.last_hidden_state

    async def release(self) -> None:
        """Free the sessions' memory."""
        await self.text_encoder.release()
        await self.decoder.release()


async def _open_writer(
    runtime: Any,
    source: ModelFiles,
    config: Mapping[str, Any],
    maker: str,
    *,
    is_low_memory: bool,
    attentions: bool,
) -> _Writer:
    table = await source.read_bytes(EMBEDDINGS_PATH)
    embeddings = EmbeddingTable.from_source(JsByteSource(table))
    data = await source.read_bytes(TEXT_ENCODER_PATH)
    graph = to_object(externalize(JsByteSource(data), _TEXT))
    text_encoder = await create_session(runtime, graph, {_TEXT: data})
    try:
        decoder = await open_split(
            runtime,
            source,
            config,
            maker,
            is_low_memory=is_low_memory,
            attentions=attentions,
            embeddings=embeddings,
        )
    except BaseException:
        await text_encoder.release()
        raise
    return _Writer(runtime, text_encoder, decoder, embeddings)
