"""What a call may ask for beside its result: progress, and to be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pycore.download.fetcher import StopSignal
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
        phase: of a model: "downloading", "checking", "waiting" or "importing".
        file: of a model: its path.
        message: while waiting: what happened.
        retry_in_s: while waiting: seconds until the next try.
    """

    stage: Stage
    loaded: int
    total: int
    unit: Literal["bytes", "steps", "images"]
    phase: Literal["", "downloading", "checking", "waiting", "importing"] = ""
    file: str = ""
    message: str = ""
    retry_in_s: float | None = None


OnProgress = Callable[[Progress], None]


class EventStop(StopSignal):
    """A StopSignal that any thread may raise, through an event.

    Args:
        event: set to stop the job; None for a job that nobody stops.

    Raises:
        ConfigurationError: it is something else.
    """

    def __init__(self, event: threading.Event | None) -> None:
        super().__init__()
        if event is not None and not isinstance(event, threading.Event):
            raise ConfigurationError("stop must be a threading.Event.", detail=repr(event))
        self._event = event or threading.Event()

    def raise_if_cancelled(self) -> None:
        """Return, or raise.

        Raises:
            CancelledError: the event is set.
        """
        if self._event.is_set():
            raise CancelledError

    def wait(self, seconds: float) -> None:
        """Wait; return early when the event is set."""
        self._event.wait(seconds)
