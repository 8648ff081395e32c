"""A library in memory, and things to put into it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pycore.library.database import Call, Row
from pycore.library.library import Library
from pycore.library.records import MachineWords, NewImage, Order
from pycore.library.schema_version import open_schema
from pycore.library.stdlib_database import StdlibDatabase
from tests.unit.helpers import run_sync

ORDER = Order("vit-gpt2", "main", {"num_beams": 4})
OTHER = Order("florence", "main")
THUMBNAIL = b"\xff\xd8thumbnail\xff\xd9"


class Clock:
    """A clock that moves on by a second each time that it is asked."""

    def __init__(self) -> None:
        self.seconds = 0

    def __call__(self) -> str:
        self.seconds += 1
        minutes, seconds = divmod(self.seconds, 60)
        hours, minutes = divmod(minutes, 60)
        return f"2026-11-27T{hours:02}:{minutes:02}:{seconds:02}Z"


class StrictDatabase(StdlibDatabase):
    """Refuses parameters that a statement does not have: the browser's SQLite does, too."""

    async def run(self, calls: Sequence[Call]) -> list[list[Row]]:
        for sql, parameters in calls:
            assert set(re.findall(r":([a-z_]\w*)", sql)) == set(parameters), sql
        return await super().run(calls)


_opened: list[StdlibDatabase] = []


def open_database(path: Path | None = None, **options: Any) -> StdlibDatabase:
    """Open a database that is closed when its module's tests have run: Python 3.13 insists.

    Not when it is dropped: that may be in the thread of another test, where SQLite refuses.
    """
    database = StrictDatabase(path, **options)
    _opened.append(database)
    return database


def close_databases() -> None:
    """Close what ``open_database`` has opened."""
    while _opened:
        _opened.pop().close()


def new_database(path: Path | None = None) -> StdlibDatabase:
    database = open_database(path)
    run_sync(open_schema(database))
    return database


def new_library(database: StdlibDatabase | None = None) -> Library:
    return Library(database or new_database(), Clock())


def new_image(number: int, **changes: Any) -> NewImage:
    known: dict[str, Any] = {
        "sha256": hashlib.sha256(b"%d" % number).hexdigest(),
        "name": f"IMG_{number:04}.jpg",
        "folder": "2026/Sweden",
        "taken_at": f"2026-07-{number % 28 + 1:02}T12:00:00",
        "size_bytes": 1000 + number,
        "media_type": "image/jpeg",
        "width": 640,
        "height": 480,
        "thumbnail_type": "image/jpeg",
        "thumbnail": THUMBNAIL,
    }
    return NewImage(**{**known, **changes})


def words(text: str = "a brown dog on a beach", **changes: Any) -> MachineWords:
    known: dict[str, Any] = {
        "candidates": (text, f"{text} at sunset"),
        "keywords": ("animal", "sea"),
        "text_in_picture": "",
        "confidence": 0.75,
        "looks_like_text": False,
    }
    return MachineWords(text=text, **{**known, **changes})


def add(library: Library, number: int, text: str | None = None, **changes: Any) -> int:
    """Add an image, with a caption where there is a text."""
    image_id = run_sync(library.images.add(new_image(number, **changes)))
    if text is not None:
        run_sync(library.images.set_caption(image_id, words(text), ORDER))
    return image_id


def dump(database: StdlibDatabase) -> dict[str, list[tuple[Any, ...]]]:
    """Return the content of every table but those of undo and the inside of the index."""
    connection = database._connection
    tables = [
        name
        for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        if not name.startswith(("sqlite_", "search_", "undo_"))
    ]
    return {
        name: sorted(map(tuple, connection.execute(f"SELECT * FROM {name}")), key=repr)  # noqa: S608
        for name in tables
    }
