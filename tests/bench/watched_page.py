"""The page in Chromium, watched from inside: its moments, its longest blocked frame, its memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Page

from tools.server import SiteServer

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


def resident_bytes(session: CDPSession) -> int | None:
    """Return the memory of the browser's renderers, their workers included; None off Linux."""
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    renderers = [Path("/proc") / str(one["id"]) for one in processes if one["type"] == "renderer"]
    if not all((folder / "statm").is_file() for folder in renderers):
        return None
    pages = (int((folder / "statm").read_text().split()[1]) for folder in renderers)
    return sum(pages) * os.sysconf("SC_PAGE_SIZE")
