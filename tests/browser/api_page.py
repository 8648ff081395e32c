"""A page that is not the app, on the built site, with the public JavaScript API.

The starter is replaced by the tiny random model: what it writes means nothing, and is the same
every time.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import FIXTURES, PATIENCE_MS, OpenPage, PageFactory, Watch
from tools.server import SiteServer, serve

PAGES = Path(__file__).parent / "pages"
PAGE = "test/api.html"
# Field 1000 of an ONNX file, which readers skip: makes the tiny model count as a large one.
LARGE_FIELD_BYTES = 48 * 2**20
LARGE_FIELD_HEADER = bytes([0xC2, 0x3E, 0x80, 0x80, 0x80, 0x18])


def make_site(site_dir: Path, folder: Path) -> Path:
    """Return a copy of the site with the test page, and with the tiny model as the starter."""
    shutil.copytree(site_dir, folder)
    shutil.copytree(PAGES, folder / "test")
    starter = folder / "models" / "starter"
    shutil.rmtree(starter, ignore_errors=True)
    shutil.copytree(FIXTURES / "tiny-model", starter)
    (starter / "seesay.json").write_text('{"confidence_threshold": 0.5}')
    return folder


def list_model(folder: Path) -> Path:
    """Write the model's files into the site's assets.json."""
    assets = json.loads((folder / "assets.json").read_text())
    assets["model"] = [
        {
            "url": file.relative_to(folder).as_posix(),
            "size_bytes": file.stat().st_size,
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        }
        for file in sorted((folder / "models").rglob("*"))
        if file.is_file()
    ]
    (folder / "assets.json").write_text(json.dumps(assets))
    return folder


def prevent_splitting(decoder: Path) -> None:
    """Add a second If, which does nothing, so that the decoder must run as it is."""
    model = onnx.load(decoder)
    value = onnx.helper.make_tensor("value", onnx.TensorProto.FLOAT, [1], [0.0])
    branches = {}
    for name in ("then_branch", "else_branch"):
        output = onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1])
        node = onnx.helper.make_node("Constant", [], [name], value=value)
        branches[name] = onnx.helper.make_graph([node], name, [], [output])
    node = onnx.helper.make_node("If", ["use_cache_branch"], ["unused"], **branches)
    model.graph.node.append(node)
    onnx.save(model, decoder)


@pytest.fixture(scope="module")
def api_site(site_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the site that most tests here use."""
    return list_model(make_site(site_dir, tmp_path_factory.mktemp("api") / "site"))


@pytest.fixture(scope="module")
def isolated(api_site: Path) -> Iterator[SiteServer]:
    """Return a server whose pages are cross-origin isolated."""
    with serve(api_site, isolated=True) as server:
        yield server


@pytest.fixture(scope="module")
def started(browser: Browser, isolated: SiteServer) -> Iterator[OpenPage]:
    """Return the test page, isolated, with a captioner that is up: its start takes seconds."""
    with browser.new_context() as context:
        watch = Watch(allowed={isolated.url.rstrip("/")})
        watch.attach(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(isolated.url + PAGE)
        wait_for_api(page)
        page.evaluate("async () => { await (window.started = createCaptioner()).ready; }")
        yield OpenPage(page, context, watch, isolated)


@pytest.fixture
def opened(started: OpenPage) -> Iterator[OpenPage]:
    """Return the page of all tests that leave its captioner as they found it."""
    started.watch.faults.clear()
    started.watch.ignored.clear()
    yield started
    started.watch.check()


def open_api(open_page: PageFactory, server: SiteServer) -> OpenPage:
    opened = open_page(server=server, path=PAGE)
    wait_for_api(opened.page)
    return opened


def wait_for_api(page: Page) -> None:
    """Wait until the page's own module has run."""
    page.evaluate("() => import(new URL('api.mjs', location.href))")
    assert page.evaluate("globalThis.isReady") is True


def run(page: Page, body: str, argument: Any = None) -> Any:
    """Run the body of an async function with a captioner ``c`` and an argument ``a``.

    Where none is up, ``c`` is made, and closed in the end.
    """
    begin = "const c = globalThis.started ?? createCaptioner(); try {"
    end = "} finally { if (c !== globalThis.started) c.close(); }"
    return page.evaluate(f"async (a) => {{ {begin} {body} {end} }}", argument)
