"""One download at a time, although several tabs may want the same model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from pycore.download.fetcher import StopSignal


class Tabs(Protocol):
    """Talks to other tabs of this site."""

    async def acquire(
        self, name: str, stop: StopSignal, on_news: Callable[[Mapping[str, Any]], None]
    ) -> Callable[[], None]:
        """Wait until no other tab holds ``name``, then hold it.

        Args:
            name: of the lock.
            stop: ends the waiting.
            on_news: told what the holding tab announces meanwhile.

        Returns:
            A function that lets go. The browser calls it for a tab that closes or crashes.

        Raises:
            CancelledError: when ``stop`` was raised.
        """

    def announce(self, name: str, news: Mapping[str, Any]) -> None:
        """Tell the tabs that wait for ``name``."""


class AloneTabs:
    """For browsers without locks: pieces are named by content, so that two tabs do no harm."""

    async def acquire(
        self, name: str, stop: StopSignal, on_news: Callable[[Mapping[str, Any]], None]
    ) -> Callable[[], None]:
        """Hold it at once."""
        del name, on_news
        stop.raise_if_cancelled()
        return lambda: None

    def announce(self, name: str, news: Mapping[str, Any]) -> None:
        """Nobody listens."""
