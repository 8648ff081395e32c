"""Runs in probe_worker.mjs: greedy search with the worker's sessions, every logit kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, Literal

import numpy as np

from pycore.families.one_session import OneSession
from pycore.images.file import read_image
from pycore.images.processor import ImageProcessor
from pycore.interfaces import FloatArray
from pycore.models.layouts import DECODER_PATH, ENCODER_PATH
from pycore.onnx_graph.split import split_decoder
from pycore.onnx_graph.split_cache import WEIGHTS_LOCATION
from worker.inference.caption_model import OrtCaptionModel
from worker.inference.decoders import Decoder, MergedDecoder, SplitDecoder
from worker.inference.sessions import Encoder, JsByteSource, create_session, to_object

Layout = Literal["merged", "split", "app"]
"""As downloaded; split and otherwise unchanged; whatever the app itself does."""


class PlainModel:
    """The encoder's file as it is, and a decoder in a chosen layout; a CaptionModel."""

    def __init__(self, encoder: Encoder, decoder: Decoder) -> None:
        self._encoder = encoder
        self._decoder = decoder
        self.decoder_layout = decoder.layout
        self.notes: list[str] = []

    @classmethod
    async def load(cls, runtime: Any, files: Mapping[str, Any], config: Any, layout: Layout) -> Any:
        """Create the sessions."""
        encoder = Encoder(runtime, await create_session(runtime, files[ENCODER_PATH]))
        data = files[DECODER_PATH]
        if layout == "merged":
            session = await create_session(runtime, data)
            return cls(encoder, MergedDecoder(runtime, session, config))
        graphs = split_decoder(JsByteSource(data), WEIGHTS_LOCATION)
        weights = {WEIGHTS_LOCATION: data}
        prelude = await create_session(runtime, to_object(graphs.prelude), weights)
        return cls(encoder, SplitDecoder(runtime, prelude, graphs, data, config))

    async def encode(self, pixel_values: FloatArray) -> OneSession:
        """Run the encoder on one image; see pycore.interfaces."""
        return OneSession(await self._decoder.open([await self._encoder.run(pixel_values)]))

    async def release(self) -> None:
        """Free the sessions."""
        await self._encoder.release()
        await self._decoder.release()


class Files:
    """A ModelFiles of two graphs; it keeps nothing, so that graphs are always made anew."""

    def __init__(self, files: Mapping[str, Any]) -> None:
        self._files = files
        sizes = {path: data.length for path, data in files.items()}
        described = [
            SimpleNamespace(path=path, size_bytes=size, sha256="") for path, size in sizes.items()
        ]
        self.entry = SimpleNamespace(files=described)

    async def read_bytes(self, path: str) -> Any:
        """Return a file."""
        return self._files[path]

    async def read_derived(self, name: str) -> bytes | None:
        """Return None: there is nothing."""

    async def write_derived(self, name: str, data: bytes) -> None:
        """Do nothing."""


class Probe:
    """A model that is opened in a chosen way."""

    def __init__(self, runtime: Any, files: Any) -> None:
        self._runtime = runtime
        self._files = {ENCODER_PATH: files.encoder, DECODER_PATH: files.decoder}
        self._config = json.loads(files.config.to_bytes())
        preprocessor = json.loads(files.preprocessor.to_bytes())
        self._processor = ImageProcessor.from_config(preprocessor)
        self._model: Any = None

    async def open(self, layout: Layout) -> None:
        """Create the sessions; those of before are released."""
        if self._model is not None:
            await self._model.release()
        if layout == "app":
            source: Any = Files(self._files)
            self._model = OrtCaptionModel(
                self._runtime, source, self._config, "probe", is_low_memory=False
            )
            await self._model.load()
        else:
            self._model = await PlainModel.load(self._runtime, self._files, self._config, layout)

    def describe(self) -> dict[str, Any]:
        """Return how the decoder runs; "app" knows it after the first image."""
        return {"layout": self._model.decoder_layout, "notes": self._model.notes}

    def prepare(self, image: Any) -> FloatArray:
        """Return the pixel values of an image file, flat."""
        return self._pixel_values(image).ravel()

    def _pixel_values(self, image: Any) -> FloatArray:
        pixels = read_image(image.to_bytes(), target_size=self._processor.target_size).pixels
        return self._processor(pixels)

    async def record(self, image: Any, tokens: int) -> dict[str, Any]:
        """Write a fixed number of tokens, greedily; the end of text is a token like others."""
        encoded = await self._model.encode(self._pixel_values(image))
        session = await encoded.open()
        token = self._config["decoder_start_token_id"]
        ids, logits = [], []
        try:
            for _ in range(tokens):
                row = (await session.step(np.array([[token]], dtype=np.int64))).logits[0]
                token = int(row.argmax())
                ids.append(token)
                logits.append(row.copy())
        finally:
            session.release()
        return {"ids": ids, "logits": logits}
