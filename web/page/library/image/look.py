"""Where the model looked for the words of an image of the library.

What was kept with the caption is shown at once. Captions without it are made once more, if the
image's file is at hand; then it is kept. Runs in MicroPython.
"""

import json

from jsffi import JsException
from pyscript import document, ffi, window

from page import texts, view
from page.events import on, start
from page.image.word_map import WordMap
from page.library import library_texts

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
        if self._asking:
            self._asking.abort()
            self._asking = None
        self._handle, self._caption = handle, caption
        is_kept = caption is not None and bool(caption["has_look"])
        view.element("image-look").hidden = not (is_kept or (caption and is_at_hand))
        self._turn(self.is_on and is_kept)

    def toggle(self) -> None:
        """Show where it looked, or no longer."""
        self._turn(not self.is_on)

    def _turn(self, is_on: bool) -> None:
        self.is_on = is_on
        view.element("image-look").setAttribute("aria-pressed", "true" if is_on else "false")
        self._clear()
        if is_on and self._caption:
            if not self._caption["has_look"]:
                view.set_text("image-look-hint", texts.LOOKING)
            start(self._look(self._caption))

    def _clear(self) -> None:
        view.set_text("image-look-hint", "")
        view.element("image-look-words").replaceChildren()
        self._words.show(None, None)

    async def _look(self, caption: "Row") -> None:
        problem = texts.NO_LOOKS
        try:
            found = await self._find(caption)
        except JsException as error:
            found, problem = None, view.sentence(error)
        except LookupError:
            found, problem = None, library_texts.OTHER_WORDS
        if caption is not self._caption or not self.is_on:
            return
        view.set_text("image-look-hint", texts.LOOK_HINT if found else problem)
        if found:
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

    async def _find(self, caption: "Row") -> "Found | None":
        """Where the model looked; None where it does not tell.

        Raises:
            JsException: the caption could not be made again.
            LookupError: the model says something else by now.
        """
        library, originals = self._library, self._originals
        if library is None:
            return None
        if caption["has_look"]:
            kept = await library.look(caption["image_id"])
            return (kept, kept.seen) if kept else None
        file = await originals.find(self._handle)
        asking = self._asking = window.AbortController.new()
        options = {"model": caption["model"], "signal": asking.signal, "attentions": True}
        beams = json.loads(caption["options"]).get("num_beams", 1)
        options.update({"numBeams": beams, "numReturnSequences": beams, "keywords": False})
        result = await self._captioner.caption(file, ffi.to_js(options))
        seen = result.image.seen
        for candidate in result.candidates:
            if not hasattr(candidate, "attention"):
                return None
            if candidate.text == caption["text"]:
                if library.where != "elsewhere":
                    await library.keep_look(caption["image_id"], candidate, seen)
                return candidate.attention, seen
        raise LookupError(caption["text"])
