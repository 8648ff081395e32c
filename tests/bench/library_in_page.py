"""A large library on the page itself: ``python3 build.py bench library --in-page``.

Opens the built site in Chromium, with a profile on the disk, imports a library of made-up captions,
opens the view, types into the search box, scrolls, and adds photographs, small ones with a date in
their Exif; the queue that would caption them is paused, and the captioner loaded. Told is what the
page's own thread works for each of them, in milliseconds of the processor: other programs on the
machine change those little, the clock much. Of the added files the clock is told, too, and of what
the library's worker is asked the clock alone.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from PIL import Image
from playwright.sync_api import CDPSession, Page, expect, sync_playwright

from pycore.library.listing import Query
from tests.bench.results import about, circumstances, table, write
from tools import chromium, site
from tools.server import serve

WAIT_MS = 600_000
TYPED = "a dog on"
SCROLLS = 60
OPENINGS = 4
SETTLE_MS = 1000
IMPORTED = "import the library"
OPENED, KEY, SCROLLED, ADDED = "open the view", "a key", "a screen scrolled", "a file added"
PICTURED = "a small picture of one"
AIMS = {
    IMPORTED: "",
    OPENED: "under 200 ms",
    KEY: "under 50 ms",
    SCROLLED: "under 50 ms",
    ADDED: "under 5 ms on the clock",
    PICTURED: "",
}
ASKED: dict[
    str, tuple[str, dict[str, object]]
] = {  # statement and parameters, by what a person does
    "all": ("ids_all", {}),
    "d": ("ids_matching", {"match": '"d"*'}),
    "do": ("ids_matching", {"match": '"do"*'}),
    "dog": ("ids_matching", {"match": '"dog"*'}),
    "dog on beach": ("ids_matching", {"match": '"dog"* AND "on"* AND "beach"*'}),
    "a rare word": ("ids_matching", {"match": '"kalomi"*'}),
    "edited": ("ids_newest", {"state": "edited"}),
    "a folder": ("ids_newest", {"folder": "2026/08"}),
    "dog, edited": ("ids_newest", {"match": '"dog"*', "state": "edited"}),
    "all by name": ("ids_all_by_name", {}),
    "all by date": ("ids_all_by_date", {}),
    "all by confidence": ("ids_all_by_confidence", {}),
}
ASK = """async (calls) => {
  const link = await import("./page/library/link/library_link.mjs");
  const times = [];
  for (let round = 0; round < 5; round++) {
    const began = performance.now();
    const ids = await link.find(calls);
    await link.tiles(ids.part(0, 40));
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b)[2];
}"""
LOAD = """async () => {
  const { captioner } = await import("./page/shared_captioner.mjs");
  await captioner(() => {}).load("starter");
}"""
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


class Found(NamedTuple):
    """What was measured with a library; ``asked_ms`` by what was asked."""

    works: dict[str, Work]
    asked_ms: dict[str, float]


def run(sizes: list[int], out: Path, make: Callable[[Path, int], object]) -> None:
    """Measure the page, and write what was found.

    ``make(path, size)`` makes a library, whose queue is paused and not empty.
    """
    load = os.getloadavg()[0]
    found: dict[str, Found] = {}
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
        size: {what: work._asdict() for what, work in one.works.items()}
        | {"asked_ms": one.asked_ms}
        for size, one in found.items()
    }
    write(out, "library-in-page", result, _markdown(result, found))


def _markdown(result: dict[str, Any], found: dict[str, Found]) -> str:
    sizes = list(found)
    head = ["", *(f"{int(size):,} captions" for size in sizes), "aim (10,000)"]
    cells = []
    for what, aim in AIMS.items():
        works = [found[size].works[what] for size in sizes]
        cells.append([what, *(_shown(what, work) for work in works), aim])
    asked = [
        [what, *(f"{found[size].asked_ms[what]:.1f} ms" for size in sizes), "under 50 ms"]
        for what in ASKED
    ]
    return (
        "# A large library on the page\n\n"
        f"{about(result)}\nWhat the page's own thread works, in milliseconds of the processor; in "
        "brackets how much of it is layout. Of the import also what passes on the clock, and of "
        "added files: until they are in the list, with SHA-256; until they have small pictures and "
        f"copies. The browser's profile is on the disk, as people's are. JPEGs of "
        f"{SIZE[0]} x {SIZE[1]} pixels, {FILES:,} at once.\n\n"
        f"{table(head, cells)}\nWhat the library's worker is asked, on the clock: all ids in "
        "order, the counts, and the first 40 tiles with their pictures.\n\n"
        f"{table(head, asked)}"
    )


def _shown(what: str, work: Work) -> str:
    shown = f"{work.all_ms:.1f} ms ({work.layout_ms:.1f})"
    # Between openings and keys it is waited: their time says nothing.
    return f"{shown}, {work.wall_ms:,.1f} ms" if what in (IMPORTED, ADDED, PICTURED) else shown


def measure(built: Path, library: Path, count: int) -> Found:
    """Return the work for each opening, key, scrolled screen and added file."""
    with (
        TemporaryDirectory() as folder,
        serve(built, isolated=True) as server,
        sync_playwright() as playwright,
        # A profile on the disk, as people have one: a private window's files are the browser
        # process's, and the library waits for it with each page of a file.
        playwright.chromium.launch_persistent_context(
            str(Path(folder) / "profile"), executable_path=chromium.ensure(), args=chromium.FLAGS
        ) as browser,
    ):
        page = browser.new_page()
        page.set_default_timeout(WAIT_MS)
        page.add_init_script(ALLOWED)
        page.goto(f"{server.url}#library")
        expect(page.locator("#shelf-empty")).to_be_visible(timeout=WAIT_MS)
        page.evaluate(LOAD)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        imported = _work(page, session, lambda: _import(page, library, count), 1, 0)
        asked = {what: page.evaluate(ASK, _calls(*ask)) for what, ask in ASKED.items()}
        found = page.locator("#library-count")
        works = {
            IMPORTED: imported,
            OPENED: _work(page, session, lambda: _open(page), OPENINGS),
            KEY: _work(page, session, lambda: _type(page), len(TYPED)),
            SCROLLED: _work(page, session, lambda: page.evaluate(SCROLL, SCROLLS), SCROLLS),
        }
        paths = _photographs(Path(folder))
        page.evaluate("scrollTo(0, 0)")
        page.locator("#shelf-search").fill("")
        expect(found).to_have_text(f"{count} images", timeout=WAIT_MS)
        works[ADDED] = _work(page, session, lambda: _add(page, paths, count), FILES, 0)
        works[PICTURED] = _work(page, session, lambda: _picture(page), FILES)
        works[PICTURED] = works[PICTURED]._replace(
            wall_ms=works[ADDED].wall_ms + works[PICTURED].wall_ms
        )
        return Found(works, asked)


def _calls(name: str, parameters: dict[str, object]) -> str:
    """Return what the page asks its worker for a list: one call of each statement."""
    if name == "ids_newest":
        parameters = {**Query().parameters(), "after_id": None, **parameters}
    calls = [{"name": name, "parameters": parameters}, {"name": "tallies", "parameters": {}}]
    return json.dumps(calls)


def _import(page: Page, library: Path, count: int) -> None:
    page.locator("#library-file").set_input_files(library)
    expect(page.locator("#library-count")).to_have_text(f"{count} images", timeout=WAIT_MS)


def _open(page: Page) -> None:
    for _ in range(OPENINGS):
        for view in ("#", "#library"):
            page.evaluate("(view) => { location.hash = view; }", view)
            page.wait_for_timeout(SETTLE_MS)


def _type(page: Page) -> None:
    box = page.locator("#shelf-search")
    box.press_sequentially(TYPED, delay=SETTLE_MS / 2)
    page.wait_for_timeout(SETTLE_MS)


def _add(page: Page, paths: list[Path], count: int) -> None:
    """Add files; they are in the list when all are counted."""
    page.locator("#library-files").set_input_files(paths)
    found = page.locator("#library-count")
    expect(found).to_have_text(f"{count + FILES} images", timeout=WAIT_MS)


def _picture(page: Page) -> None:
    """Wait for their small pictures: then no more is said of them."""
    said = page.locator("#queue-said")
    expect(said).to_have_text(f"{FILES + 1} images are waiting.", timeout=WAIT_MS)


def _photographs(folder: Path) -> list[Path]:
    """Write ``FILES`` JPEGs, each of other bytes."""
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2026:07:01 08:30:15"
    noise = Image.effect_noise(SIZE, 40).convert("RGB")
    paths = [folder / f"{number:04}.jpg" for number in range(FILES)]
    for number, path in enumerate(paths):
        # Not by a pixel: what JPEG makes of it may be the same, and equal bytes join once.
        noise.save(path, exif=exif, comment=str(number))
    return paths


def _work(
    page: Page,
    session: CDPSession,
    action: Callable[[], object],
    count: int,
    settle_ms: int = SETTLE_MS,
) -> Work:
    page.wait_for_timeout(settle_ms)
    before, began = _metrics(session), time.perf_counter()
    action()
    wall_ms = (time.perf_counter() - began) * 1e3 / count
    page.wait_for_timeout(settle_ms)
    after = _metrics(session)
    spent = {name: (after[name] - before[name]) * 1e3 / count for name in after}
    layout_ms = spent["LayoutDuration"] + spent["RecalcStyleDuration"]
    return Work(spent["TaskDuration"], layout_ms, wall_ms)


def _metrics(session: CDPSession) -> dict[str, float]:
    told = session.send("Performance.getMetrics")["metrics"]
    return {one["name"]: float(one["value"]) for one in told}
