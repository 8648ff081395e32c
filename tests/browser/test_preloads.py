"""What index.html has the browser fetch early is what the page uses, and is fetched once."""

from __future__ import annotations

from urllib.parse import urlsplit

from tests.browser.conftest import PageFactory
from tests.browser.page_steps import wait_until_running
from tools.server import SiteServer


def test_each_preload_is_used(open_page: PageFactory, private_server: SiteServer) -> None:
    """One that does not fit what the page asks for is fetched a second time."""
    opened = open_page(server=private_server)  # no service worker, which fetches all files, too
    wait_until_running(opened.page)
    links = opened.page.locator("link[rel$=preload]").evaluate_all("all => all.map((l) => l.href)")
    paths = [urlsplit(link).path for link in links]
    assert "/page/app.py" in paths
    assert sorted(path for path in opened.server.requests if path in paths) == sorted(paths)
