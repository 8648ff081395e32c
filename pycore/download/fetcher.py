"""What the model store asks of the network and of the clock.

The browser's side of these protocols is browser/fetcher.py; tests bring their own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Literal, Protocol

from pycore.errors import CancelledError

StopReason = Literal["cancelled", "paused"]


class StopSignal:
    """A cancel token that also wakes whoever waits, and knows pausing from cancelling."""

    def __init__(self) -> None:
        self.reason: StopReason | None = None
        self._callbacks: list[Callable[[], None]] = []

    def cancel(self) -> None:
        """Stop the job for good: it ends with CancelledError."""
        self._stop("cancelled")

    def pause(self) -> None:
        """Stop a download and keep everything that has arrived."""
        self._stop("paused")

    def raise_if_cancelled(self) -> None:
        """Return, or raise.

        Raises:
            CancelledError: when the job was cancelled or paused.
        """
        if self.reason is not None:
            raise CancelledError(detail=self.reason)

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call ``callback`` once on a stop, at once when already stopped; returns the undo."""
        if self.reason is not None:
            callback()
            return lambda: None
        self._callbacks.append(callback)

        def unsubscribe() -> None:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

        return unsubscribe

    def _stop(self, reason: StopReason) -> None:
        if self.reason is None:
            self.reason = reason
            callbacks, self._callbacks = self._callbacks, []
            for callback in callbacks:
                callback()


class ConnectionLostError(Exception):
    """No answer, or the answer's body broke off; browsers do not tell why."""


class StalledError(ConnectionLostError):
    """Nothing came for too long."""


class Response(Protocol):
    """An answer whose body is read chunk by chunk."""

    @property
    def status(self) -> int:
        """The HTTP status of the final answer, after redirects."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers that CORS lets a page see; names in lower case."""

    async def read(self) -> bytes:
        """Return the next chunk, of any size; empty at the end.

        Raises:
            ConnectionLostError: when the body broke off or stalled.
            CancelledError: when the stop signal given to ``get`` was raised.
        """

    def close(self) -> None:
        """Abort the transfer. Harmless when called twice."""


class Fetcher(Protocol):
    """Plain GET requests."""

    async def get(
        self, url: str, *, offset: int = 0, end: int | None = None, stop: StopSignal
    ) -> Response:
        """Ask for ``url``, or for a range of it.

        Args:
            url: the address.
            offset: the first byte.
            end: the byte after the last; None for all that there is.
            stop: ends the request.

        Raises:
            ConnectionLostError: when there is no answer that a page may see.
            CancelledError: when ``stop`` was raised.
        """

    def is_offline(self) -> bool:
        """Whether the device itself says that it has no connection."""


def range_header(offset: int, end: int | None) -> dict[str, str]:
    """The header that asks for a range; none when all is asked for."""
    if not offset and end is None:
        return {}
    return {"Range": f"bytes={offset}-{'' if end is None else end - 1}"}


class Clock(Protocol):
    """Time, for measuring and for waiting."""

    def now(self) -> float:
        """Seconds on a clock that never goes back."""

    async def sleep(self, seconds: float, stop: StopSignal) -> None:
        """Wait; return early when ``stop`` is raised."""

    def later(self, seconds: float, callback: Callable[[], None]) -> Callable[[], None]:
        """Call ``callback`` after a time; returns what takes that back."""


class AsyncioClock:
    """The clock of a real event loop, in CPython and in Pyodide alike."""

    def now(self) -> float:
        """Seconds on a clock that never goes back."""
        return time.monotonic()

    async def sleep(self, seconds: float, stop: StopSignal) -> None:
        """Wait; return early when ``stop`` is raised."""
        stopped = asyncio.Event()
        unsubscribe = stop.subscribe(stopped.set)
        try:
            await asyncio.wait_for(stopped.wait(), seconds)
        except TimeoutError:
            pass
        finally:
            unsubscribe()

    def later(self, seconds: float, callback: Callable[[], None]) -> Callable[[], None]:
        """Call ``callback`` after a time; returns what takes that back."""
        return asyncio.get_running_loop().call_later(seconds, callback).cancel
