"""Words out as files: ``python3 build.py bench export [--quick] [--out DIR]``.

JPEG files of 5 MB get words and go into one zip, piece by piece: 1,000 of them in CPython, where
the pieces are thrown away, and 40 in the built site in Chromium, through the JavaScript API, where
they make a Blob. 100,000 rows go into a CSV file. Then the proof that nothing is lost: see
tests/bench/lossless.py.
"""

from __future__ import annotations

import argparse
import base64
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from pycore.exports import ExportRecord, table, zip_file
from pycore.metadata import write_metadata
from tests.bench import lossless
from tests.bench.results import RESULTS, about, circumstances, write
from tests.bench.results import table as markdown
from tests.unit.images.image_samples import encode, noise
from tests.unit.metadata.metadata_samples import WORDS
from tools import chromium, site
from tools.server import serve

FILES, FILE_BYTES, ROWS, BROWSER_FILES = 1_000, 5_000_000, 100_000, 40
HEAD = ["what", "seconds", "MB", "MB/s", "more memory at the peak, MB"]

IN_BROWSER = """async ([jpeg, sizeBytes, count]) => {
  const { createCaptioner } = await import(new URL("seesay.mjs", location.href));
  const captioner = createCaptioner();
  await captioner.ready;
  const head = Uint8Array.from(atob(jpeg), (letter) => letter.charCodeAt(0));
  const image = () => new Blob([head, new Uint8Array(sizeBytes - head.length)]);
  const records = (n) => Array.from({ length: n }, (_, i) => ({
    name: `${i}.jpg`, caption: "a dog", alt_text: "A dog.", keywords: ["dog"],
  }));
  const make = (n) => captioner.exportWords(records(n), {
    forms: ["images"], files: Array.from({ length: n }, image),
  });
  await make(2); // what is imported first
  const before = (await captioner.diagnostics()).python_heap_bytes;
  const start = performance.now();
  const { file, notes } = await make(count);
  const seconds = (performance.now() - start) / 1000;
  const after = (await captioner.diagnostics()).python_heap_bytes;
  return { seconds, size: file.size, more: after - before, notes: notes.length };
}"""


def main() -> int:
    """Write the report. 1 where a file lost anything."""
    parser = argparse.ArgumentParser(description="Measure the exports.")
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="DIR")
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    options = parser.parse_args()
    share = 10 if options.quick else 1
    load = os.getloadavg()[0]
    jpeg = encode(noise(64, 64), "JPEG")
    whole = jpeg + bytes(FILE_BYTES - len(jpeg))  # what follows the image is never looked at
    count = FILES // share
    before = _peak_mb()
    seconds, size = _timed(zip_file(_files(whole, count)))
    rows = [
        _row(f"{count:,} JPEG files of 5 MB, words and zip", seconds, size, _peak_mb() - before)
    ]
    before = _peak_mb()
    records = (
        ExportRecord(f"{n}.jpg", "a dog", "A dog.", "", ("dog",)) for n in range(ROWS // share)
    )
    seconds, size = _timed(table(records))
    rows.append(_row(f"CSV of {ROWS // share:,} rows", seconds, size, _peak_mb() - before))
    found = _in_browser(jpeg, BROWSER_FILES // min(share, 4))
    name = f"{BROWSER_FILES // min(share, 4)} JPEG files of 5 MB, in the browser (Python's heap)"
    rows.append(_row(name, found["seconds"], found["size"], found["more"] / 1e6))
    proof, is_lossless = lossless.measure()
    result = {**circumstances(load), "exports": rows, "lossless": proof}
    write(options.out, "export", result, report(result))
    return 0 if is_lossless else 1


def report(result: Mapping[str, Any]) -> str:
    """Return the result as Markdown."""
    return (
        f"# Words out as files\n\n{about(result)}\n{markdown(HEAD, result['exports'])}\n"
        "Nothing is lost on the way into image files:\n\n"
        f"{markdown(lossless.HEAD, result['lossless'])}\n"
        "Bytes differ after removal where the file's own keywords stood in IPTC-IIM alone: they "
        "were copied into XMP beside the new ones, and stay there.\n"
    )


def _in_browser(jpeg: bytes, count: int) -> dict[str, Any]:
    """Return seconds, size, and how far Python's heap grew beyond that of two files."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "site"
        site.build(site.SiteOptions(out=out))
        with serve(out, isolated=True) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium.ensure(), args=chromium.FLAGS
            )
            page = browser.new_page()
            page.goto(server.url)
            head = base64.b64encode(jpeg).decode()
            found: dict[str, Any] = page.evaluate(IN_BROWSER, [head, FILE_BYTES, count])
            browser.close()
    if found["notes"]:
        raise RuntimeError("Some image could not hold its words.")
    return found


def _files(jpeg: bytes, count: int) -> Iterator[tuple[str, bytes]]:
    for number in range(count):
        yield f"{number}.jpg", write_metadata(jpeg, WORDS)


def _timed(pieces: Iterator[bytes]) -> tuple[float, int]:
    start = time.perf_counter()
    size = sum(map(len, pieces))
    return time.perf_counter() - start, size


def _row(what: str, seconds: float, size: int, more: float) -> list[str]:
    megabytes = size / 1e6
    return [what, f"{seconds:.1f}", f"{megabytes:.0f}", f"{megabytes / seconds:.0f}", f"{more:.0f}"]


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


if __name__ == "__main__":
    sys.exit(main())
