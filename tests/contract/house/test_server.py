"""The static server: types, headers, gzip, ETags, and nothing outside its folder."""

from __future__ import annotations

import gzip
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.headers import (
    EMBED_FRAME,
    EMBED_SCRIPT,
    IMAGE_FETCH,
    check_origin,
    content_security_policy,
    headers,
    headers_by_place,
    headers_file,
    parse_headers_file,
)
from tools.project import ROOT, BuildError
from tools.server import TYPES, SiteServer, serve


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    site = tmp_path / "site"
    (site / "deep").mkdir(parents=True)
    (site / "index.html").write_text("<p>hello</p>" * 100)
    (site / "deep" / "a file.mjs").write_text("export {};")
    (site / "weights.onnx").write_bytes(bytes(1000))
    (site / "_headers").write_text(
        headers_file(None, ["index.html", "deep/", "weights.onnx", IMAGE_FETCH])
    )
    (site / IMAGE_FETCH).write_text("export {};")
    (tmp_path / "secret.txt").write_text("not yours")
    return site


@pytest.fixture
def server(folder: Path) -> Iterator[SiteServer]:
    with serve(folder) as running:
        yield running


def _get(url: str, **request_headers: str) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(url, headers=request_headers)
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


def test_types_and_headers(server: SiteServer) -> None:
    status, found, body = _get(server.url)
    assert (status, body[:12]) == (200, b"<p>hello</p>")
    assert found["Content-Type"] == "text/html; charset=utf-8"
    assert headers(None).items() <= found.items()
    assert _get(server.url + "deep/a%20file.mjs?x=1")[1]["Content-Type"].startswith(
        "text/javascript"
    )
    assert _get(server.url + "weights.onnx")[1]["Content-Type"] == "application/octet-stream"


def test_plain_server_sends_no_special_headers(folder: Path) -> None:
    with serve(folder, isolated=False) as server:
        assert not headers(None).keys() & _get(server.url)[1].keys()


def test_gzip_only_where_it_pays_and_is_accepted(server: SiteServer) -> None:
    _, found, body = _get(server.url, **{"Accept-Encoding": "gzip, br"})
    assert found["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == b"<p>hello</p>" * 100
    assert server.sent_bytes == len(body)
    assert "Content-Encoding" not in _get(server.url)[1]
    weights = _get(server.url + "weights.onnx", **{"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in weights[1]


def test_an_edit_shows_at_once(server: SiteServer, folder: Path) -> None:
    _, found, _ = _get(server.url)
    tag = {"If-None-Match": found["ETag"]}
    assert _get(server.url, **tag)[0] == 304
    (folder / "index.html").write_text("edited")
    assert _get(server.url, **tag)[::2] == (200, b"edited")


@pytest.mark.parametrize("path", ["../secret.txt", "%2e%2e/secret.txt", "_headers", "deep", "no"])
def test_nothing_else_is_served(server: SiteServer, path: str) -> None:
    assert _get(server.url + path)[0] == 404


def test_sections_of_the_headers_file_add_up_without_contradictions() -> None:
    """Hosts send the headers of all sections that fit: none may come twice."""
    hub = "https://mirror.test/x"
    names = ["index.html", "worker/", *set(headers_by_place(hub)) - {""}]
    sections = parse_headers_file(headers_file(hub, names, ["https://a.example"]))
    common = sections.pop("/*")
    wanted = headers_by_place(hub, ["https://a.example"])
    pages = {f"/{one}" for one in names if one.endswith(".html")}
    bare = {
        page.removesuffix(".html") for page in pages
    }  # some hosts send pages without the ending
    scripts = {f"/{EMBED_SCRIPT}", f"/{IMAGE_FETCH}"}
    assert set(sections) == {"/", "/worker/*"} | pages | bare | scripts

    def place_of(pattern: str) -> str:
        name = pattern.removeprefix("/")
        return f"{name}.html" if pattern in bare else name

    for pattern, own in sections.items():
        assert not common.keys() & own.keys()
        assert {**common, **own} == wanted.get(place_of(pattern), wanted[""])
    assert wanted[""] == headers(hub, ["https://a.example"])


def test_a_file_with_headers_of_its_own(server: SiteServer) -> None:
    _, found, _ = _get(server.url + IMAGE_FETCH)
    assert headers_by_place(None)[IMAGE_FETCH].items() <= found.items()


def test_who_may_embed_the_frame() -> None:
    def ancestors(name: str, *origins: str) -> str:
        policy = headers_by_place(None, origins)[name]["Content-Security-Policy"]
        return policy.rpartition("frame-ancestors ")[2]

    assert ancestors(EMBED_FRAME) == ancestors("") == "'self'"
    origin = "https://a.example"
    assert ancestors(EMBED_FRAME, origin) == f"'self' {origin}"
    assert ancestors("", origin) == "'self'"
    assert f" {origin};" in headers(None, [origin])["Content-Security-Policy"]  # it may have models
    places = headers_by_place(None, [origin])
    assert places[EMBED_SCRIPT]["Access-Control-Allow-Origin"] == "*"
    policies = {name: one["Cross-Origin-Resource-Policy"] for name, one in places.items()}
    assert {name for name, policy in policies.items() if policy == "cross-origin"} == {
        EMBED_FRAME,
        EMBED_SCRIPT,
    }
    assert check_origin("https://A.example:81/") == "https://a.example:81"
    for usual in ("https://a.example:443", "HTTPS://a.example"):
        assert check_origin(usual) == origin
    for wrong in (
        "*",
        "https://*.example",
        "a.example",
        "https://a.example/x",
        "file://a",
        "https://u@a.example",
        "https://:pw@a.example",
        "https://a.example:x",
        "https://a.example:81; script-src *",
    ):
        with pytest.raises(BuildError, match="--embed-origin"):
            check_origin(wrong)


def test_policy_names_the_mirror_and_nothing_loose() -> None:
    policy = content_security_policy("https://mirror.test:8443/hub/")
    assert " https://mirror.test:8443;" in policy
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy
    assert "unsafe-inline" not in policy
    assert "'unsafe-eval'" not in policy
    assert "frame-ancestors" not in content_security_policy(None, in_page=True)
    with pytest.raises(BuildError, match="must begin with"):
        headers("mirror.test")


@pytest.mark.parametrize("suffix", [".mjs", ".js", ".css", ".wasm", ".html", ".json", ".svg"])
def test_readme_names_the_types_that_a_host_must_send(suffix: str) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    hosting = readme.partition("\n## Hosting")[2].partition("\n## ")[0]
    assert f"`{suffix}`" in hosting
    assert f"`{TYPES[suffix].partition(';')[0]}`" in hosting
