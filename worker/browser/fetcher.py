"""fetch in the browser: the only place where the model store touches the network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import js
from pyodide.ffi import JsException, create_proxy, to_js

from pycore.download.fetcher import ConnectionLostError, StalledError, StopSignal, range_header
from worker.browser.streams import BodyReader

STALL_S = 30
"""A connection that brings nothing for so long is given up. Generous: phones change cells."""
BEAT_S = 2


class _Transfer:
    """Aborts one request on a stop, or when it stalls.

    Beats are counted rather than time measured: while a device sleeps, or this worker captions,
    nobody looks whether something has come.

    Args:
        stop: aborts it at once.
    """

    def __init__(self, stop: StopSignal) -> None:
        controller = js.AbortController.new()
        self.signal = controller.signal
        self._stop = stop
        self._abort = controller.abort.bind(controller)
        self._unsubscribe: Callable[[], None] = stop.subscribe(self._abort)
        self._is_awaited = False
        self._quiet_s = 0
        self._beat = create_proxy(self._on_beat)
        self._timer: int | None = js.setInterval(self._beat, BEAT_S * 1000)

    def _on_beat(self) -> None:
        if self._is_awaited:
            self._quiet_s += BEAT_S
            if self._quiet_s > STALL_S:
                self._abort()

    async def settle(self, promise: Any) -> Any:
        """Await a promise of the request.

        Raises:
            StalledError: nothing came for too long.
            ConnectionLostError: it failed otherwise.
            CancelledError: stopped.
        """
        self._is_awaited, self._quiet_s = True, 0
        try:
            return await promise
        except JsException as error:
            self.end()
            self._stop.raise_if_cancelled()
            if self._quiet_s > STALL_S:
                raise StalledError(f"nothing for {STALL_S} s") from error
            raise ConnectionLostError(str(error)) from error
        finally:
            self._is_awaited = False

    def end(self) -> None:
        """Abort what is still under way."""
        self._unsubscribe()
        self._abort()
        if self._timer is not None:
            js.clearInterval(self._timer)
            self._timer = None
            self._beat.destroy()


class JsResponse:
    """A ``Response`` whose body is read through its stream.

    Args:
        response: the JavaScript object.
        transfer: its request.
    """

    def __init__(self, response: Any, transfer: _Transfer) -> None:
        self.status: int = response.status
        self.headers: Mapping[str, str] = {
            str(name): str(value) for name, value in response.headers.entries()
        }
        self._transfer = transfer
        self._reader = BodyReader(response.body) if response.body else None

    async def read(self) -> bytes:
        """Return the next chunk; empty at the end."""
        return await self._reader.read(self._transfer.settle) if self._reader else b""

    def close(self) -> None:
        """Abort the transfer."""
        self._transfer.end()
        if self._reader:
            self._reader.release()


class JsFetcher:
    """GET requests as the hub wants them.

    No credentials, no referrer (some get a 404 without CORS headers), no HTTP cache (Firefox may
    abort large streams through it, and the pieces are kept anyway), only single ranges that name
    their first byte (they need no preflight).
    """

    async def get(
        self, url: str, *, offset: int = 0, end: int | None = None, stop: StopSignal
    ) -> JsResponse:
        """Ask for ``url``, from byte ``offset`` on, up to ``end``."""
        stop.raise_if_cancelled()
        transfer = _Transfer(stop)
        options = {
            "mode": "cors",
            "credentials": "omit",
            "referrerPolicy": "no-referrer",
            "cache": "no-store",
            "headers": range_header(offset, end),
            "signal": transfer.signal,
        }
        request = js.fetch(url, to_js(options, dict_converter=js.Object.fromEntries))
        return JsResponse(await transfer.settle(request), transfer)

    def is_offline(self) -> bool:
        """Whether the device itself says that it has no connection."""
        return js.navigator.onLine is False
