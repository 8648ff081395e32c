"""The Python API inside a browser: the calls of ``AsyncCaptioner``, on onnxruntime-web."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from pycore.captioning.image_captioner import ImageCaptioner
from pycore.captioning.result import CaptionResult, ModelInfo, Token
from pycore.download.fetcher import StopSignal
from pycore.errors import ConfigurationError, InputError
from pycore.images.readable_size import DECODE_AT
from pycore.models.catalogue import STARTER_ID
from pycore.onnx_graph.graph_cache import code_hash
from seesay.captioner.batch import CaptionEnd
from seesay.captioner.image_input import ImageInput, read_input
from seesay.captioner.image_reader import read_anyhow
from seesay.captioner.options import CaptionOptions, check_names
from seesay.jobs import EventStop, OnProgress, Progress
from seesay.pyodide.models import Models
from seesay.pyodide.runtime import start_runtime
from seesay.pyodide.text_reader import open_reader
from seesay.pyodide.wheel_files import WheelFiles, WheelRecognition
from worker.inference.loaded_model import LoadedModel, load_model

if TYPE_CHECKING:
    from typing import Self, Unpack

    from pycore.captioning.tasks import TaskName
    from pycore.captioning.text_in_image import RecognizedText
    from pycore.images.decoded import DecodedImage
    from pycore.interfaces import Stage
    from seesay.captioner.options import AnswerOptions
    from worker.browser.text_reader import TextReader

OnToken = Callable[[str, Token], None]
"""Called with the caption so far and its newest token."""


class Captioner:
    """Captions images; calls are queued and run in order.

    Cancelling a task stops its call between two steps.

    Args:
        model: writes: "starter", which is in the wheel, or one that ``models`` has downloaded.
        base_url: where ``runtime/`` and ``worker/`` of a built site, or of the npm package's
            assets, lie; default: the site that the wheel came from.
        hub: address of a mirror of the model hub, with its layout.
        on_progress: told about everything that this captioner does.
        num_threads: for the model; more than one on pages that are cross-origin isolated.

    Attributes:
        models: the models that this browser keeps; see ``Models``.
    """

    def __init__(
        self,
        *,
        model: str = STARTER_ID,
        base_url: str | None = None,
        hub: str | None = None,
        on_progress: OnProgress | None = None,
        num_threads: int = 1,
    ) -> None:
        self.models = Models(hub)
        self._default_model = model
        self._base_url = base_url
        self._on_progress = on_progress
        self._num_threads = num_threads
        self._turn = asyncio.Lock()
        self._runtime: Any = None
        self._model: LoadedModel | None = None
        self._recognition: WheelRecognition | None = None
        self._reader: TextReader | None = None
        self._is_closed = False

    async def caption(
        self,
        image: ImageInput,
        *,
        model: str | None = None,
        on_progress: OnProgress | None = None,
        on_token: OnToken | None = None,
        **options: Unpack[CaptionOptions],
    ) -> CaptionResult:
        """Caption one image.

        Args:
            image: the bytes of an image file, an open file, a path in Pyodide's file system, a
                Pillow image, or an array of uint8 with shape (height, width, 3).
            model: instead of the captioner's own.
            on_progress: told how far it is.
            on_token: told each token.
            options: see CaptionOptions.

        Raises:
            InputError: the image cannot be used.
            ConfigurationError: an option cannot be honoured.
            AssetError: onnxruntime-web is not where it should be, or the model must be downloaded.
            InferenceError: the model fails.
        """
        given = check_names(options)
        data = read_input(image)
        report = self._reporter(on_progress)
        async with self._turn:
            captioner = await self._open(model, data)
            report("image", 0, 1)
            checked = captioner.check(given)
            return await captioner(
                read_anyhow(data, captioner.target_size(checked)),
                options=checked,
                on_token=on_token or (lambda _text, _token: None),
                on_progress=report,
                cancel=EventStop(None),
            )

    async def answer(
        self,
        image: ImageInput,
        tasks: Sequence[TaskName],
        *,
        model: str | None = None,
        on_progress: OnProgress | None = None,
        on_token: OnToken | None = None,
        **options: Unpack[AnswerOptions],
    ) -> dict[TaskName, CaptionResult]:
        """Do several tasks with one look at an image, for models that are asked in words.

        Args:
            image: as for ``caption``.
            tasks: of "caption", "detailed", "text" and "objects", in this order.
            model: as for ``caption``; other models than Florence-2 only caption.
            on_progress: as for ``caption``.
            on_token: as for ``caption``.
            options: of generation, for each task; see AnswerOptions.

        Returns:
            For each task its answer, as ``caption`` returns it.

        Raises:
            InputError: the image cannot be used.
            ConfigurationError: an option or a task cannot be honoured.
            AssetError: onnxruntime-web is not where it should be, or the model must be downloaded.
            InferenceError: the model fails.
        """
        given = check_names(options)
        data = read_input(image)
        async with self._turn:
            pipeline = (await self._load(model)).pipeline
            return await pipeline.answer(
                read_anyhow(data, pipeline.target_size),
                tasks,
                options=given,
                on_token=on_token or (lambda _text, _token: None),
                on_progress=self._reporter(on_progress),
                cancel=EventStop(None),
            )

    async def caption_all(
        self,
        images: Iterable[ImageInput],
        *,
        model: str | None = None,
        on_progress: OnProgress | None = None,
        **options: Unpack[CaptionOptions],
    ) -> AsyncIterator[CaptionEnd]:
        """Caption many images one by one; each ends in a result or in an error of its own.

        Args:
            images: as for ``caption``; read as they are needed.
            model: as for ``caption``.
            on_progress: told how far it is.
            options: see CaptionOptions.

        Raises:
            ConfigurationError: an option cannot be honoured; before any image is read. What does
                not go with one image alone, as a prefix with a photograph, is that one's error.
            AssetError: onnxruntime-web is not where it should be, or the model must be downloaded.
            InferenceError: the model fails.
        """
        given = check_names(options)
        async with self._turn:
            (await self._open(model, b"")).check(given)
        for index, image in enumerate(images):
            try:
                result = await self.caption(image, model=model, on_progress=on_progress, **options)
            except (InputError, ConfigurationError) as error:
                yield CaptionEnd(index, error=error)
            else:
                yield CaptionEnd(index, result=result)

    async def load(self, model: str | None = None) -> ModelInfo:
        """Start onnxruntime-web and load a model now, so that the first caption is quick.

        Raises:
            ConfigurationError: there is no model of that name, or this captioner was closed.
            AssetError: onnxruntime-web is not where it should be, or the model must be downloaded.
            InferenceError: it refuses the model.
        """
        async with self._turn:
            return _info(await self._load(model))

    async def close(self) -> None:
        """Free the models' memory; calls fail from now on. Harmless when called twice."""
        async with self._turn:
            self._is_closed = True
            if self._model is not None:
                await self._model.runtime_model.release()
            if self._recognition is not None:
                await self._recognition.release()
            if self._reader is not None:
                self._reader.close()
            self._model = self._recognition = self._reader = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _open(self, model: str | None, data: bytes) -> ImageCaptioner:
        """Return a model together with what recognises and reads, for one image file."""
        loaded = await self._load(model)
        if self._recognition is None:
            self._recognition = WheelRecognition(self._runtime)

        async def read_text(_image: DecodedImage, language: str) -> RecognizedText:
            if self._reader is None:
                self._reader = await open_reader(self._base_url)
            larger = read_anyhow(data, DECODE_AT)
            try:
                return await self._reader.read(larger.pixels, language, StopSignal())
            except asyncio.CancelledError:
                self._reader.close()  # or the next picture would get this one's words
                raise

        return ImageCaptioner(
            loaded.pipeline,
            model=_info(loaded),
            route=self._recognition.route,
            open_recognizer=self._recognition.open_recognizer,
            read_text=read_text,
            clock=time.perf_counter,
            draws_only=loaded.entry.id == STARTER_ID,
        )

    async def _load(self, model: str | None) -> LoadedModel:
        """Return the model of this name; at most one is loaded at a time."""
        if self._is_closed:
            raise ConfigurationError("This captioner was closed. Make another one.")
        name = model or self._default_model
        if self._model is None or self._model.name != name:
            files = WheelFiles() if name == STARTER_ID else await self.models.open(name)
            if self._model is not None:
                await self._model.runtime_model.release()
                self._model = None
            size_bytes = files.entry.size_bytes
            self._tell(Progress("model", 0, size_bytes, "bytes"))
            if self._runtime is None:
                self._runtime = await start_runtime(self._base_url, self._num_threads)
            self._model = await load_model(
                name, files, self._runtime, code_hash(), is_low_memory=False
            )
            self._tell(Progress("model", size_bytes, size_bytes, "bytes"))
        return self._model

    def _reporter(self, on_progress: OnProgress | None) -> Callable[[Stage, int, int], None]:
        return lambda stage, done, total: self._tell(
            Progress(stage, done, total, "steps"), on_progress
        )

    def _tell(self, progress: Progress, on_progress: OnProgress | None = None) -> None:
        for listener in (on_progress, self._on_progress):
            if listener is not None:
                listener(progress)


def _info(model: LoadedModel) -> ModelInfo:
    return ModelInfo(model.entry.id, model.entry.revision)
