"""The library's images as tiles: those in view exist, the others are room that is kept for them.

Runs in MicroPython. Texts are set as text, never as markup. The style sheet says how many columns
there are and how high a tile is; here is only counted.
"""

import json
import math

from jsffi import JsException
from pyscript import document, window

from page import view
from page.browser.events import start, step
from page.browser.window_of_list import wanted_items
from page.library.tiles.tile import Tile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from page.library.library import Library

AT_ONCE = 120  # rows asked for at a time


class Grid:
    """What the document has of a list of ids.

    Attributes:
        ids: ``Ids`` of library_link.mjs, or None before there is a list.
        selected: ids of the images that are selected.
    """

    def __init__(self, on_select: "Callable[[], None]") -> None:
        """Take ``on_select()``, which is told that other images are selected."""
        self.ids: "Any" = None
        self.selected: set[int] = set()
        self._on_select = on_select
        self._library: "Library | None" = None
        self._tiles: "dict[int, Tile]" = {}  # by index
        self._news = 0  # counts, so that what was asked for before them is asked for again
        self._columns = 1
        self._is_loading = False

    def listen(self) -> None:
        """Follow the window, and what moves the list inside it."""
        box = view.element("tiles")
        document.addEventListener("scroll", lambda _event: self.follow())
        page = document.defaultView  # what PyScript calls window cannot be listened to
        page.addEventListener("resize", lambda _event: self.lay_out())
        box.addEventListener("change", self._on_check)
        box.addEventListener("keydown", self._on_key)
        box.addEventListener("focusin", lambda _event: self.follow())

    def show(self, library: "Library", ids: "Any") -> None:
        """Show these images in the place of those before."""
        self._library, self.ids = library, ids
        self._news += 1
        for index in list(self._tiles):
            tile = self._tiles[index]
            if index >= self.count:
                self._tiles.pop(index).element.remove()
            elif tile.row and int(ids.at(index)) == tile.row["id"]:
                tile.outdate()
            else:
                tile.forget()
        self.lay_out()

    def reload(self, image_id: int) -> None:
        """There is news of an image: say it, if it is in view."""
        self._news += 1
        for tile in self._tiles.values():
            if tile.row and tile.row["id"] == image_id:
                tile.outdate()
                self._ask()

    def first_of(self, ids: "list[int]", count: int) -> "list[int]":
        """Return the ``count`` of these images that a person sees first.

        Those in view, then the others in the order of the list, then those that are not in it.
        """
        there = [self._tiles[index].row for index in sorted(self._tiles)]
        wanted = set(ids)
        found = [row["id"] for row in there if row and row["id"] in wanted][:count]
        if len(found) < count and self.ids:
            others = json.dumps(list(wanted - set(found)))
            found += json.loads(self.ids.firstOf(others, count - len(found)))
        if len(found) < count:
            found += sorted(wanted - set(found), reverse=True)[: count - len(found)]
        return found

    def clear(self) -> None:
        """Show none."""
        self.ids = None
        self.selected = set()
        view.element("tiles").replaceChildren()
        self._tiles = {}

    @property
    def count(self) -> int:
        """How many images are listed."""
        return int(self.ids.length) if self.ids else 0

    def lay_out(self) -> None:
        """Have as many columns as the style sheet says."""
        box = view.element("tiles")
        self._columns = int(window.getComputedStyle(box).getPropertyValue("--columns") or 1)
        lines = math.ceil(self.count / self._columns)
        box.style.setProperty("--tile-lines", str(lines))
        for index, tile in self._tiles.items():
            tile.place(index, self.count, self._columns)
        self.follow()

    def follow(self) -> None:
        """Have the tiles in view, those with the focus, and no others."""
        count = self.count
        if not count:
            return
        place = view.element("tiles").getBoundingClientRect()
        focused = tile_index(document.activeElement) if document.activeElement else -1
        wanted = wanted_items(place, count, self._columns, focused)
        if wanted:  # or the list is not laid out
            self._have(wanted)

    def _have(self, wanted: set[int]) -> None:
        if wanted != set(self._tiles):
            # Elements that leave the view come in again at its other end.
            spare = [self._tiles.pop(index) for index in list(self._tiles) if index not in wanted]
            following = None
            for index in sorted(wanted, reverse=True):
                tile = self._tiles.get(index)
                if tile is None:
                    if spare:
                        tile = spare.pop()
                        tile.clear()
                    else:
                        tile = Tile()
                    self._tiles[index] = tile
                    tile.place(index, self.count, self._columns)
                    view.element("tiles").insertBefore(tile.element, following)
                following = tile.element
            for tile in spare:
                tile.element.remove()
        self._ask()

    def _ask(self) -> None:
        if not self._is_loading:
            start(self._load())

    # What they say

    async def _load(self) -> None:
        """Fetch what the tiles lack, until they lack nothing."""
        self._is_loading = True
        try:
            while self._library and self.ids:
                bare = [index for index, tile in self._tiles.items() if not tile.is_fresh]
                if not bare:
                    break
                first = min(bare)
                await self._load_from(first, min(max(bare) + 1, first + AT_ONCE))
        except JsException:  # the library was closed; whoever closed it says so
            pass
        finally:
            self._is_loading = False

    async def _load_from(self, first: int, last: int) -> None:
        if self._library is None:
            return
        ids, news = self.ids, self._news
        text = ids.part(first, last)
        wanted = json.loads(text)
        found, addresses = await self._library.tiles(text)
        rows = {row["id"]: row for row in found}
        if ids is not self.ids:
            return
        for index, image_id in enumerate(wanted, first):
            tile = self._tiles.get(index)
            if tile and not tile.is_fresh:
                row = rows.get(image_id) or {"id": image_id}
                tile.fill(row, addresses[str(image_id)], image_id in self.selected)
                tile.is_fresh = news == self._news

    # What people do with them

    def select(self, ids: "list[int]") -> None:
        """Select these images and no others."""
        self.selected = set(ids)
        for tile in self._tiles.values():
            tile.select(tile.row is not None and tile.row["id"] in self.selected)
        self._on_select()

    def all_ids(self) -> "list[int]":
        """The ids of all that is listed."""
        found: "list[int]" = json.loads(self.ids.part(0, self.count)) if self.ids else []
        return found

    def _on_check(self, event: "Any") -> None:
        tile = self._tiles.get(tile_index(event.target))
        if tile is None or tile.row is None:
            return
        row = tile.row
        if event.target.checked:
            self.selected.add(row["id"])
        else:
            self.selected.discard(row["id"])
        self._on_select()

    def _on_key(self, event: "Any") -> None:
        """Arrow keys, Home and End go from tile to tile."""
        if event.altKey or event.ctrlKey or event.metaKey or event.shiftKey:  # the browser's own
            return
        index = tile_index(event.target)
        if index < 0 or (event.target.matches("input") and event.key == " "):
            return
        target = step(event, index, self.count)
        if event.key in ("ArrowDown", "ArrowUp"):
            down = self._columns if event.key == "ArrowDown" else -self._columns
            target = index + down if 0 <= index + down < self.count else index
        if target is not None:
            event.preventDefault()
            self.focus(target)

    def focus(self, index: int) -> None:
        """Move the focus to a tile, which comes into view for it."""
        if index not in self._tiles:
            self._have(set(self._tiles) | {index})
        self._tiles[index].link.focus()


def tile_index(target: "Any") -> int:
    """Which tile an element belongs to; -1 for none."""
    tile = target.closest(".tile")
    return int(tile.getAttribute("data-index")) if tile else -1
