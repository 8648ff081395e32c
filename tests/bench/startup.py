"""How soon Seesay is there: ``python3 build.py bench startup [--rounds N]``.

Opens the built site in Chromium, with an empty profile (cold) and once more with the same profile
(warm), and measures from navigation to the usable page and to the first caption of the starter, and
the bytes that the server sent. Medians go to bench/results/startup.json and to the screen.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Playwright, sync_playwright

from tests.bench.results import RESULTS, about, circumstances, table, write
from tests.browser.page_steps import button, choose, drawing, file
from tools import chromium, site
from tools.server import SiteServer, serve

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


def markdown(result: dict[str, Any]) -> str:
    """Return the report."""
    method = (
        f"From navigation, medians of {result['rounds']} visits each. Cold: an empty profile. "
        "Warm: the same profile in a new browser. Usable: an image is chosen and the button works "
        "(aim: 1 s). Caption: the starter's, greedy (aims: 5 s cold, 3 s warm). Sent: by the "
        "server until then, compressed.\n"
    )
    cells = [
        [
            name,
            f"{found['usable_ms']:.0f} ms",
            f"{found['caption_ms']:.0f} ms",
            f"{found['sent_bytes'] / 1e6:.2f} MB",
        ]
        for name, found in ((name, result[name]) for name in ("cold", "warm"))
    ]
    head = ["visit", "usable page", "first caption", "sent"]
    return "\n".join(["# Starting up\n", about(result), method, table(head, cells)])


def main() -> None:
    """Measure, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="DIR")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    figures = measure(options.rounds)
    result = {**circumstances(load), "rounds": options.rounds, **figures}
    write(options.out, "startup", result, markdown(result))


if __name__ == "__main__":
    main()
