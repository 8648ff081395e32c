"""One image of a document: where it stands, what is around it, and the words for it.

Runs in MicroPython.
"""

from pyscript import window

from page.documents import documents_texts
from page.view import element

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from page.browser.js_data import Record


class Row:
    """A row of the list.

    Attributes:
        index: of the image in the set.
        picture: its file, once it is there.
    """

    def __init__(self, index: int, image: "Record", on_change: "Callable[[], None]") -> None:
        """Make the row; ``on_change`` is told when a person changed something."""
        self.index = index
        self.picture: "Any" = None
        self._on_change = on_change
        self._url = ""
        self._is_guess = False
        self._row: "Any" = element("document-row").content.cloneNode(True).firstElementChild
        said = documents_texts.place(image.document, image.line, image.address)
        self._part("document-place").textContent = said
        self._part("document-reason").textContent = documents_texts.REASONS[image.reason]
        self._part("document-before").textContent = image.before
        self._part("document-after").textContent = image.after
        self._words: "Any" = self._part("document-words")
        self._words.setAttribute("aria-label", f"Alt text. {said}")
        self._use: "Any" = self._part("document-use").firstElementChild
        self._decorative: "Any" = self._part("document-decorative").firstElementChild
        self._part("document-decorative").hidden = not image.may_be_decorative
        self._words.addEventListener("input", lambda _event: self._edit())
        self._use.addEventListener("change", lambda _event: on_change())
        self._decorative.addEventListener("change", lambda _event: self._decorate())
        self._file: "Any" = self._part("document-choose").firstElementChild
        self._file.addEventListener("change", lambda _event: self._take_file())

    def put_into(self, rows: "Any") -> None:
        """Append the row to a list."""
        rows.append(self._row)

    def focus(self) -> None:
        """Lead the keyboard to its words."""
        self._words.focus()

    def release(self) -> None:
        """Let go of the picture."""
        if self._url:
            window.URL.revokeObjectURL(self._url)
            self._url = ""

    def show_picture(self, picture: "Any") -> None:
        """Show the picture, None where there is none."""
        self.release()
        self.picture = picture
        shown = self._part("document-picture")
        if picture:
            self._url = window.URL.createObjectURL(picture)
            shown.src = self._url
        shown.hidden = not picture
        self._part("document-choose").hidden = bool(picture)
        self.say("" if picture else documents_texts.NO_PICTURE)

    def say(self, sentence: str) -> None:
        """Say something about this image."""
        self._part("document-problem").textContent = sentence

    def wants_draft(self) -> bool:
        """Whether nobody has decided about it."""
        return not self._use.checked and not self._decorative.checked

    def draft(self, words: str, is_guess: bool) -> None:
        """Write a draft, which counts once a person has read it; "" writes none."""
        if words and self.wants_draft():
            self._words.value = words
            self._is_guess = is_guess

    def use(self) -> bool:
        """Use the draft that is there, but for one that is no more than a guess.

        Returns:
            Whether it is used from now on, and was not before.
        """
        is_wanted = self._has_open_draft() and not self._is_guess
        if is_wanted:
            self._use.checked = True
        return is_wanted

    def is_open_guess(self) -> bool:
        """Whether there is a guess that nobody has read."""
        return self._has_open_draft() and self._is_guess

    def _has_open_draft(self) -> bool:
        return self.wants_draft() and bool(self._words.value.strip())

    def words(self) -> str | None:
        """The words to put in, "" for decoration; None where it stays as it is."""
        if self._decorative.checked:
            return ""
        words = str(self._words.value).strip()
        return words if self._use.checked and words else None

    def _edit(self) -> None:
        """Who writes the words has read them."""
        self._use.checked = bool(self._words.value.strip())
        self._on_change()

    def _decorate(self) -> None:
        self._words.disabled = self._use.disabled = self._decorative.checked
        self._on_change()

    def _take_file(self) -> None:
        if self._file.files.length:
            self.show_picture(self._file.files[0])

    def _part(self, name: str) -> "Any":
        return self._row.querySelector("." + name)
