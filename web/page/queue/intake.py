"""Files that are handed in to the library: looked at, hashed, and added, some at a time.

Runs in MicroPython (the page) and in CPython (tests).
"""

import json

from page import texts
from page.image.picture import open_picture
from page.library import entry_words
from page.queue import queue_texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from page.library.library import Library

AT_ONCE = 16  # images in a transaction


class Intake:
    """What was handed in last.

    Attributes:
        done, total: how many of the files have been looked at; both 0 when there is nothing to do.
        left_out: for each file that is no image, a sentence about why.
        known: how many images the model has captioned before.
        passing: how many another visit would not find again.
    """

    def __init__(self, on_news: "Callable[[], object]") -> None:
        """Take ``on_news()``, which is told that more has been done."""
        self.done = self.total = 0
        self._forget()
        self._run = 0  # counts, so that one that was stopped adds nothing any more
        self._on_news = on_news

    def _forget(self) -> None:
        self.left_out: list[str] = []
        self.known = self.passing = 0

    def notes(self) -> str:
        """What a person should know about the files; "" for nothing."""
        return queue_texts.notes(self.left_out, self.known, self.passing)

    def stop(self) -> None:
        """Take no more of what was handed in."""
        self._run += 1
        self.done = self.total = 0

    async def take(
        self,
        items: "list[Any]",
        library: "Library",
        originals: "Any",
        enqueue: "Callable[[list[int]], Awaitable[int]]",
    ) -> None:
        """Add files, and let them wait.

        Args:
            items: what handed_in.mjs has to say about files.
            library: takes them.
            originals: originals.mjs.
            enqueue: puts images with these ids into the queue; returns how many were not in it.
        """
        run = self._run
        if not self.total:
            self._forget()
        self.total += len(items)
        for first in range(0, len(items), AT_ONCE):
            images, pictures = [], []
            for item in items[first : first + AT_ONCE]:
                image, picture = await self._look(item, originals)
                if run != self._run:
                    return
                self.done += 1
                if image:
                    images.append(image)
                if picture:
                    pictures.append(picture)
            if images:
                ids = set(await library.add(images, pictures))
                count = await enqueue(list(ids))
                self.known += len(ids) - count
            if run != self._run:
                return
            self._on_news()
        if self.done >= self.total:
            self.done = self.total = 0
            self._on_news()

    async def _look(self, item: "Any", originals: "Any") -> "tuple[dict[str, Any] | None, Any]":
        """What ``add_image`` and ``set_thumbnail`` take of a file; None for what it has not."""
        problem = texts.unreadable(item.name)
        if item.file:
            picture, problem = await open_picture(item.file)
            if picture:
                picture.release()
                found = await originals.take(item.file)
                if found:
                    facts = json.loads(found.facts)
                    self.passing += not facts.pop("isFoundAgain")
                    media_type = f"image/{picture.format.lower()}"
                    of_file = entry_words.file_facts(item.file, item.name, item.path, media_type)
                    facts.update(await of_file)
                    return facts, found.picture
                problem = texts.unreadable(item.name)
        self.left_out.append(problem)
        return None, None
