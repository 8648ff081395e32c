"""How the model store fares with a model of full size: ``python3 build.py bench download``.

Downloads from the local hub in Chromium and measures, without any hook in the app: the time from
the last byte to a verified model, the speed of reading and hashing what is stored, the renderer's
memory meanwhile, and, from what the hub was asked for, what a dead tab costs at 1, 50 and 99 %.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, BrowserType, sync_playwright

import tools.chromium
from pycore.models.layouts import RUNTIME_PATHS
from tests.browser.hub import LocalHub
from tests.browser.hub_moods import Stall
from tests.browser.model_driver import COMMIT, PIECE_BYTES, Driver, serve_for
from tools import site
from tools.project import ROOT, BuildError, cache_dir, shown
from tools.server import SiteServer

RESULT = ROOT / "bench" / "results" / "download.json"
SAMPLE_S = 0.02
CUTS = (0.01, 0.5, 0.99)

FORGET_PROOF = """async () => {
  const name = (await caches.keys()).find((name) => name.startsWith("seesay-model-"));
  const cache = await caches.open(name);
  for (const { url } of await cache.keys()) if (url.endsWith("/verified")) await cache.delete(url);
}"""


@dataclass
class Figures:
    """What was measured.

    Attributes:
        model_bytes: size of all files.
        download_s: from the request to the verified model, loopback network.
        last_byte_to_ready_ms: from the last byte's arrival to "ready".
        hash_mb_per_s: reading stored pieces and hashing them, in megabytes (10**6) a second.
        memory_mb: renderer before the download, in megabytes.
        peak_extra_mb: most that it held beyond that while downloading and hashing.
        recheck_extra_mb: the same while hashing what is stored.
        python_heap_growth_mb: of Pyodide's memory, over all of it.
        resumed: for each share at which the tab died: bytes sent before and after, and how many
            of them twice.
    """

    model_bytes: int
    download_s: float
    last_byte_to_ready_ms: float
    hash_mb_per_s: float
    memory_mb: float
    peak_extra_mb: float
    recheck_extra_mb: float
    python_heap_growth_mb: float
    resumed: list[dict[str, float]]


class Bench:
    """One browser, one hub, one model.

    Args:
        chromium: starts one.
        folder: for browser profiles: only a lasting profile keeps its pieces on the disk.
        server: the site.
        hub: has the model as test/tiny.
        sizes: of its files, by path.
    """

    def __init__(
        self,
        chromium: BrowserType,
        folder: Path,
        server: SiteServer,
        hub: LocalHub,
        sizes: dict[str, int],
    ) -> None:
        self._chromium = chromium
        self._folder = folder
        self._server = server
        self._hub = hub
        self._sizes = sizes
        self._model_bytes = sum(sizes.values())
        self._renderers: list[int] = []

    def _start(self) -> BrowserContext:
        return self._chromium.launch_persistent_context(
            tempfile.mkdtemp(dir=self._folder),
            executable_path=tools.chromium.ensure(),
            args=tools.chromium.FLAGS,
        )

    def run(self) -> Figures:
        """Measure everything."""
        context = self._start()
        tab = Driver(context, self._server, self._hub)
        session = context.browser.new_browser_cdp_session() if context.browser else None
        if session is None:
            raise SystemExit("this browser does not tell its processes")
        processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
        self._renderers = [item["id"] for item in processes if item["type"] == "renderer"]
        heap = self._python_heap(tab)
        before = self._memory()
        began = time.perf_counter()
        tab.begin_download()
        peak = self._peak_until_ended(tab)
        download_s = time.perf_counter() - began
        tab.page.evaluate(FORGET_PROOF)
        settled = self._memory()
        tab.page.evaluate("() => { window.recheck = performance.now(); }")
        tab.begin_download()
        recheck_peak = self._peak_until_ended(tab)
        recheck_ms = tab.page.evaluate("ended - recheck")
        figures = Figures(
            model_bytes=self._model_bytes,
            download_s=round(download_s, 2),
            last_byte_to_ready_ms=round(tab.page.evaluate("readyAfter"), 1),
            hash_mb_per_s=round(self._model_bytes / recheck_ms / 1e3, 1),
            memory_mb=round(before / 1e6, 1),
            peak_extra_mb=round((peak - before) / 1e6, 1),
            recheck_extra_mb=round((recheck_peak - settled) / 1e6, 1),
            python_heap_growth_mb=round((self._python_heap(tab) - heap) / 1e6, 1),
            resumed=[],
        )
        context.close()
        figures.resumed = [self._resume(share) for share in CUTS]
        return figures

    def _resume(self, share: float) -> dict[str, float]:
        """Let a tab die when so much has come, and download the rest in another."""
        self._hub.reset()
        position = int(self._model_bytes * share)
        path, at = self._locate(position)
        self._hub.moods[path] = [Stall(at)]
        context = self._start()
        first = Driver(context, self._server, self._hub)
        first.begin_download()
        first.wait_for_bytes(position)
        first.page.close()
        before = sum(served.sent for served in self._hub.served)
        requests = len(self._hub.served)
        second = Driver(context, self._server, self._hub)
        assert_ready(second.download())
        after = sum(served.sent for served in self._hub.served[requests:])
        context.close()
        return {
            "share": share,
            "first_tab_mb": round(before / 1e6, 2),
            "second_tab_mb": round(after / 1e6, 2),
            "sent_twice_mb": round((before + after - self._model_bytes) / 1e6, 2),
        }

    def _locate(self, position: int) -> tuple[str, int]:
        """The file, and the byte in it, that is reached when ``position`` bytes have come."""
        for path, size in sorted(self._sizes.items(), key=lambda item: item[1]):
            if position < size:
                return path, position
            position -= size
        raise ValueError("beyond the last file")

    def _peak_until_ended(self, tab: Driver) -> int:
        tab.page.evaluate(
            """() => {
              window.ended = 0;
              ending.then(() => {
                ended = performance.now();
                const last = progress.findLast(({ phase }) => phase === "downloading");
                window.readyAfter ??= ended - last.at;
              });
            }"""
        )
        peak, asked = 0, 0.0
        while True:
            peak = max(peak, self._memory())
            if time.perf_counter() - asked > 0.25:
                asked = time.perf_counter()
                if tab.page.evaluate("ended"):
                    return peak
            time.sleep(SAMPLE_S)

    def _memory(self) -> int:
        """Private bytes of the largest renderer: the tab with the worker."""
        return max(_private_bytes(pid) for pid in self._renderers)

    @staticmethod
    def _python_heap(tab: Driver) -> int:
        return int(tab.value("captioner.diagnostics()")["python_heap_bytes"])


def assert_ready(status: dict[str, object]) -> None:
    """Stop when a download did not end well."""
    if status["state"] != "ready":
        raise SystemExit(f"the download ended with {status}")


def _private_bytes(pid: int) -> int:
    """Resident memory that is this process' own (Linux)."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    sizes = dict(line.split(":", 1) for line in lines if ":" in line)
    return int(sizes.get("RssAnon", "0 kB").split()[0]) * 1024


def measure(model_dir: Path) -> Figures:
    """Build the site, start hub and browser, and measure.

    Args:
        model_dir: a model in hub layout, of full size.
    """
    files = {path: model_dir / path for path in RUNTIME_PATHS}
    sizes = {path: file.stat().st_size for path, file in files.items()}
    with tempfile.TemporaryDirectory() as folder, LocalHub.start() as hub:
        out = Path(folder) / "dist"
        site.build(site.SiteOptions(out=out))
        hub.add("test/tiny", COMMIT, files)
        with serve_for(hub, out) as server, sync_playwright() as playwright:
            return Bench(playwright.chromium, Path(folder), server, hub, sizes).run()


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print a table, and write the figures as JSON."""
    parser = argparse.ArgumentParser(prog="build.py bench download", description=__doc__)
    parser.add_argument(
        "--model-dir",
        type=Path,
        default=cache_dir() / "models" / "random-vit-gpt2",
        help="a full-size model (default: the one that build.py models makes)",
    )
    parser.add_argument("--out", type=Path, default=RESULT, help="JSON file for the figures")
    options = parser.parse_args(arguments)
    if not options.model_dir.is_dir():
        raise BuildError(
            f"{shown(options.model_dir)} is missing: python3 build.py models makes it."
        )
    figures = measure(options.model_dir)
    for name, value in asdict(figures).items():
        if name != "resumed":
            print(f"{name:24} {value}")
    for line in figures.resumed:
        print("tab died at {share:.0%}: {first_tab_mb} MB, then {second_tab_mb} MB".format(**line))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    result = {**asdict(figures), "piece_bytes": PIECE_BYTES}
    options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
