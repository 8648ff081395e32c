"""Encoder and decoder of one model, and how long each of them stays in memory.

The wasm heap never shrinks, so what counts is the most that was ever in it. A large model's encoder
is released before its decoder is created, so that one caption leaves a heap of the decoder's size.
Whoever captions a second image is after speed: from then on both stay. In low-memory mode, for
small devices, they go on taking turns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pycore.errors import GraphError, InferenceError
from pycore.families.family import NO_ATTENTIONS
from pycore.families.one_session import OneSession
from pycore.interfaces import DecoderSession, FloatArray
from pycore.models.layouts import DECODER_PATH, ENCODER_PATH
from worker.inference.decoders import Decoder, open_merged, open_split
from worker.inference.sessions import (
    Encoder,
    JsBytes,
    JsByteSource,
    JsSession,
    create_session,
    to_object,
)

if TYPE_CHECKING:
    from worker.inference.model_files import ModelFiles

SMALL_MODEL_BYTES = 32 * 1024 * 1024
"""Encoder and decoder of a model up to this size stay loaded from the start."""

WEIGHTS_LOCATION = "encoder.onnx"
"""What the small encoder file calls the downloaded one."""


class OrtCaptionModel:
    """pycore's CaptionModel on onnxruntime-web.

    Args:
        runtime: the OrtRuntime of runtime.mjs.
        source: the model's files.
        config: its config.json.
        splitter_hash: names the code that splits decoders.
        is_low_memory: never keep encoder and decoder of a large model at the same time.

    Attributes:
        notes: sentences for the diagnostics.
    """

    def __init__(
        self,
        runtime: Any,
        source: ModelFiles,
        config: Mapping[str, Any],
        splitter_hash: str,
        *,
        is_low_memory: bool,
    ) -> None:
        self.notes: list[str] = []
        self._runtime = runtime
        self._source = source
        self._config = config
        self._splitter_hash = splitter_hash
        self._encoder: Encoder | None = None
        self._decoder: Decoder | None = None
        self._is_attentive = False  # the decoder was opened to tell its attentions
        self._images = 0
        sizes = {file.path: file.size_bytes for file in source.entry.files}
        self._is_small = sizes[ENCODER_PATH] + sizes[DECODER_PATH] <= SMALL_MODEL_BYTES
        self._saves_memory = is_low_memory and not self._is_small

    async def load(self) -> None:
        """Create the sessions that the first image needs first.

        Raises:
            SeesayError: when the files are not what they should be, or the runtime fails.
        """
        await self._open_encoder()
        if self._is_small:
            await self._open_decoder()

    @property
    def decoder_layout(self) -> Literal["split", "merged"] | None:
        """Which decoder is loaded: "split" or "merged"; None while there is none."""
        return self._decoder.layout if self._decoder else None

    async def encode(self, pixel_values: FloatArray, *, attentions: bool = False) -> OneSession:
        """Run the encoder on some images; see pycore.interfaces."""
        return OneSession(await self._open_session(pixel_values, attentions=attentions))

    async def _open_session(self, pixel_values: FloatArray, *, attentions: bool) -> DecoderSession:
        if self._saves_memory or (attentions and not self._is_attentive):
            await self._close_decoder()
        encoder = await self._open_encoder()
        is_first = self._images == 0
        # One by one: quantisation is per tensor, so in a batch each would depend on the rest.
        hidden_states = [await encoder.run(image[None]) for image in pixel_values]
        self._images += len(hidden_states)
        if self._saves_memory or (is_first and len(hidden_states) == 1 and not self._is_small):
            await self._close_encoder()
        decoder = await self._open_decoder(attentions=attentions)
        try:
            return await decoder.open(hidden_states)
        except InferenceError as error:
            if decoder.layout == "merged":
                raise
            await self._close_decoder()
            decoder = await self._fall_back(error)
        return await decoder.open(hidden_states)

    async def release(self) -> None:
        """Free the sessions."""
        await self._close_encoder()
        await self._close_decoder()

    async def _open_encoder(self) -> Encoder:
        if self._encoder is None:
            session = await self._create_encoder(await self._source.read_bytes(ENCODER_PATH))
            self._encoder = Encoder(self._runtime, session)
        return self._encoder

    async def _create_encoder(self, data: JsBytes) -> JsSession:
        if self._is_small:
            return await create_session(self._runtime, data)
        # The built-in model, which most visits know alone, is small.
        from pycore.onnx_graph.externalize import externalize  # noqa: PLC0415

        graph = externalize(JsByteSource(data), WEIGHTS_LOCATION)
        return await create_session(self._runtime, to_object(graph), {WEIGHTS_LOCATION: data})

    async def _close_encoder(self) -> None:
        if self._encoder:
            await self._encoder.release()
            self._encoder = None

    async def _open_decoder(self, *, attentions: bool = False) -> Decoder:
        if self._decoder is None:
            self._is_attentive = attentions
            try:
                self._decoder = await open_split(
                    self._runtime,
                    self._source,
                    self._config,
                    self._splitter_hash,
                    is_low_memory=self._saves_memory,
                    attentions=attentions,
                )
            except (GraphError, InferenceError) as error:
                return await self._fall_back(error)
            if attentions and not self._decoder.tells_attentions:
                self._note(NO_ATTENTIONS)
        return self._decoder

    async def _fall_back(self, error: GraphError | InferenceError) -> Decoder:
        self._note(
            f"The decoder runs in its official, slower layout, which does not tell where the "
            f"model looked. {error.message} {error.detail}"
        )
        self._decoder = await open_merged(self._runtime, self._source, self._config)
        return self._decoder

    def _note(self, sentence: str) -> None:
        """Keep a sentence for the diagnostics, once."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    async def _close_decoder(self) -> None:
        if self._decoder:
            await self._decoder.release()
            self._decoder = None
