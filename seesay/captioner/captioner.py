"""The Python API: captions for images, on this machine, with the names of the JavaScript API."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from types import TracebackType
from typing import TYPE_CHECKING, Any

import onnxruntime

from pycore.captioning.image_captioner import ImageCaptioner
from pycore.captioning.result import CaptionResult, ModelInfo, Token
from pycore.errors import ConfigurationError
from pycore.models.catalogue import STARTER_ID
from seesay.captioner.batch import MAX_BATCH_SIZE, CaptionBatches, CaptionEnd
from seesay.captioner.image_input import ImageInput, read_input
from seesay.captioner.image_reader import read_anyhow
from seesay.captioner.options import AnswerOptions, CaptionOptions, check_names
from seesay.captioner.recognition import Recognition
from seesay.captioner.text_reader import read_text
from seesay.inference.loaded_model import LoadedModel, load_model
from seesay.inference.photograph_models import OnnxPhotographModels
from seesay.jobs import EventStop, OnProgress, Progress
from seesay.models.models import Models
from seesay.models.store import ModelStore
from seesay.run_now import run_now
from seesay.version import __version__

if TYPE_CHECKING:
    from typing import Self, Unpack

    from pycore.captioning.tasks import TaskName
    from pycore.captioning.text_in_image import RecognizedText
    from pycore.images.decoded import DecodedImage
    from pycore.interfaces import Stage

OnToken = Callable[[str, Token], None]
"""Called with the caption so far and its newest token."""

_MAX_THREADS = 64


class Captioner:
    """Captions images; one at a time, whatever thread asks.

    Args:
        model: for calls that name none: "starter", "vit-gpt2", "florence-2",
            ``owner/name@revision`` on the hub, or a folder in hub layout.
        on_progress: told about everything that this captioner does.
        num_threads: for the model; default: as many as pay.
        low_memory: be sparing with memory rather than fast.
        hub: address of a mirror with the hub's layout; default: SEESAY_HUB, or the hub itself.

    Attributes:
        models: the models of this machine.

    Raises:
        ConfigurationError: an option cannot be honoured.
    """

    def __init__(
        self,
        *,
        model: str = STARTER_ID,
        on_progress: OnProgress | None = None,
        num_threads: int | None = None,
        low_memory: bool = False,
        hub: str | None = None,
    ) -> None:
        _check_whole_number("num_threads", num_threads, _MAX_THREADS)
        self._default_model = model
        self._on_progress = on_progress
        self._num_threads = num_threads
        self._low_memory = low_memory
        self.models = Models(ModelStore(hub=hub))
        self._recognition = Recognition(OnnxPhotographModels)
        self._loaded: LoadedModel | None = None
        self._turn = threading.RLock()
        self._is_closed = False

    def caption(
        self,
        image: ImageInput,
        *,
        model: str | None = None,
        stop: threading.Event | None = None,
        on_progress: OnProgress | None = None,
        on_token: OnToken | None = None,
        **options: Unpack[CaptionOptions],
    ) -> CaptionResult:
        """Caption one image.

        Args:
            image: a path, the bytes of an image file, an open file, a Pillow image, or an array
                of uint8 with shape (height, width, 3).
            model: instead of the captioner's own.
            stop: set it, from another thread, to stop.
            on_progress: told how far it is.
            on_token: told each token.
            options: see CaptionOptions.

        Raises:
            InputError: the image cannot be used.
            ConfigurationError: an option cannot be honoured.
            AssetError: the model is not on this machine, or is damaged.
            InferenceError: the model fails.
            CancelledError: stopped.
        """
        given = check_names(options)
        cancel = EventStop(stop)
        report = self._reporter(on_progress)
        data = read_input(image)
        with self._turn:
            captioner = self._captioner(self._load(model), {"": data})
            report("image", 0, 1)
            checked = captioner.check(given)
            decoded = read_anyhow(data, captioner.target_size(checked))
            return run_now(
                captioner(
                    decoded,
                    options=checked,
                    on_token=on_token or (lambda _text, _token: None),
                    on_progress=report,
                    cancel=cancel,
                )
            )

    def answer(
        self,
        image: ImageInput,
        tasks: Sequence[TaskName],
        *,
        model: str | None = None,
        stop: threading.Event | None = None,
        on_progress: OnProgress | None = None,
        on_token: OnToken | None = None,
        **options: Unpack[AnswerOptions],
    ) -> dict[TaskName, CaptionResult]:
        """Do several tasks with one look at an image, for models that are asked in words.

        Args:
            image: as for ``caption``.
            tasks: some of "caption", "detailed", "text" and "objects", in the order wished for.
            model: as for ``caption``; other models than Florence-2 only caption.
            stop: as for ``caption``.
            on_progress: as for ``caption``.
            on_token: as for ``caption``.
            options: of generation, for each task; see AnswerOptions.

        Returns:
            For each task its answer, as ``caption`` returns it.

        Raises:
            InputError: the image cannot be used.
            ConfigurationError: an option or a task cannot be honoured.
            AssetError: the model is not on this machine, or is damaged.
            InferenceError: the model fails.
            CancelledError: stopped.
        """
        given = check_names(options)
        data = read_input(image)
        with self._turn:
            pipeline = self._load(model).pipeline
            return run_now(
                pipeline.answer(
                    read_anyhow(data, pipeline.target_size),
                    tasks,
                    options=given,
                    on_token=on_token or (lambda _text, _token: None),
                    on_progress=self._reporter(on_progress),
                    cancel=EventStop(stop),
                )
            )

    def caption_all(
        self,
        images: Iterable[ImageInput],
        *,
        model: str | None = None,
        batch_size: int = 4,
        stop: threading.Event | None = None,
        on_progress: OnProgress | None = None,
        **options: Unpack[CaptionOptions],
    ) -> Iterator[CaptionEnd]:
        """Caption many images, each ending in a result or in an error of its own, in their order.

        Leaving the loop stops the work.

        Args:
            images: as for ``caption``; read as they are needed.
            model: instead of the captioner's own.
            batch_size: the most images to decode together, 1 to 8. It pays with greedy search
                alone. In a batch the last digits of a quantised model's numbers depend on the
                other images; with 1 all captions are those of ``caption``.
            stop: set it, from another thread, to stop.
            on_progress: told how far it is.
            options: see CaptionOptions.

        Raises:
            ConfigurationError: an option cannot be honoured; before any work is done.
            AssetError: the model is not on this machine, or is damaged.
            CancelledError: stopped.
        """
        given = check_names(options)
        _check_whole_number("batch_size", batch_size, MAX_BATCH_SIZE)
        if isinstance(images, str | bytes) or not isinstance(images, Iterable):
            raise ConfigurationError("caption_all takes a list of images.")
        return self._caption_all(images, model, batch_size, EventStop(stop), on_progress, given)

    def _caption_all(
        self,
        images: Iterable[ImageInput],
        model: str | None,
        batch_size: int,
        cancel: EventStop,
        on_progress: OnProgress | None,
        options: Mapping[str, Any],
    ) -> Iterator[CaptionEnd]:
        total = len(images) if isinstance(images, Sized) else 0
        report = self._reporter(on_progress)
        with self._turn:
            loaded = self._load(model)
            checked = self._captioner(loaded, {}).check(options)
            batches = CaptionBatches(
                lambda files: self._captioner(loaded, files), batch_size, checked, report, cancel
            )
        ends = batches.run(images)
        while True:
            with self._turn:
                end = next(ends, None)
            if end is None:
                return
            self._tell(Progress("images", end.index + 1, total, "images"), on_progress)
            yield end

    def load(self, model: str | None = None) -> ModelInfo:
        """Load a model now, so that the first caption is quick.

        Raises:
            ConfigurationError: there is no model of that name.
            AssetError: it is not on this machine, or is damaged.
            InferenceError: the runtime refuses it.
        """
        with self._turn:
            entry = self._load(model).entry
        return ModelInfo(entry.id, entry.revision)

    def diagnostics(self) -> dict[str, Any]:
        """Return what a bug report needs; more may come."""
        loaded = self._loaded
        return {
            "version": __version__,
            "onnxruntime": onnxruntime.__version__,
            "low_memory": self._low_memory,
            "threads": loaded.threads if loaded else self._num_threads,
            "model": loaded.name if loaded else None,
            "decoder": loaded.runtime_model.decoder_layout if loaded else None,
            "notes": list(loaded.runtime_model.notes) if loaded else [],
        }

    def close(self) -> None:
        """Let go of the models; calls fail from now on. Harmless when called twice."""
        with self._turn:
            self._is_closed = True
            self._loaded = None
            self._recognition = Recognition(OnnxPhotographModels)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _load(self, model: str | None) -> LoadedModel:
        """Return the model of this name; at most one is loaded at a time."""
        if self._is_closed:
            raise ConfigurationError("This captioner was closed. Make another one.")
        name = model or self._default_model
        if self._loaded is None or self._loaded.name != name:
            files = self.models.find(name)
            self._loaded = None
            self._tell(Progress("model", 0, files.entry.size_bytes, "bytes"))
            self._loaded = load_model(
                name, files, num_threads=self._num_threads, low_memory=self._low_memory
            )
            size_bytes = files.entry.size_bytes
            self._tell(Progress("model", size_bytes, size_bytes, "bytes"))
        return self._loaded

    def _captioner(self, model: LoadedModel, files: Mapping[str, bytes]) -> ImageCaptioner:
        """Return the model together with what recognises and reads, for one job's files.

        Args:
            model: writes.
            files: by hash; one alone may have any key.
        """

        async def read(image: DecodedImage, language: str) -> RecognizedText:
            data = files.get(image.sha256) or next(iter(files.values()))
            return read_text(data, language)

        return ImageCaptioner(
            model.pipeline,
            model=ModelInfo(model.entry.id, model.entry.revision),
            route=self._recognition.route,
            open_recognizer=self._recognition.open_recognizer,
            read_text=read,
            clock=time.perf_counter,
            draws_only=model.entry.id == STARTER_ID,
        )

    def _reporter(self, on_progress: OnProgress | None) -> Callable[[Stage, int, int], None]:
        return lambda stage, done, total: self._tell(
            Progress(stage, done, total, "steps"), on_progress
        )

    def _tell(self, progress: Progress, on_progress: OnProgress | None = None) -> None:
        for listener in (on_progress, self._on_progress):
            if listener is not None:
                listener(progress)


def _check_whole_number(name: str, value: object, most: int) -> None:
    """Refuse what is neither None nor a number from 1 to ``most``.

    Raises:
        ConfigurationError: it is something else.
    """
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if value is not None and not (is_whole and 1 <= int(str(value)) <= most):
        raise ConfigurationError(
            f"{name} must be a whole number from 1 to {most}.", detail=repr(value)
        )
