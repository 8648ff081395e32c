"""Fixtures of the browser tests: the built site, its servers, and pages that watch for faults.

A test takes ``open_page`` and gets a page in a context of its own, which shares nothing with other
contexts but the browser's process; when the test ends, the page must have logged no error, thrown
nothing, and asked no other origin for anything.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    ViewportSize,
    WebError,
    expect,
    sync_playwright,
)

from tests.browser.warm_page import Keeper
from tools import chromium, site
from tools.files import locked
from tools.project import ROOT
from tools.server import SiteServer, serve

FIXTURES = ROOT / "tests" / "fixtures"
PATIENCE_MS = 120_000  # for any one thing on a slow and busy machine; waits no longer than it takes
expect.set_options(timeout=PATIENCE_MS)

FLAGS = [*chromium.FLAGS, "--js-flags=--liftoff-only"]
"""Every test starts Python and the model's runtime anew, and ends soon after: with the optimising
compiler for WebAssembly a first caption takes twice the work. The benches have it on."""

EMBEDDER = "https://embedder.example"
"""Whose pages may embed the site's frame; nobody's, where the owner names none."""

UNHURRIED = "was preloaded using link preload but not used within a few seconds"
"""What Chromium says of any preload where a page starts slowly; test_preloads.py sees them used."""

BLOCKED = "Service Worker registration blocked by Playwright"
"""What Playwright says where a test goes without the service worker; see ``new_context``."""


@dataclass
class Watch:
    """What went wrong in a browser context.

    Attributes:
        allowed: origins that may be asked, beside the site's own.
        ignored: parts of console errors that the test provokes and expects.
        faults: everything else that was seen.
    """

    allowed: set[str] = field(default_factory=set)
    ignored: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def attach(self, context: BrowserContext) -> None:
        """Listen to a context: its pages, workers and service workers."""
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)
        context.on("request", self._on_request)

    def detach(self, context: BrowserContext) -> None:
        """Listen no longer."""
        context.remove_listener("console", self._on_console)
        context.remove_listener("weberror", self._on_error)
        context.remove_listener("request", self._on_request)

    def check(self) -> None:
        """Fail the test if there was any fault."""
        faults = [fault for fault in self.faults if not any(part in fault for part in self.ignored)]
        if faults:
            pytest.fail("the page misbehaved:\n" + "\n".join(faults), pytrace=False)

    def _on_console(self, message: ConsoleMessage) -> None:
        expected = UNHURRIED in message.text or message.text == BLOCKED
        if message.type in {"error", "warning"} and not expected:
            place = message.location.get("url", "")
            self.faults.append(f"console {message.type}: {message.text} ({place})")

    def _on_error(self, error: WebError) -> None:
        self.faults.append(f"uncaught: {error.error}")

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"}:
            origin = f"{parts.scheme}://{parts.netloc}"
            if origin not in self.allowed:
                self.faults.append(f"request to another origin: {request.url}")


@dataclass
class OpenPage:
    """A page, and what a test may need beside it."""

    page: Page
    context: BrowserContext
    watch: Watch
    server: SiteServer


@pytest.fixture(scope="session")
def site_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the site, built once for all tests and all of pytest-xdist's workers."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # which the workers of a run have in common
    built, out = folder / "built", folder / "dist"
    with locked(folder / "site.lock"):
        if not built.exists():
            site.build(site.SiteOptions(out=out, embed_origins=(EMBEDDER,)))
            built.touch()
    return out


@pytest.fixture(scope="session")
def isolated_server(site_dir: Path) -> Iterator[SiteServer]:
    """Return a server that sends the site's headers: pages are cross-origin isolated."""
    with serve(site_dir, isolated=True) as server:
        yield server


@pytest.fixture(scope="session")
def plain_server(site_dir: Path) -> Iterator[SiteServer]:
    """Return a server that sends no special headers, like GitHub Pages."""
    with serve(site_dir, isolated=False) as server:
        yield server


@pytest.fixture
def after_pages() -> Iterator[ExitStack]:
    """Return a stack for what pages may need to the last: it is unwound when they are closed."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def private_server(site_dir: Path, after_pages: ExitStack) -> SiteServer:
    """Return a server on a copy of the site, for tests that change it or take it down."""
    # Gone with the test, where tmp_path would stay: all copies of a run together fill small disks.
    folder = after_pages.enter_context(TemporaryDirectory(prefix="seesay-"))
    site = shutil.copytree(site_dir, Path(folder) / "site")
    return after_pages.enter_context(serve(site, isolated=True))


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Return the one Playwright of the session."""
    with sync_playwright() as instance:
        yield instance


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Return the Chromium that holds the tests' contexts: starting one takes longer than a page."""
    with playwright.chromium.launch(
        executable_path=chromium.ensure(), args=FLAGS, timeout=PATIENCE_MS
    ) as instance:
        yield instance


ContextFactory = Callable[..., tuple[BrowserContext, Watch]]
PageFactory = Callable[..., OpenPage]


@pytest.fixture
def new_context(
    playwright: Playwright,
    browser: Browser,
    after_pages: ExitStack,  # only its order counts
) -> Iterator[ContextFactory]:
    """Return a function that makes a context with one empty page: a person who comes first.

    The function takes ``allowed`` (origins the pages may ask), ``script`` (JavaScript that runs in
    each page before its own), any option of Playwright's ``new_context``, and ``profile``: with a
    folder for it, the context is a Chromium of its own that keeps things on the disk, which some of
    its features need. It returns the context and its Watch, which is checked when the test ends.

    There is no service worker unless the test says ``service_workers="allow"``: keeping all files
    for offline use is much of the work up to a first caption.
    """
    watches: list[Watch] = []
    with ExitStack() as stack:

        def start(
            *,
            profile: Path | None = None,
            allowed: tuple[str, ...] = (),
            script: str = "",
            service_workers: Literal["allow", "block"] = "block",
            **options: Any,
        ) -> tuple[BrowserContext, Watch]:
            options["service_workers"] = service_workers
            if profile is None:
                context = browser.new_context(**options)
            else:
                context = playwright.chromium.launch_persistent_context(
                    profile,
                    executable_path=chromium.ensure(),
                    args=FLAGS,
                    timeout=PATIENCE_MS,
                    **options,
                )
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            if script:
                context.add_init_script(script)
            watch = Watch(allowed={origin.rstrip("/") for origin in allowed})
            watch.attach(context)
            watches.append(watch)
            if not context.pages:
                context.new_page()
            return context, watch

        yield start
    for watch in watches:
        watch.check()


@pytest.fixture
def open_page(new_context: ContextFactory, isolated_server: SiteServer) -> PageFactory:
    """Return a function that opens the site in a context of its own.

    The function takes ``server`` (default: the isolated one), ``path`` inside the site, and all
    that ``new_context`` takes.
    """

    def open_site(
        *,
        server: SiteServer = isolated_server,
        path: str = "",
        allowed: tuple[str, ...] = (),
        **options: Any,
    ) -> OpenPage:
        context, watch = new_context(allowed=(server.url, *allowed), **options)
        page = context.pages[0]
        page.goto(server.url + path)
        return OpenPage(page, context, watch, server)

    return open_site


@pytest.fixture(scope="session")
def keeper(browser: Browser, isolated_server: SiteServer) -> Iterator[Keeper]:
    """Return what keeps a captioner's worker for all warm pages of a process."""
    with Keeper.start(browser, isolated_server) as keeper:
        keeper.context.set_default_timeout(PATIENCE_MS)
        yield keeper


@pytest.fixture
def open_warm_page(keeper: Keeper) -> Iterator[PageFactory]:
    """Return a function that opens the site in a new page, whose captioner is up already.

    It takes of ``open_page``'s options those that it names. The context is not the test's own: what
    stays after its pages, and what ``Keeper.clear`` does not clear, a test puts back. A second such
    page would stand behind the first, where browsers draw nothing: two at once take ``open_page``.
    """
    watch = Watch(allowed={keeper.server.url.rstrip("/")})
    watch.attach(keeper.context)

    def open_site(
        *,
        path: str = "",
        script: str = "",
        permissions: Sequence[str] = (),
        viewport: ViewportSize | None = None,
        **media: Any,
    ) -> OpenPage:
        if keeper.is_open:
            raise RuntimeError("one warm page at a time: two take open_page")
        page = keeper.open()
        if script:
            page.add_init_script(script)
        if viewport:
            page.set_viewport_size(viewport)
        page.emulate_media(**media)
        if permissions:  # an empty list would deny what a browser allows by itself
            keeper.context.grant_permissions(permissions)
        page.goto(keeper.server.url + path)
        return OpenPage(page, keeper.context, watch, keeper.server)

    yield open_site
    try:
        keeper.clear()
    finally:
        watch.detach(keeper.context)
    watch.check()
