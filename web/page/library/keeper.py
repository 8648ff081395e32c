"""Keeping the first view's captions in the library, once a person has allowed it.

Runs in MicroPython (the page) and in CPython (tests). Here is only what the first view needs; the
library's own modules, and its worker, are loaded when there is something to keep or to show.
"""

import json

from jsffi import JsException
from pyscript import document, js_import, window
from pyscript.js_modules import library_choice

from page import view
from page.events import on, start

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from page.image.image_item import Entry
    from page.library.library import Library

SCRIPT = "page/library/library_link.mjs"
OPTIONS = {"fast": '{"num_beams":1}', "careful": '{"num_beams":4}'}
"""What a caption was searched with, as the library tells captions of one model apart."""
ENOUGH = 2  # captions one after the other: then they may be worth keeping


class Keeper:
    """What a person chose, and what follows from it.

    Attributes:
        choice: "on", "off", or "" while nobody was asked.
        link: library_link.mjs, or None before it was needed.
        on_kept: called after a caption was kept.
    """

    def __init__(self, entries: "Callable[[], list[Entry]]") -> None:
        """Take ``entries()``: the images of the first view, whose captions are there already."""
        self.choice: str = library_choice.choice()
        self.link: "Any" = None
        self.on_kept: "Callable[[], object]" = _nothing
        self._entries = entries
        self._library: "Library | None" = None
        self._due: "list[Entry]" = []
        self._noted: "set[tuple[str, str]]" = set()  # handle and words
        self._seen = 0
        self._is_keeping = False

    def listen(self) -> None:
        """Connect the question."""
        on("keep-yes", "click", self.allow)
        on("keep-no", "click", self.decline)

    # The choice

    def offer(self) -> None:
        """Ask, unless a person was asked before."""
        if not self.choice:
            view.element("keep-note").hidden = False

    async def allow(self) -> None:
        """Keep captions from now on, and those that are on the page."""
        self._choose("on")
        for entry in self._entries():
            self.note(entry)
        from page.library import library_texts  # noqa: PLC0415 - not before it is needed

        view.announce(library_texts.ALLOWED)

    def decline(self) -> None:
        """Keep nothing, and do not ask again."""
        self._choose("off")

    def _choose(self, value: str) -> None:
        self.choice = value
        library_choice.choose(value)
        view.element("keep-note").hidden = True

    # The library

    async def library(self) -> "Library":
        """The library; whoever wants to ask it something opens it."""
        if self._library is None:
            from page.library.library import Library  # noqa: PLC0415 - not before it is needed

            address = window.URL.new(SCRIPT, document.baseURI).href
            modules = await js_import(address)
            if self._library is None:  # else another was as quick
                self.link = modules[0]
                self._library = Library(self.link)
        return self._library

    async def erase(self) -> None:
        """Take everything away, and keep nothing from now on."""
        self._due = []
        self._noted = set()
        await (await self.library()).erase()
        self._choose("off")

    # Captions

    def note(self, entry: "Entry") -> None:
        """There is news of an image; keep its caption if there is one and it may be kept."""
        if not entry.result or entry.is_working or entry.problem:
            return
        known = entry.result.image.sha256, entry.caption
        if known in self._noted:
            return
        if self.choice == "on":
            self._noted.add(known)
            self._due.append(entry)
            if not self._is_keeping:
                self._is_keeping = True
                start(self._keep_due())
        elif not self.choice:
            self._seen += 1
            if self._seen >= ENOUGH:
                self.offer()

    async def _keep_due(self) -> None:
        try:
            library = await self.library()
            await library.open(take_over=True)
            while self._due:
                await self._keep(library, self._due.pop(0))
                self.on_kept()
        except JsException as error:  # no room, a broken file, another tab
            self._due = []
            view.show_not_kept(view.sentence(error))
        finally:
            self._is_keeping = False

    async def _keep(self, library: "Library", entry: "Entry") -> None:
        result, words = entry.result, entry.caption
        if not result:  # all was forgotten meanwhile
            return
        image = await _image(entry)
        image_id = await library.keep(image, _machine_words(entry), entry.file)
        if words != result.caption:  # a person preferred another candidate
            await library.choose(image_id, words)


async def _image(entry: "Entry") -> "dict[str, Any]":
    """What the library knows of an image file, as ``add_image`` takes it."""
    from page.library import exif_date  # noqa: PLC0415 - not before it is needed

    image = entry.result.image
    head = await entry.file.slice(0, exif_date.HEAD_BYTES).arrayBuffer()
    return {
        "sha256": image.sha256,
        "name": entry.file_name,
        "folder": entry.path[: len(entry.path) - len(entry.file_name)].strip("/"),
        "taken_at": exif_date.taken_at(bytes(window.Uint8Array.new(head))),
        "size_bytes": entry.file.size,
        "media_type": entry.file.type or f"image/{image.format.lower()}",
        "width": image.width,
        "height": image.height,
    }


def _machine_words(entry: "Entry") -> "dict[str, Any]":
    """What the model says, as ``set_caption`` takes it."""
    result = entry.result
    return {
        "text": result.caption,
        "candidates": [candidate.text for candidate in entry.found],
        "keywords": list(entry.keywords),
        "text_in_picture": entry.words or "",
        "confidence": result.confidence,
        "looks_like_text": int(getattr(result, "kind", "") == "text"),
        "model": result.model.id,
        "revision": result.model.revision,
        "options": OPTIONS.get(entry.caption_settings[1]) or json.dumps({}),
    }


def _nothing() -> None:
    pass
