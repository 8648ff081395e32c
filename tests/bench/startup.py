"""How soon Seesay is there: ``python3 build.py bench startup [--rounds N] [--image KIND]``.

Opens the built site in Chromium with an empty profile (cold), and twice more with the same profile
in a new browser (warm), and measures from navigation to the usable page and to the first caption of
the starter, of a drawing, a photograph or a screenshot full of text; what a second caption of the
same image takes; and the bytes that the server sent. The browser comes to rest before each visit,
for its own windows load in the background when it starts; the page itself notes the moments, for a
driver that looks from outside takes time of its own. Medians go to the screen and to
bench/results/startup.json, those of a photograph to startup-photograph.json.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import BrowserContext, FilePayload, Playwright, expect, sync_playwright

from tests.bench.results import RESULTS, about, circumstances, table, write
from tests.browser.page_steps import button, choose, drawing, file
from tools import chromium, site
from tools.project import ROOT
from tools.server import SiteServer, serve

WAIT_MS = 120_000
REST_S = 0.25
"""The browser rests when it has used less than a tenth of one core for so long."""
VISITS = ("cold", "warm", "warm again")
KINDS = ("drawing", "photograph", "screenshot")
TIMES = ("usable_ms", "caption_ms", "again_ms")
WATCH = """
globalThis.moments = {};
for (const name of ["usable", "caption"]) {
  moments[name] = new Promise((resolve) => (moments[`${name}Now`] = resolve));
}
const watch = new MutationObserver(() => {
  const generate = document.getElementById("generate");
  const copy = document.getElementById("copy");
  if (generate && !generate.disabled) moments.usableNow(performance.now());
  if (copy && !copy.hidden) {
    moments.captionNow(performance.now());
    watch.disconnect();
  }
});
const attributeFilter = ["hidden", "disabled"];
watch.observe(document, { subtree: true, childList: true, attributeFilter });
"""

AGAIN = """() => new Promise((resolve) => {
  const copy = document.getElementById("copy");
  const began = performance.now();
  let isWorking = false;
  new MutationObserver(() => {
    if (copy.hidden) isWorking = true;
    else if (isWorking) resolve(performance.now() - began);
  }).observe(copy, { attributeFilter: ["hidden"] });
  document.getElementById("generate").click();
})"""
"""Captions the image once more; resolves with what that took, in milliseconds."""

Figures = dict[str, float]


def work_s(context: BrowserContext) -> float:
    """Return the time that all processes of the browser have computed, in seconds."""
    assert context.browser
    session = context.browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return sum(float(process["cpuTime"]) for process in processes)


def come_to_rest(context: BrowserContext) -> float:
    """Wait until the browser has nothing to do; return what it has computed until then."""
    before, now = -REST_S, work_s(context)
    while now - before > REST_S / 10:
        time.sleep(REST_S)
        before, now = now, work_s(context)
    return now


def image_file(kind: str) -> FilePayload | Path:
    """Return the file of a drawing, of a photograph, or of a screenshot."""
    if kind == "drawing":
        return file("drawing.png", drawing())
    if kind == "screenshot":
        return file("screenshot.png", screenshot())
    return ROOT / "tests" / "fixtures" / "photos" / "kodim23.png"


def screenshot() -> bytes:
    """Return a picture of the README's first lines in a window of 1920 x 1080 pixels, as PNG."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:38]
    image = Image.new("RGB", (1920, 1080), "white")
    font = ImageFont.load_default(size=20)
    ImageDraw.Draw(image).multiline_text((40, 30), "\n".join(lines), "black", font, spacing=6)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def visit(playwright: Playwright, server: SiteServer, profile: Path, kind: str) -> Figures:
    """Visit the site once, caption an image, and let the service worker finish its work."""
    context = playwright.chromium.launch_persistent_context(
        profile, executable_path=chromium.ensure(), args=list(chromium.FLAGS)
    )
    try:
        page = context.pages[0]
        page.set_default_timeout(WAIT_MS)
        page.add_init_script(WATCH)
        worked_s, sent = come_to_rest(context), server.sent_bytes
        page.goto(server.url, wait_until="commit")
        choose(page, image_file(kind))
        usable_ms = page.evaluate("moments.usable")
        button(page, "Generate caption").click()
        caption_ms = page.evaluate("moments.caption")
        sent, worked_s = server.sent_bytes - sent, work_s(context) - worked_s
        again_ms = page.evaluate(AGAIN)
        expect(page.locator("#storage")).not_to_be_empty(timeout=WAIT_MS)  # all of it is kept
    finally:
        context.close()
    return {
        "usable_ms": usable_ms,
        "caption_ms": caption_ms,
        "again_ms": again_ms,
        "work_ms": worked_s * 1000,
        "sent_bytes": sent,
    }


def measure(rounds: int, kind: str) -> dict[str, Figures]:
    """Return the medians of each visit."""
    visits: dict[str, list[Figures]] = {name: [] for name in VISITS}
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        out = Path(scratch) / "site"
        site.build(site.SiteOptions(out=out))
        with serve(out) as server:
            # The first visit of all fills the server's own cache of compressed files.
            visit(playwright, server, Path(scratch) / "first", kind)
            for number in range(rounds):
                for found in visits.values():
                    profile = Path(scratch) / f"profile-{number}"
                    found.append(visit(playwright, server, profile, kind))
    return {name: _summary(found) for name, found in visits.items()}


def _summary(found: Sequence[Figures]) -> Figures:
    """Return the medians, and the least of each time."""
    medians = {key: round(statistics.median(v[key] for v in found)) for key in found[0]}
    least = {f"least_{key}": round(min(v[key] for v in found)) for key in TIMES}
    return {**medians, **least}


def markdown(result: dict[str, Any]) -> str:
    """Return the report."""
    method = (
        f"From navigation, in a browser at rest, medians (and least) of {result['rounds']} visits "
        "each. Cold: an empty profile. Warm: the same profile in a new browser; its cache of "
        "compiled code fills over the first visits. Usable: an image is chosen and the button "
        "works (aim: 1 s). Caption: the starter's of a "
        f"{result['image']}, greedy (aims: 5 s cold, 3 s warm). Again: the same image's second "
        "caption, from the click (aim for a screenshot: 4 s). Work: what "
        "all cores computed until then, a measure that other programs disturb less. Sent: by the "
        "server until then, compressed.\n"
    )
    cells = [
        [
            name,
            *(f"{found[key]:.0f} ms ({found[f'least_{key}']:.0f})" for key in TIMES),
            f"{found['work_ms'] / 1000:.1f} s",
            f"{found['sent_bytes'] / 1e6:.2f} MB",
        ]
        for name, found in ((name, result[name]) for name in VISITS)
    ]
    head = ["visit", "usable page", "first caption", "again", "work", "sent"]
    return "\n".join(["# Starting up\n", about(result), method, table(head, cells)])


def main() -> None:
    """Measure, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--image", choices=KINDS, default=KINDS[0], help="what is captioned (default: a drawing)"
    )
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="DIR")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    figures = measure(options.rounds, options.image)
    result = {
        **circumstances(load), "rounds": options.rounds, "image": options.image, **figures
    }  # fmt: skip
    name = "startup" if options.image == KINDS[0] else f"startup-{options.image}"
    write(options.out, name, result, markdown(result))


if __name__ == "__main__":
    main()
