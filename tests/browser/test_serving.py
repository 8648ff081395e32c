"""The site as it arrives in a browser: isolation, policy, and nothing from elsewhere."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import PageFactory


def test_page_is_isolated_with_headers_and_asks_nobody_else(open_page: PageFactory) -> None:
    opened = open_page()
    expect(opened.page.get_by_role("button", name="Generate caption")).to_be_attached()
    assert opened.page.evaluate("self.crossOriginIsolated") is True


def test_watch_sees_what_a_page_does_wrong(open_page: PageFactory) -> None:
    opened = open_page()
    opened.page.evaluate("console.error('seen in the console')")
    opened.page.evaluate("void Promise.reject(new Error('seen as a rejection'))")
    opened.page.evaluate(
        "new Worker(URL.createObjectURL(new Blob(['']))).onerror = () => undefined"
    )
    opened.page.evaluate("fetch('https://elsewhere.test/').catch(() => undefined)")
    seen = "\n".join(opened.watch.faults)
    for part in ("seen in the console", "seen as a rejection", "elsewhere.test", "worker-src"):
        assert part in seen
    opened.watch.faults.clear()
