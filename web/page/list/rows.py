"""The rows of the list: those in view exist, the others are room that is kept for them.

Runs in MicroPython. Texts are set as text, never as markup. The style sheet says how many columns
there are and how far it is from line to line; here is only counted.
"""

import math

from pyscript import document, window
from pyscript.js_modules import thumbnails

from page import texts
from page.browser.events import start
from page.browser.window_of_list import wanted_items
from page.list import gallery_texts
from page.view import element

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from page.image.image_item import Entry


class Rows:
    """What the document has of the list.

    Attributes:
        entries: all of them.
        current: index of the entry in the frame, or -1.
    """

    def __init__(self) -> None:
        self.entries: "list[Entry]" = []
        self.current = -1
        self._rows: "dict[int, Any]" = {}  # index: its element, for those that exist
        self._columns = 1
        self._copied = -1
        self._asked: set[int] = set()  # entries whose thumbnail is on its way

    def listen(self) -> None:
        """Follow the window, and what moves the list inside it."""
        box = element("rows")
        document.addEventListener("scroll", lambda _event: self.follow())
        view = document.defaultView  # what PyScript calls window cannot be listened to
        view.addEventListener("resize", lambda _event: self.show(self.entries))
        window.ResizeObserver.new(lambda _entries, _observer: self.follow()).observe(document.body)
        box.addEventListener("focusin", lambda _event: self.follow())
        box.addEventListener("error", self._on_no_thumbnail, True)  # errors do not bubble

    def show(self, entries: "list[Entry]") -> None:
        """Show these entries, or those that have joined them."""
        box = element("rows")
        if entries is not self.entries:
            self._forget()
        self.entries = entries
        if not entries:
            return
        style = window.getComputedStyle(box)
        self._columns = int(style.getPropertyValue("--columns"))
        box.style.setProperty("--row-lines", str(math.ceil(len(entries) / self._columns)))
        for index, row in self._rows.items():
            self._place(index, row)
        self.follow()

    def _forget(self) -> None:
        # Out of the document, too, images go on loading; what they load is revoked next.
        images = element("rows").querySelectorAll("img")
        for place in range(images.length):
            images.item(place).removeAttribute("src")
        thumbnails.clear()
        element("rows").replaceChildren()
        self._rows = {}
        self._asked = set()
        self.current = self._copied = -1

    # Which rows there are

    def follow(self) -> None:
        """Have the rows in view, those with the focus, and no others."""
        count = len(self.entries)
        if not count:
            return
        place = element("rows").getBoundingClientRect()
        focused = row_index(document.activeElement) if document.activeElement else -1
        wanted = wanted_items(place, count, self._columns, focused)
        if wanted:  # or the list is not laid out
            self._have(wanted)

    def _have(self, wanted: set[int]) -> None:
        for index in [index for index in self._rows if index not in wanted]:
            self._rows.pop(index).remove()
            entry = self.entries[index]
            if entry.thumbnail is None and entry.picture:
                thumbnails.drop(entry.file)
        missing = [index for index in wanted if index not in self._rows]
        if not missing:
            return
        following = None
        for index in sorted(wanted, reverse=True):
            row = self._rows.get(index)
            if row is None:
                row = self._make(index)
                element("rows").insertBefore(row, following)
            following = row

    def _make(self, index: int) -> "Any":
        row = element("row").content.firstElementChild.cloneNode(True)
        row.setAttribute("data-index", str(index))
        self._rows[index] = row
        self._place(index, row)
        self._fill(index, row)
        return row

    def _place(self, index: int, row: "Any") -> None:
        row.setAttribute("aria-setsize", str(len(self.entries)))
        row.setAttribute("aria-posinset", str(index + 1))
        row.style.setProperty("--row-line", str(index // self._columns))
        row.style.setProperty("--row-column", str(index % self._columns))

    # What they say

    def refresh(self, index: int) -> None:
        """Write anew what there is to say about an entry."""
        row = self._rows.get(index)
        if row:
            self._fill(index, row)

    def _fill(self, index: int, row: "Any") -> None:
        entry = self.entries[index]
        state = entry.state
        row.setAttribute("data-state", state)
        row.classList.toggle("guessed", entry.is_flagged and state == "done")
        name = row.querySelector(".row-name")
        name.textContent = name.title = entry.name
        row.querySelector(".row-facts").textContent = entry.facts()
        row.querySelector(".row-text").textContent = entry.text
        said = gallery_texts.state(state, entry.sureness)
        said = texts.with_marks(said, entry.is_marked, entry.folder, entry.fields)
        row.querySelector(".row-state").textContent = said
        copy = row.querySelector(".row-copy")
        copy.hidden = not entry.caption
        copy.textContent = texts.COPIED if index == self._copied else gallery_texts.COPY
        copy.setAttribute("aria-label", gallery_texts.copy_of(entry.name))
        self._mark(index, row)
        if entry.picture:
            thumb = row.querySelector(".thumb")
            thumb.setAttribute("data-format", entry.picture.format)
            self._show_thumbnail(entry, thumb)

    def _mark(self, index: int, row: "Any") -> None:
        opener = row.firstElementChild
        if index == self.current:
            opener.setAttribute("aria-current", "true")
        else:
            opener.removeAttribute("aria-current")

    def mark(self, index: int) -> None:
        """Mark the row whose image is in the frame."""
        before, self.current = self.current, index
        for one in (before, index):
            if one in self._rows:
                self._mark(one, self._rows[one])

    def mark_copied(self, index: int) -> None:
        """Say on a row's button that its caption was copied; -1 takes it back."""
        before, self._copied = self._copied, index
        for one in (before, index):
            self.refresh(one)

    # Thumbnails

    def _show_thumbnail(self, entry: "Entry", thumb: "Any") -> None:
        if entry.thumbnail is None:
            if entry.index not in self._asked:
                start(self._ask_thumbnail(entry))
        elif entry.thumbnail.url and not thumb.firstElementChild:
            image = document.createElement("img")
            image.alt = ""
            image.decoding = "async"
            image.src = entry.thumbnail.url
            thumb.append(image)

    async def _ask_thumbnail(self, entry: "Entry") -> None:
        asked = self._asked
        asked.add(entry.index)
        made = await thumbnails.make(entry.file)
        asked.discard(entry.index)
        if made is None or asked is not self._asked:  # dropped, or of a list that is gone
            return
        entry.thumbnail = made
        picture = entry.picture
        if picture and made.width and not picture.width:
            picture.width, picture.height = made.width, made.height
        self.refresh(entry.index)

    def _on_no_thumbnail(self, event: "Any") -> None:
        """The browser cannot show this format; Seesay may read it all the same."""
        event.target.remove()

    # Where people are

    def focus(self, index: int) -> None:
        """Move the focus to a row, which comes into view for it."""
        if index not in self._rows:
            self._have(set(self._rows) | {index})
        self._rows[index].firstElementChild.focus()

    def text_element(self, index: int) -> "Any":
        """The element that holds a row's caption."""
        return self._rows[index].querySelector(".row-text")


def row_index(target: "Any") -> int:
    """Which row an element belongs to; -1 for none."""
    row = target.closest(".row")
    return int(row.getAttribute("data-index")) if row else -1
