"""From a request to its answer: sources, tasks, the cache and a bounded queue."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pycore.endpoint.answers import BusyError, TooLongError
from pycore.endpoint.result_cache import ResultCache
from pycore.endpoint.transform import transform
from pycore.errors import CancelledError
from seesay.captioner.image_reader import read_anyhow

if TYPE_CHECKING:
    from pycore.endpoint.request_path import CaptionRequest
    from seesay.captioner.captioner import Captioner
    from seesay.server.sources import Sources

MOST_WAITING = 8
"""Requests that are worked on or wait; one more is told to come later."""
TIMEOUT_S = 120.0
"""For one request, waiting included."""


class CaptionService:
    """Answers requests, from any thread.

    Args:
        captioner: captions, one at a time.
        sources: finds images.
        options: of every caption.
        timeout_s: for one request.
    """

    def __init__(
        self,
        captioner: Captioner,
        sources: Sources,
        options: Mapping[str, Any],
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._captioner = captioner
        self._sources = sources
        self._options = dict(options)
        self._timeout_s = timeout_s
        self._cache = ResultCache()
        self._lock = threading.Lock()
        self._pixels_lock = threading.Lock()
        self._room = threading.BoundedSemaphore(MOST_WAITING)

    def caption(
        self, request: CaptionRequest, read_body: Callable[[threading.Event], bytes] | None
    ) -> Mapping[str, Any]:
        """Caption one image.

        Args:
            request: what the path asks for.
            read_body: reads the image file of requests that bring their own, once there is a place
                for it; the event ends it.

        Returns:
            The wire form of a CaptionResult.

        Raises:
            SeesayError: whatever it is, it has a status in pycore/endpoint/answers.py.
        """
        with self._queued() as stop:
            data = read_body(stop) if read_body else self._sources.read(request.source)
            return self._answer(request, data, stop)

    def _answer(
        self, request: CaptionRequest, data: bytes, stop: threading.Event
    ) -> Mapping[str, Any]:
        model = self._captioner.load()
        handle = hashlib.sha256(data).hexdigest()
        key = handle, f"{model.id}@{model.revision}", request.chain
        with self._lock:
            known = self._cache.get(key) if request.uses_cache else None
            if known is not None:
                self._sources.keep(data)  # the cache holds answers for longer than images
                return known
        seen = data
        if request.tasks:
            with self._pixels_lock:  # a whole image of 100 megapixels takes 300 MB: one at a time
                seen = transform(read_anyhow(data, None).pixels, request.tasks)
        try:
            result = self._captioner.caption(seen, stop=stop, **self._options).to_dict()
        except CancelledError as error:
            message = f"The caption took longer than {self._timeout_s:.0f} seconds."
            raise TooLongError(message) from error
        with self._lock:
            self._cache.put(key, result)
            self._sources.keep(data)
        return result

    @contextmanager
    def _queued(self) -> Iterator[threading.Event]:
        """Take a place in the queue; give the event that ends the request in time."""
        if not self._room.acquire(blocking=False):
            raise BusyError(f"{MOST_WAITING} requests wait already. Come again in a moment.")
        stop = threading.Event()
        timer = threading.Timer(self._timeout_s, stop.set)
        timer.daemon = True
        timer.start()
        try:
            yield stop
        finally:
            timer.cancel()
            self._room.release()
