"""Pages whose captioner is up already: its start is most of the work of a first caption.

Each test gets a page that was never used, opened by another one, which stays and keeps the
captioner's worker (pages/lent_worker.js). Before the next test all pages but that one are closed,
what they stored, were permitted and had in work is gone, and the worker has nothing to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from tools.server import SiteServer

LENT_WORKER = Path(__file__).parent / "pages" / "lent_worker.js"


@dataclass
class Keeper:
    """The context that warm pages share, and the page in it that stays.

    Attributes:
        context: of the browser; it has no service worker.
        page: keeps the worker, which starts with the first warm page.
        server: of the site.
    """

    context: BrowserContext
    page: Page
    server: SiteServer

    @classmethod
    @contextmanager
    def start(cls, browser: Browser, server: SiteServer) -> Iterator[Keeper]:
        """Open the page that stays."""
        with browser.new_context(service_workers="block", locale="en-GB") as context:
            context.add_init_script(path=LENT_WORKER)
            page = context.new_page()
            page.goto(f"{server.url}licences.html")  # where nothing happens by itself
            yield cls(context, page, server)

    @property
    def is_open(self) -> bool:
        """Whether there is a warm page."""
        return len(self.context.pages) > 1

    def open(self) -> Page:
        """Open an empty page that may borrow the worker."""
        with self.context.expect_page() as opened:
            self.page.evaluate("() => void open()")
        return opened.value

    def clear(self) -> None:
        """Leave nothing behind of the pages that were opened."""
        for page in self.context.pages:
            if page is not self.page:
                page.close()
        self.page.evaluate("async () => { keeper.release(); await keeper.settled(); }")
        self.context.unroute_all()
        self.context.clear_permissions()
        session = self.context.new_cdp_session(self.page)
        origin = self.page.evaluate("location.origin")
        session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        session.detach()
