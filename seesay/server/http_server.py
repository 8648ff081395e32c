"""HTTP on this machine: ``GET`` and ``POST`` of ``/api/.../caption``, and nothing else."""

from __future__ import annotations

import json
import socket
import threading
import time
import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NoReturn

from pycore.endpoint.answers import (
    BodyError,
    BusyError,
    ForbiddenError,
    MethodError,
    NoSuchSourceError,
    answer,
    failure,
)
from pycore.endpoint.form import FORM_OVERHEAD_BYTES, image_in
from pycore.endpoint.request_path import METHODS, is_full, methods_of, parse_path
from pycore.errors import ConfigurationError, ImageTooLargeError, InternalError, SeesayError
from pycore.images.limits import MAX_FILE_BYTES
from seesay.server.bodies import read_body
from seesay.version import __version__

if TYPE_CHECKING:
    from seesay.server.service import CaptionService

PREFIX = "/api/"
MOST_CONNECTIONS = 32
SILENCE_S = 30.0
"""After so long without a byte a connection is closed; also one whose request has no whole head."""
RETRY_AFTER_S = 5
_MOST_DIGITS = 18
"""Of a length in bytes; Python refuses to read numbers without end."""
LINGER_S = 5.0
"""So long what a refused client still sends is taken, so that it gets to read why."""


class CaptionServer(ThreadingHTTPServer):
    """Serves one CaptionService on localhost.

    Args:
        service: answers.
        port: 0 for any that is free.
        origins: of pages that may ask; none by default.

    Raises:
        ConfigurationError: the port is taken, or may not be had.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, service: CaptionService, port: int, origins: Collection[str] = ()) -> None:
        self.service = service
        self.origins = frozenset(origin.rstrip("/") for origin in origins)
        self._room = threading.BoundedSemaphore(MOST_CONNECTIONS)
        try:
            super().__init__(("127.0.0.1", port), CaptionHandler)
        except (OSError, OverflowError) as error:
            raise ConfigurationError(
                f"Port {port} cannot be had: another program may have it. Choose another --port.",
                detail=str(error),
            ) from error

    @property
    def url(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread of its own, if there are not too many."""
        if self._room.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and make room."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing when a client closes a connection early."""


class CaptionHandler(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    protocol_version = "HTTP/1.1"
    server_version = f"seesay/{__version__}"
    sys_version = ""
    timeout = SILENCE_S
    server: CaptionServer

    def handle_one_request(self) -> None:
        """Answer one request, whose head must come in time: a byte now and then keeps no place."""
        self._limit = threading.Timer(SILENCE_S, self._cut)
        self._limit.daemon = True
        self._limit.start()
        try:
            super().handle_one_request()
        finally:
            self._limit.cancel()

    def parse_request(self) -> bool:
        """Read the head; what comes after it has limits of its own."""
        is_whole = super().parse_request()
        self._limit.cancel()
        return is_whole

    def _cut(self) -> None:
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Keep no log: paths and sources are a person's own."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is no HTTP as JSON, too."""
        del explain
        if code == 501:  # a method that nobody here has heard of
            self._guarded(self._refuse_method)
            return
        self.close_connection = True
        error = {"code": "http", "message": f"That is no request that can be read: {message}."}
        self._send(code, {"error": error})

    def do_GET(self) -> None:
        """Caption an image that the path names."""
        self._guarded(self._caption)

    def do_POST(self) -> None:
        """Caption the image in the body."""
        self._guarded(self._caption)

    def do_OPTIONS(self) -> None:
        """Tell a page whether it may ask."""
        self._guarded(self._tell_methods)

    def do_HEAD(self) -> None:
        """Refuse; so are all other methods of HTTP."""
        self._guarded(self._refuse_method)

    do_PUT = do_PATCH = do_DELETE = do_TRACE = do_CONNECT = do_HEAD  # noqa: N815 - the base's

    def _guarded(self, work: Callable[[], None]) -> None:
        """Do the work; whatever goes wrong is answered."""
        try:
            self._check_who_asks()
            work()
        except (TimeoutError, ConnectionError):
            self.close_connection = True
        except SeesayError as error:
            self._fail(error)
        except Exception as error:  # noqa: BLE001 - the edge: the server goes on
            message = "Something went wrong inside Seesay."
            self._fail(InternalError(message, detail="".join(traceback.format_exception(error))))

    def _check_who_asks(self) -> None:
        """Refuse other sites' pages, navigations, and names that lead here by a trick.

        Raises:
            ForbiddenError: who asks may not.
        """
        host = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
        if host not in {"localhost", "127.0.0.1"}:
            raise ForbiddenError("This server answers to localhost alone.")
        if self.headers.get("Sec-Fetch-Mode") == "navigate":
            raise ForbiddenError("A page's program may ask for captions; a link may not.")
        origin = self.headers.get("Origin")
        if origin is not None and origin not in self.server.origins:
            raise ForbiddenError(
                "Pages of that origin were not granted. Start the server with --allow-origin."
            )
        site = self.headers.get("Sec-Fetch-Site", "none")
        if site not in {"none", "same-origin"} and origin is None:
            raise ForbiddenError("Pages of other origins ask with CORS.")

    def _caption(self) -> None:
        path, _, query = self.path.partition("?")
        full = is_full(query)
        request = parse_path(self._below_prefix(path))
        if self.command not in methods_of(request):
            self._refuse_method()
        read_body = self._body() if self.command == "POST" else None
        result = self.server.service.caption(request, read_body)
        self._send(200, answer(result, full=full))

    def _below_prefix(self, path: str) -> str:
        if not path.startswith(PREFIX):
            raise NoSuchSourceError(f"There is nothing but {PREFIX}caption here.")
        return path.removeprefix(PREFIX)

    def _body(self) -> Callable[[threading.Event], bytes]:
        """Return what reads the image: with no place in the queue it is not read.

        Raises:
            BodyError: it does not say how long it is.
            ImageTooLargeError: it is too long.
        """
        length = self.headers.get("Content-Length", "")
        is_number = length.isascii() and length.isdigit() and len(length) <= _MOST_DIGITS
        if not is_number or "Transfer-Encoding" in self.headers:
            raise BodyError("The request does not say how long its body is (Content-Length).")
        if int(length) > MAX_FILE_BYTES + FORM_OVERHEAD_BYTES:
            raise ImageTooLargeError(
                f"That image has {int(length) / 1e6:.0f} MB; the limit is "
                f"{MAX_FILE_BYTES / 1e6:.0f} MB. Make it smaller and try again."
            )
        size_bytes, content_type = int(length), self.headers.get("Content-Type", "")
        return lambda stop: image_in(read_body(self.rfile, size_bytes, stop), content_type)

    def _tell_methods(self) -> None:
        methods = ", ".join(self._methods())
        headers = {"Allow": methods, "Access-Control-Allow-Headers": "Content-Type"}
        self._send(204, None, {**headers, "Access-Control-Allow-Methods": methods})

    def _refuse_method(self) -> NoReturn:
        raise MethodError(
            f"{self.command} is not answered here; {' and '.join(self._methods())} may be."
        )

    def _methods(self) -> Sequence[str]:
        """Return what the path may be asked with."""
        try:
            return methods_of(parse_path(self._below_prefix(self.path.partition("?")[0])))
        except SeesayError:
            return METHODS

    def _fail(self, error: SeesayError) -> None:
        # The body of the request may not have been read.
        self.close_connection = True
        status, values = failure(error)
        headers = {"Retry-After": str(RETRY_AFTER_S)} if isinstance(error, BusyError) else {}
        if isinstance(error, MethodError):
            headers["Allow"] = ", ".join(self._methods())
        self._send(status, values, headers)
        if self.command == "POST":
            self._linger()

    def _linger(self) -> None:
        """Take what still comes: closed before, a connection may lose the answer on its way."""
        deadline = time.monotonic() + LINGER_S
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(LINGER_S)
            while time.monotonic() < deadline and self.rfile.read1():
                pass

    def _send(
        self,
        status: int,
        values: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        body = b"" if values is None else json.dumps(values, ensure_ascii=False).encode()
        self.send_response(status)
        all_headers = {
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Vary": "Origin",
            **(headers or {}),
        }
        origin = self.headers.get("Origin") if getattr(self, "headers", None) else None
        if origin in self.server.origins:
            all_headers["Access-Control-Allow-Origin"] = str(origin)
            all_headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        if values is not None:
            all_headers["Content-Type"] = "application/json; charset=utf-8"
            all_headers["Content-Length"] = str(len(body))
        if self.close_connection:
            all_headers["Connection"] = "close"
        for name, value in all_headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
