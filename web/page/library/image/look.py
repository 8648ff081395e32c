"""Where the model looked for the words of an image of the library.

What was kept with the caption is shown at once. Captions without it are made once more, if the
image's file is at hand; then it is kept. Runs in MicroPython.
"""

from jsffi import JsException
from pyscript import document, ffi, window

from page import texts, view
from page.browser.events import on, start
from page.image.word_map import WordMap
from page.library import library_texts
from page.models.caption_options import look_options, options_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from page.library.library import Library, Row

    Found = tuple[Any, Any]  # AttentionMap of seesay.d.ts, and what it covers of the image


class Look:
    """The button "Where it looked", and the words that it brings.

    Attributes:
        is_on: whether it is pressed; it stays so for the next image, where that has a map.
    """

    def __init__(self, captioner: "Any") -> None:
        """Take the JavaScript API."""
        self.is_on = False
        self._captioner = captioner
        self._words = WordMap("image-look-words", "image-picture", "image-heat")
        self._caption: "Row | None" = None
        self._handle = ""
        self._library: "Library | None" = None
        self._originals: "Any" = None
        self._found: "Found | None" = None  # for the caption that is shown
        self._asking: "Any" = None  # AbortController

    def listen(self) -> None:
        """Connect the button and the words."""
        on("image-look", "click", self.toggle)
        self._words.listen()

    def open(self, library: "Library", originals: "Any") -> None:
        """Use this library, and originals.mjs, from now on."""
        self._library, self._originals = library, originals

    def show(self, handle: str, caption: "Row | None", is_at_hand: bool) -> None:
        """Another image is shown.

        Args:
            handle: of the image.
            caption: its current one, a row of ``captions``; None without one.
            is_at_hand: its file is.
        """
        self._handle, self._caption, self._found = handle, caption, None
        is_kept = caption is not None and bool(caption["has_look"])
        is_told = caption is not None and bool(caption["text"])  # else there is no word to show
        view.element("image-look").hidden = not (is_told and (is_kept or is_at_hand))
        self._turn(self.is_on and is_kept)

    def toggle(self) -> None:
        """Show where it looked, or no longer."""
        self._turn(not self.is_on)

    def leave(self) -> None:
        """The person goes elsewhere: nobody waits for an answer any more."""
        if self._asking:
            self._turn(False)

    def _turn(self, is_on: bool) -> None:
        self.is_on = is_on
        view.element("image-look").setAttribute("aria-pressed", "true" if is_on else "false")
        self._clear()
        if self._asking:
            self._asking.abort()
            self._asking = None
        if not is_on or not self._caption:
            return
        if self._found:
            self._show(self._caption, self._found)
            return
        if not self._caption["has_look"]:
            view.set_text("image-look-hint", texts.LOOKING)
        self._asking = window.AbortController.new()
        start(self._look(self._caption, self._asking))

    def _clear(self) -> None:
        view.set_text("image-look-hint", "")
        view.element("image-look-words").replaceChildren()
        self._words.show(None, None)

    async def _look(self, caption: "Row", asking: "Any") -> None:
        found, problem = None, texts.NO_LOOKS
        try:
            found = await self._find(caption, asking.signal)
        except JsException as error:
            problem = view.sentence(error)
        except LookupError as error:
            problem = str(error)
        if self._asking is not asking:  # nobody wants it any more
            return
        self._asking = None
        if found:
            self._found = found
            self._show(caption, found)
        else:
            view.set_text("image-look-hint", problem)

    def _show(self, caption: "Row", found: "Found") -> None:
        view.set_text("image-look-hint", texts.LOOK_HINT)
        self._write(caption["text"])
        self._words.show(*found)

    def _write(self, text: str) -> None:
        """Write the caption, each word an element of its own."""
        parts: "list[Any]" = []
        for word in text.split():
            span = document.createElement("span")
            span.textContent = word
            parts.extend((span, " "))
        view.element("image-look-words").replaceChildren(*parts)

    async def _find(self, caption: "Row", signal: "Any") -> "Found | None":
        """Where the model looked; None where it does not tell.

        Raises:
            JsException: the caption could not be made again.
            LookupError: there is no map of these words of this image; its text is for the person.
        """
        library, handle = self._library, self._handle
        if library is None:
            return None
        if caption["has_look"]:
            kept = await library.look(caption["image_id"])
            return (kept, kept.seen) if kept else None
        file = await self._originals.find(handle)
        if not file:
            raise LookupError(library_texts.SMALL)
        options = {"model": caption["model"], "signal": signal, "keywords": False}
        options.update(options_of(caption["options"]))
        options.update(look_options(caption["model"]))
        result = await self._captioner.caption(file, ffi.to_js(options))
        if result.image.sha256 != handle:
            raise LookupError(library_texts.OTHER_FILE)
        seen = result.image.seen
        for candidate in result.candidates:
            if not hasattr(candidate, "attention"):
                return None
            if candidate.text == caption["text"]:
                if library.where != "elsewhere":
                    await library.keep_look(caption["image_id"], candidate, seen)
                return candidate.attention, seen
        raise LookupError(library_texts.OTHER_WORDS)
