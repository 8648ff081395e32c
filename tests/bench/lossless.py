"""The proof that words go into image files without loss: ``python -m tests.bench.lossless``.

Files of every format, photographs among them, get words, other words, and lose them again. Counted
are those whose decoded pixels stayed the same, whose every field exiftool read back, that did not
change when the same words were written again, and that came back to the byte.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from PIL import Image

from pycore.metadata import (
    FIELDS,
    WritePolicy,
    read_metadata,
    remove_metadata,
    write_metadata,
)
from tests.bench.results import table
from tests.contract.metadata import metadata_judges as judge
from tests.unit.images.image_samples import FIXTURES, encode
from tests.unit.metadata.metadata_samples import OTHER_WORDS, WORDS, decoded, samples

FORMATS = {"jpeg": "JPEG", "png": "PNG", "webp": "WebP", "tiff": "TIFF"}
HEAD = [
    "format", "files", "identical pixels", "fields read by exiftool", "unchanged by the same again",
    "other words: identical pixels", "removed: identical bytes", "removed: identical metadata",
    "ms a file",
]  # fmt: skip
REPLACE = WritePolicy(replace=frozenset(FIELDS))


def main() -> int:
    """Print the table; return 1 if a file lost anything."""
    rows, is_lossless = measure()
    sys.stdout.write(table(HEAD, rows))
    return 0 if is_lossless else 1


def measure() -> tuple[list[list[str]], bool]:
    """Return the rows of the table, and whether nothing was lost."""
    sources = {**samples(), **_photographs()}
    seconds: defaultdict[str, float] = defaultdict(float)
    written = {}
    for name, data in sources.items():
        start = time.perf_counter()
        written[name] = write_metadata(data, WORDS)
        seconds[name.split()[0]] += time.perf_counter() - start
    removed = {name: remove_metadata(data, WORDS) for name, data in written.items()}
    other = {name: write_metadata(data, OTHER_WORDS, REPLACE) for name, data in written.items()}
    with tempfile.TemporaryDirectory() as folder:
        groups = {"sources": sources, "written": written, "removed": removed}
        said = {name: _exiftool(Path(folder) / name, files) for name, files in groups.items()}
    rows = []
    is_lossless = True
    for kind, shown in FORMATS.items():
        names = [name for name in sources if name.split()[0] == kind]
        pixels = sum(decoded(written[name]) == decoded(sources[name]) for name in names)
        read = sum(
            judge.words_of(said["written"][name]) == read_metadata(written[name]) for name in names
        )
        again = sum(write_metadata(written[name], WORDS) is written[name] for name in names)
        others = sum(decoded(other[name]) == decoded(sources[name]) for name in names)
        back = sum(removed[name] == sources[name] for name in names)
        rest = sum(
            judge.all_else(said["removed"][name]) == judge.all_else(said["sources"][name])
            for name in names
        )
        pace = f"{1000 * seconds[kind] / len(names):.1f}"
        rows.append([shown, *map(str, (len(names), pixels, read, again, others, back, rest)), pace])
        is_lossless &= pixels == read == again == others == rest == len(names)
    return rows, is_lossless


def _photographs() -> dict[str, bytes]:
    """Return the photographs of the fixtures, in every format."""
    found = {}
    for path in sorted((FIXTURES / "photos").glob("*.*g")):
        data = path.read_bytes()
        found[f"{'jpeg' if path.suffix == '.jpg' else 'png'} {path.stem}"] = data
        image = Image.open(io.BytesIO(data)).convert("RGB")
        found[f"jpeg made of {path.stem}"] = encode(image, "JPEG", quality=92)
        found[f"webp made of {path.stem}"] = encode(image, "WEBP", quality=80, method=0)
        found[f"tiff made of {path.stem}"] = encode(image, "TIFF", compression="tiff_lzw")
    return found


def _exiftool(folder: Path, files: dict[str, bytes]) -> dict[str, dict[str, object]]:
    folder.mkdir()
    paths = judge.save(folder, files)
    return dict(zip(files, judge.exiftool(paths), strict=True))


if __name__ == "__main__":
    sys.exit(main())
