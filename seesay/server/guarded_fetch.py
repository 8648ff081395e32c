"""Images from other servers: from granted sites alone, never from this machine's own network."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import urljoin, urlsplit

from pycore.endpoint.answers import ForbiddenError
from pycore.endpoint.sites import is_public, site_of
from pycore.errors import ConfigurationError, ImageTooLargeError, NetworkError
from pycore.images.limits import MAX_FILE_BYTES
from seesay.version import __version__

MOST_REDIRECTS = 3
TIMEOUT_S = 20.0
"""For one image, from connecting to the last byte, redirects included."""

_CHUNK_BYTES = 1 << 16
_MOVED = {301, 302, 303, 307, 308}


class GuardedFetch:
    """Gets images from sites that a person granted.

    Args:
        sites: scheme, host and port of each.
        is_allowed: judges the IP address that a connection leads to, so that no name server can
            lead into a private network.

    Raises:
        ConfigurationError: a site is none.
    """

    def __init__(
        self, sites: Collection[str], is_allowed: Callable[[str], bool] = is_public
    ) -> None:
        self._sites = {site_of(site) for site in sites}
        self._is_allowed = is_allowed

    def __call__(self, url: str) -> bytes:
        """Return what is at an address.

        Raises:
            ForbiddenError: the site was not granted, leads into a private network, or elsewhere.
            NetworkError: it cannot be had.
            ImageTooLargeError: it has more bytes than the limit.
        """
        site = site_of(url)
        if site not in self._sites:
            raise ForbiddenError(
                f"Images from {site} were not granted. Start the server with --allow-site {site}"
            )
        deadline = time.monotonic() + TIMEOUT_S
        for _ in range(MOST_REDIRECTS + 1):
            content = self._get(url, site, deadline)
            if isinstance(content, bytes):
                return content
            url = _next(url, content, site)
        raise NetworkError(f"{site} leads on more than {MOST_REDIRECTS} times.")

    def _get(self, url: str, site: str, deadline: float) -> bytes | str:
        """Return the body, or the place that the server leads on to."""
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=_time_left(site, deadline))
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {
            "User-Agent": f"seesay/{__version__}",
            "Accept": "image/*",
            "Accept-Encoding": "identity",
        }
        try:
            self._connect(connection, site)
            with _cut_after(_time_left(site, deadline), connection.sock):
                connection.request("GET", target, headers=headers)
                response = connection.getresponse()
                place = response.headers.get("Location")
                if response.status in _MOVED and place:
                    return place
                if response.status != 200:
                    message = f"The image could not be fetched: {site} answered {response.status}."
                    raise NetworkError(message, detail=url)
                return _read(response, site, deadline)
        except (OSError, HTTPException, ValueError) as error:
            _time_left(site, deadline)
            message = f"The image could not be fetched: {site} cannot be reached."
            raise NetworkError(message, detail=f"{type(error).__name__}: {error}") from error
        finally:
            connection.close()

    def _connect(self, connection: HTTPConnection, site: str) -> None:
        """Connect; where the name leads into a private network, before anybody there is asked."""
        found = socket.getaddrinfo(connection.host, connection.port, type=socket.SOCK_STREAM)
        self._check([str(place[0]) for *_, place in found], site)
        connection.connect()
        self._check(
            [str(connection.sock.getpeername()[0])], site
        )  # the name may lead elsewhere now

    def _check(self, addresses: Collection[str], site: str) -> None:
        if not all(self._is_allowed(address) for address in addresses):
            raise ForbiddenError(f"{site} leads into a private network.")


@contextmanager
def _cut_after(seconds: float, connection: socket.socket) -> Iterator[None]:
    """End a connection in time: a server that sends a byte now and then keeps each wait short."""

    def cut() -> None:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)

    limit = threading.Timer(seconds, cut)
    limit.daemon = True
    limit.start()
    try:
        yield
    finally:
        limit.cancel()


def _next(url: str, place: str, site: str) -> str:
    """Return the address that a redirect leads to.

    Raises:
        ForbiddenError: it is on another site.
        NetworkError: it is none.
    """
    try:
        url = urljoin(url, place)
        other = site_of(url)
    except (ValueError, ConfigurationError) as error:
        message = f"{site} leads on to what is no web address."
        raise NetworkError(message, detail=place) from error
    if other != site:
        raise ForbiddenError(f"{site} leads on to another site, which was not granted.")
    return url


def _read(response: HTTPResponse, site: str, deadline: float) -> bytes:
    body = bytearray()
    while chunk := response.read1(_CHUNK_BYTES):
        body += chunk
        if len(body) > MAX_FILE_BYTES:
            raise ImageTooLargeError(
                f"The image on {site} has more than {MAX_FILE_BYTES / 1e6:.0f} MB, the limit."
            )
        _time_left(site, deadline)
    _time_left(site, deadline)  # by which it was cut
    if response.length:  # read1 takes a connection that was cut for the end
        raise NetworkError(
            f"The image could not be fetched: {site} broke off {response.length} bytes before "
            "its end. Try again."
        )
    return bytes(body)


def _time_left(site: str, deadline: float) -> float:
    """Return how many seconds are left.

    Raises:
        NetworkError: none.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise NetworkError(f"{site} took longer than {TIMEOUT_S:.0f} seconds.")
    return left
