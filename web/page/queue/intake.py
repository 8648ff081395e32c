"""Files that are handed in to the library: looked at, hashed, added, some at a time; then pictured.

A small picture takes far longer than all that an image needs to be in the list, so it comes when
all files have joined, and with it a copy of what could not be found again otherwise.

Runs in MicroPython (the page) and in CPython (tests).
"""

import json

from pyscript import ffi

from page import texts
from page.image.exif_date import HEAD_BYTES
from page.image.picture import open_pictures
from page.library import entry_words
from page.library.library import file_words_calls
from page.queue import queue_texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from page.image.exif_date import Read
    from page.image.picture import Picture
    from page.library.library import Library

    Begun = tuple[list[Any], list[Picture], Any]
    Joining = tuple[int, list[Any], list[str], Any]

FIRST = 16  # images in the first transaction, so that some are soon in view
AT_ONCE = 192  # in each of the others: fewer would write the same pages of the file more often
BETWEEN_BREATHS = 8  # images that the page looks at without a pause
PICTURED_AT_ONCE = 8


class Intake:
    """What was handed in last.

    Attributes:
        done, total: how many of the files have been looked at; both 0 when there is nothing to do.
        pictured: for how many of the images a small picture was made.
        left_out: for each file that is no image, a sentence about why.
        known: how many images the model has captioned before.
        passing: how many another visit would not find again.
    """

    def __init__(
        self,
        on_news: "Callable[[], object]",
        on_pictures: "Callable[[list[int]], object]",
        first_of: "Callable[[list[int], int], list[int]]",
        words_of: "Callable[[Any, Any], Awaitable[dict[str, str] | None]]",
    ) -> None:
        """Take four functions.

        ``on_news()``: more has been done. ``on_pictures(ids)``: images have small pictures.
        ``first_of(ids, count)``: those of these images that a person sees first, at most so many.
        ``words_of(file, sidecar)``: the words in both, see file_words.py.
        """
        self.done = self.total = self.pictured = 0
        self._forget()
        self._bare: "dict[int, str]" = {}  # hashes, by id, of images without a small picture
        self._is_picturing = False
        self._is_copying = True  # what could not be found again otherwise
        self._run = self._cancels = 0  # count, so that what was stopped adds nothing any more
        self._on_news = on_news
        self._on_pictures = on_pictures
        self._first_of = first_of
        self._words_of = words_of

    def _forget(self) -> None:
        self.left_out: list[str] = []
        self.known = self.passing = 0

    def notes(self) -> str:
        """What a person should know about the files; "" for nothing."""
        return queue_texts.notes(self.left_out, self.known, self.passing)

    def said(self) -> str:
        """How far it is; "" when there is nothing to do."""
        if self.done < self.total:
            return queue_texts.taking(self.done, self.total)
        if self.total:
            return queue_texts.picturing(self.pictured, self.pictured + len(self._bare))
        return ""

    def cancel(self) -> None:
        """Take no more of what was handed in; what is in the library gets its small pictures."""
        self._cancels += 1
        self._is_copying = False
        self._end()

    def stop(self) -> None:
        """Do nothing more: the library is another tab's, or another one."""
        self.cancel()
        self._run += 1
        self._bare = {}

    def _end(self) -> None:
        self.done = self.total = self.pictured = 0

    async def take(
        self,
        items: "list[Any]",
        library: "Library",
        originals: "Any",
        enqueue: "Callable[[list[int]], object]",
    ) -> None:
        """Add files, and let them wait.

        Args:
            items: what handed_in.mjs has to say about files.
            library: takes them.
            originals: originals.mjs.
            enqueue: told of the ids of images that were added.
        """
        self._is_copying = True
        if not self.total:
            self._forget()
        self.total += len(items)
        await self._join_all(items, library, originals, enqueue)
        await self._picture_all(library, originals)
        if self.done >= self.total and not self._is_picturing:
            self._end()
            self._on_news()

    async def _join_all(
        self,
        items: "list[Any]",
        library: "Library",
        originals: "Any",
        enqueue: "Callable[[list[int]], object]",
    ) -> None:
        """Add files, some at a time, until it is stopped."""
        run, cancels = self._run, self._cancels

        async def join(joining: "Joining") -> None:
            added = await self._joined(joining, run, library, originals)
            if cancels == self._cancels:
                self.done += joining[0]
                if added:
                    enqueue(added)
                self._on_news()

        some, rest = items[:FIRST], items[FIRST:]
        begun = await self._begin(some, originals)
        joining: "Joining | None" = None
        while some and cancels == self._cancels:
            following, rest = rest[:AT_ONCE], rest[AT_ONCE:]
            # The next are read while these are looked at, and while those before are added.
            next_begun = await self._begin(following, originals)
            if joining:
                await join(joining)
                joining = None
            if cancels == self._cancels:
                joining = await self._add(len(some), begun, library, originals)
            if joining and not self.done:
                await join(joining)  # so that the first are soon in view
                joining = None
            some, begun = following, next_begun
        if joining:
            await join(joining)

    async def _begin(self, items: "list[Any]", originals: "Any") -> "Begun":
        """Let files be taken in; return those that are images, and a promise of what is known."""
        there = [item for item in items if item.file]
        self.left_out += [texts.unreadable(item.name) for item in items if not item.file]
        kept: "list[Any]" = []
        pictures: "list[Picture]" = []
        opened = await open_pictures([item.file for item in there], originals) if there else []
        for item, (picture, problem) in zip(there, opened):  # noqa: B905 - MicroPython
            if picture:
                picture.release()
                kept.append(item)
                pictures.append(picture)
            else:
                self.left_out.append(problem)
        taken = originals.take(ffi.to_js([item.file for item in kept]), HEAD_BYTES)
        return kept, pictures, taken

    async def _add(
        self, count: int, begun: "Begun", library: "Library", originals: "Any"
    ) -> "Joining | None":
        """Look at images, and have the library begin to add them; None when it was stopped.

        Args:
            count: how many files were handed in to find these images.
            begun: as ``_begin`` returned it.
            library: takes them.
            originals: originals.mjs.

        Returns:
            How many files, the images among them, their hashes, and a promise of their ids.
        """
        run, cancels = self._run, self._cancels
        items, pictures, taken = begun
        found = await taken
        if run != self._run or cancels != self._cancels:
            return None
        images: "list[dict[str, Any]]" = []
        joined: "list[Any]" = []
        sizes = json.loads(found.sizes)
        for place, sha256 in enumerate(json.loads(found.hashes)):
            if place % BETWEEN_BREATHS == 0:
                await originals.breath()
            item = items[place]
            if sha256 is None:
                self.left_out.append(texts.unreadable(item.name))
                continue
            kind = item.file.type or f"image/{pictures[place].format.lower()}"
            read = _reader(found, place)
            image = entry_words.file_facts(item.name, item.path, kind, sizes[place], read)
            image.update({"sha256": sha256, "width": 0, "height": 0})
            images.append(image)
            joined.append(item)
        if run != self._run or cancels != self._cancels:
            return None
        hashes = [image["sha256"] for image in images]
        return count, joined, hashes, library.begin_to_add(images) if images else None

    async def _joined(
        self, joining: "Joining", run: int, library: "Library", originals: "Any"
    ) -> "list[int]":
        """Images are in the library: return their ids, equal ones once."""
        _, items, hashes, promise = joining
        if not promise:
            return []
        ids = await library.added(promise)
        self.passing += int(await originals.settle(json.dumps(hashes)))
        if run == self._run:  # else the ids may be other images' by now
            await self._keep_words(ids, items, library)
        if run != self._run:
            return []
        added: "list[int]" = []
        for image_id, sha256 in zip(ids, hashes):  # noqa: B905 - MicroPython
            if image_id not in added:  # as with equal bytes
                added.append(image_id)
                self._bare[image_id] = sha256
        return added

    async def _keep_words(self, ids: "list[int]", items: "list[Any]", library: "Library") -> None:
        """Keep the words of sidecars before a model says anything: they stand above that."""
        run = self._run
        for image_id, item in zip(ids, items):  # noqa: B905 - MicroPython
            sidecar = getattr(item, "sidecar", None)
            words = await self._words_of(item.file, sidecar) if sidecar else None
            if words and run == self._run:
                await library.run(*file_words_calls(image_id, words))

    async def _picture_all(self, library: "Library", originals: "Any") -> None:
        """Make small pictures of what has none, of what is on the screen first."""
        if self._is_picturing:
            return
        self._is_picturing = True
        try:
            while self._bare:
                run, is_copying = self._run, self._is_copying
                # Asked anew each time: a person scrolls, and more may have come.
                ids = self._first_of(list(self._bare), PICTURED_AT_ONCE)
                hashes = json.dumps([self._bare[image_id] for image_id in ids])
                made = await originals.picture(hashes, is_copying)
                if run != self._run:  # it was stopped meanwhile
                    continue
                facts = json.loads(made.facts)
                await library.picture(ids, facts, made.pictures)
                if run != self._run:
                    continue
                for image_id in ids:
                    self._bare.pop(image_id)
                self.pictured += len(ids)
                if is_copying:
                    self.passing += len([one for one in facts if not one["isFoundAgain"]])
                self._on_pictures(ids)
        finally:
            self._is_picturing = False


def _reader(taken: "Any", place: int) -> "Read":
    """What gives some of the first bytes of a file that was taken in."""
    return lambda first, last: bytes.fromhex(taken.digits(place, first, last))
