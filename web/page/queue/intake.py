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

    from page.image.picture import Picture
    from page.library.library import Library

    Facts = tuple[dict[str, Any], Any]

AT_ONCE = 16  # images in a transaction
AHEAD = 4  # files that are being taken in while others are added


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
        begun: "list[tuple[Any, Picture | None, Any]]" = []
        for first in range(0, len(items), AT_ONCE):
            some: "list[Facts]" = []
            for place in range(first, min(first + AT_ONCE, len(items))):
                for item in items[len(begun) : place + AHEAD]:
                    begun.append(await self._begin(item, originals))
                found = await self._facts(*begun[place])
                begun[place] = None, None, None  # it holds a picture
                if run != self._run:
                    return
                self.done += 1
                if found:
                    some.append(found)
            if some:
                await self._add(some, library, originals, enqueue)
            if run != self._run:
                return
            self._on_news()
        if self.done >= self.total:
            self.done = self.total = 0
            self._on_news()

    async def _add(
        self,
        some: "list[Facts]",
        library: "Library",
        originals: "Any",
        enqueue: "Callable[[list[int]], Awaitable[int]]",
    ) -> None:
        """Add some images, and let them wait."""
        images = [image for image, _ in some]
        ids = set(await library.add(images, [picture for _, picture in some if picture]))
        hashes = [image["sha256"] for image in images]
        self.passing += int(await originals.settle(json.dumps(hashes)))
        count = await enqueue(list(ids))
        self.known += len(ids) - count

    async def _begin(self, item: "Any", originals: "Any") -> "tuple[Any, Picture | None, Any]":
        """Let a file be taken in: what is known of it, and a promise or a sentence."""
        if not item.file:
            return item, None, texts.unreadable(item.name)
        picture, problem = await open_picture(item.file)
        if not picture:
            return item, None, problem
        picture.release()
        return item, picture, originals.take(item.file)

    async def _facts(self, item: "Any", picture: "Picture | None", taken: "Any") -> "Facts | None":
        """What ``add_image`` and ``set_thumbnail`` take of a file; None for one left out."""
        if picture is None:
            self.left_out.append(taken)
            return None
        found = await taken
        if not found:
            self.left_out.append(texts.unreadable(item.name))
            return None
        facts = json.loads(found.facts)
        self.passing += not facts.pop("isFoundAgain")
        media_type = f"image/{picture.format.lower()}"
        facts.update(await entry_words.file_facts(item.file, item.name, item.path, media_type))
        return facts, found.picture
