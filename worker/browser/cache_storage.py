"""The browser's storage for models: the Cache API, the one that every engine has in workers.

Storage that throws is storage that is missing: browsers that block site data have it and refuse.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import js
from pyodide.ffi import JsException, create_proxy, to_js

from worker.browser.streams import BodyReader
from worker.models.pieces import StorageFullError, StorageUse

# Pieces are told apart by their hash, not by where the app lives: two copies of Seesay in two
# folders of one origin share them. Nothing is ever served from this address.
ADDRESS = f"{js.location.origin}/.seesay-pieces/"

OWN = "seesay-"
"""All caches of Seesay are named so, those of its service worker too; other apps may be about."""

SIZE_HEADER = "seesay-size"
"""Of the keys, in bytes: answers would have to be read to learn their size."""


class CachePieces:
    """One Cache, made when something is written; names become addresses.

    Args:
        name: of the cache.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    async def names(self) -> set[str]:
        """Every name that is there now."""
        if not await js.caches.has(self._name):
            return set()
        requests = await (await js.caches.open(self._name)).keys()
        return {str(request.url).removeprefix(ADDRESS) for request in requests}

    async def read(self, name: str) -> bytes | None:
        """The bytes under ``name``, None when they are gone."""
        response = await self._match(name)
        if response is None:
            return None
        chunks: list[bytes] = []
        reader = BodyReader(response.body)
        while chunk := await reader.read():
            chunks.append(chunk)
        return b"".join(chunks)

    async def read_into(self, name: str, target: memoryview) -> bool:
        """Fill ``target`` with the bytes under ``name``; False for none, or of another size."""
        response = await self._match(name)
        if response is None:
            return False
        end = 0

        def take(chunk: Any) -> None:
            nonlocal end
            start, end = end, end + int(chunk.length)
            if end <= len(target):
                chunk.assign_to(target[start:end])

        reader = BodyReader(response.body)
        while await reader.pass_on(take):
            pass
        return end == len(target)

    async def write(self, name: str, data: bytes | memoryview) -> None:
        """Keep ``data``, whole or not at all.

        Raises:
            StorageFullError: there is no room, or no storage.
        """
        proxy = create_proxy(data)
        view = proxy.getBuffer("u8")  # of Python's memory
        response = js.Response.new(view.data)  # which copies it
        view.release()
        proxy.destroy()
        options = {"headers": {SIZE_HEADER: str(len(data))}}
        request = js.Request.new(
            ADDRESS + name, to_js(options, dict_converter=js.Object.fromEntries)
        )
        try:
            cache = await js.caches.open(self._name)
            await cache.put(request, response)
        except JsException as error:
            # QuotaExceededError where it is told; Firefox and private windows have others.
            raise StorageFullError(str(error)) from error

    async def delete(self, names: Iterable[str]) -> None:
        """Forget these names."""
        if await js.caches.has(self._name):
            cache = await js.caches.open(self._name)
            for name in names:
                await cache.delete(ADDRESS + name)

    async def copy_to(self, name: str, buffer: Any, offset: int) -> int:
        """Copy the bytes under ``name`` into a Uint8Array; returns their count, 0 for none."""
        response = await self._match(name)
        if response is None:
            return 0
        end = offset

        def take(chunk: Any) -> None:
            nonlocal end
            end += _set_bytes(buffer, chunk, end)

        reader = BodyReader(response.body)
        while await reader.pass_on(take):
            pass
        return end - offset

    async def blob(self, name: str) -> Any | None:
        """The bytes as a Blob that need not be in memory, None when they are gone."""
        response = await self._match(name)
        return None if response is None else await response.blob()

    async def _match(self, name: str) -> Any | None:
        try:
            options = to_js({"cacheName": self._name}, dict_converter=js.Object.fromEntries)
            return await js.caches.match(ADDRESS + name, options) or None
        except JsException:
            return None  # An entry that cannot be read is as good as gone.


class MemoryPieces:
    """Pieces in JavaScript's memory: Python's never shrinks."""

    def __init__(self) -> None:
        self._arrays: dict[str, Any] = {}

    async def names(self) -> set[str]:
        """Every name that is there now."""
        return set(self._arrays)

    async def read(self, name: str) -> bytes | None:
        """The bytes under ``name``."""
        array = self._arrays.get(name)
        return None if array is None else array.to_bytes()

    async def read_into(self, name: str, target: memoryview) -> bool:
        """Fill ``target`` with the bytes under ``name``; False for none, or of another size."""
        array = self._arrays.get(name)
        if array is None or array.length != len(target):
            return False
        array.assign_to(target)
        return True

    async def write(self, name: str, data: bytes | memoryview) -> None:
        """Keep ``data``."""
        self._arrays[name] = _to_array(data)

    async def delete(self, names: Iterable[str]) -> None:
        """Forget these names."""
        for name in names:
            self._arrays.pop(name, None)

    async def copy_to(self, name: str, buffer: Any, offset: int) -> int:
        """Copy the bytes under ``name`` into a Uint8Array; returns their count, 0 for none."""
        array = self._arrays.get(name)
        return 0 if array is None else _set_bytes(buffer, array, offset)

    async def blob(self, name: str) -> Any | None:
        """The bytes as a Blob."""
        array = self._arrays.get(name)
        return None if array is None else js.Blob.new(to_js([array]))


class JsDevice:
    """This browser's storage."""

    async def open(self, name: str) -> CachePieces:
        """The cache of that name."""
        caches = _caches()
        if caches is None:
            raise StorageFullError("no Cache API here: the page is not a secure context")
        try:
            await caches.has(name)
        except JsException as error:
            raise StorageFullError(str(error)) from error
        return CachePieces(name)

    def open_memory(self) -> MemoryPieces:
        """Pieces that last as long as the worker."""
        return MemoryPieces()

    async def stores(self) -> list[str]:
        """Names of all caches; none where the browser keeps nothing."""
        caches = _caches()
        try:
            return [] if caches is None else [str(name) for name in await caches.keys()]
        except JsException:
            return []

    async def drop(self, name: str) -> None:
        """Delete a cache, where there can be any."""
        caches = _caches()
        if caches is not None:
            with suppress(JsException):
                await caches.delete(name)

    async def storage(self) -> StorageUse:
        """How much Seesay keeps, and how much this browser lends."""
        quota_bytes = persisted = None
        storage = getattr(js.navigator, "storage", None)  # WebKitGTK 2.50 has none
        try:
            if storage is not None:
                quota_bytes = int((await storage.estimate()).quota)
                persisted = bool(await storage.persisted())
            return StorageUse(await self._used_bytes(), quota_bytes, persisted)
        except JsException:
            return StorageUse(None, None, None)

    async def _used_bytes(self) -> int | None:
        caches = _caches()
        if caches is None:
            return None
        used_bytes = 0
        for name in await caches.keys():
            if str(name).startswith(OWN):
                cache = await caches.open(name)
                for key in await cache.keys():
                    used_bytes += int(key.headers.get(SIZE_HEADER) or 0)
        return used_bytes

    def new_buffer(self, size_bytes: int) -> Any:
        """A Uint8Array.

        Raises:
            MemoryError: when there is not so much memory.
        """
        return _new_array(size_bytes)

    def new_blob(self, parts: Sequence[Any]) -> Any:
        """One Blob made of byte strings and Blobs."""
        return js.Blob.new(
            to_js([_to_array(part) if isinstance(part, bytes) else part for part in parts]),
            to_js({"type": "application/zip"}, dict_converter=js.Object.fromEntries),
        )


def _caches() -> Any | None:
    try:
        return getattr(js, "caches", None)
    except JsException:  # SecurityError
        return None


def _to_array(data: bytes | memoryview) -> Any:
    array = _new_array(len(data))
    array.assign(data)
    return array


def _new_array(size_bytes: int) -> Any:
    try:
        return js.Uint8Array.new(size_bytes)
    except JsException as error:  # RangeError: Array buffer allocation failed
        raise MemoryError(str(error)) from error


def _set_bytes(buffer: Any, array: Any, offset: int) -> int:
    size = int(array.length)
    if offset + size <= buffer.length:
        buffer.set(array, offset)
    return size
