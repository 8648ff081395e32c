"""A static file server for the built site: right types, the site's headers, gzip, ETags.

Used by ``build.py serve`` and, as a library, by the browser tests and the benchmark.
"""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tools.files import new_file, sha256
from tools.headers import parse_headers_file
from tools.project import cache_dir

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".mts": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".py": "text/x-python; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ts": "text/plain; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".zip": "application/zip",
}
# Types that shrink; archives, pictures and quantised weights do not repay the time.
COMPRESSED = {".css", ".html", ".js", ".json", ".mjs", ".py", ".svg", ".wasm", ".webmanifest"}

LARGE_BYTES = 2**20


class SiteServer(ThreadingHTTPServer):
    """Serves one folder; counts what it sends.

    Attributes:
        folder: the built site.
        extra_headers: sent with every response, unless a file has its own.
        own_headers: of single files, by their path.
        sent_bytes: bytes of response bodies sent so far, compressed where they were.
        requests: path of every request so far, in order.
    """

    daemon_threads = True
    request_queue_size = 128  # a browser with several tabs asks for more than five files at once

    def __init__(self, folder: Path, port: int, *, isolated: bool) -> None:
        self.folder = folder.resolve()
        file = self.folder / "_headers"
        text = file.read_text(encoding="utf-8") if isolated and file.is_file() else ""
        sections = parse_headers_file(text)
        self.extra_headers = {**sections.pop("/*", {}), **sections.pop("/", {})}
        self.own_headers = {
            path: own
            for path, own in sections.items()
            if not own.items() <= self.extra_headers.items()
        }
        self.sent_bytes = 0
        self.requests: list[str] = []
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def url(self) -> str:
        """The site's address, with a closing slash."""
        return f"http://localhost:{self.server_address[1]}/"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing when a browser closes a connection early; it does so all the time."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Seesay"
    sys_version = ""
    server: SiteServer

    def do_GET(self) -> None:
        """Answer with a file."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Answer with a file's headers."""
        self._answer(with_body=False)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Keep the terminal to the one line with the address."""

    def _answer(self, *, with_body: bool) -> None:
        self.server.requests.append(self.path)
        path = self._file()
        if path is None:
            self._send(
                HTTPStatus.NOT_FOUND, {"Content-Type": "text/plain"}, b"Not found\n", with_body
            )
            return
        stat = path.stat()
        etag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
        headers = {
            "Content-Type": TYPES.get(path.suffix, "application/octet-stream"),
            "Cache-Control": "no-cache",
            "ETag": etag,
        }
        if self.headers.get("If-None-Match") == etag:
            self._send(HTTPStatus.NOT_MODIFIED, headers, b"", with_body)
            return
        if path.suffix in COMPRESSED:
            headers["Vary"] = "Accept-Encoding"
            if "gzip" in self.headers.get("Accept-Encoding", ""):
                headers["Content-Encoding"] = "gzip"
                self._send(HTTPStatus.OK, headers, _gzipped(path, etag), with_body)
                return
        self._send(HTTPStatus.OK, headers, path.read_bytes(), with_body)

    def _file(self) -> Path | None:
        """Return the file that the request names, or None."""
        path = (self.server.folder / unquote(urlsplit(self.path).path).lstrip("/")).resolve()
        if path.is_dir():
            path /= "index.html"
        inside = path.is_relative_to(self.server.folder)
        return path if inside and path.is_file() and path.name != "_headers" else None

    def _send(
        self, status: HTTPStatus, headers: dict[str, str], body: bytes, with_body: bool
    ) -> None:
        self.send_response(status)
        own = self.server.own_headers.get(urlsplit(self.path).path, {})
        for name, value in {**headers, **self.server.extra_headers, **own}.items():
            self.send_header(name, value)
        if status is not HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body and body:
            self.server.sent_bytes += len(body)
            self.wfile.write(body)


@lru_cache(maxsize=256)
def _gzipped(path: Path, etag: str) -> bytes:  # noqa: ARG001 - the tag is part of the cache's key
    """Compress a file; large ones once for all servers, since they take seconds."""
    if path.stat().st_size < LARGE_BYTES:
        return gzip.compress(path.read_bytes(), compresslevel=9, mtime=0)
    kept = cache_dir() / "gzip" / f"{sha256(path)}.gz"
    if not kept.is_file():
        with new_file(kept) as fresh:
            fresh.write_bytes(gzip.compress(path.read_bytes(), compresslevel=9, mtime=0))
    return kept.read_bytes()


@contextmanager
def serve(folder: Path, port: int = 0, *, isolated: bool = True) -> Iterator[SiteServer]:
    """Serve a built site in the background while the block runs.

    Args:
        folder: the site.
        port: 0 asks the system for a free one.
        isolated: send the site's ``_headers``; without, the server is as plain as GitHub Pages.

    Raises:
        OSError: the port is taken.
    """
    server = SiteServer(folder, port, isolated=isolated)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
