"""The Python API inside a browser: the calls of ``AsyncCaptioner``, on onnxruntime-web."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any

from pycore.captioning.image_captioner import ImageCaptioner
from pycore.captioning.result import CaptionResult, ModelInfo, Token
from pycore.errors import AssetError, ConfigurationError, InputError
from pycore.models.catalogue import STARTER_ID
from seesay.captioner.batch import CaptionEnd
from seesay.captioner.image_input import ImageInput, read_input
from seesay.captioner.image_reader import read_anyhow
from seesay.captioner.options import CaptionOptions, check_names
from seesay.jobs import EventStop, OnProgress, Progress
from seesay.pyodide.runtime import start_runtime
from seesay.pyodide.wheel_files import WheelFiles, WheelRecognition
from worker.inference.loaded_model import LoadedModel, load_model

if TYPE_CHECKING:
    from typing import Self, Unpack

    from pycore.captioning.text_in_image import RecognizedText
    from pycore.images.decoded import DecodedImage
    from pycore.interfaces import Stage

OnToken = Callable[[str, Token], None]
"""Called with the caption so far and its newest token."""


class Captioner:
    """Captions images with the built-in model; calls are queued and run in order.

    Cancelling a task stops its call between two steps.

    Args:
        base_url: where ``runtime/ort/`` and ``worker/`` of a built site, or of the npm package's
            assets, lie; default: the site that the wheel came from.
        on_progress: told about everything that this captioner does.
        num_threads: for the model; more than one on pages that are cross-origin isolated.
    """

    def __init__(
        self,
        *,
        base_url: str | None = None,
        on_progress: OnProgress | None = None,
        num_threads: int = 1,
    ) -> None:
        self._base_url = base_url
        self._on_progress = on_progress
        self._num_threads = num_threads
        self._turn = asyncio.Lock()
        self._model: LoadedModel | None = None
        self._recognition: WheelRecognition | None = None
        self._is_closed = False

    async def caption(
        self,
        image: ImageInput,
        *,
        on_progress: OnProgress | None = None,
        on_token: OnToken | None = None,
        **options: Unpack[CaptionOptions],
    ) -> CaptionResult:
        """Caption one image.

        Args:
            image: the bytes of an image file, an open file, a path in Pyodide's file system, a
                Pillow image, or an array of uint8 with shape (height, width, 3).
            on_progress: told how far it is.
            on_token: told each token.
            options: see CaptionOptions. The words in a picture cannot be read here.

        Raises:
            InputError: the image cannot be used.
            ConfigurationError: an option cannot be honoured.
            AssetError: onnxruntime-web is not where it should be.
            InferenceError: the model fails.
        """
        given = check_names(options)
        data = read_input(image)

        def report(stage: Stage, done: int, total: int) -> None:
            self._tell(Progress(stage, done, total, "steps"), on_progress)

        async with self._turn:
            captioner = await self._open()
            report("image", 0, 1)
            checked = captioner.check(given)
            return await captioner(
                read_anyhow(data, captioner.target_size(checked)),
                options=checked,
                on_token=on_token or (lambda _text, _token: None),
                on_progress=report,
                cancel=EventStop(None),
            )

    async def caption_all(
        self,
        images: Iterable[ImageInput],
        *,
        on_progress: OnProgress | None = None,
        **options: Unpack[CaptionOptions],
    ) -> AsyncIterator[CaptionEnd]:
        """Caption many images one by one; each ends in a result or in an error of its own.

        Args:
            images: as for ``caption``; read as they are needed.
            on_progress: told how far it is.
            options: see CaptionOptions.

        Raises:
            ConfigurationError: an option cannot be honoured; before any image is read. What does
                not go with one image alone, as a prefix with a photograph, is that one's error.
            AssetError: onnxruntime-web is not where it should be.
            InferenceError: the model fails.
        """
        given = check_names(options)
        async with self._turn:
            (await self._open()).check(given)
        for index, image in enumerate(images):
            try:
                result = await self.caption(image, on_progress=on_progress, **options)
            except (InputError, ConfigurationError) as error:
                yield CaptionEnd(index, error=error)
            else:
                yield CaptionEnd(index, result=result)

    async def load(self) -> ModelInfo:
        """Start onnxruntime-web and load the model now, so that the first caption is quick.

        Raises:
            ConfigurationError: this captioner was closed.
            AssetError: onnxruntime-web is not where it should be.
            InferenceError: it refuses the model.
        """
        async with self._turn:
            await self._open()
        return _info(self._model)

    async def close(self) -> None:
        """Free the models' memory; calls fail from now on. Harmless when called twice."""
        async with self._turn:
            self._is_closed = True
            if self._model is not None:
                await self._model.runtime_model.release()
            if self._recognition is not None:
                await self._recognition.release()
            self._model = self._recognition = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _open(self) -> ImageCaptioner:
        """Return the model together with what recognises."""
        if self._is_closed:
            raise ConfigurationError("This captioner was closed. Make another one.")
        if self._model is None or self._recognition is None:
            files = WheelFiles()
            size_bytes = files.entry.size_bytes
            self._tell(Progress("model", 0, size_bytes, "bytes"))
            runtime = await start_runtime(self._base_url, self._num_threads)
            self._model = await load_model(STARTER_ID, files, runtime, "", is_low_memory=False)
            self._recognition = WheelRecognition(runtime)
            self._tell(Progress("model", size_bytes, size_bytes, "bytes"))
        return ImageCaptioner(
            self._model.pipeline,
            model=_info(self._model),
            route=self._recognition.route,
            open_recognizer=self._recognition.open_recognizer,
            read_text=_refuse_to_read,
            clock=time.perf_counter,
            draws_only=True,
        )

    def _tell(self, progress: Progress, on_progress: OnProgress | None = None) -> None:
        for listener in (on_progress, self._on_progress):
            if listener is not None:
                listener(progress)


def _info(model: Any) -> ModelInfo:
    return ModelInfo(model.entry.id, model.entry.revision)


async def _refuse_to_read(image: DecodedImage, language: str) -> RecognizedText:
    del image, language
    raise AssetError("The words in this picture could not be read: Tesseract is not in the wheel.")
