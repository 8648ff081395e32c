"""What was found beside the caption: keywords, and the words in the picture.

Runs in MicroPython.
"""

from jsffi import JsException
from pyscript import document, window

from page import texts, view
from page.browser import clipboard
from page.browser.events import on, start
from page.models.model_choice import THOROUGH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from page.image.image_item import Entry


class Findings:
    """The keywords as chips, and the words that were read.

    Attributes:
        entry: the image that is shown, or None.
        reading: AbortController of the reading that is under way, or None.
    """

    def __init__(
        self,
        read: "Callable[[Entry, str, Any], Awaitable[Any]]",
        on_change: "Callable[[], None]",
    ) -> None:
        """Take two functions.

        ``read(entry, language, signal)`` is a coroutine: a result with the words; "" leaves the
        language, and who reads, to it.
        ``on_change()`` is told that keywords went, or that words were read.
        """
        self.entry: "Entry | None" = None
        self.reading: "Any" = None
        self._read = read
        self._on_change = on_change

    def listen(self) -> None:
        """Connect the buttons."""
        on("copy-keywords", "click", self.copy_keywords)
        on("copy-words", "click", self.copy_words)
        on("read-words", "click", self.read_words)
        on("text-language", "change", self.read_as)

    def forget(self) -> None:
        """Another image, or a new caption on its way."""
        if self.reading:
            self.reading.abort()
            self.reading = None
        self.entry = None

    def show(self, entry: "Entry") -> None:
        """Show what was found in an image that has its caption."""
        self.forget()
        self.entry = entry
        # In a list, what is below it must not jump as captions come.
        view.element("findings").open = not entry.is_listed
        view.set_text("keywords-copied", "")
        view.set_text("words-copied", "")
        self._show_keywords(entry)
        self._show_words(entry)

    def _show_keywords(self, entry: "Entry") -> None:
        chips = [self._chip(entry, word) for word in entry.keywords]
        view.element("keyword-list").replaceChildren(*chips)
        view.element("keywords").hidden = not chips

    def _chip(self, entry: "Entry", word: str) -> "Any":
        """One keyword, and the button that takes it away."""
        name = document.createElement("span")
        name.textContent = word
        button = document.createElement("button")
        button.type = "button"
        button.textContent = "×"
        button.setAttribute("aria-label", texts.remove_keyword(word))
        button.addEventListener("click", lambda _event: self._remove(entry, word))
        chip = document.createElement("li")
        chip.append(name, button)
        return chip

    def _remove(self, entry: "Entry", word: str) -> None:
        """Take a keyword away; the focus goes to the one after it."""
        words = list(entry.keywords)
        place = words.index(word)
        words.remove(word)
        entry.write_keywords(words)
        self._show_keywords(entry)
        self._on_change()
        view.announce(texts.keyword_removed(word))
        buttons = view.element("keyword-list").querySelectorAll("button")
        if words:
            buttons[min(place, len(words) - 1)].focus()
        else:
            view.element("copy").focus()

    def _show_words(self, entry: "Entry") -> None:
        words, is_known = entry.words, entry.words is not None
        view.set_text("words", words or "")
        # Where the model itself reads, Tesseract may have a try, be it that nothing was found.
        reads_itself = entry.caption_settings[0] == THOROUGH
        view.element("words-found").hidden = not words and not (reads_itself and is_known)
        view.element("words").hidden = view.element("copy-words").hidden = not words
        view.element("read-words").hidden = is_known
        view.set_text(
            "words-state", texts.NO_TEXT if is_known and not words else entry.words_problem
        )
        by_model = view.element("text-by-model")
        by_model.hidden = by_model.disabled = not reads_itself
        by_model.textContent = texts.READ_BY_MODEL if reads_itself else texts.CHOOSE_LANGUAGE
        view.element("text-language").value = entry.text_language

    def read_words(self) -> None:
        """Read the words in the picture, by whatever is at hand."""
        self._begin("")

    def read_as(self) -> None:
        """Read them in the language that is chosen."""
        self._begin(view.element("text-language").value)

    def _begin(self, language: str) -> None:
        if self.entry is None:
            return
        if self.reading:
            self.reading.abort()
        self.reading = window.AbortController.new()
        view.set_text("words-state", texts.READING)
        start(self._read_words(self.entry, language, self.reading))

    async def _read_words(self, entry: "Entry", language: str, reading: "Any") -> None:
        try:
            result = await self._read(entry, language, reading.signal)
        except JsException as error:  # a rejection of the JavaScript API
            if self.reading is reading:
                self.reading = None
                view.set_text("words-state", view.sentence(error))
            return
        if self.reading is not reading:
            return
        self.reading = None
        entry.keep_words(result)
        self._show_words(entry)
        self._on_change()
        view.announce(entry.words or entry.words_problem or texts.NO_TEXT)

    async def copy_keywords(self) -> None:
        """Copy the keywords, as a catalogue takes them: separated by commas."""
        if self.entry is None:
            return
        said = await clipboard.copy(
            ", ".join(self.entry.keywords), lambda: view.select(view.element("keyword-list"))
        )
        view.set_text("keywords-copied", said)

    async def copy_words(self) -> None:
        """Copy the words in the picture."""
        if self.entry is None or not self.entry.words:
            return
        said = await clipboard.copy(self.entry.words, lambda: view.select(view.element("words")))
        view.set_text("words-copied", said)
