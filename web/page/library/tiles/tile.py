"""One tile of the library's list: its element, and what it says.

Runs in MicroPython, where each word to the document takes 20 microseconds: what a tile says already
is not said again. Texts are set as text, never as markup.
"""

from page import view
from page.library import library_texts, routes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from page.library.library import Row

_NOTHING = ("", "", "", "", "", "", "")


class Tile:
    """An element that shows one image after the other, as the list is scrolled.

    Attributes:
        element: the ``<li>``.
        row: what is known of the image, or None.
        is_fresh: whether it says what there is to say; else that is asked for.
    """

    def __init__(self) -> None:
        self.element: "Any" = view.element("tile").content.firstElementChild.cloneNode(True)
        self.row: "Row | None" = None
        self.is_fresh = False
        self._stands = (-1, -1, -1)  # index, count, columns
        self._says: tuple[str, ...] = _NOTHING  # as in ``fill``
        self._is_filled = self._is_enabled = False
        find = self.element.querySelector
        self.link = find(".tile-open")
        self._text, self._name = find(".tile-text"), find(".tile-name")
        self._state, self._box, self._image = find(".tile-state"), find("input"), find("img")

    def place(self, index: int, count: int, columns: int) -> None:
        """Stand at a place of the list."""
        stood, self._stands = self._stands, (index, count, columns)
        if count != stood[1]:
            self.element.setAttribute("aria-setsize", str(count))
        if index != stood[0]:
            self.element.setAttribute("data-index", str(index))
            self.element.setAttribute("aria-posinset", str(index + 1))
        if index != stood[0] or columns != stood[2]:
            style = self.element.style
            style.setProperty("--tile-line", str(index // columns))
            style.setProperty("--tile-column", str(index % columns))

    def clear(self) -> None:
        """Say nothing: it is to show another image."""
        self.forget()
        self._empty()

    def _empty(self) -> None:
        self._say(_NOTHING)
        self._box.checked = False

    def _say(self, says: "tuple[str, ...]") -> None:
        """Say what ``fill`` finds."""
        said, self._says = self._says, says
        state, job, address, text, name, standing, picture = says
        if state != said[0]:
            self.element.setAttribute("data-state", state)
        if job != said[1]:
            self.element.setAttribute("data-job", job)
        if address != said[2]:
            self.link.href = address or routes.address()
        if text != said[3]:
            self._text.textContent = text
        if name != said[4]:
            self._name.textContent = name
            self._box.setAttribute("aria-label", library_texts.select(name))
        if standing != said[5]:
            self._state.textContent = standing
        if picture != said[6]:
            if picture:
                self._image.src = picture
            self._image.hidden = not picture

    def forget(self) -> None:
        """Wait for what there is to say of another image; until then the old words may stay."""
        self.row = None
        self._enable(False)  # nobody knows which image it would select
        self.outdate()

    def _enable(self, is_enabled: bool) -> None:
        if is_enabled != self._is_enabled:
            self._is_enabled = is_enabled
            self._box.disabled = not is_enabled

    def outdate(self) -> None:
        """There may be news of the image."""
        self.is_fresh = False
        if self._is_filled:
            self._is_filled = False
            self.element.removeAttribute("data-filled")

    def select(self, is_selected: bool) -> None:
        """Show whether it is selected."""
        self._box.checked = is_selected

    def fill(self, row: "Row", address: str, is_selected: bool) -> None:
        """Say what there is to say.

        Args:
            row: of ``tiles_of_ids``; only its id, if the image was deleted since the list was made.
            address: of its small picture, or "".
            is_selected: whether it is.
        """
        self.row = row
        self.is_fresh = True
        if not self._is_filled:
            self._is_filled = True
            self.element.setAttribute("data-filled", "")
        if "sha256" not in row:
            self._empty()  # the words of the image that was here before are not of this one
            return
        text = row["text"] or row["job_message"] or ""
        link, standing = routes.address(row["sha256"]), library_texts.tile_state(row)
        says = row["state"], row["job_state"] or "", link, text, row["name"], standing, address
        self._say(says)
        self._enable(True)
        self._box.checked = is_selected
