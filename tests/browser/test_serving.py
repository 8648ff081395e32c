"""The site as it arrives in a browser, and that no fault of a page goes unseen."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import ConsoleMessage, WebError

from tests.browser.conftest import PageFactory
from tests.browser.page_steps import NO_CAPTIONER


def test_watch_sees_what_a_page_does_wrong(open_page: PageFactory) -> None:
    opened = open_page(script=NO_CAPTIONER)
    wrongs = {
        "seen in the console": "console.error('seen in the console')",
        "seen as a rejection": "void Promise.reject(new Error('seen as a rejection'))",
        "worker-src": "new Worker(URL.createObjectURL(new Blob(['']))).onerror = () => undefined",
        "elsewhere.test": "fetch('https://elsewhere.test/').catch(() => undefined)",
    }
    for part, wrong in wrongs.items():
        event = "weberror" if "rejection" in part else "console"

        def is_it(seen: ConsoleMessage | WebError, part: str = part) -> bool:
            return part in (seen.text if isinstance(seen, ConsoleMessage) else str(seen.error))

        with opened.context.expect_event(event, is_it):
            opened.page.evaluate(wrong)
        assert part in "\n".join(opened.watch.faults)
    opened.watch.ignored.extend(wrongs)


def test_each_page_has_an_icon_and_names_its_build(site_dir: Path) -> None:
    """Browsers ask for /favicon.ico otherwise; the service worker goes by the build's name."""
    build = json.loads((site_dir / "assets.json").read_text(encoding="utf-8"))["version"]
    pages = {path.name: path.read_text(encoding="utf-8") for path in site_dir.glob("*.html")}
    assert {"index.html", "licences.html"} <= set(pages)
    for text in pages.values():
        assert '<link rel="icon" href="icons/seesay.svg" type="image/svg+xml">' in text
        assert f'<meta name="generator" content="Seesay {build}">' in text
