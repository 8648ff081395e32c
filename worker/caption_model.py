"""Encoder and decoder of one model, and how long each of them stays in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pycore.catalogue import DECODER_PATH, ENCODER_PATH
from pycore.interfaces import DecoderSession, FloatArray
from worker.decoders import Decoder, open_decoder
from worker.ort_session import Encoder, create_session

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
        version: of the app.

    Attributes:
        notes: sentences for the diagnostics.
    """

    def __init__(
        self, runtime: Any, source: ModelSource, config: Mapping[str, Any], version: str
    ) -> None:
        self.notes: list[str] = []
        self._runtime = runtime
        self._source = source
        self._config = config
        self._version = version
        self._encoder: Encoder | None = None
        self._decoder: Decoder | None = None
        sizes = {file.path: file.size_bytes for file in source.entry.files}
        self._keeps_encoder = sizes.get(ENCODER_PATH, 0) <= KEEP_ENCODER_BYTES

    @classmethod
    async def load(
        cls, runtime: Any, source: ModelSource, config: Mapping[str, Any], version: str
    ) -> OrtCaptionModel:
        """Create the sessions; of a large model only the encoder's."""
        model = cls(runtime, source, config, version)
        await model._open_encoder()
        if model._keeps_encoder:
            await model._open_decoder()
        return model

    @property
    def decoder_layout(self) -> str | None:
        """Which decoder is loaded: "split" or "merged"; None while there is none."""
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
            data = await self._source.read_bytes(ENCODER_PATH)
            self._encoder = Encoder(self._runtime, await create_session(self._runtime, data))
        return self._encoder

    async def _close_encoder(self) -> None:
        if self._encoder:
            await self._encoder.release()
            self._encoder = None

    async def _open_decoder(self) -> Decoder:
        if self._decoder is None:
            data = await self._source.read_bytes(DECODER_PATH)
            self._decoder = await open_decoder(
                self._runtime, self._source, data, self._config, self._version, self.notes
            )
        return self._decoder
