"""What recognises photographs and reads text, opened when it is first needed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from pycore.images.readable_size import DECODE_AT
from worker.browser.image_reader import DecodeInBrowser, read_anyhow
from worker.browser.text_reader import TextReader
from worker.models.photograph_files import CONFIG, PhotographFiles

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from PIL import Image

    from pycore.captioning.text_in_image import RecognizedText
    from pycore.images.decoded import DecodedImage
    from pycore.recognition.recognizer import Recognizer
    from pycore.recognition.router import Kind, Router
    from worker.captioner.jobs import Job
    from worker.inference.photograph_models import OrtPhotographModels


class Recognition:
    """Keeps the recognizer and the reader between jobs.

    Args:
        bridge: what boot.mjs hands over.
        decode_in_browser: for formats that pycore does not read.
    """

    def __init__(self, bridge: Any, decode_in_browser: DecodeInBrowser) -> None:
        self._decode_in_browser = decode_in_browser
        self._bridge = bridge
        self._models: OrtPhotographModels | None = None
        self._recognizer: Recognizer | None = None
        self._router: Router | None = None
        self._reader = TextReader(bridge.textReader)

    async def route(self, image: Image.Image) -> Mapping[Kind, float]:
        """Tell drawings, photographs and pages of text apart; see ``Router.shares``.

        Raises:
            AssetError: when the site lacks the router's numbers.
            NetworkError: when they cannot be fetched.
        """
        if self._router is None:
            self._router = await self._files(lambda _loaded, _total: None).read_router()
        return self._router.shares(np.asarray(image))

    async def open_recognizer(self, job: Job) -> Recognizer:
        """Return the recognizer; its models are loaded the first time.

        Raises:
            AssetError: when the site lacks a file.
            NetworkError: when a file cannot be fetched.
            InferenceError: when the runtime refuses a model.
        """
        if self._recognizer is None:
            files = self._files(lambda loaded, total: job.report_bytes(loaded, total, "site"))
            for address in files.addresses():  # not one after the other
                self._bridge.fetchAhead(address)
            # Many visits see no photograph, and what is not imported costs no start.
            from pycore.recognition.recognizer import Recognizer  # noqa: PLC0415
            from worker.inference.photograph_models import OrtPhotographModels  # noqa: PLC0415

            names = await files.read_names()
            config = await files.read_json(CONFIG)
            self._models = OrtPhotographModels(
                self._bridge.runtime,
                await files.read_bytes(config["detector"]["file"]),
                await files.read_bytes(config["namer"]["file"]),
                is_low_memory=bool(self._bridge.isLowMemory),
            )
            self._recognizer = Recognizer(self._models, names, config)
        return self._recognizer

    async def read_text(
        self, image: DecodedImage, files: Sequence[bytes], language: str, job: Job
    ) -> RecognizedText:
        """Read the words in an image.

        Args:
            image: decoded from one of the files, too small for its words to be read.
            files: of the job.
            language: Tesseract's code.
            job: stops the reading.

        Raises:
            InputError: when the image cannot be used.
            NetworkError: when what reads is not here and cannot be fetched.
            InferenceError: when it fails.
            CancelledError: when stopped.
        """
        job.report_steps("text", 0, 1)
        self._reader.prepare(language)  # while the picture is decoded once more
        data = next(file for file in files if hashlib.sha256(file).hexdigest() == image.sha256)
        larger = await read_anyhow(data, DECODE_AT, self._decode_in_browser)
        text = await self._reader.read(larger.pixels, language, job.stop)
        job.report_steps("text", 1, 1)
        return text

    async def release(self) -> None:
        """Free the photograph models' memory; they are opened again when needed."""
        if self._models is not None:
            await self._models.release()

    def _files(self, report: Callable[[int, int], None]) -> PhotographFiles:
        bridge = self._bridge
        return PhotographFiles(bridge.readBytes, bridge.baseUrl, bridge.assets.to_py(), report)
