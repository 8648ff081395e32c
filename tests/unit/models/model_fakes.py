"""A network, a clock, a device and tabs that do as they are told, for the model store's tests."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pycore.download.fetcher import ConnectionLostError, StopSignal
from worker.models.pieces import StorageFullError, StorageUse

HUB = "https://hub.test"


@dataclass
class FakeClock:
    """Time passes only when somebody waits, and alarms go off when a test says so."""

    time: float = 0.0
    waits: list[float] = field(default_factory=list)
    alarms: list[Callable[[], None]] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float, stop: StopSignal) -> None:
        self.waits.append(seconds)
        if stop.reason is None:
            self.time += seconds

    def later(self, seconds: float, callback: Callable[[], None]) -> Callable[[], None]:
        self.alarms.append(callback)
        return lambda: self.alarms.remove(callback)


@dataclass
class FakeResponse:
    """An answer; ``cut`` is raised, or called, after the body."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    chunk: int = 1 << 18
    cut: Exception | Callable[[], None] | None = None
    sent: int = 0
    closed: bool = False

    async def read(self) -> bytes:
        if self.closed:
            raise AssertionError("read after close")
        chunk = self.body[self.sent : self.sent + self.chunk]
        self.sent += len(chunk)
        if not chunk and isinstance(self.cut, Exception):
            raise self.cut
        if not chunk and callable(self.cut):
            self.cut()
            raise ConnectionLostError("aborted")
        return chunk

    def close(self) -> None:
        self.closed = True


Mood = Callable[[bytes, int], FakeResponse]
"""Makes an answer from the file's bytes and the offset that was asked for."""


def normal(content: bytes, offset: int, end: int | None = None) -> FakeResponse:
    """A well-behaved server."""
    if offset == 0 and end is None:
        return FakeResponse(200, content)
    if offset >= len(content):
        return FakeResponse(416)
    body = content[offset:end]
    content_range = f"bytes {offset}-{offset + len(body) - 1}/{len(content)}"
    return FakeResponse(206, body, {"content-range": content_range})


def cut_at(position: int, error: Exception | Callable[[], None] | None = None) -> Mood:
    """Breaks off at a position of the file; without an error it looks like a proper end."""

    def mood(content: bytes, offset: int) -> FakeResponse:
        response = normal(content, offset)
        response.body = response.body[: max(0, position - offset)]
        response.cut = error
        return response

    return mood


def answer(status: int, body: bytes = b"", **headers: str) -> Mood:
    """Always the same; underscores in header names stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda content, offset: FakeResponse(status, body, named)


def unreachable(content: bytes, offset: int) -> FakeResponse:
    """No answer that a page may see."""
    raise ConnectionLostError("Failed to fetch")


class FakeFetcher:
    """Serves ``files`` by address; ``moods`` come first, one for each request.

    Attributes:
        requests: (address, offset) of every request.
        responses: every answer that was given.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)
        self.moods: list[Mood] = []
        self.moods_of: dict[str, list[Mood]] = {}
        self.requests: list[tuple[str, int]] = []
        self.responses: list[FakeResponse] = []
        self.offline = False

    async def get(
        self, url: str, *, offset: int = 0, end: int | None = None, stop: StopSignal
    ) -> FakeResponse:
        stop.raise_if_cancelled()
        self.requests.append((url, offset))
        moods = self.moods_of.get(url) or self.moods
        if url not in self.files:
            response = FakeResponse(404)
        elif moods:
            response = moods.pop(0)(self.files[url], offset)
        else:
            response = normal(self.files[url], offset, end)
        self.responses.append(response)
        return response

    def is_offline(self) -> bool:
        return self.offline

    @property
    def sent(self) -> int:
        """Body bytes that left the server."""
        return sum(response.sent for response in self.responses)


class FakePieces:
    """A store with a quota."""

    def __init__(self, quota: float = float("inf")) -> None:
        self.entries: dict[str, bytes] = {}
        self.quota = quota

    async def names(self) -> set[str]:
        return set(self.entries)

    async def read(self, name: str) -> bytes | None:
        return self.entries.get(name)

    async def read_into(self, name: str, target: memoryview) -> bool:
        data = self.entries.get(name)
        if data is None or len(data) != len(target):
            return False
        target[:] = data
        return True

    async def write(self, name: str, data: bytes | memoryview) -> None:
        if sum(map(len, self.entries.values())) + len(data) > self.quota:
            raise StorageFullError("QuotaExceededError")
        self.entries[name] = bytes(data)

    async def delete(self, names: Iterable[str]) -> None:
        for name in names:
            self.entries.pop(name, None)

    async def copy_to(self, name: str, buffer: Any, offset: int) -> int:
        data = self.entries.get(name, b"")
        buffer[offset : offset + len(data)] = data
        return len(data)

    async def blob(self, name: str) -> bytes | None:
        return self.entries.get(name)


class FakeDevice:
    """Storage that outlives the stores opened on it."""

    def __init__(self, quota: float = float("inf")) -> None:
        self.quota = quota
        self.kept: dict[str, FakePieces] = {}
        self.refuses = False

    async def open(self, name: str) -> FakePieces:
        if self.refuses:
            raise StorageFullError("SecurityError")
        return self.kept.setdefault(name, FakePieces(self.quota))

    def open_memory(self) -> FakePieces:
        return FakePieces()

    async def stores(self) -> list[str]:
        return [name for name, pieces in self.kept.items() if pieces.entries]

    async def drop(self, name: str) -> None:
        self.kept.pop(name, None)

    async def storage(self) -> StorageUse:
        used = sum(len(data) for pieces in self.kept.values() for data in pieces.entries.values())
        return StorageUse(used, None, True)

    def new_buffer(self, size_bytes: int) -> bytearray:
        return bytearray(size_bytes)

    def new_blob(self, parts: Sequence[bytes]) -> bytes:
        return b"".join(parts)


class FakeTabs:
    """Another tab that holds the lock until ``news`` are told."""

    def __init__(self, news: Sequence[Mapping[str, Any]] = ()) -> None:
        self.news = list(news)
        self.held: list[str] = []
        self.announced: list[Mapping[str, Any]] = []

    async def acquire(
        self, name: str, stop: StopSignal, on_news: Callable[[Mapping[str, Any]], None]
    ) -> Callable[[], None]:
        for item in self.news:
            on_news(item)
        stop.raise_if_cancelled()
        self.held.append(name)
        return lambda: self.held.remove(name)

    def announce(self, name: str, news: Mapping[str, Any]) -> None:
        self.announced.append(news)


def some_bytes(size: int, seed: int = 0) -> bytes:
    """Bytes that no two seeds share."""
    return random.Random(seed).randbytes(size)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
