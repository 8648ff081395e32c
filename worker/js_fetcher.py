"""fetch in the browser: the only place where the model store touches the network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import js
from pyodide.ffi import JsException, to_js

from worker.fetcher import ConnectionLostError, StalledError, StopSignal

STALL_S = 30.0
"""A connection that brings nothing for so long is given up. Generous: phones change cells."""


class JsResponse:
    """A ``Response`` whose body is read through its stream.

    Args:
        response: the JavaScript object.
        controller: aborts it.
        stop: its signal has aborted when reading fails for no other reason.
        unsubscribe: takes the abort back out of ``stop``.
    """

    def __init__(
        self, response: Any, controller: Any, stop: StopSignal, unsubscribe: Callable[[], None]
    ) -> None:
        self.status: int = response.status
        self.headers: Mapping[str, str] = {
            str(name): str(value) for name, value in response.headers.entries()
        }
        self._controller = controller
        self._stop = stop
        self._unsubscribe = unsubscribe
        self._reader = response.body.getReader() if response.body else None

    async def read(self) -> bytes:
        """Return the next chunk; empty at the end."""
        if self._reader is None:
            return b""
        result = await _settle(self._reader.read(), self._stop, self.close)
        if result.done:
            return b""
        # One copy into Python: the hash needs it there, and the piece is made of it.
        data: bytes = result.value.to_bytes()
        return data

    def close(self) -> None:
        """Abort the transfer."""
        self._unsubscribe()
        self._controller.abort()


class JsFetcher:
    """GET requests as the hub wants them.

    No credentials, no referrer (some get a 404 without CORS headers), no HTTP cache (Firefox may
    abort large streams through it, and the pieces are kept anyway), only ranges that are open
    at their end (they need no preflight).
    """

    async def get(self, url: str, *, offset: int, stop: StopSignal) -> JsResponse:
        """Ask for ``url``, from byte ``offset`` on."""
        stop.raise_if_cancelled()
        controller = js.AbortController.new()
        unsubscribe = stop.subscribe(controller.abort)
        options = {
            "mode": "cors",
            "credentials": "omit",
            "referrerPolicy": "no-referrer",
            "cache": "no-store",
            "headers": {"Range": f"bytes={offset}-"} if offset else {},
            "signal": controller.signal,
        }
        request = js.fetch(url, to_js(options, dict_converter=js.Object.fromEntries))

        def give_up() -> None:
            unsubscribe()
            controller.abort()

        response = await _settle(request, stop, give_up)
        return JsResponse(response, controller, stop, unsubscribe)

    def is_offline(self) -> bool:
        """Whether the device itself says that it has no connection."""
        return js.navigator.onLine is False


async def _settle(promise: Any, stop: StopSignal, give_up: Callable[[], None]) -> Any:
    """Await a promise of fetch or of its body; whatever fails becomes one of our errors."""
    try:
        return await asyncio.wait_for(promise, STALL_S)
    except TimeoutError as error:
        give_up()
        raise StalledError(f"nothing for {STALL_S:.0f} s") from error
    except JsException as error:
        give_up()
        stop.raise_if_cancelled()
        raise ConnectionLostError(str(error)) from error
