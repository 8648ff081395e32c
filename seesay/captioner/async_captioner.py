"""The Python API for programs with an event loop: the same calls, awaited."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from seesay.captioner.captioner import Captioner

if TYPE_CHECKING:
    from typing import Self, Unpack

    from pycore.captioning.result import CaptionResult, ModelInfo
    from pycore.captioning.tasks import TaskName
    from seesay.captioner.batch import CaptionEnd
    from seesay.captioner.captioner import OnToken
    from seesay.captioner.image_input import ImageInput
    from seesay.captioner.options import AnswerOptions, CaptionOptions
    from seesay.jobs import OnProgress, Progress
    from seesay.models.models import Models
    from seesay.models.store import ModelStatus

T = TypeVar("T")
Listener = TypeVar("Listener", bound=Callable[..., None])


class AsyncCaptioner:
    """A Captioner in a thread of its own: the event loop never waits for it.

    Calls are queued and run in order. Cancelling a task, or ``asyncio.timeout``, stops its call
    between two steps. Listeners are called in the event loop.

    Args:
        on_progress: told about everything that this captioner does.
        options: the others of ``Captioner``.

    Attributes:
        models: the models of this machine; see ``AsyncModels``.

    Raises:
        ConfigurationError: an option cannot be honoured.
    """

    def __init__(self, *, on_progress: OnProgress | None = None, **options: Any) -> None:
        self._on_progress = on_progress
        self._captioner = Captioner(on_progress=self._tell if on_progress else None, **options)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="seesay")
        self.models = AsyncModels(self._captioner.models)

    async def caption(
        self,
        image: ImageInput,
        *,
        model: str | None = None,
        on_progress: OnProgress | None = None,
        on_token: OnToken | None = None,
        **options: Unpack[CaptionOptions],
    ) -> CaptionResult:
        """Caption one image; see ``Captioner.caption``."""
        progress, token = _in_loop(on_progress), _in_loop(on_token)
        return await self._run(
            lambda stop: self._captioner.caption(
                image, model=model, stop=stop, on_progress=progress, on_token=token, **options
            ),
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
        """Do several tasks with one look; see ``Captioner.answer``."""
        progress, token = _in_loop(on_progress), _in_loop(on_token)
        return await self._run(
            lambda stop: self._captioner.answer(
                image,
                tasks,
                model=model,
                stop=stop,
                on_progress=progress,
                on_token=token,
                **options,
            ),
        )

    async def caption_all(
        self,
        images: Iterable[ImageInput],
        *,
        model: str | None = None,
        batch_size: int = 4,
        on_progress: OnProgress | None = None,
        **options: Unpack[CaptionOptions],
    ) -> AsyncIterator[CaptionEnd]:
        """Caption many images; see ``Captioner.caption_all``. Leaving the loop stops the work."""
        left = threading.Event()
        ends = self._captioner.caption_all(
            images,
            model=model,
            batch_size=batch_size,
            stop=left,
            on_progress=_in_loop(on_progress),
            **options,
        )
        try:
            while (end := await self._run(lambda _stop: next(ends, None))) is not None:
                yield end
        finally:
            left.set()

    async def load(self, model: str | None = None) -> ModelInfo:
        """Load a model now; see ``Captioner.load``."""
        return await self._run(lambda _stop: self._captioner.load(model))

    async def diagnostics(self) -> dict[str, Any]:
        """Return what a bug report needs; see ``Captioner.diagnostics``."""
        return self._captioner.diagnostics()

    async def close(self) -> None:
        """Let go of the models when the running call has ended. Harmless when called twice."""
        await asyncio.to_thread(self._thread.shutdown, wait=True, cancel_futures=True)
        self._captioner.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _run(self, work: Callable[[threading.Event], T]) -> T:
        """Run work in the captioner's thread; its news go to the loop that waits for it."""
        loop = asyncio.get_running_loop()

        def in_thread(stop: threading.Event) -> T:
            self._loop = loop
            return work(stop)

        return await _run(self._thread, in_thread)

    def _tell(self, progress: Progress) -> None:
        if self._loop is not None and self._on_progress is not None:
            self._loop.call_soon_threadsafe(self._on_progress, progress)


class AsyncModels:
    """The calls of ``Models``, awaited; they run beside captions.

    Args:
        models: of this machine.
    """

    def __init__(self, models: Models) -> None:
        self._models = models

    async def list(self) -> list[ModelStatus]:
        """Return every model that is known here."""
        return await _run(None, lambda _stop: self._models.list())

    async def status(self, model: str) -> ModelStatus:
        """Tell what is here of a model; see ``Models.status``."""
        return await _run(None, lambda _stop: self._models.status(model))

    async def download(self, model: str, *, on_progress: OnProgress | None = None) -> ModelStatus:
        """Fetch, verify and keep a model; see ``Models.download``."""
        tell = _in_loop(on_progress)
        return await _run(
            None, lambda stop: self._models.download(model, on_progress=tell, stop=stop)
        )

    async def verify(self, model: str, *, on_progress: OnProgress | None = None) -> ModelStatus:
        """Read every file of a model; see ``Models.verify``."""
        tell = _in_loop(on_progress)
        return await _run(
            None, lambda stop: self._models.verify(model, on_progress=tell, stop=stop)
        )

    async def import_(
        self,
        model: str,
        files: Iterable[str | PathLike[str]],
        *,
        on_progress: OnProgress | None = None,
    ) -> ModelStatus:
        """Take a model from files; see ``Models.import_``."""
        tell = _in_loop(on_progress)
        return await _run(
            None, lambda stop: self._models.import_(model, files, on_progress=tell, stop=stop)
        )

    async def remove(self, model: str) -> None:
        """Forget a model; see ``Models.remove``."""
        await _run(None, lambda _stop: self._models.remove(model))


async def _run(executor: Executor | None, work: Callable[[threading.Event], T]) -> T:
    """Run work in a thread; hand it the event that is set when its task is cancelled."""
    stop = threading.Event()
    try:
        return await asyncio.get_running_loop().run_in_executor(executor, work, stop)
    except asyncio.CancelledError:
        stop.set()
        raise


def _in_loop(listener: Listener | None) -> Listener | None:
    """Return a listener that any thread may call; the given one is called in this event loop."""
    if listener is None:
        return None
    loop = asyncio.get_running_loop()

    def tell(*news: object) -> None:
        loop.call_soon_threadsafe(listener, *news)

    return tell  # type: ignore[return-value]
