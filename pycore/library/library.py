"""The library as a whole: its parts, and how to take images away."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import TYPE_CHECKING

from pycore.library.images import Images
from pycore.library.listing import Listing
from pycore.library.named_statements import NamedStatements
from pycore.library.queue import CaptionQueue
from pycore.library.reviews import Reviews

if TYPE_CHECKING:
    from pycore.library.database import Database
    from pycore.library.named_statements import Clock


class Library:
    """Everything about the images of one database.

    Args:
        database: opened and brought to the newest schema (``open_schema``).
        clock: tells the time, UTC: ``2026-11-27T12:00:00Z``.

    Attributes:
        images: images and what models say about them.
        reviews: what people did about them, with undo.
        queue: which images wait for a caption.
        listing: lists, search, counts.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._statements = NamedStatements(database, clock)
        self.images = Images(self._statements)
        self.reviews = Reviews(self._statements)
        self.queue = CaptionQueue(self._statements)
        self.listing = Listing(self._statements)

    async def delete(self, ids: Collection[int]) -> None:
        """Delete images with all that is kept about them, undo included. It cannot be undone.

        Afterwards the file holds none of their words and none of their pixels: what SQLite frees it
        overwrites (secure_delete), and the search index is written anew. The file stays as large
        as it was until ``compact``.
        """
        call = self._statements.call
        await self._statements.run(
            call("delete_images", ids=json.dumps([*ids])),
            call("drop_empty_steps"),
            call("optimize_search"),
        )

    async def compact(self) -> None:
        """Give freed room back to the device. Needs as much again while it runs."""
        await self._statements.rows("vacuum")
