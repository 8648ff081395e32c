"""Kills a process that writes captions, again and again, and looks at what is left of the library.

usage: library_kills.py LIBRARY ROUNDS SEED

Each round a child opens the library, adds images, and captions them from the queue; after each
caption it says so over a pipe. Somewhere in mid-write it is killed with SIGKILL. Prints, for each
round as a JSON line, what was said and what is there. Forked from one process, because starting
Python a hundred times would take longer than all the rest.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import signal
import sys
import time
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from pycore.library.library import Library
from pycore.library.records import MachineWords, NewImage, Order
from pycore.library.schema_version import open_schema
from pycore.library.sql_files import statements
from pycore.library.stdlib_database import StdlibDatabase

ORDER = Order("model", "main")


async def write_captions(path: Path, pipe: int, number: int) -> None:
    """Add and caption images without end; each caption's number goes into the pipe, 8 bytes."""
    library = await _open(path)
    await library.queue.interrupted()
    for current in count(number):
        digest = hashlib.sha256(b"%d" % current).hexdigest()
        image = NewImage(digest, f"{current}.jpg", "folder", None, 1, "image/jpeg", 8, 8,
            "image/jpeg", os.urandom(6000))  # fmt: skip
        image_id = await library.images.add(image)
        await library.queue.add(ORDER, ids=[image_id])
        job = await library.queue.claim()
        if job is not None:
            text = f"caption {current} of a dog on a beach"
            words = MachineWords(text, (text,), ("dog", "beach"), "", 0.5, looks_like_text=False)
            await library.queue.finish(job, words, 1)
            os.write(pipe, current.to_bytes(8, "little"))


async def _open(path: Path) -> Library:
    database = StdlibDatabase(path)
    await open_schema(database)
    return Library(database, lambda: "2026-11-27T12:00:00Z")


def killed_writer(path: Path, number: int, captions: int, delay_s: float | None) -> int:
    """Let a child write; kill it once it told of so many captions. Returns of how many it did.

    Args:
        path: of the library.
        number: of the first image.
        captions: how many to wait for.
        delay_s: how much later to kill it; None for when a transaction is under way.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        asyncio.run(write_captions(path, writing, number))
    os.close(writing)
    said = 0
    while said < captions and os.read(reading, 8):
        said += 1
    if delay_s is None:
        while not _journal(path).exists():
            pass  # it writes without end, so this does
    else:
        time.sleep(delay_s)  # into the middle of something; whatever it is, the checks hold
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while os.read(reading, 8):
        said += 1
    os.close(reading)
    return said


def look(path: Path) -> dict[str, object]:
    """Return what is in the library, and whether SQLite finds it sound."""
    had_journal = _journal(path).exists()
    database = StdlibDatabase(path)
    asyncio.run(open_schema(database))  # the first kills may come before there is one
    connection = database._connection

    def one(sql: str) -> object:
        return connection.execute(sql).fetchone()[0]

    found = {
        "had_journal": had_journal,
        "integrity": one("PRAGMA integrity_check"),
        "captions": one("SELECT count(*) FROM caption"),
        "done": one("SELECT count(*) FROM job WHERE state = 'done'"),
        "working": one("SELECT count(*) FROM job WHERE state = 'working'"),
        "tally": one(
            "SELECT ifnull(sum(count), 0) FROM tally WHERE kind = 'job' AND name = 'done'"
        ),
        "searched": one("SELECT count(*) FROM search WHERE search MATCH 'beach'"),
    }
    connection.execute("INSERT INTO search (search) VALUES ('integrity-check')")
    database.close()
    return found


def _journal(path: Path) -> Path:
    return path.with_name(path.name + "-journal")


def main(path: Path, rounds: int, seed: int) -> None:
    """Write and kill; see the module."""
    statements()  # read here, once, for all children
    chance = random.Random(seed)
    said, number = 0, 0
    for round_number in range(rounds):
        delay_s = None if round_number % 2 else chance.random() * 0.01
        # From none on, so that opening is hit, too. A round's numbers are its own.
        said += killed_writer(path, number, chance.randint(0, 2), delay_s)
        number += 1_000_000
        print(json.dumps({"said": said, **look(path)}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
