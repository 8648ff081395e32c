"""Many images in the page's list: ``python3 build.py bench list [--images N | --photographs N]``.

Opens the built site in Chromium, hands N small drawings to the page at once, captions them with the
starter, scrolls through the list and resets it; the page itself notes the moments and its longest
blocked frame. For comparison: the same files through the JavaScript API, without a page, and twelve
of them on a page whose timers fire once a second, as they do in a background tab. The figures go to
bench/results/list.json and to the screen. With ``--photographs`` the images are large; see
photographs.py.
"""

from __future__ import annotations

import argparse
import io
import os
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import Browser

from tests.bench import photographs
from tests.bench.results import RESULTS, about, circumstances, table, write
from tests.bench.watched_page import (
    CAPTION,
    WAIT_MS,
    WATCH,
    blocked_and_memory,
    open_page,
    reset,
    resident_bytes,
    served,
)
from tools.server import SiteServer

SIDE = 96  # pixels; such an image takes 1 to 2 KB as PNG
BACKGROUND_IMAGES = 12
SCROLLS = 60

THROTTLED = """
const later = globalThis.setTimeout.bind(globalThis);
globalThis.setTimeout = (work, delay = 0, ...rest) => later(work, Math.max(1000, delay), ...rest);
globalThis.setInterval = () => 0;
"""
SCROLL = """async (steps) => {
  const frame = () => new Promise(requestAnimationFrame);
  blocked();
  for (let i = 1; i <= steps; i += 1) {
    scrollTo(0, (i / steps) * (document.documentElement.scrollHeight - innerHeight));
    await frame();
  }
  await frame();
  scrollTo(0, 0);
  return blocked();
}"""
BY_API = """async () => {
  const { createCaptioner } = await import("./seesay.mjs");
  const captioner = createCaptioner({ model: "starter" });
  await captioner.load();
  const files = [...document.querySelector("input").files];
  await captioner.caption(files[0]);
  const start = performance.now();
  const captions = [];
  for await (const { result } of captioner.captionAll(files)) captions.push(result.caption);
  const batched = performance.now() - start;
  const again = performance.now();
  let differing = 0;
  for await (const { index, result } of captioner.captionAll(files, { batchSize: 1 })) {
    differing += result.caption !== captions[index];
  }
  return { batched_ms: batched, one_by_one_ms: performance.now() - again, differing };
}"""

Figures = dict[str, Any]


def drawings(count: int) -> Iterator[bytes]:
    """Yield small PNG files, no two alike."""
    chance = random.Random(7)
    for _ in range(count):
        colours = [tuple(chance.randrange(256) for _ in range(3)) for _ in range(3)]
        image = Image.new("RGB", (SIDE, SIDE), colours[0])
        pen = ImageDraw.Draw(image)
        for colour in colours[1:]:
            x, y = chance.randrange(SIDE - 30), chance.randrange(SIDE - 30)
            pen.ellipse((x, y, x + chance.randrange(10, 60), y + chance.randrange(10, 60)), colour)
        out = io.BytesIO()
        image.save(out, "PNG")
        yield out.getvalue()


def measure_page(browser: Browser, server: SiteServer, files: Sequence[Path]) -> Figures:
    """Hand the files to the page, caption, scroll, and reset."""
    session = browser.new_browser_cdp_session()
    with open_page(browser, server, WATCH) as page:
        memory = {"before": resident_bytes(session)}
        page.evaluate("blocked()")
        page.locator("#files").set_input_files(files)
        list_ms = page.evaluate(
            "async (count) => (await until(() => isListed(count))) - watch.changed", len(files)
        )
        blocked = {"listing": page.evaluate("blocked()")}
        captions_ms = page.evaluate(CAPTION)
        blocked["captioning"] = page.evaluate("blocked()")
        memory["after"] = resident_bytes(session)
        blocked["scrolling"] = page.evaluate(SCROLL, SCROLLS)
        rows = page.locator(".row").count()
        reset(page)
        memory["after reset"] = resident_bytes(session)
    return {
        "list_ms": list_ms,
        "captions_ms": captions_ms,
        "rows": rows,
        "blocked": blocked,
        "memory": memory,
    }


def measure_background(browser: Browser, server: SiteServer, files: Sequence[Path]) -> Figures:
    """Caption a few images with the timers of a tab in front, and of one in the background."""
    found = {}
    for name, script in (("front", ""), ("background", THROTTLED)):
        with open_page(browser, server, WATCH) as page:
            page.locator("#files").set_input_files(files)
            page.evaluate("(count) => until(() => isListed(count))", len(files))
            page.evaluate(script)
            found[name] = page.evaluate(CAPTION)
    return found


def measure_api(browser: Browser, server: SiteServer, files: Sequence[Path]) -> Figures:
    """Caption the files without a page: what the worker takes by itself."""
    page = browser.new_page()
    try:
        page.set_default_timeout(WAIT_MS)
        page.goto(server.url + "licences.html")
        page.evaluate(
            """() => document.body.append(Object.assign(document.createElement("input"),
                { type: "file", multiple: true }))"""
        )
        page.locator("input").set_input_files(files)
        found: Figures = page.evaluate(BY_API)
    finally:
        page.close()
    return found


def measure(count: int, site_dir: Path | None) -> Figures:
    """Measure everything with so many images."""
    with served(drawings(count), "drawing", ".png", site_dir) as (browser, server, files):
        return {
            "page": measure_page(browser, server, files),
            "background": measure_background(browser, server, files[:BACKGROUND_IMAGES]),
            "api": measure_api(browser, server, files),
        }


def markdown(result: Figures) -> str:
    """Return the report."""
    page, api, background = result["page"], result["api"], result["background"]
    count = result["images"]
    method = (
        f"{count} drawings of {SIDE} x {SIDE} pixels, handed to the page at once, captioned by the "
        "starter, greedy. Blocked: the longest time between two frames, and the longest task, of "
        "the page's own thread.\n"
    )
    times = [
        ["list", f"{page['list_ms'] / 1000:.2f} s"],
        ["captions, in the page", f"{page['captions_ms'] / 1000:.1f} s"],
        ["captions, JavaScript API, 4 at a time", f"{api['batched_ms'] / 1000:.1f} s"],
        ["captions, JavaScript API, 1 at a time", f"{api['one_by_one_ms'] / 1000:.1f} s"],
        ["captions of which differ between these two", str(api["differing"])],
        [f"{BACKGROUND_IMAGES} captions", f"{background['front'] / 1000:.2f} s"],
        [
            f"{BACKGROUND_IMAGES} captions, timers once a second",
            f"{background['background'] / 1000:.2f} s",
        ],
        ["rows in the document", str(page["rows"])],
    ]
    return "\n".join(
        [
            "# A list of many images\n",
            about(result),
            method,
            table(["", ""], times),
            *blocked_and_memory(page),
        ]
    )


def main() -> None:
    """Measure, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    images = parser.add_mutually_exclusive_group()
    images.add_argument("--images", type=int, default=1000, metavar="N")
    images.add_argument("--photographs", type=int, metavar="N", help="large ones instead")
    parser.add_argument("--site", type=Path, metavar="DIR", help="a built site (default: build it)")
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="DIR")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    if options.photographs:
        figures = photographs.measure(options.photographs, options.site)
        result = {**circumstances(load), "images": options.photographs, **figures}
        write(options.out, "photographs", result, photographs.markdown(result))
        return
    figures = measure(options.images, options.site)
    result = {**circumstances(load), "images": options.images, **figures}
    write(options.out, "list", result, markdown(result))


if __name__ == "__main__":
    main()
