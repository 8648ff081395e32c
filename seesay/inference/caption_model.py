"""Encoder and decoder of one model: pycore's CaptionModel on onnxruntime."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pycore.errors import GraphError, InferenceError
from pycore.families.family import NO_ATTENTIONS
from pycore.families.one_session import OneSession
from pycore.models.layouts import DECODER_PATH, ENCODER_PATH
from seesay.inference.decoders import Decoder, MergedDecoder, SplitDecoder
from seesay.inference.sessions import Session

if TYPE_CHECKING:
    from pycore.interfaces import FloatArray
    from seesay.models.model_files import ModelFiles


class OnnxCaptionModel:
    """A vision encoder-decoder on onnxruntime.

    Args:
        files: the model's.
        config: its config.json.
        threads: that one run may use.
        low_memory: be sparing with memory rather than fast.

    Attributes:
        notes: sentences for the diagnostics.

    Raises:
        AssetError: the files are not what they should be.
        InferenceError: the runtime refuses the model.
    """

    def __init__(
        self, files: ModelFiles, config: Mapping[str, Any], threads: int, *, low_memory: bool
    ) -> None:
        self.notes: list[str] = []
        self._files = files
        self._config = config
        self._threads = threads
        self._low_memory = low_memory
        self._encoder = Session(files.read_bytes(ENCODER_PATH), threads)
        self._is_attentive = False
        self._decoder = self._open_decoder()

    @property
    def decoder_layout(self) -> Literal["merged", "split"]:
        """How the decoder runs."""
        return self._decoder.layout

    async def encode(self, pixel_values: FloatArray, *, attentions: bool = False) -> OneSession:
        """Run the encoder on some images; see pycore.interfaces."""
        # One by one: quantisation is per tensor, so in a batch each would depend on the rest.
        hidden_states = [self._encoder.run_pixels(image[None]) for image in pixel_values]
        if attentions and not self._is_attentive:
            self._is_attentive = True
            self._decoder = self._open_decoder()
        return OneSession(self._decoder.open(hidden_states))

    def _open_decoder(self) -> Decoder:
        data = self._files.read_bytes(DECODER_PATH)
        try:
            decoder = SplitDecoder(
                data,
                self._config,
                self._threads,
                low_memory=self._low_memory,
                attentions=self._is_attentive,
            )
        except (GraphError, InferenceError) as error:
            self.notes.append(
                f"The decoder runs in its official, slower layout, which does not tell where the "
                f"model looked. {error.message} {error.detail}"
            )
            return MergedDecoder(data, self._config, self._threads)
        if self._is_attentive and not decoder.tells_attentions:
            self.notes.append(NO_ATTENTIONS)
        return decoder
