"""What the site as a whole takes a picture for, with all that it ships, on CPU onnxruntime."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from models import reading
from models.photo.evaluate import recognizer, router
from pycore.captioning.image_captioner import ImageCaptioner
from pycore.captioning.result import ModelInfo
from pycore.captioning.text_in_image import RecognizedText
from pycore.generation.output import NeverCancelled
from pycore.images.decoded import DecodedImage
from pycore.images.file import read_image
from pycore.images.readable_size import DECODE_AT, readable
from pycore.recognition.recognizer import Recognizer
from pycore.recognition.router import Kind
from pycore.recognition.verdict import Shares
from seesay.inference.loaded_model import load_model
from seesay.models.built_in import BuiltInModel
from seesay.run_now import run_now
from tools import npm


class Site:
    """The starter with all that looks beside it, and the reader that the site ships."""

    def __init__(self) -> None:
        npm.ensure("site")
        files = BuiltInModel()
        self._router, self._recognizer = router(), recognizer()
        self._data = b""
        self._captioner = ImageCaptioner(
            load_model("starter", files, num_threads=1, low_memory=False).pipeline,
            model=ModelInfo(files.entry.id, files.entry.revision),
            route=self._route,
            open_recognizer=self._open_recognizer,
            read_text=self._read_text,
            clock=time.perf_counter,
            draws_only=True,
        )

    def kind(self, image: DecodedImage, data: bytes) -> Kind:
        """Return what a picture is taken for.

        Args:
            image: decoded for captioning.
            data: its file.
        """
        self._data = data
        result = run_now(
            self._captioner(
                image,
                options=self._captioner.check({}),
                on_token=lambda _text, _token: None,
                on_progress=lambda _stage, _done, _total: None,
                cancel=NeverCancelled(),
            )
        )
        if result.kind is None:
            raise RuntimeError("the starter says of each picture what it is")
        return result.kind

    async def _route(self, pixels: object) -> Shares:
        return self._router.shares(np.asarray(pixels))

    async def _open_recognizer(self) -> Recognizer:
        return self._recognizer

    async def _read_text(self, _image: DecodedImage, language: str) -> RecognizedText:
        larger = readable(read_image(self._data, target_size=DECODE_AT).pixels)
        with tempfile.TemporaryDirectory() as folder:
            return reading.recognise(larger, language, Path(folder))
