"""Bodies read into one buffer that is used again and again, where the browser can.

A reader of the usual kind gives each chunk in a new buffer. Dead ones are collected late: V8 looks
after memory outside its heap from 64 MB on, and in a busy worker later still (245 MB were seen).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import js
from pyodide.ffi import JsException, to_js

READ_BYTES = 2**20

_SPARE: list[Any] = []
"""Buffers that nobody reads into just now."""


class BodyReader:
    """Reads a body chunk by chunk.

    Args:
        body: a ReadableStream of bytes.
    """

    def __init__(self, body: Any) -> None:
        self._view: Any = None
        try:
            mode = to_js({"mode": "byob"}, dict_converter=js.Object.fromEntries)
            self._reader = body.getReader(mode)
        except JsException:
            self._reader = body.getReader()
            return
        self._view = _SPARE.pop() if _SPARE else js.Uint8Array.new(READ_BYTES)

    async def read(self, settle: Callable[[Any], Awaitable[Any]] | None = None) -> bytes:
        """Return the next chunk; empty at the end.

        Args:
            settle: awaits the promise and maps its failure; without, failures are JsException.
        """
        data = b""

        def take(chunk: Any) -> None:
            nonlocal data
            data = chunk.to_bytes()

        await self.pass_on(take, settle)
        return data

    async def pass_on(
        self,
        take: Callable[[Any], object],
        settle: Callable[[Any], Awaitable[Any]] | None = None,
    ) -> bool:
        """Call ``take`` with the next chunk, a Uint8Array of the moment; False at the end."""
        view, self._view = self._view, None  # the stream's until it gives it back
        promise = self._reader.read() if view is None else self._reader.read(view)
        result = await (promise if settle is None else settle(promise))
        if not result.done:
            take(result.value)
        if view is not None and result.value is not None:
            self._view = js.Uint8Array.new(result.value.buffer)
        if result.done:
            self.release()
        return not result.done

    def release(self) -> None:
        """Nobody reads on: another body may have the buffer, unless a read still waits for it."""
        if self._view is not None:
            _SPARE.append(self._view)
            self._view = None
