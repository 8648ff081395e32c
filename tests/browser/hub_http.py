"""The two web servers of the local hub."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from tests.browser.hub_moods import Cut, Hold, Mood, NoRanges, Other, Page, Short, Stall, Status

if TYPE_CHECKING:
    from tests.browser.hub import LocalHub

EXPOSED = "X-Repo-Commit,X-Error-Code,X-Error-Message,ETag,Link,Accept-Ranges,Content-Range"
CHUNK_BYTES = 1 << 16


@dataclass
class Served:
    """One request for a file's bytes.

    Attributes:
        path: of the file in its repository.
        start: the first byte that was asked for.
        sent: body bytes handed to the system; the browser may have taken fewer.
        status: of the answer.
        referrer: as the browser sent it.
    """

    path: str
    start: int
    sent: int = 0
    status: int = 0
    referrer: str | None = None


class HubServer(ThreadingHTTPServer):
    """One of the hub's two origins."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, hub: LocalHub, handler: type[_Handler]) -> None:
        self.hub = hub
        super().__init__(("127.0.0.1", 0), handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing when a browser closes a connection early; it does so all the time."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: HubServer

    @property
    def hub(self) -> LocalHub:
        return self.server.hub

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Be silent."""

    def cors(self) -> dict[str, str]:
        """Headers that let a page see the answer."""
        raise NotImplementedError

    def answer(self, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
        """Send a whole answer."""
        self.begin(status, {"Content-Length": str(len(body)), **headers})
        self.wfile.write(body)

    def begin(self, status: int, headers: Mapping[str, str], *, cors: bool = True) -> None:
        """Send status and headers."""
        self.send_response(status)
        for name, value in {**(self.cors() if cors else {}), **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def do_OPTIONS(self) -> None:
        """A preflight: nothing that Seesay asks needs one, so a test that sees it should fail."""
        self.answer(405, {})

    def send_file(self, path: str, content: bytes | Path, *, may_gzip: bool) -> None:
        """Send a file's bytes, in the mood that is due."""
        size = len(content) if isinstance(content, bytes) else content.stat().st_size
        asked = self.headers.get("Range", "")
        first, _, last = asked.removeprefix("bytes=").partition("-")
        start = int(first or 0)
        end = min(int(last) + 1, size) if last else size
        served = Served(path, start, referrer=self.headers.get("Referer"))
        self.hub.served.append(served)
        mood = self.hub.next_mood(path, size if end == size else end - 1)
        served.status = 206 if asked else 200
        match mood:
            case Status(status, headers, cors):
                served.status = status
                self.begin(status, {"Content-Length": "0", **headers}, cors=cors)
                return
            case Page(body, content_type):
                served.status, served.sent = 200, len(body)
                self.answer(200, {"Content-Type": content_type}, body)
                return
            case Other(body):
                content, end = body, min(end, len(body))
            case NoRanges():
                served.status, start, end = 200, 0, size
            case Short(at):
                end = max(start, min(at, end))
        if start >= size and asked:
            served.status = 416
            self.answer(416, {"Content-Range": f"bytes */{size}"})
            return
        headers = {"Accept-Ranges": "bytes", "Content-Type": "application/octet-stream"}
        if may_gzip and not asked and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(content if isinstance(content, bytes) else content.read_bytes())
            served.sent = len(body)
            self.answer(200, {**headers, "Content-Encoding": "gzip"}, body)
            return
        headers["Content-Length"] = str(end - start)
        if served.status == 206:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        self.begin(served.status, headers)
        self._send_in_mood(served, content, (start, end), mood)

    def _send_in_mood(
        self, served: Served, content: bytes | Path, stretch: tuple[int, int], mood: Mood | None
    ) -> None:
        """Send the body as far as the mood lets it go."""
        start, end = stretch
        while isinstance(mood, Hold):
            start = self._send_body(served, content, start, min(mood.at, end))
            if not self._wait_with_browser(mood.go_on):
                self.close_connection = True
                return
            mood = mood.then
        stop = self._send_body(
            served, content, start, min(mood.at, end) if isinstance(mood, Cut | Stall) else end
        )
        if isinstance(mood, Stall):
            self._wait_with_browser(self.hub.closing)
        if stop < end:
            self.close_connection = True

    def _send_body(self, served: Served, content: bytes | Path, start: int, stop: int) -> int:
        """Send from ``start`` up to ``stop``; returns where the body stands then."""
        began = time.monotonic()
        sent = 0
        for chunk in _chunks(content, start, stop):
            sent += len(chunk)
            served.sent += len(chunk)  # before the client can have read it, and looks here
            self.wfile.write(chunk)
            if self.hub.bytes_per_s:
                due = began + sent / self.hub.bytes_per_s - time.monotonic()
                if due > 0 and self.hub.closing.wait(due):
                    break
        self.wfile.flush()
        return start + sent

    def _wait_with_browser(self, event: threading.Event) -> bool:
        """Wait for the event; False when the browser leaves, or the hub closes, before."""
        self.connection.settimeout(0.1)
        try:
            while not self.hub.closing.is_set():
                if event.is_set():
                    return True
                try:
                    if not self.connection.recv(1):
                        return False
                except TimeoutError:
                    continue
                except OSError:
                    return False
            return False
        finally:
            self.connection.settimeout(None)


class HubHandler(_Handler):
    """The hub itself: resolve addresses, small files, the API."""

    def cors(self) -> dict[str, str]:
        origin = self.headers.get("Origin")
        if origin is None:
            return {}
        return {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Expose-Headers": EXPOSED,
            "Vary": "Origin",
        }

    def do_GET(self) -> None:
        """A resolve address, its second half for small files, or the API."""
        url = urlsplit(self.path)
        parts = unquote(url.path).strip("/").split("/")
        match parts:
            case ["api", "models", owner, name, "revision", *revision]:
                self._describe(f"{owner}/{name}", "/".join(revision))
            case ["api", "resolve-cache", "models", owner, name, revision, *path]:
                content = self.hub.find(f"{owner}/{name}", revision, "/".join(path))
                if content is not None:
                    self.send_file("/".join(path), content, may_gzip=True)
            case [owner, name, "resolve", revision, *path]:
                self._resolve(f"{owner}/{name}", revision, "/".join(path))
            case _:
                self.answer(404, {})

    def _describe(self, repository: str, revision: str) -> None:
        described = self.hub.describe(repository, revision)
        if described is None:
            self.answer(404, {"X-Error-Code": "RevisionNotFound"})
        else:
            body = json.dumps(described).encode()
            self.answer(200, {"Content-Type": "application/json; charset=utf-8"}, body)

    def _resolve(self, repository: str, revision: str, path: str) -> None:
        self.hub.resolved.append(path)
        described = self.hub.find(repository, revision, path)
        if described is None:
            self.answer(404, {"X-Error-Code": "EntryNotFound"})
            return
        commit = self.hub.commit(repository, revision) or ""
        size = len(described) if isinstance(described, bytes) else described.stat().st_size
        if size >= self.hub.large_bytes:
            location, status = self.hub.sign(path, f"{repository}@{commit}"), 302
        else:
            location = f"/api/resolve-cache/models/{repository}/{commit}/{path}"
            status = 307
        headers = {"Location": location, "X-Repo-Commit": commit, "X-Linked-Size": str(size)}
        self.answer(status, headers)


class FileHandler(_Handler):
    """The file host: signed addresses."""

    def cors(self) -> dict[str, str]:
        return {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "*"}

    def do_GET(self) -> None:
        """A signed address."""
        (token,) = parse_qs(urlsplit(self.path).query).get("Signature", [""])
        linked = self.hub.open_link(token)
        if linked is None:
            self.answer(403, {"Content-Type": "application/xml"}, b"<Error>AccessDenied</Error>")
        else:
            self.send_file(*linked, may_gzip=False)


def _chunks(content: bytes | Path, start: int, stop: int) -> Iterator[bytes]:
    if isinstance(content, bytes):
        for position in range(start, stop, CHUNK_BYTES):
            yield content[position : min(position + CHUNK_BYTES, stop)]
        return
    with content.open("rb") as file:
        file.seek(start)
        while start < stop and (chunk := file.read(min(CHUNK_BYTES, stop - start))):
            start += len(chunk)
            yield chunk
