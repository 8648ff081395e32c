"""How fast a large library is: ``python3 build.py bench library [--sizes N ...]``.

``--in-page`` measures the view in Chromium instead (tests/bench/library_in_page.py).

Libraries of made-up captions in a file, on the standard library's SQLite: the same statements that
the browser runs, without its storage and its bridge. Results go to bench/results/library.json and
library.md, those of the page to library-in-page.json and library-in-page.md.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import hashlib
import os
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from pycore.library.library import Library
from pycore.library.listing import Query, Sort
from pycore.library.records import MachineWords, NewImage, Order, PersonWords
from pycore.library.schema_version import open_schema
from pycore.library.stdlib_database import StdlibDatabase
from tests.bench import library_in_page
from tests.bench.results import RESULTS, processor, table, write
from tools.project import version

ORDER = Order("vit-gpt2", "main", {"num_beams": 4})
OTHER = Order("florence", "main")
THUMBNAIL_BYTES = 5000  # of a WebP 192 pixels wide
WINDOW = 100
TYPED = ("a dog on the beach", "img_00", "harbour sunset", "2026/08", "zebra")
AIMS = {"open": 200, "search, slowest key": 50, "add 1,000 files": 5000}
SUBJECTS = "dog cat zebra boat child tram flower bridge cyclist bird mountain bowl train horse"
PLACES = "beach harbour street kitchen forest park station garden field market church lake"
OTHERS = "brown small red old sunny wooden busy snowy grey green tall empty crowded quiet"


class Sample:
    """Makes images and captions of some variety, always the same ones."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        syllables = ("ka", "lo", "mi", "ren", "tu", "sa", "vel", "dor", "pi", "na")
        # What few captions say: names, places, rare things.
        self._rare = ["".join(self._chance.choices(syllables, k=3)) for _ in range(3000)]

    def image(self, number: int) -> NewImage:
        """Return an image of one of 200 folders."""
        month = self._chance.randint(1, 12)
        return NewImage(
            sha256=hashlib.sha256(b"%d" % number).hexdigest(),
            name=f"IMG_{number:06}.jpg",
            folder=f"2026/{month:02}/{self._chance.choice(PLACES.split())}",
            taken_at=f"2026-{month:02}-{self._chance.randint(1, 28):02}T12:00:00",
            size_bytes=4_000_000,
            media_type="image/jpeg",
            width=4000,
            height=3000,
            thumbnail_type="image/webp",
            thumbnail=self._chance.randbytes(THUMBNAIL_BYTES),
        )

    def words(self) -> MachineWords:
        """Return a caption of 12 words with four candidates and five keywords."""
        choice = self._chance.choice
        subject, place = choice(SUBJECTS.split()), choice(PLACES.split())
        texts = [
            f"a {choice(OTHERS.split())} {subject} and a {choice(self._rare)} on the "
            f"{choice(OTHERS.split())} {place} at {choice(('sunset', 'noon', 'night'))}"
            for _ in range(4)
        ]
        keywords = (subject, place, *self._chance.sample(self._rare, 3))
        return MachineWords(texts[0], texts, keywords, "", self._chance.random(), False)


async def fill(library: Library, size: int, sample: Sample) -> None:
    """Add captioned images, in transactions of 100; one in 50 is edited."""
    for start in range(0, size, 100):
        images = [sample.image(number) for number in range(start, min(size, start + 100))]
        for image_id in await library.images.add_all(images):
            await library.images.set_caption(
                image_id, sample.words(), ORDER if image_id % 4 else OTHER
            )
            if image_id % 50 == 0:
                await library.reviews.edit(image_id, PersonWords(text=f"edited {image_id}"))


class Time(NamedTuple):
    """Medians in milliseconds: on the clock, and of the processor, which load changes less."""

    wall_ms: float
    cpu_ms: float


Figures = dict[str, Time | float]


async def timed(action: Callable[[], Awaitable[Any]], rounds: int) -> Time:
    """Return how long an action takes."""
    times = []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        await action()
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
    return Time(*(statistics.median(kind) * 1e3 for kind in zip(*times, strict=True)))


def slowest(times: Iterable[Time]) -> Time:
    """Return the longest of each kind."""
    return Time(*map(max, zip(*times, strict=True)))


async def measure(path: Path, size: int, rounds: int) -> Figures:
    """Make a library of a size at ``path``; return times, and figures in bytes."""
    sample = Sample(1)
    figures: Figures = {"make it": await timed(partial(_fill, path, size, sample), 1)}
    figures["bytes a caption"] = _size_bytes(path) / size
    figures["of it, thumbnail"] = THUMBNAIL_BYTES

    figures["open"] = await timed(lambda: _open_and_show(path), rounds)
    database = StdlibDatabase(path)
    library = Library(database, _now)
    await _reading(library, figures, rounds)
    await _writing(library, figures, size, sample)
    database.close()
    return figures


async def _fill(path: Path, size: int, sample: Sample) -> None:
    database = StdlibDatabase(path)
    # Only for making it: nobody minds losing what is made anew.
    database._connection.execute("PRAGMA synchronous = OFF")
    await open_schema(database)
    await fill(Library(database, _now), size, sample)
    database.close()


def _make_paused(path: Path, size: int) -> None:
    """Make a library with a queue that is paused, so that nothing is captioned beside."""

    async def make() -> None:
        await _fill(path, size, Sample(1))
        database = StdlibDatabase(path)
        queue = Library(database, _now).queue
        await queue.add(OTHER, ids=[1], over_person=True)
        await queue.pause()
        database.close()

    asyncio.run(make())


async def _open_and_show(path: Path) -> None:
    """What a person waits for: counts, the first rows, their thumbnails."""
    database = StdlibDatabase(path)
    await open_schema(database)
    library = Library(database, _now)
    await library.listing.counts()
    rows = await library.listing.rows(Query(), limit=WINDOW)
    await library.images.thumbnails([row.id for row in rows])
    database.close()


async def _reading(library: Library, figures: Figures, rounds: int) -> None:
    listing = library.listing
    keys, counts = {}, {}
    for text in TYPED:
        for end in range(1, len(text) + 1):
            query = Query(text=text[:end])
            keys[text[:end]] = await timed(partial(listing.rows, query, limit=WINDOW), rounds)
            counts[text[:end]] = await timed(partial(listing.count, query), rounds)
    middle = (statistics.median(kind) for kind in zip(*keys.values(), strict=True))
    figures["search, median key"] = Time(*middle)
    figures["search, slowest key"] = slowest(keys.values())
    figures["count found, slowest key"] = slowest(counts.values())
    filters = (
        Query(state="edited"),
        Query(model="florence"),
        Query(folder="2026/08"),
        Query(min_confidence=0.9),
        Query(taken_from="2026-12-24"),
        Query(text="dog", state="edited"),
    )
    figures["filter, slowest"] = slowest(
        [await timed(partial(listing.rows, query, limit=WINDOW), rounds) for query in filters]
    )
    ids = await listing.ids(Query())
    sorts: tuple[Sort, ...] = ("newest", "name", "date", "confidence")
    for sort in sorts:
        halfway = (await listing.ids(Query(), sort=sort))[len(ids) // 2]
        (row,) = await listing.of_ids([halfway])
        window = partial(listing.rows, Query(), sort=sort, after=row, limit=WINDOW)
        figures[f"window in the middle, by {sort}"] = await timed(window, rounds)
    some = ids[len(ids) // 2 :][:WINDOW]
    figures["window by ids"] = await timed(lambda: listing.of_ids(some), rounds)
    figures["its thumbnails"] = await timed(lambda: library.images.thumbnails(some), rounds)
    figures["all ids in order"] = await timed(lambda: listing.ids(Query(), sort="name"), rounds)
    figures["counts"] = await timed(listing.counts, rounds)


async def _writing(library: Library, figures: Figures, size: int, sample: Sample) -> None:
    images = [sample.image(size + number) for number in range(1000)]

    async def add() -> None:
        for start in range(0, len(images), 100):
            await library.images.add_all(images[start : start + 100])

    async def caption() -> None:
        job = await library.queue.claim()
        if job is None:
            raise RuntimeError("the queue is empty")
        await library.queue.finish(job, sample.words(), 1)

    figures["add 1,000 files"] = await timed(add, 1)
    figures["queue 1,000 files"] = await timed(
        lambda: library.queue.add(ORDER, which="without caption"), 1
    )
    figures["begin and keep a caption"] = await timed(caption, 30)
    ids = await library.listing.ids(Query())
    figures["accept 100"] = await timed(lambda: library.reviews.accept(ids[-100:]), 1)
    figures["undo it"] = await timed(library.reviews.undo, 1)
    figures["delete one"] = await timed(lambda: library.delete([ids.pop()]), 3)


def _size_bytes(path: Path) -> int:
    return path.stat().st_size


def _now() -> str:
    return "2026-11-27T12:00:00Z"


def markdown(result: dict[str, Any]) -> str:
    """Return the report."""
    sizes = list(result["sizes"])
    cells = []
    for name in result["sizes"][sizes[0]]:
        figures = [_shown(result["sizes"][size][name]) for size in sizes]
        cells.append([name, *figures, f"under {AIMS[name]} ms" if name in AIMS else ""])
    head = ["", *(f"{int(size):,} captions" for size in sizes), "aim (10,000)"]
    machine = result["machine"]
    return (
        "# A large library\n\n"
        f"{result['date']}, Seesay {result['version']}, SQLite {result['sqlite']} of CPython, "
        f"{machine['cores']} cores ({machine['processor']}), load {machine['load_before']:.1f} "
        f"before and {machine['load_after']:.1f} after. Medians of {result['rounds']} rounds; what "
        "writes runs once, each transaction down to the disk; in brackets, the processor's time. A "
        "window is 100 rows; a key is one more letter of "
        f"{', '.join(repr(text) for text in TYPED)}.\n\n" + table(head, cells)
    )


def _shown(figure: Time | float) -> str:
    if isinstance(figure, Time):
        return f"{figure.wall_ms:,.1f} ms ({figure.cpu_ms:,.1f})"
    return f"{figure:,.0f} bytes"


def main() -> int:
    """Measure; see the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--in-page", action="store_true", help="on the built site, in Chromium")
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="DIR")
    options = parser.parse_args()
    if options.in_page:
        library_in_page.run(options.sizes, options.out, _make_paused)
        return 0
    load, sizes = os.getloadavg()[0], {}
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "library.sqlite"
            sizes[str(size)] = asyncio.run(measure(path, size, options.rounds))
    result = {
        "date": dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "version": version(),
        "sqlite": sqlite3.sqlite_version,
        "rounds": options.rounds,
        "machine": {
            "cores": os.cpu_count(),
            "processor": processor(),
            "load_before": load,
            "load_after": os.getloadavg()[0],
        },
        "sizes": sizes,
    }
    write(options.out, "library", result, markdown(result))
    return 0
