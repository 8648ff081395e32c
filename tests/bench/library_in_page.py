"""A large library on the page itself: ``python3 build.py bench library --in-page``.

Opens the built site in Chromium, imports a library of made-up captions, opens the view, types into
the search box, scrolls, and adds photographs, small ones with a date in their Exif; the queue that
would caption them is paused. Told is what the page's own thread works for each of them, in
milliseconds of the processor: other programs on the machine change those little, the clock much.
The clock is told beside them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from PIL import Image
from playwright.sync_api import CDPSession, Page, expect, sync_playwright

from tests.bench.results import about, circumstances, table, write
from tools import chromium, site
from tools.server import serve

WAIT_MS = 600_000
TYPED = "a dog on"
SCROLLS = 60
OPENINGS = 4
SETTLE_MS = 1000
OPENED, KEY, SCROLLED, ADDED = "open the view", "a key", "a screen scrolled", "a file added"
AIMS = {OPENED: "under 200 ms", KEY: "under 50 ms", SCROLLED: "under 50 ms", ADDED: "under 5 ms"}
FILES = 1000
SIZE = (640, 480)  # of each file, in pixels
ALLOWED = "try { localStorage.setItem('seesay-library', 'on') } catch {}"
SCROLL = """async (count) => {
  for (let i = 0; i < 2 * count; i++) {
    if (i % 2) scrollBy(0, 0.8 * innerHeight);
    await new Promise(requestAnimationFrame);
  }
}"""


class Work(NamedTuple):
    """What the page's thread did, in milliseconds of the processor; and how long it took."""

    all_ms: float
    layout_ms: float
    wall_ms: float


def run(sizes: list[int], out: Path, make: Callable[[Path, int], object]) -> None:
    """Measure the page, and write what was found.

    ``make(path, size)`` makes a library, whose queue is paused and not empty.
    """
    load = os.getloadavg()[0]
    found: dict[str, dict[str, Work]] = {}
    with TemporaryDirectory() as folder:
        built = Path(folder) / "site"
        site.build(site.SiteOptions(out=built))
        for size in sizes:
            path = Path(folder) / f"{size}.sqlite"
            make(path, size)
            found[str(size)] = measure(built, path, size)
            path.unlink()
    result = circumstances(load)
    result["sizes"] = {
        size: {what: work._asdict() for what, work in works.items()}
        for size, works in found.items()
    }
    write(out, "library-in-page", result, _markdown(result, found))


def _markdown(result: dict[str, Any], found: dict[str, dict[str, Work]]) -> str:
    sizes = list(found)
    cells = []
    for what, aim in AIMS.items():
        works = [found[size][what] for size in sizes]
        cells.append([what, *(_shown(what, work) for work in works), aim])
    head = ["", *(f"{int(size):,} captions" for size in sizes), "aim (10,000)"]
    return (
        "# A large library on the page\n\n"
        f"{about(result)}\nWhat the page's own thread works, in milliseconds of the processor; in "
        "brackets how much of it is layout. For added files also what passes on the clock, with "
        f"SHA-256, small picture and copy: JPEGs of {SIZE[0]} x "
        f"{SIZE[1]} pixels, {FILES:,} at once.\n\n"
    ) + table(head, cells)


def _shown(what: str, work: Work) -> str:
    shown = f"{work.all_ms:.1f} ms ({work.layout_ms:.1f})"
    # Between openings and keys it is waited: their time says nothing.
    return f"{shown}, {work.wall_ms:.1f} ms" if what == ADDED else shown


def measure(built: Path, library: Path, count: int) -> dict[str, Work]:
    """Return the work for each opening, key, scrolled screen and added file."""
    with (
        TemporaryDirectory() as folder,
        serve(built, isolated=True) as server,
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
            OPENED: _work(page, session, lambda: _open(page), OPENINGS),
            KEY: _work(page, session, lambda: _type(page), len(TYPED)),
            SCROLLED: _work(page, session, lambda: page.evaluate(SCROLL, SCROLLS), SCROLLS),
            ADDED: _work(page, session, _adding(page, Path(folder), count), FILES),
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


def _adding(page: Page, folder: Path, count: int) -> Callable[[], None]:
    """Return what adds files. One comes before them: the model is loaded for it."""
    paths = _photographs(folder)
    box, found = page.locator("#shelf-search"), page.locator("#library-count")
    page.evaluate("scrollTo(0, 0)")
    box.fill("")
    page.locator("#library-files").set_input_files(paths[0])
    expect(found).to_have_text(f"{count + 1} images", timeout=WAIT_MS)
    expect(page.locator("#queue-said")).to_have_text("2 images are waiting.", timeout=WAIT_MS)

    def add() -> None:
        page.locator("#library-files").set_input_files(paths[1:])
        expect(found).to_have_text(f"{count + FILES + 1} images", timeout=WAIT_MS)

    return add


def _photographs(folder: Path) -> list[Path]:
    """Write one more than ``FILES`` JPEGs, each of other bytes."""
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2026:07:01 08:30:15"
    noise = Image.effect_noise(SIZE, 40).convert("RGB")
    paths = [folder / f"{number:04}.jpg" for number in range(FILES + 1)]
    for number, path in enumerate(paths):
        noise.putpixel((number % SIZE[0], number // SIZE[0] * 8), (255, 0, 0))
        noise.save(path, exif=exif)
    return paths


def _work(page: Page, session: CDPSession, action: Callable[[], object], count: int) -> Work:
    page.wait_for_timeout(SETTLE_MS)
    before, began = _metrics(session), time.perf_counter()
    action()
    wall_ms = (time.perf_counter() - began) * 1e3 / count
    page.wait_for_timeout(SETTLE_MS)
    after = _metrics(session)
    spent = {name: (after[name] - before[name]) * 1e3 / count for name in after}
    layout_ms = spent["LayoutDuration"] + spent["RecalcStyleDuration"]
    return Work(spent["TaskDuration"], layout_ms, wall_ms)


def _metrics(session: CDPSession) -> dict[str, float]:
    told = session.send("Performance.getMetrics")["metrics"]
    return {one["name"]: float(one["value"]) for one in told}
