"""Starts that fail: the page says why, as far as it can be told, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import ContextFactory
from tests.browser.page_steps import wait_until_running
from tools.server import SiteServer

Answer = Callable[[Route], None]


def refuse(route: Route) -> None:
    """Answer as a firewall would."""
    route.fulfill(status=403, body="Forbidden")


def untyped(route: Route) -> None:
    """Answer as a host would that does not know the file's type."""
    route.fulfill(body="export {}", content_type="application/octet-stream")


def broken(route: Route) -> None:
    """Answer with a program that fails."""
    route.fulfill(body="raise ValueError")


def lost_once() -> Answer:
    """Break off where a file is asked for the first time, and never again."""
    calls: list[Route] = []

    def answer(route: Route) -> None:
        calls.append(route)
        if len(calls) > 1:
            route.fallback()
        else:
            route.abort("connectionreset")

    return answer


@pytest.mark.parametrize(
    ("files", "answer", "said"),
    [
        ("**/*.mjs", untyped, ".mjs as application/octet-stream, and browsers run scripts only"),
        ("**/runtime/pyscript/core-*.js", refuse, "the server answers 403 for runtime/pyscript/"),
        ("**/micropython.wasm", refuse, "answers 403 for runtime/micropython/micropython.wasm."),
        ("**/page/app.py", refuse, "the server answers 403 for page/app.py."),
        ("**/page/app.py", broken, "Seesay stopped while it was starting."),
        ("**/page/boot.mjs", lost_once(), "page/boot.mjs could not be fetched. Check the"),
        ("**/style.css", refuse, "as it should: the server answers 403 for styles/style.css."),
        ("**/pyodide.asm.wasm", refuse, "pyodide.asm.wasm could not be loaded: the server answers"),
    ],
)
def test_page_that_cannot_start_says_why(
    new_context: ContextFactory, plain_server: SiteServer, files: str, answer: Answer, said: str
) -> None:
    context, watch = new_context(allowed=(plain_server.url,))
    watch.ignored.append("")  # the console is full of it
    context.route(files, answer)
    page = context.pages[0]
    page.goto(plain_server.url)
    expect(page.get_by_role("alert").filter(has_text=said)).to_be_visible()
    context.unroute_all(behavior="ignoreErrors")  # some files may still be on their way


def test_page_from_disk_says_how_to_serve_it(new_context: ContextFactory, site_dir: Path) -> None:
    context, watch = new_context()
    watch.ignored.append("")
    page = context.pages[0]
    page.goto((site_dir / "index.html").as_uri())
    expect(page.get_by_role("alert").filter(has_text="python3 -m http.server")).to_be_visible()


def test_browser_without_webassembly_is_told_so(
    new_context: ContextFactory, plain_server: SiteServer
) -> None:
    context, watch = new_context(allowed=(plain_server.url,), script="delete self.WebAssembly;")
    watch.ignored.append("")
    page = context.pages[0]
    page.goto(plain_server.url)
    expect(page.get_by_role("alert").filter(has_text="WebAssembly")).to_be_visible()


def test_notice_of_a_slow_start_goes_when_it_has_started(
    new_context: ContextFactory, plain_server: SiteServer
) -> None:
    script = """{
      const { setTimeout, fetch } = self;
      self.setTimeout = (act, delay, ...rest) =>
        setTimeout(act, delay === 30000 ? 0 : delay, ...rest);
      const gate = new Promise((resolve) => (self.letGo = resolve));
      self.fetch = async (url, options) => {
        if (String(url).endsWith("page/app.py")) await gate;
        return fetch(url, options);
      };
    }"""
    context, _ = new_context(allowed=(plain_server.url,), script=script)
    page = context.pages[0]
    page.goto(plain_server.url)
    notice = page.get_by_text("Seesay has not started yet.")
    expect(notice).to_be_visible()
    page.evaluate("letGo()")
    wait_until_running(page)
    expect(notice).to_be_hidden()
