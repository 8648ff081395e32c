"""``seesay serve``: captions, refusals, bounds; held to docs/openapi.json."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pycore.endpoint.answers import BodyError, ForbiddenError
from pycore.endpoint.form import image_in
from pycore.endpoint.sites import is_public
from pycore.errors import CancelledError, ConfigurationError, NetworkError
from seesay import Captioner
from seesay.server.guarded_fetch import GuardedFetch
from seesay.server.http_server import MOST_CONNECTIONS, CaptionServer
from seesay.server.service import MOST_WAITING, CaptionService
from seesay.server.sources import Sources
from tests.contract.cli.command import BEE, SCENES, seesay
from tests.contract.endpoint.openapi import BODIES, OPERATIONS, address, check_response
from tools.project import ROOT

HANDLE = hashlib.sha256(BEE.read_bytes()).hexdigest()
PAGE = "https://page.example"
NEVER = threading.Event()
MOST_BYTES = 1200  # one by one, where none of them should be taken for long


@contextmanager
def running(server: HTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Images(BaseHTTPRequestHandler):
    """Another site: an image, redirects, an answer that is cut off."""

    def do_GET(self) -> None:
        places = {
            "/moved.png": "/bee.png",
            "/away.png": "http://localhost:1/bee.png",
            "/round.png": "/round.png",
            "/nowhere.png": "http://[",
            "/file.png": "file:///etc/passwd",
        }
        if self.path == "/cut.png":
            self.send_response(200)
            self.send_header("Content-Length", str(len(BEE.read_bytes()) + 1))
            self.end_headers()
            self.wfile.write(BEE.read_bytes())
        elif self.path == "/trickle.png":  # until it is cut off
            self.send_response(200)
            with suppress(OSError):
                for _ in range(MOST_BYTES):
                    NEVER.wait(0.05)
                    self.wfile.write(b"X")
        elif self.path in places:
            self.send_response(302)
            self.send_header("Location", places[self.path])
            self.end_headers()
        elif self.path == "/bee.png":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(BEE.read_bytes())
        else:
            self.send_response(404)
            self.end_headers()

    def log_message(self, *args: object) -> None:
        """Be silent."""


@pytest.fixture(scope="module")
def other_site() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Images)
    with running(server):
        yield f"http://localhost:{server.server_address[1]}"


@pytest.fixture(scope="module")
def captioner() -> Iterator[Captioner]:
    with Captioner() as captioner:
        yield captioner


@pytest.fixture(scope="module")
def server(captioner: Captioner, other_site: str, tmp_path_factory) -> Iterator[CaptionServer]:
    folder = tmp_path_factory.mktemp("granted")
    (folder / "deep").mkdir()
    (folder / "deep" / "bee.png").write_bytes(BEE.read_bytes())
    (folder / "words.txt").write_text("no image")
    (folder / "way-out.png").symlink_to(BEE)
    fetch = GuardedFetch([other_site], is_allowed=lambda address: address in ("127.0.0.1", "::1"))
    service = CaptionService(captioner, Sources({"photos": folder}, fetch), {})
    server = CaptionServer(service, 0, [PAGE])
    with running(server):
        yield server


def ask(
    server: CaptionServer,
    path: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    method: str = "",
) -> tuple[int, Any, Mapping[str, str]]:
    connection = http.client.HTTPConnection(*server.server_address[:2], timeout=60)  # type: ignore[arg-type]
    try:
        connection.request(method or ("GET" if body is None else "POST"), path, body, headers or {})
        response = connection.getresponse()
        data = response.read()
        return response.status, json.loads(data) if data else None, dict(response.getheaders())
    finally:
        connection.close()


def test_image_in_the_body(server: CaptionServer) -> None:
    status, answer, headers = ask(server, "/api/caption", BEE.read_bytes())
    assert (status, answer) == (200, {"caption": "a bee on a street"})
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    _, full, _ = ask(server, "/api/caption/?full=1", BEE.read_bytes())
    assert set(full) >= {"candidates", "keywords", "confidence", "timings", "model"}


def test_image_in_a_form(server: CaptionServer) -> None:
    def form(*names: str) -> tuple[bytes, dict[str, str]]:
        parts = [
            b'--frame\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n',
            *(
                b'--frame\r\nContent-Disposition: form-data; name="file"; filename="%b"\r\n'
                b"Content-Type: image/png\r\n\r\n%b\r\n" % (name.encode(), BEE.read_bytes())
                for name in names
            ),
            b"--frame--\r\n",
        ]
        return b"".join(parts), {"Content-Type": "multipart/form-data; boundary=frame"}

    assert ask(server, "/api/caption", *form("bee.png"))[:2] == (
        200,
        {"caption": "a bee on a street"},
    )
    for names in ((), ("a.png", "b.png")):
        status, answer, _ = ask(server, "/api/caption", *form(*names))
        assert (status, answer["error"]["code"]) == (400, "body")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"--frame\r\n", "boundary=frame"),
        (b"--frame--\r\n", "boundary=frame"),
        (b"", "boundary=frame"),
        (b"--frame\r\n\r\nx\r\n--frame--", "charset=utf-8"),
        (b"--frame\r\n\r\nx\r\n" * 101 + b"--frame--", "boundary=frame"),
        (b'--frame\r\nContent-Disposition: form-data; filename="a"\r\n\r\nx', "boundary=frame"),
        (
            (
                b'--frame\r\nContent-Disposition: form-data; filename="a"\r\n'
                b"Content-Transfer-Encoding: base64\r\n\r\neA==\r\n--frame--"
            ),
            "boundary=frame",
        ),
        (
            b'--frame\r\nContent-Disposition: form-data; filename="a"\r\n\r\n\r\n--frame--',
            "boundary=frame",
        ),
    ],
)
def test_forms_that_cannot_be_read(body: bytes, content_type: str) -> None:
    with pytest.raises(BodyError):
        image_in(body, f"multipart/form-data; {content_type}")


@pytest.mark.parametrize(
    "hostile",
    [
        "boundary*",
        "boundary*=x; boundary*1=y",
        "boundary*=\0''x",
        "filename=" + "(" * 10_000,
        "filename" + ";" * 10_000,
        'filename="' + '"' * 10_000,
    ],
)
def test_hostile_headers_of_a_form_are_refused_or_taken_at_once(hostile: str) -> None:
    head = f"--f\r\nContent-Disposition: form-data; {hostile}\r\n\r\nx\r\n".encode()
    for kind in (hostile, "boundary=f"):
        with suppress(BodyError):
            assert image_in(head * 50 + b"--f--", f"multipart/form-data; {kind}") == b"x"


def test_a_form_takes_little_more_memory_than_its_file() -> None:
    head = b'--a"b\r\nContent-Disposition: form-data; name="f"; filename="f.png"\r\n\r\n'
    file = b"a line\r\n--a\n" * 100_000
    body = b"before\r\n" + head + file + b'\r\n--a"b--'
    tracemalloc.start()
    try:
        assert image_in(body, 'multipart/form-data; boundary="a\\"b"') == file
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 1.5 * len(file)


@pytest.mark.parametrize("chain", ["", "flop/", "resize=w:100/", "security=p:a,s:b/flop/"])
def test_sources(server: CaptionServer, other_site: str, chain: str) -> None:
    ask(server, "/api/caption", BEE.read_bytes())
    for source in (
        HANDLE,
        "src://photos/deep/bee.png",
        quote("src://photos/deep/bee.png", safe=""),
        f"{other_site}/bee.png",
        quote(f"{other_site}/moved.png", safe=""),
    ):
        status, answer, _ = ask(server, f"/api/{chain}caption/{source}")
        assert (status, answer) == (200, {"caption": "a bee on a street"}), source


def test_answers_are_kept_until_somebody_wants_new_ones(server, captioner, monkeypatch) -> None:
    ask(server, "/api/flop/caption", BEE.read_bytes())
    calls = []
    caption = captioner.caption

    def counted(*given, **options):
        calls.append(given)
        return caption(*given, **options)

    monkeypatch.setattr(captioner, "caption", counted)
    ask(server, "/api/flop/caption", BEE.read_bytes())
    ask(server, f"/api/flop/caption/{HANDLE}")
    assert not calls
    ask(server, f"/api/cache=false/flop/caption/{HANDLE}")
    ask(server, f"/api/resize=w:90/caption/{HANDLE}")
    assert len(calls) == 2


def test_an_image_that_comes_again_is_found_by_its_handle_again(captioner: Captioner) -> None:
    sources = Sources({}, GuardedFetch([]))
    with CaptionServer(CaptionService(captioner, sources, {}), 0) as server, running(server):
        assert ask(server, "/api/caption", BEE.read_bytes())[0] == 200
        sources._seen.clear()  # as when other images took its room
        assert ask(server, f"/api/caption/{HANDLE}")[0] == 404
        assert ask(server, "/api/caption", BEE.read_bytes())[0] == 200
        assert ask(server, f"/api/caption/{HANDLE}")[0] == 200


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/", 404, "not_found"),
        ("/index.html", 404, "not_found"),
        ("/api/caption", 405, "method_not_allowed"),
        ("/api/flip/", 400, "configuration"),
        ("/api/blur/caption/" + HANDLE, 400, "configuration"),
        ("/api/caption/" + "0" * 64, 404, "not_found"),
        ("/api/caption/src://others/a.png", 404, "not_found"),
        ("/api/caption/src://photos/none.png", 404, "not_found"),
        ("/api/caption/src://photos/deep", 404, "not_found"),
        ("/api/caption/src://photos/%2e%2e/a.png", 400, "configuration"),
        ("/api/caption/src://photos/way-out.png", 403, "forbidden"),
        ("/api/caption/src://photos/words.txt", 415, "unsupported_image"),
        ("/api/caption/file:///etc/passwd", 400, "configuration"),
        ("/api/caption/https://example.org/a.png", 403, "forbidden"),
        ("/api/crop=dim:[999,999,1,1]/caption/src://photos/deep/bee.png", 422, "input"),
        (f"/api/caption/{HANDLE}?full=yes", 400, "configuration"),
        (f"/api/caption/{HANDLE}?full=1&full=1", 400, "configuration"),
        (f"/api/caption/{HANDLE}?secret=1", 400, "configuration"),
    ],
)
def test_refusals(server: CaptionServer, path: str, status: int, code: str) -> None:
    found, answer, _ = ask(server, path)
    assert (found, answer["error"]["code"]) == (status, code)


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("none.png", 502, "network"),
        ("away.png", 403, "forbidden"),
        ("round.png", 502, "network"),
        ("cut.png", 502, "network"),
        ("nowhere.png", 502, "network"),
        ("file.png", 502, "network"),
    ],
)
def test_other_sites_do_not_lead_elsewhere(server, other_site, name, status, code) -> None:
    found, answer, _ = ask(server, f"/api/caption/{other_site}/{name}")
    assert (found, answer["error"]["code"]) == (status, code)


def test_the_time_for_another_site_includes_connecting(other_site, monkeypatch) -> None:
    monkeypatch.setattr("seesay.server.guarded_fetch.TIMEOUT_S", 0.0)
    with pytest.raises(NetworkError, match="took longer"):
        GuardedFetch([other_site], is_allowed=lambda _address: True)(f"{other_site}/bee.png")


def test_headers_without_end_end(server, other_site, monkeypatch) -> None:
    monkeypatch.setattr("seesay.server.guarded_fetch.TIMEOUT_S", 0.5)
    with pytest.raises(NetworkError, match="took longer"):
        GuardedFetch([other_site], is_allowed=lambda _address: True)(f"{other_site}/trickle.png")


def test_private_networks_are_never_asked(captioner: Captioner, other_site: str) -> None:
    service = CaptionService(captioner, Sources({}, GuardedFetch([other_site])), {})
    with CaptionServer(service, 0) as server, running(server):
        status, answer, _ = ask(server, f"/api/caption/{other_site}/bee.png")
    assert (status, answer["error"]["code"]) == (403, "forbidden")
    assert "private network" in answer["error"]["message"]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        site = f"http://localhost:{listener.getsockname()[1]}"
        with pytest.raises(ForbiddenError):
            GuardedFetch([site])(f"{site}/bee.png")
        with pytest.raises(BlockingIOError):  # nobody has knocked
            listener.accept()
    private = ("127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "::1", "fe80::1%eth0")
    assert not any(map(is_public, (*private, "fd00::1", "100.64.0.1", "224.0.0.1")))
    assert is_public("93.184.216.34")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:80"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none"},
    ],
)
def test_pages_of_others_are_refused(server: CaptionServer, headers: dict[str, str]) -> None:
    for body in (None, BEE.read_bytes()):
        status, answer, answered = ask(server, "/api/caption", body, headers)
        assert (status, answer["error"]["code"]) == (403, "forbidden")
        assert "Access-Control-Allow-Origin" not in answered


def test_granted_pages_may_ask(server: CaptionServer) -> None:
    asked = {"Origin": PAGE, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}
    status, _, headers = ask(server, "/api/caption", BEE.read_bytes(), asked)
    assert (status, headers["Access-Control-Allow-Origin"]) == (200, PAGE)
    status, _, headers = ask(server, "/api/caption", headers=asked, method="OPTIONS")
    assert (status, headers["Access-Control-Allow-Origin"]) == (204, PAGE)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "QUERY"])
def test_other_methods(server: CaptionServer, method: str) -> None:
    for path, allowed in (
        ("/api/caption", "POST"),
        (f"/api/flip/caption/{HANDLE}", "GET"),
        ("/api/", "GET, POST"),
    ):
        status, answer, headers = ask(server, path, method=method)
        assert (status, headers["Allow"]) == (405, allowed)
        assert answer["error"]["code"] == "method_not_allowed"
    assert ask(server, f"/api/caption/{HANDLE}", BEE.read_bytes())[0] == 405


def test_bodies_without_end_or_measure(server: CaptionServer) -> None:
    sizes = {"Content-Length": str(10**12)}
    assert ask(server, "/api/caption", b"", sizes)[0] == 413
    for wrong in ("many", "9" * 5000, "-1", "²"):
        assert ask(server, "/api/caption", b"", {"Content-Length": wrong})[0] == 400
    chunked = {"Transfer-Encoding": "chunked"}
    assert ask(server, "/api/caption", b"0\r\n\r\n", chunked)[0] == 400
    with socket.create_connection(server.server_address[:2]) as half:  # type: ignore[arg-type]
        half.sendall(
            b"POST /api/caption HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc"
        )
        half.shutdown(socket.SHUT_WR)
        assert b"400" in half.recv(100)
    assert ask(server, "/api/caption", BEE.read_bytes())[0] == 200


def test_a_head_without_end_keeps_no_place(server: CaptionServer, monkeypatch) -> None:
    monkeypatch.setattr("seesay.server.http_server.SILENCE_S", 0.5)
    with socket.create_connection(server.server_address[:2], timeout=60) as slow:  # type: ignore[arg-type]
        slow.sendall(b"GET /api/caption HTTP/1.1\r\n")
        with pytest.raises(OSError):
            for _ in range(MOST_BYTES):
                NEVER.wait(0.05)
                slow.sendall(b"X")
    assert ask(server, "/api/caption", BEE.read_bytes())[0] == 200


def test_what_is_no_http_is_answered_as_json(server: CaptionServer) -> None:
    with socket.create_connection(server.server_address[:2]) as raw:  # type: ignore[arg-type]
        raw.sendall(b"GET /api/caption/%b HTTP/1.1\r\n\r\n" % (b"a" * 65_536))
        head, _, body = raw.makefile("rb").read().partition(b"\r\n\r\n")
    assert b"application/json" in head
    assert json.loads(body)["error"]["code"] == "http"


def test_the_queue_is_bounded(captioner: Captioner, monkeypatch) -> None:
    monkeypatch.setattr("seesay.server.http_server.LINGER_S", 60.0)  # this machine may be busy
    entered, go_on = threading.Semaphore(0), threading.Event()

    class Waiting(Sources):
        def read(self, source):
            entered.release()
            assert go_on.wait(60)
            return BEE.read_bytes()

    service = CaptionService(captioner, Waiting({}, GuardedFetch([])), {})
    with CaptionServer(service, 0) as server, running(server):
        ends: list[int] = []
        path = f"/api/caption/{HANDLE}"
        threads = [
            threading.Thread(target=lambda: ends.append(ask(server, path)[0]))
            for _ in range(MOST_WAITING)
        ]
        for thread in threads:
            thread.start()
        for _ in threads:
            assert entered.acquire(timeout=60)
        status, answer, headers = ask(server, path)
        assert (status, answer["error"]["code"]) == (503, "busy")
        assert headers["Retry-After"].isdigit()
        # What has no place is not read: this client has not sent its image yet, and is refused.
        with socket.create_connection(server.server_address[:2], timeout=60) as early:  # type: ignore[arg-type]
            early.sendall(
                b"POST /api/caption HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
            )
            assert b" 503 " in early.recv(100)
        # A client that first sends all of it gets to read why it is refused.
        assert ask(server, "/api/caption", bytes(8_000_000))[0] == 503
        go_on.set()
        for thread in threads:
            thread.join()
    assert ends == [200] * MOST_WAITING
    assert MOST_WAITING < MOST_CONNECTIONS


def test_a_caption_that_takes_too_long_ends(captioner: Captioner, monkeypatch) -> None:
    def never_done(_image, *, stop, **_options):
        assert stop.wait(60)
        raise CancelledError

    monkeypatch.setattr(captioner, "caption", never_done)
    service = CaptionService(captioner, Sources({}, GuardedFetch([])), {}, timeout_s=0.01)
    with CaptionServer(service, 0) as server, running(server):
        status, answer, _ = ask(server, "/api/caption", BEE.read_bytes())
    assert (status, answer["error"]["code"]) == (504, "timeout")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--alias", "photos"),
        ("--alias", "photos=/nowhere"),
        ("--alias", f"ph/otos={SCENES}"),
        ("--allow-site", "example.org"),
        ("--port", "99999"),
        ("--model", "nobody"),
    ],
)
def test_options_that_cannot_be_honoured(monkeypatch, arguments: tuple[str, ...]) -> None:
    ended = seesay(monkeypatch, "serve", "--port", "0", *arguments)
    assert (ended.status, ended.out) == (2, "")
    assert len(ended.err.splitlines()) == 1


def test_a_port_that_is_taken(server: CaptionServer) -> None:
    with pytest.raises(ConfigurationError, match="cannot be had"):
        CaptionServer(server.service, server.server_address[1])


def test_the_command_serves_until_it_is_stopped() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "seesay", "serve", "--port", "0"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        url = process.stdout.readline().decode().strip()
        found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/api/caption", url)
        assert found is not None
        connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=60)
        connection.request("POST", "/api/caption", BEE.read_bytes())
        assert json.loads(connection.getresponse().read()) == {"caption": "a bee on a street"}
        connection.close()
        process.terminate()  # started in the background of a shell, it would not hear Ctrl+C
    assert process.returncode == 0


# What follows holds the server to docs/openapi.json, as schemathesis would.


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
@settings(
    max_examples=20,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_every_answer_is_as_the_openapi_file_says(server, path, method, operation, data) -> None:
    asked = data.draw(address(path, operation, [HANDLE, "src://photos/deep/bee.png", "flip"]))
    body = data.draw(BODIES) if method == "post" else None
    status, answer, headers = ask(server, asked, body)
    check_response(operation, status, headers, answer)
    assert status != 500
