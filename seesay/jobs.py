"""What a call may ask for beside its result: progress, and to be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pycore.errors import CancelledError, ConfigurationError

Stage = Literal["model", "image", "encode", "decode", "text", "images"]


@dataclass(frozen=True, slots=True)
class Progress:
    """What is going on, and how far it has come.

    Attributes:
        stage: model: loading or fetching a model; image, encode, decode, text: one caption;
            images: how many images of ``caption_all`` have ended.
        loaded: so much is done.
        total: of so much, in the same unit; 0 when it is not known.
        unit: of both.
        phase: of a model: "downloading", "checking", "waiting", "importing" or "exporting".
        file: of a model: its path.
        message: while waiting: what happened.
    """

    stage: Stage
    loaded: int
    total: int
    unit: Literal["bytes", "steps", "images"]
    phase: str = ""
    file: str = ""
    message: str = ""


OnProgress = Callable[[Progress], None]


class StopToken:
    """A pycore CancelToken over an event.

    Args:
        stop: set to stop the job; None for a job that nobody stops.

    Raises:
        ConfigurationError: it is something else.
    """

    def __init__(self, stop: threading.Event | None) -> None:
        if stop is not None and not isinstance(stop, threading.Event):
            raise ConfigurationError("stop must be a threading.Event.", detail=repr(stop))
        self._stop = stop

    def raise_if_cancelled(self) -> None:
        """Return, or raise.

        Raises:
            CancelledError: the event is set.
        """
        if self._stop is not None and self._stop.is_set():
            raise CancelledError

    def wait(self, seconds: float) -> None:
        """Wait, for less if it is stopped.

        Raises:
            CancelledError: the event is set.
        """
        (self._stop or threading.Event()).wait(seconds)
        self.raise_if_cancelled()
