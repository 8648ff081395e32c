"""HTTP by the standard library, as pycore.download asks for it; nothing here waits for a loop."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError

from pycore.download.fetcher import ConnectionLostError, StalledError, range_header
from pycore.download.retrying_stream import Network
from seesay.jobs import EventStop
from seesay.version import __version__

if TYPE_CHECKING:
    from pycore.download.fetcher import StopSignal

STALL_S = 30.0
"""Nothing for so long counts as a lost connection."""
_CHUNK_BYTES = 1 << 17


class UrllibResponse:
    """A ``Response`` of pycore.download."""

    def __init__(self, response: HTTPResponse | HTTPError, stop: StopSignal) -> None:
        self.status = int(response.status or 0)
        self.headers: Mapping[str, str] = {
            name.lower(): value for name, value in response.headers.items()
        }
        self._response = response
        self._stop = stop

    async def read(self) -> bytes:
        """Return the next chunk; see Response."""
        self._stop.raise_if_cancelled()
        try:
            if isinstance(self._response, HTTPResponse):
                return self._response.read1(_CHUNK_BYTES)  # what is there, without waiting for more
            return self._response.read(_CHUNK_BYTES)
        except TimeoutError as error:
            raise StalledError(str(error)) from error
        except (OSError, HTTPException, ValueError) as error:
            raise ConnectionLostError(f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        """Abort the transfer."""
        self._response.close()


class UrllibFetcher:
    """A ``Fetcher`` of pycore.download: plain GET requests over http and https.

    Args:
        stall_s: see STALL_S.
    """

    def __init__(self, stall_s: float = STALL_S) -> None:
        self._stall_s = stall_s
        # No files and no FTP: an address, or a redirect, may lead to no such place.
        self._opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.ProxyHandler,
            urllib.request.HTTPHandler,
            urllib.request.HTTPSHandler,
            urllib.request.HTTPDefaultErrorHandler,
            urllib.request.HTTPRedirectHandler,
            urllib.request.HTTPErrorProcessor,
            urllib.request.UnknownHandler,
        ):
            self._opener.add_handler(handler())

    async def get(
        self, url: str, *, offset: int = 0, end: int | None = None, stop: StopSignal
    ) -> UrllibResponse:
        """Ask for ``url``, or for a range of it; see Fetcher."""
        stop.raise_if_cancelled()
        headers = {
            "User-Agent": f"seesay/{__version__}",
            "Accept-Encoding": "identity",
            **range_header(offset, end),
        }
        request = urllib.request.Request(url, headers=headers)
        try:
            return UrllibResponse(self._opener.open(request, timeout=self._stall_s), stop)
        except HTTPError as error:
            return UrllibResponse(error, stop)
        except (OSError, HTTPException, ValueError) as error:
            is_late = isinstance(error, URLError) and isinstance(error.reason, TimeoutError)
            kind = StalledError if is_late else ConnectionLostError
            raise kind(f"{type(error).__name__}: {error}") from error

    def is_offline(self) -> bool:
        """Whether the machine says that it has no connection: it does not say."""
        return False


class BlockingClock:
    """A ``Clock`` of pycore.download that blocks its thread."""

    def now(self) -> float:
        """Seconds on a clock that never goes back."""
        return time.monotonic()

    async def sleep(self, seconds: float, stop: StopSignal) -> None:
        """Wait; return early when ``stop`` is raised."""
        wait = stop.wait if isinstance(stop, EventStop) else time.sleep
        wait(seconds)

    def later(self, seconds: float, callback: Callable[[], None]) -> Callable[[], None]:
        """Nothing is put off here: a thread that blocks has no later.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError


def open_network() -> Network:
    """Return the network of this machine."""
    return Network(UrllibFetcher(), BlockingClock())
