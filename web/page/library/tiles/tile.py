"""One tile of the library's list: its element, and what it says.

Runs in MicroPython. Texts are set as text, never as markup.
"""

from page import view
from page.library import library_texts, routes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from page.library.library import Row


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
        find = self.element.querySelector
        self.link = find(".tile-open")
        self._text, self._name = find(".tile-text"), find(".tile-name")
        self._state, self._box, self._image = find(".tile-state"), find("input"), find("img")

    def place(self, index: int, count: int, columns: int) -> None:
        """Stand at a place of the list."""
        self.element.setAttribute("data-index", str(index))
        self.element.setAttribute("aria-setsize", str(count))
        self.element.setAttribute("aria-posinset", str(index + 1))
        style = self.element.style
        style.setProperty("--tile-line", str(index // columns))
        style.setProperty("--tile-column", str(index % columns))

    def clear(self) -> None:
        """Say nothing: it is to show another image."""
        self.forget()
        self._empty()

    def _empty(self) -> None:
        self._text.textContent = self._name.textContent = self._state.textContent = ""
        self._image.hidden = True
        self._box.checked = False
        self.link.href = routes.address()

    def forget(self) -> None:
        """Wait for what there is to say of another image; until then the old words may stay."""
        self.row = None
        self._box.disabled = True  # nobody knows which image it would select
        self.outdate()

    def outdate(self) -> None:
        """There may be news of the image."""
        self.is_fresh = False
        self.element.removeAttribute("data-filled")

    def select(self, is_selected: bool) -> None:
        """Show whether it is selected."""
        self._box.checked = is_selected

    def fill(self, row: "Row", address: str, is_selected: bool) -> None:
        """Say what there is to say.

        Args:
            row: of the image; only its id, if the image was deleted since the list was made.
            address: of its small picture, or "".
            is_selected: whether it is.
        """
        self.row = row
        self.is_fresh = True
        self.element.setAttribute("data-filled", "")
        if "sha256" not in row:
            self._empty()  # the words of the image that was here before are not of this one
            return
        name, text = row["name"], row["text"] or row["job_message"] or ""
        self.element.setAttribute("data-state", row["state"])
        self.element.setAttribute("data-job", row["job_state"] or "")
        self.link.href = routes.address(row["sha256"])
        self._text.textContent = text
        self._name.textContent = name
        self._state.textContent = library_texts.tile_state(row)
        self._box.disabled = False
        self._box.checked = is_selected
        self._box.setAttribute("aria-label", library_texts.select(name))
        if address:
            self._image.src = address
        self._image.hidden = not address
