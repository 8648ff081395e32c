"""Web Locks and BroadcastChannel: tabs that want the same model take turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import JsException, create_once_callable, create_proxy, to_js

from pycore.download.download_lock import AloneTabs, Tabs

if TYPE_CHECKING:
    from pycore.download.fetcher import StopSignal


class JsTabs:
    """Tabs of a browser that has locks."""

    def __init__(self) -> None:
        self._channels: dict[str, Any] = {}

    async def acquire(
        self, name: str, stop: StopSignal, on_news: Callable[[Mapping[str, Any]], None]
    ) -> Callable[[], None]:
        """Wait until no other tab holds the lock ``name``, then hold it.

        Browsers that block site data refuse locks: then each tab is on its own.
        """
        stop.raise_if_cancelled()
        channel = self._channel(name)
        listener = create_proxy(lambda event: on_news(event.data.to_py()))
        controller = js.AbortController.new()
        unsubscribe = stop.subscribe(controller.abort)
        granted, held = js.Promise.withResolvers(), js.Promise.withResolvers()

        def hold(_lock: Any) -> Any:
            granted.resolve()
            return held.promise

        options = to_js({"signal": controller.signal}, dict_converter=js.Object.fromEntries)
        request = js.navigator.locks.request(name, options, create_once_callable(hold))
        channel.addEventListener("message", listener)
        try:
            await js.Promise.race(to_js([granted.promise, request]))
        except JsException:
            stop.raise_if_cancelled()
            return lambda: None
        finally:
            unsubscribe()
            channel.removeEventListener("message", listener)
            listener.destroy()
        release: Callable[[], None] = held.resolve
        return release

    def announce(self, name: str, news: Mapping[str, Any]) -> None:
        """Tell the tabs that wait for ``name``."""
        self._channel(name).postMessage(to_js(news, dict_converter=js.Object.fromEntries))

    def _channel(self, name: str) -> Any:
        if name not in self._channels:
            self._channels[name] = js.BroadcastChannel.new(name)
        return self._channels[name]


def open_tabs() -> Tabs:
    """The tabs of this browser."""
    if hasattr(js.navigator, "locks") and hasattr(js, "BroadcastChannel"):
        return JsTabs()
    return AloneTabs()
