"""A large library on the page itself: ``python3 build.py bench library --in-page``.

Opens the built site in Chromium, imports a library of made-up captions, opens the view, types into
the search box and scrolls. Told is what the page's own thread works for each of them, in
milliseconds of the processor: other programs on the machine change those little, the clock much.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import CDPSession, Page, expect, sync_playwright

from tools import chromium
from tools.server import serve

WAIT_MS = 600_000
TYPED = "a dog on"
SCROLLS = 60
OPENINGS = 4
SETTLE_MS = 1000
ALLOWED = "try { localStorage.setItem('seesay-library', 'on') } catch {}"
SCROLL = """async (count) => {
  for (let i = 0; i < 2 * count; i++) {
    if (i % 2) scrollBy(0, 0.8 * innerHeight);
    await new Promise(requestAnimationFrame);
  }
}"""


class Work(NamedTuple):
    """What the page's thread did, in milliseconds of the processor."""

    all_ms: float
    layout_ms: float


def measure(site: Path, library: Path, count: int) -> dict[str, Work]:
    """Return the work for each opening, key and scrolled screen of a library of ``count``."""
    with (
        serve(site, isolated=True) as server,
        sync_playwright() as playwright,
        playwright.chromium.launch(
            executable_path=chromium.ensure(), args=chromium.FLAGS
        ) as browser,
    ):
        page = browser.new_page()
        page.set_default_timeout(WAIT_MS)
        page.add_init_script(ALLOWED)
        page.goto(f"{server.url}#library")
        expect(page.locator("#shelf-empty")).to_be_visible(timeout=WAIT_MS)
        page.locator("#library-file").set_input_files(library)
        found = page.locator("#library-count")
        expect(found).to_have_text(f"{count} images", timeout=WAIT_MS)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        return {
            "open the view": _work(page, session, lambda: _open(page), OPENINGS),
            "a key": _work(page, session, lambda: _type(page), len(TYPED)),
            "a screen scrolled": _work(
                page, session, lambda: page.evaluate(SCROLL, SCROLLS), SCROLLS
            ),
        }


def _open(page: Page) -> None:
    for _ in range(OPENINGS):
        for view in ("#", "#library"):
            page.evaluate("(view) => { location.hash = view; }", view)
            page.wait_for_timeout(SETTLE_MS)


def _type(page: Page) -> None:
    box = page.locator("#shelf-search")
    box.press_sequentially(TYPED, delay=SETTLE_MS / 2)
    page.wait_for_timeout(SETTLE_MS)


def _work(page: Page, session: CDPSession, action: Callable[[], object], count: int) -> Work:
    page.wait_for_timeout(SETTLE_MS)
    before = _metrics(session)
    action()
    page.wait_for_timeout(SETTLE_MS)
    after = _metrics(session)
    spent = {name: (after[name] - before[name]) * 1e3 / count for name in after}
    return Work(spent["TaskDuration"], spent["LayoutDuration"] + spent["RecalcStyleDuration"])


def _metrics(session: CDPSession) -> dict[str, float]:
    told = session.send("Performance.getMetrics")["metrics"]
    return {one["name"]: float(one["value"]) for one in told}
