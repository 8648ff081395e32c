"""The bytes of one file from an offset on, whatever the network does meanwhile."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pycore.download.fetch_failures import (
    SNIFFED_BYTES,
    Setback,
    judge_silence,
    judge_start,
    judge_status,
)
from pycore.download.fetcher import (
    Clock,
    ConnectionLostError,
    Fetcher,
    Response,
    StalledError,
    StopSignal,
)

if TYPE_CHECKING:
    from pycore.download.origins import Origin
    from pycore.models.catalogue import ModelFile

REQUEST_BYTES = 32 * 2**20
"""The most that one request asks for.

A browser reads ahead of a reader that is slower than the network, Chromium up to 50 MiB of each
answer (seen with Chromium 156), into memory that a phone may not have. Not less than this, because
each request costs a redirect and a round trip.
"""


class GaveUpError(Exception):
    """Retries are used up, or cannot help.

    Attributes:
        setback: the last one.
    """

    def __init__(self, setback: Setback) -> None:
        super().__init__(setback.message)
        self.setback = setback


@dataclass(frozen=True)
class RetryPolicy:
    """How often and after how long a failed request is repeated.

    Attributes:
        first_wait_s: before the second try; doubles with each further one.
        longest_wait_s: no wait of our own is longer.
        longest_asked_wait_s: the longest wait that a server may ask for; the hub counts requests
            in windows of 5 minutes (hub's documentation of its rate limits, October 2026).
    """

    first_wait_s: float = 1.0
    longest_wait_s: float = 30.0
    longest_asked_wait_s: float = 300.0

    def wait_s(self, failures: int, setback: Setback, random: Callable[[], float]) -> float | None:
        """Seconds until the next try; None to give up.

        Args:
            failures: in a row, this one included.
            setback: what happened.
            random: gives 0 <= x < 1; spreads the retries of many visitors over time.
        """
        if failures >= setback.tries:
            return None
        own = min(self.first_wait_s * 2.0 ** (failures - 1), self.longest_wait_s)
        own *= 0.5 + random() / 2
        if setback.wait_s is None:
            return own
        if setback.wait_s > self.longest_asked_wait_s:
            return None
        return setback.wait_s + own


@dataclass(frozen=True)
class Network:
    """How hosts are asked, and how patiently.

    Attributes:
        fetcher: asks.
        clock: measures and waits.
        policy: how failed requests are repeated.
        random: gives 0 <= x < 1; spreads retries.
    """

    fetcher: Fetcher
    clock: Clock
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    random: Callable[[], float] = random.random


class RetryingStream:
    """Reads a file on from ``position``; reconnects through the origin's address after each cut.

    Args:
        file: what to read.
        origin: knows the file's addresses.
        position: the first byte to read.
        network: asks the origin's hosts.
        stop: ends waiting and reading.
        on_wait: told a setback and the seconds until the next try.
    """

    def __init__(
        self,
        file: ModelFile,
        origin: Origin,
        position: int,
        *,
        network: Network,
        stop: StopSignal,
        on_wait: Callable[[Setback, float], None],
    ) -> None:
        self.position = position
        self._file = file
        self._origin = origin
        self._network = network
        self._stop = stop
        self._on_wait = on_wait
        self._response: Response | None = None
        self._response_end = 0
        self._skip = 0
        self._sniffing = False
        self._start = bytearray()
        self._spare = b""
        self._failures = 0

    def close(self) -> None:
        """Abort the request under way. Harmless when called twice."""
        if self._response is not None:
            self._response.close()
            self._response = None
        self._spare = b""

    def note_progress(self) -> None:
        """Forget past failures: enough has come since to call the connection alive."""
        self._failures = 0

    async def read(self, size: int) -> bytes:
        """The next bytes: at least one, at most ``size``.

        Raises:
            GaveUpError: when no more tries are left, or the answer is not this file.
            CancelledError: on a stop.
        """
        while True:
            try:
                if not self._spare:
                    self._spare = await self._next_chunk()
                chunk, self._spare = self._spare[:size], self._spare[size:]
            except _AttemptError as error:
                self.close()
                await self._wait(error.setback)
            else:
                self.position += len(chunk)
                return chunk

    async def _next_chunk(self) -> bytes:
        """Bytes at ``position``, from the open response or from a new one."""
        while True:
            if self._response is not None and self.position >= self._response_end:
                self.close()
            try:
                if self._response is None:
                    self._response = await self._connect()
                chunk = await self._response.read()
            except ConnectionLostError as error:
                raise _AttemptError(self._silence(error)) from error
            if not chunk:
                raise _AttemptError(self._short_body())
            chunk = self._after_skipping(chunk)
            if chunk:
                return chunk[: self._response_end - self.position]

    async def _connect(self) -> Response:
        address = self._origin.locate(self._file, self.position)
        offset = self.position - address.start
        # A small file may come gzip-encoded, where a range would count encoded bytes: it is read
        # again from its start, which costs less than a wrong byte.
        asked, end = 0, address.size_bytes
        if address.is_ranged:
            asked, end = offset, min(offset + REQUEST_BYTES, address.size_bytes)
        response = await self._network.fetcher.get(
            address.url,
            offset=asked,
            end=None if end == address.size_bytes else end,
            stop=self._stop,
        )
        setback = judge_status(
            response.status, response.headers, self._origin.host, self._file.path
        )
        served = asked
        if response.status != 206:  # All of it, whatever was asked for.
            served, end = 0, address.size_bytes
        content_range = _CONTENT_RANGE.match(response.headers.get("content-range", ""))
        if response.status == 206 and content_range:
            served = int(content_range[1])
            if content_range[2] not in {"*", str(address.size_bytes)}:
                setback = self._wrong_size(int(content_range[2]))
            elif served > offset:
                setback = Setback(
                    f"{self._origin.host} sent the wrong part of {self._file.path}. Try again.",
                    detail=response.headers["content-range"],
                )
        if setback is not None:
            response.close()
            raise _AttemptError(setback)
        self._skip = offset - served
        # Only a body that begins at the file's first byte can be told from a web page.
        self._start = bytearray()
        self._sniffing = address.start + served == 0
        self._response_end = address.start + end
        return response

    def _after_skipping(self, chunk: bytes) -> bytes:
        """Drop what was not asked for; refuse a web page or a pointer by its first bytes."""
        if self._sniffing:
            self._start += chunk
            if len(self._start) < min(SNIFFED_BYTES, self._file.size_bytes):
                return b""
            self._sniffing = False
            setback = judge_start(bytes(self._start), self._file.path)
            if setback is not None:
                raise _AttemptError(setback)
            chunk, self._start = bytes(self._start), bytearray()
        skipped = min(self._skip, len(chunk))
        self._skip -= skipped
        return chunk[skipped:]

    async def _wait(self, setback: Setback) -> None:
        self._failures += 1
        wait_s = self._network.policy.wait_s(self._failures, setback, self._network.random)
        if wait_s is None:
            raise GaveUpError(setback)
        self._on_wait(setback, wait_s)
        await self._network.clock.sleep(wait_s, self._stop)
        self._stop.raise_if_cancelled()

    def _silence(self, error: ConnectionLostError) -> Setback:
        return judge_silence(
            self._origin.host,
            offline=self._network.fetcher.is_offline(),
            stalled=isinstance(error, StalledError),
            detail=f"{self._file.path} at byte {self.position}: {error}",
        )

    def _short_body(self) -> Setback:
        setback = judge_start(bytes(self._start), self._file.path) if self._start else None
        return setback or Setback(
            f"{self._origin.host} ended {self._file.path} too early. Try again in a few minutes.",
            detail=f"ended at byte {self.position} of {self._file.size_bytes}",
        )

    def _wrong_size(self, size_bytes: int) -> Setback:
        return Setback(
            f"{self._origin.host} has another {self._file.path} than this model's "
            f"({size_bytes} bytes instead of {self._file.size_bytes}). "
            "Use another mirror, or import the model from a file.",
            tries=1,
            wrong_file=True,
        )


_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class _AttemptError(Exception):
    """One attempt failed."""

    def __init__(self, setback: Setback) -> None:
        super().__init__(setback.message)
        self.setback = setback
