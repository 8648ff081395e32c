"""Captions for more images than one machine reads: a Ray Data map over files or addresses.

    python -m seesay.ray_map SOURCE OUT [--workers N] [--model MODEL]

SOURCE is a folder, or a Parquet file with a column ``url``; OUT becomes a folder of Parquet files.
Ray schedules, restarts workers that die, and spreads over a cluster; each worker loads the model
once. A run that was killed goes on with what OUT does not have yet, and tries again what the
network did not give.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet
import ray.data

from pycore.endpoint.sites import site_of
from pycore.errors import ConfigurationError, NetworkError, SeesayError
from seesay.captioner.captioner import Captioner
from seesay.captioner.image_folder import images_in
from seesay.captioner.image_input import read_path
from seesay.server.guarded_fetch import GuardedFetch

BATCH_SIZE = 16
BLOCK_SIZE = 128
"""Images in one block at most: what a worker that was killed does again."""
_BLOCKS_A_WORKER = 8
"""At least, so that no worker has the last of them while all others are done."""
_BLOCKS_AHEAD = 2
"""That a worker is given at a time; by default the one that starts first gets the others' share."""
_AT_ONCE = {"num_cpus": 0}
"""Else writing waits for a processor that the workers have, and a kill before that costs all."""
_WORKERS_A_WRITER = 8
"""Without a bound Ray starts a process for each file, and their starts take the workers' time."""
_END = b"PAR1"
"""Of a Parquet file that was written to its end."""
_COLUMNS = ["source", "error"]


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

    Raises:
        ConfigurationError: ``source`` lies in ``out``, or another program's files do.
    """
    if source.resolve().is_relative_to(out.resolve()):
        raise ConfigurationError(f"{source} lies in {out}. Choose another folder for the captions.")
    wanted = _sources(source)
    done = _finished(out)
    left = [one for one in wanted if one not in done]
    if left:
        blocks = max(workers * _BLOCKS_A_WORKER, -(-len(left) // BLOCK_SIZE))
        rows = [{"source": one} for one in left]
        ray.data.from_items(rows, override_num_blocks=min(blocks, len(rows))).map_batches(
            CaptionWorker,
            fn_constructor_kwargs={"model": model},
            batch_size=BATCH_SIZE,
            compute=ray.data.ActorPoolStrategy(
                size=workers, max_tasks_in_flight_per_actor=_BLOCKS_AHEAD
            ),
            num_cpus=1,
        ).write_parquet(
            str(out),
            ray_remote_args=_AT_ONCE,
            concurrency=-(-workers // _WORKERS_A_WRITER),
        )
    return len(left)


def _sources(source: Path) -> list[str]:
    """Return the images of a folder, or the addresses in a table.

    Raises:
        ConfigurationError: it is no table, or has no column ``url``.
    """
    if source.is_dir():
        return [str(path) for path in images_in(source, _tell)]
    try:
        column = pyarrow.parquet.read_table(source, columns=["url"]).column("url")
    except (OSError, ValueError, KeyError) as error:
        raise ConfigurationError(
            f"{source} is neither a folder nor a Parquet file with a column url.",
            detail=str(error),
        ) from error
    return [str(url) for url in column.to_pylist()]


def _tell(error: OSError) -> None:
    print(f"seesay: {error.filename} could not be read: {error.strerror}.", file=sys.stderr)


def _finished(out: Path) -> set[str]:
    """Return the sources that need no other try.

    A file that a kill left half-written is moved aside, under a name that readers of Parquet
    folders pass over. Nothing is deleted.

    Raises:
        ConfigurationError: a file there is not one of these captions.
    """
    done: set[str] = set()
    for path in sorted(out.glob("*.parquet")):
        try:
            if not _is_whole(path):
                path.rename(path.with_name(f"_{path.name}.unfinished"))
                continue
            rows = pyarrow.parquet.read_table(path, columns=_COLUMNS).to_pylist()
            done.update(row["source"] for row in rows if not _may_pass(row["error"]))
        except (OSError, ValueError, KeyError) as error:
            raise ConfigurationError(
                f"{path} is no table of captions that can be read. Choose an empty folder.",
                detail=str(error),
            ) from error
    return done


def _is_whole(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - len(_END)))
        return file.read() == _END


def _may_pass(error: str) -> bool:
    """Tell whether another try may end otherwise."""
    return error.startswith(f"{NetworkError.code}: ")


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
        began = time.monotonic()
        Captioner().models.find(options.model)  # says now what each worker would say
        count = caption_all(
            options.source, options.out, workers=options.workers, model=options.model
        )
    except SeesayError as error:
        print(f"seesay: {error.message}", file=sys.stderr)
        return 3
    print(f"{count} images captioned into {options.out} in {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
