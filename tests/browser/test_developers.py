"""The developers' page: its examples run as they stand there, and its links lead somewhere."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import looked_through
from tests.browser.conftest import PageFactory
from tests.browser.page_steps import wait_until_running

LOOKED_THROUGH = {"developers.html", "developers/python-api.html", "developers/speed.html"}
"""One page of each kind."""

BEE, SNOWMEN = "a bee on a street", "four snowmen under a blue sky"


def run(page: Page, name: str) -> Locator:
    """Run an example; return what it printed when it has ended."""
    button = page.get_by_role("button", name=f"Run: {name}")
    button.click()
    expect(button).to_be_enabled()
    return page.get_by_label(f"Printed by: {name}")


def test_examples_run(open_page: PageFactory) -> None:
    opened = open_page(service_workers="allow")  # a Seesay window, which answers the endpoint
    wait_until_running(opened.page)
    opened.page.evaluate("() => navigator.serviceWorker.ready")
    page = opened.context.new_page()
    page.goto(f"{opened.server.url}developers.html")
    assert not [url for url in opened.server.requests if "developers/bee" in url]
    expect(run(page, "One caption")).to_contain_text(f"{BEE}\n")
    expect(run(page, "Options")).to_contain_text(f'["{BEE}",')
    expect(run(page, "Many images")).to_have_text(f"0 {BEE}\n1 {SNOWMEN}\n")
    expect(run(page, "What goes wrong")).to_contain_text("unsupported_image\n")
    run(page, "A field for forms")
    expect(page.get_by_role("textbox", name="Alternative text")).to_have_value(BEE)
    expect(run(page, "The endpoint")).to_contain_text('200 {"caption": "a bee')


def test_pages_are_sound_and_their_links_lead_somewhere(open_page: PageFactory) -> None:
    opened = open_page(path="developers.html")
    page, seen, left = opened.page, set(), ["developers.html"]
    site = urlsplit(opened.server.url)
    while left:
        path = left.pop()
        page.goto(opened.server.url + path)
        if path in LOOKED_THROUGH:
            assert looked_through(page) == [], path
        for url in page.eval_on_selector_all("a[href]", "(links) => links.map((a) => a.href)"):
            parts = urlsplit(url)
            name = parts.path.removeprefix("/")
            if parts.netloc == site.netloc and name not in seen:
                seen.add(name)
                assert opened.context.request.get(url.partition("#")[0]).ok, url
                left += [name] if name.startswith("developers/") else []
    assert {"developers/python-api.html", "developers/changelog.html", "openapi.json"} <= seen
    assert "developers/samples.html" in seen
    assert seen >= LOOKED_THROUGH - {"developers.html"}
