"""Captions for more images than one machine reads: a Ray Data map over files or addresses.

    python -m seesay.ray_map SOURCE OUT [--workers N] [--model MODEL]

SOURCE is a folder, or a Parquet file with a column ``url``; OUT becomes a folder of Parquet files.
Ray schedules, restarts workers that die, and spreads over a cluster; each worker loads the model
once. A run that was killed goes on with what OUT does not have yet.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet
import ray.data

from pycore.errors import SeesayError
from seesay.captioner.captioner import Captioner
from seesay.captioner.image_input import read_path
from seesay.server.guarded_fetch import GuardedFetch, site_of

BATCH_SIZE = 16
BLOCK_SIZE = 128
"""Images in one block: what a worker that was killed does again."""
SUFFIXES = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})


class CaptionWorker:
    """Captions batches of sources, in an actor of its own.

    Args:
        model: see ``Captioner``.
    """

    def __init__(self, model: str) -> None:
        self._captioner = Captioner(model=model, num_threads=1)
        self._captioner.load()

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Return a row for each source: its caption, or why there is none."""
        rows = [self._caption(str(source)) for source in batch["source"]]
        return {name: [row[name] for row in rows] for name in rows[0]}

    def _caption(self, source: str) -> dict[str, Any]:
        row: dict[str, Any] = {
            "source": source,
            "caption": "",
            "confidence": 0.0,
            "flagged": False,
            "keywords": "",
            "sha256": "",
            "model": "",
            "error": "",
        }
        try:
            result = self._captioner.caption(_read(source))
        except SeesayError as error:
            return {**row, "error": f"{error.code}: {error.message}"}
        return {
            **row,
            "caption": result.caption,
            "confidence": result.confidence,
            "flagged": result.flagged,
            "keywords": "; ".join(keyword.text for keyword in result.keywords),
            "sha256": result.image.sha256,
            "model": f"{result.model.id}@{result.model.revision}",
        }


def caption_all(source: Path, out: Path, *, workers: int, model: str) -> int:
    """Caption everything that ``out`` does not have yet.

    Returns:
        How many images were captioned now.
    """
    wanted = _sources(source)
    done = _finished(out)
    left = [one for one in wanted if one not in done]
    if left:
        blocks = max(workers, -(-len(left) // BLOCK_SIZE))
        rows = [{"source": one} for one in left]
        ray.data.from_items(rows, override_num_blocks=blocks).map_batches(
            CaptionWorker,
            fn_constructor_kwargs={"model": model},
            batch_size=BATCH_SIZE,
            concurrency=workers,
            num_cpus=1,
        ).write_parquet(str(out))
    return len(left)


def _sources(source: Path) -> list[str]:
    if source.is_dir():
        files = (path for path in source.rglob("*") if path.suffix.lower() in SUFFIXES)
        return sorted(str(path) for path in files)
    column = pyarrow.parquet.read_table(source, columns=["url"]).column("url")
    return [str(url) for url in column.to_pylist()]


def _finished(out: Path) -> set[str]:
    """Return the sources in ``out``; files that a kill left half-written are taken away."""
    done: set[str] = set()
    for path in sorted(out.glob("*.parquet")):
        try:
            done.update(pyarrow.parquet.read_table(path, columns=["source"])["source"].to_pylist())
        except (OSError, ValueError):
            path.unlink()
    return done


def _read(source: str) -> bytes:
    if source.startswith(("https://", "http://")):
        return GuardedFetch([site_of(source)])(source)
    return read_path(Path(source))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m seesay.ray_map", description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--workers", type=int, default=2, metavar="N")
    parser.add_argument("--model", default="starter")
    options = parser.parse_args(arguments)
    if not options.source.exists():
        parser.error(f"there is no {options.source}")
    try:
        Captioner().models.find(options.model)  # says now what each worker would say
    except SeesayError as error:
        print(f"seesay: {error.message}", file=sys.stderr)
        return 3
    count = caption_all(options.source, options.out, workers=options.workers, model=options.model)
    print(f"{count} images captioned into {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
