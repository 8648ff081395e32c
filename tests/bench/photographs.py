"""Many large photographs in the page's list: ``python3 build.py bench list --photographs N``.

Hands N photographs of 12 megapixels to the page at once and captions them with the starter, like
somebody back from a journey. Whether the memory of the page and its workers stays flat is seen at
each quarter of the way. The figures go to bench/results/photographs.json and to the screen.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps
from playwright.sync_api import Browser, expect

from tests.bench.results import about, table
from tests.bench.watched_page import (
    WATCH,
    blocked_and_memory,
    open_page,
    reset,
    resident_bytes,
    served,
)
from tools.project import cache_dir
from tools.server import SiteServer

ORIGINALS = Path(__file__).parents[1] / "fixtures" / "photos"
SIZE = (4032, 3024)  # width, height: what phones have taken for ten years
NOISE = 6  # standard deviation, of 255: with it an enlarged photograph takes as much as a real one
QUALITY = 88

READY = """async () => {
  const generate = document.getElementById("generate");
  return (await until(() => !generate.disabled)) - watch.changed;
}"""
CAPTION = """async (marks) => {
  const generate = document.getElementById("generate");
  const ended = () => Number.parseInt(document.getElementById("all-doing").textContent) || 0;
  const start = performance.now();
  generate.click();
  globalThis.marks = marks.map(async (mark) => {
    await until(() => ended() >= mark || !generate.hidden);
    return performance.now() - start;
  });
}"""

Figures = dict[str, Any]


def photographs(count: int) -> Iterator[bytes]:
    """Yield JPEG files of 12 megapixels.

    Those of the tests are enlarged once and kept in the cache; what they are enlarged to comes
    round again, with a comment of its own, so that no two files have the same bytes.
    """
    bases = [_enlarged(path).read_bytes() for path in sorted(ORIGINALS.glob("*.[jp][pn]g"))]
    for number in range(count):
        base, comment = bases[number % len(bases)], f"photograph {number + 1}".encode()
        head = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
        yield base[:2] + head + base[2:]


def _enlarged(original: Path) -> Path:
    """Return a photograph in 12 megapixels, with a sensor's noise; made at the first need."""
    folder = cache_dir() / f"photographs-{SIZE[0]}x{SIZE[1]}-{NOISE}-{QUALITY}"
    path = folder / f"{original.stem}.jpg"
    if not path.is_file():
        folder.mkdir(exist_ok=True)
        with Image.open(original) as image:
            large = ImageOps.fit(image.convert("RGB"), SIZE, Image.Resampling.BICUBIC)
        pixels = np.asarray(large, np.float32)
        noise = np.random.default_rng(7).normal(0, NOISE, pixels.shape[:2]).astype(np.float32)
        noisy = np.clip(pixels + noise[..., None], 0, 255).astype(np.uint8)
        part = path.with_suffix(f".{os.getpid()}.part")
        Image.fromarray(noisy).save(part, "JPEG", quality=QUALITY)
        part.replace(path)
    return path


def measure(count: int, site_dir: Path | None) -> Figures:
    """Hand so many photographs to the page, caption them, and reset."""
    with served(photographs(count), "photograph", ".jpg", site_dir) as (browser, server, files):
        mean_bytes = sum(path.stat().st_size for path in files) / count
        return {"mean_bytes": mean_bytes, **_measure_page(browser, server, files)}


def _measure_page(browser: Browser, server: SiteServer, files: Sequence[Path]) -> Figures:
    count = len(files)
    # The first photograph brings the models for photographs, so that what is flat begins with it.
    marks = sorted({1, *(max(1, count * part // 4) for part in range(1, 5))})
    session = browser.new_browser_cdp_session()
    with open_page(browser, server, WATCH) as page:
        memory = {"empty page": resident_bytes(session)}
        page.evaluate("blocked()")
        page.locator("#files").set_input_files(files)
        list_ms = page.evaluate(
            "async (count) => (await until(() => isListed(count))) - watch.changed", count
        )
        blocked = {"listing": page.evaluate("blocked()")}
        memory["all in the list"] = resident_bytes(session)
        ready_ms = page.evaluate(READY)
        page.evaluate(CAPTION, marks)
        moments_ms = {}
        for place, mark in enumerate(marks):
            moments_ms[str(mark)] = page.evaluate("(place) => marks[place]", place)
            memory[_captions(mark)] = resident_bytes(session)
            if place == 0:
                blocked["captioning the first"] = page.evaluate("blocked()")
        blocked["captioning the others"] = page.evaluate("blocked()")
        expect(page.locator("#all-doing")).to_have_text(_captions(count))  # none failed
        reset(page)
        memory["after reset"] = resident_bytes(session)
    return {
        "list_ms": list_ms,
        "ready_ms": ready_ms,
        "captions_ms": moments_ms,
        "blocked": blocked,
        "memory": memory,
    }


def _captions(count: int) -> str:
    return "1 caption" if count == 1 else f"{count} captions"


def markdown(result: Figures) -> str:
    """Return the report."""
    count, moments_ms = result["images"], result["captions_ms"]
    method = (
        f"{count} JPEG files of {SIZE[0]} x {SIZE[1]} pixels, {result['mean_bytes'] / 1e6:.1f} MB "
        "each, handed to the page at once, captioned by the starter, greedy: the ten photographs "
        "of the tests, enlarged, with noise, over and over, and a comment of its own in each file. "
        "Blocked: the longest time between two frames, and the longest task, of the page's own "
        "thread.\n"
    )
    rest_s = (moments_ms[str(count)] - moments_ms["1"]) / 1000
    times = [
        ["all in the list", f"{result['list_ms'] / 1000:.2f} s"],
        ["captions can be asked for", f"{result['ready_ms'] / 1000:.2f} s"],
        *(
            [_captions(int(mark)), f"{duration / 1000:.1f} s"]
            for mark, duration in moments_ms.items()
        ),
        ["captions a second, after the first", f"{(count - 1) / rest_s:.2f}" if rest_s else "-"],
    ]
    return "\n".join(
        [
            "# A list of large photographs\n",
            about(result),
            method,
            table(["", ""], times),
            *blocked_and_memory(result),
        ]
    )
