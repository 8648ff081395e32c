"""Encoder and decoder of one model, and how long each of them stays in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pycore.interfaces import DecoderSession, FloatArray
from worker.ort_session import Decoder, Encoder, MergedDecoder, create_session

if TYPE_CHECKING:
    from worker.models import ModelSource

KEEP_ENCODER_BYTES = 64 * 1024 * 1024
"""An encoder file up to this size stays loaded beside the decoder. A larger one is released before
the decoder is created: the wasm heap never shrinks, and so it stays 100 MB smaller."""


class OrtCaptionModel:
    """pycore's CaptionModel on onnxruntime-web.

    Args:
        runtime: the OrtRuntime of ort_runtime.mjs.
        source: the model's files.
        config: its config.json.
        notes: sentences for the diagnostics are added here.
    """

    def __init__(
        self, runtime: Any, source: ModelSource, config: Mapping[str, Any], notes: list[str]
    ) -> None:
        self._runtime = runtime
        self._source = source
        self._config = config
        self._notes = notes
        self._encoder: Encoder | None = None
        self._decoder: Decoder | None = None
        self._keeps_encoder = True

    @classmethod
    async def load(
        cls, runtime: Any, source: ModelSource, config: Mapping[str, Any], notes: list[str]
    ) -> OrtCaptionModel:
        """Create the sessions; those that fit beside each other."""
        model = cls(runtime, source, config, notes)
        await model._open_encoder()
        if model._keeps_encoder:
            await model._open_decoder()
        return model

    @property
    def decoder_layout(self) -> str | None:
        """ "split" or "merged"; None before the decoder is loaded."""
        return self._decoder.layout if self._decoder else None

    async def encode(self, pixel_values: FloatArray) -> DecoderSession:
        """Run the encoder on one image; see pycore.interfaces."""
        encoder = await self._open_encoder()
        hidden_states = await encoder.run(pixel_values)
        if not self._keeps_encoder:
            await self._close_encoder()
        decoder = await self._open_decoder()
        return await decoder.open(hidden_states)

    async def release(self) -> None:
        """Free the sessions."""
        await self._close_encoder()
        if self._decoder:
            await self._decoder.release()
            self._decoder = None

    async def _open_encoder(self) -> Encoder:
        if self._encoder is None:
            data = await self._source.read_bytes(self._source.encoder_path)
            self._keeps_encoder = data.length <= KEEP_ENCODER_BYTES
            self._encoder = Encoder(self._runtime, await create_session(self._runtime, data))
        return self._encoder

    async def _close_encoder(self) -> None:
        if self._encoder:
            await self._encoder.release()
            self._encoder = None

    async def _open_decoder(self) -> Decoder:
        if self._decoder is None:
            data = await self._source.read_bytes(self._source.decoder_path)
            session = await create_session(self._runtime, data)
            self._decoder = MergedDecoder(self._runtime, session, self._config)
        return self._decoder
