"""How fast exports are, and whether memory stays flat: ``python -m tests.bench.export``.

1,000 JPEG files of 5 MB get words and go into one zip, which is thrown away piece by piece;
100,000 rows go into a CSV file.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator

from pycore.exports import ExportRecord, table, zip_file
from pycore.metadata import write_metadata
from tests.bench.results import table as markdown
from tests.unit.images.image_samples import encode, noise
from tests.unit.metadata.metadata_samples import WORDS

FILES, FILE_BYTES, ROWS = 1_000, 5_000_000, 100_000


def main() -> int:
    """Print the figures; ``--quick`` takes a tenth of everything."""
    share = 10 if "--quick" in sys.argv else 1
    jpeg = encode(noise(64, 64), "JPEG")
    jpeg += bytes(FILE_BYTES - len(jpeg))  # content does not matter: it is never looked at
    rows = []
    before = _peak_mb()
    seconds, size = _timed(zip_file(_files(jpeg, FILES // share)))
    rows.append(
        _row(f"{FILES // share:,} JPEG files of 5 MB, words and zip", seconds, size, before)
    )
    before = _peak_mb()
    records = (
        ExportRecord(f"{n}.jpg", "a dog", "A dog.", "", ("dog",)) for n in range(ROWS // share)
    )
    seconds, size = _timed(table(records))
    rows.append(_row(f"CSV of {ROWS // share:,} rows", seconds, size, before))
    sys.stdout.write(
        markdown(["what", "seconds", "MB", "MB/s", "more memory at the peak, MB"], rows)
    )
    return 0


def _files(jpeg: bytes, count: int) -> Iterator[tuple[str, bytes]]:
    for number in range(count):
        yield f"{number}.jpg", write_metadata(jpeg, WORDS)


def _timed(pieces: Iterator[bytes]) -> tuple[float, int]:
    start = time.perf_counter()
    size = sum(map(len, pieces))
    return time.perf_counter() - start, size


def _row(what: str, seconds: float, size: int, peak_before: float) -> list[str]:
    megabytes = size / 1e6
    more = _peak_mb() - peak_before
    return [what, f"{seconds:.1f}", f"{megabytes:.0f}", f"{megabytes / seconds:.0f}", f"{more:.0f}"]


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


if __name__ == "__main__":
    sys.exit(main())
