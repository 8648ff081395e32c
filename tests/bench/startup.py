"""How soon Seesay is there: ``python3 build.py bench startup [--rounds N]``.

Opens the built site in Chromium, with an empty profile (cold) and once more with the same profile
(warm), and measures from navigation to the usable page and to the first caption of the starter, and
the bytes that the server sent. Medians go to bench/results/startup.json and to the screen.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Playwright, sync_playwright

from tests.browser.page_steps import button, choose, drawing, file
from tools import chromium, site
from tools.project import ROOT
from tools.server import SiteServer, serve

RESULT = ROOT / "bench" / "results" / "startup.json"
WAIT_MS = 120_000
SETTLED = "() => navigator.serviceWorker.ready.then(() => true)"
NOW = "() => performance.now()"

Figures = dict[str, float]


def visit(playwright: Playwright, server: SiteServer, profile: Path) -> Figures:
    """Visit the site once, caption a drawing, and let the service worker finish its work."""
    before = server.sent_bytes
    context = playwright.chromium.launch_persistent_context(
        profile, executable_path=chromium.ensure(), args=list(chromium.FLAGS)
    )
    try:
        page = context.pages[0]
        page.goto(server.url, wait_until="commit")
        page.set_default_timeout(WAIT_MS)
        choose(page, file("drawing.png", drawing()))
        # wait_for looks at every frame; expect() would look once a second.
        page.get_by_role("button", name="Generate caption", disabled=False).wait_for()
        usable_ms = page.evaluate(NOW)
        button(page, "Generate caption").click()
        button(page, "Copy").wait_for()
        caption_ms = page.evaluate(NOW)
        sent = server.sent_bytes - before
        page.evaluate(SETTLED)
    finally:
        context.close()
    return {"usable_ms": usable_ms, "caption_ms": caption_ms, "sent_bytes": sent}


def measure(rounds: int) -> dict[str, Figures]:
    """Return the medians of cold and of warm visits."""
    visits: dict[str, list[Figures]] = {"cold": [], "warm": []}
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        out = Path(scratch) / "site"
        site.build(site.SiteOptions(out=out))
        with serve(out) as server:
            # The first visit of all fills the server's own cache of compressed files.
            visit(playwright, server, Path(scratch) / "first")
            for number in range(rounds):
                for found in visits.values():
                    found.append(visit(playwright, server, Path(scratch) / f"profile-{number}"))
    return {
        name: {key: round(statistics.median(v[key] for v in found)) for key in found[0]}
        for name, found in visits.items()
    }


def main() -> None:
    """Measure, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    figures = measure(parser.parse_args().rounds)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print("visit   usable page   first caption        sent")
    for name, found in figures.items():
        print(
            f"{name:6} {found['usable_ms']:9.0f} ms {found['caption_ms']:12.0f} ms "
            f"{found['sent_bytes'] / 1e6:8.2f} MB"
        )


if __name__ == "__main__":
    main()
