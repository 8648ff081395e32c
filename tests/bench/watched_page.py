"""The page in Chromium, watched from inside: its moments, its longest blocked frame, its memory."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, expect, sync_playwright

from tests.bench.results import table
from tests.browser.page_steps import button
from tools import chromium, site
from tools.server import SiteServer, serve

WAIT_MS = 600_000

WARM = """
globalThis.warm = new Promise((resolve) => new MutationObserver((_, observer) => {
  const warmup = document.getElementById("warmup");
  globalThis.wasCold ||= Boolean(warmup?.textContent);
  if (wasCold && !warmup.textContent) resolve(observer.disconnect());
}).observe(document, { subtree: true, childList: true }));
"""
WATCH = """
globalThis.watch = { longestFrame: 0, longestTask: 0, changed: 0, last: performance.now() };
const tick = (now) => {
  watch.longestFrame = Math.max(watch.longestFrame, now - watch.last);
  watch.last = now;
  requestAnimationFrame(tick);
};
requestAnimationFrame(tick);
new PerformanceObserver((list) => {
  const found = list.getEntries().map(({ startTime, duration }) =>
    startTime < watch.changed ? startTime + duration - watch.changed : duration);
  watch.longestTask = Math.max(watch.longestTask, ...found);
}).observe({ type: "longtask" });
// What passes before is the browser's: it takes a quarter of a second to hand over 1,000 files.
document.addEventListener("change", () => (watch.changed = watch.last = performance.now()), true);
globalThis.blocked = () => {
  const { longestFrame, longestTask } = watch;
  watch.longestFrame = watch.longestTask = 0;
  return { frame_ms: longestFrame, task_ms: longestTask };
};
globalThis.until = (test) => new Promise((resolve) => {
  const look = () => (test() ? resolve(performance.now()) : requestAnimationFrame(look));
  look();
});
globalThis.isListed = (count) => {
  const rows = document.getElementById("rows");
  const size = rows?.querySelector(".row")?.getAttribute("aria-setsize");
  return size ? Number(size) === count && !rows.hasAttribute("aria-busy")
    : rows?.children.length === count;
};
"""
CAPTION = """async () => {
  const generate = document.getElementById("generate");
  const start = performance.now();
  generate.click();
  return (await until(() => !generate.hidden)) - start;
}"""


@contextmanager
def served(
    images: Iterable[bytes], name: str, ending: str, site_dir: Path | None
) -> Iterator[tuple[Browser, SiteServer, list[Path]]]:
    """Write images to files that are numbered, and serve the site, built first if there is none."""
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        folder = Path(scratch)
        files = []
        for number, data in enumerate(images, 1):
            files.append(folder / f"{name} {number}{ending}")
            files[-1].write_bytes(data)
        out = site_dir or folder / "site"
        if site_dir is None:
            site.build(site.SiteOptions(out=out))
        with (
            playwright.chromium.launch(
                executable_path=chromium.ensure(), args=chromium.FLAGS
            ) as browser,
            serve(out) as server,
        ):
            yield browser, server, files


@contextmanager
def open_page(browser: Browser, server: SiteServer, *scripts: str) -> Iterator[Page]:
    """Open the site in a context of its own, and wait until the starter is loaded."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    try:
        context.set_default_timeout(WAIT_MS)
        for script in (WARM, *scripts):
            context.add_init_script(script)
        page = context.new_page()
        page.goto(server.url)
        page.evaluate("warm")
        yield page
    finally:
        context.close()


def reset(page: Page) -> None:
    """Take all images away, and let the page settle."""
    button(page, "Reset").click()
    expect(page.get_by_text("Drop an image here")).to_be_visible()
    page.evaluate("() => new Promise((resolve) => setTimeout(resolve, 10_000))")
    page.request_gc()


def blocked_and_memory(found: dict[str, Any]) -> list[str]:
    """Return the report's tables of what was blocked, and of memory."""
    blocked = [
        [name, f"{each['frame_ms']:.0f} ms", f"{each['task_ms']:.0f} ms"]
        for name, each in found["blocked"].items()
    ]
    memory = [
        [name, f"{size / 1e6:.0f} MB" if size else "not known here"]
        for name, size in found["memory"].items()
    ]
    return [
        table(["blocked while", "longest frame", "longest task"], blocked),
        table(["memory of page and workers", ""], memory),
    ]


def resident_bytes(session: CDPSession) -> int | None:
    """Return the memory of the browser's renderers, their workers included; None off Linux."""
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    renderers = [Path("/proc") / str(one["id"]) for one in processes if one["type"] == "renderer"]
    if not all((folder / "statm").is_file() for folder in renderers):
        return None
    pages = (int((folder / "statm").read_text().split()[1]) for folder in renderers)
    return sum(pages) * os.sysconf("SC_PAGE_SIZE")
