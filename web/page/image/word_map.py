"""Words that show on a picture where the model looked, as one is pointed at.

Runs in MicroPython. The map is for the eye alone; the words stay what they are.
"""

from pyscript.js_modules import heat_canvas

from page import view
from page.browser.events import step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class WordMap:
    """A line of words, a picture, and a canvas that lies on it; the elements are the page's."""

    def __init__(self, words: str, picture: str, canvas: str) -> None:
        """Take the ids of the three elements; each word is a child of the first."""
        self._words, self._picture, self._canvas = words, picture, canvas
        self._attention: "Any" = None
        self._seen: "Any" = None

    def listen(self) -> None:
        """Connect the words."""
        words = view.element(self._words)
        for kind in ("pointerover", "focusin"):
            words.addEventListener(kind, self._on_word)
        for kind in ("pointerleave", "focusout"):
            words.addEventListener(kind, lambda _event: self.hide())
        words.addEventListener("keydown", self._on_key)

    def show(self, attention: "Any", seen: "Any") -> None:
        """Let the words answer to pointer and keys; Tab stops at one of them only.

        Args:
            attention: AttentionMap of seesay.d.ts; None for words that answer to nothing.
            seen: the part of the image that it covers; see CaptionResult of seesay.d.ts.
        """
        self.hide()
        self._attention, self._seen = attention, seen
        for i, word in enumerate(view.element(self._words).children):
            word.classList.toggle("word", attention is not None)
            if attention is None:
                word.removeAttribute("tabindex")
            else:
                word.tabIndex = -1 if i else 0

    def hide(self) -> None:
        """Show the picture as it is."""
        view.element(self._canvas).hidden = True
        self._mark(-1)

    def _mark(self, index: int) -> None:
        """Show which word the map is of; -1 for none."""
        for i, word in enumerate(view.element(self._words).children):
            word.classList.toggle("looked", i == index)

    def _index(self, target: "Any") -> int:
        """Which word an element is; -1 for the spaces between them."""
        for i, word in enumerate(view.element(self._words).children):
            if word.isSameNode(target):
                return i
        return -1

    def _on_word(self, event: "Any") -> None:
        """Show the map of the word under the pointer, or with the focus."""
        index = self._index(event.target)
        picture = view.element(self._picture)
        if self._attention is None or index < 0:
            self.hide()
        elif picture.naturalWidth:
            canvas, size = view.element(self._canvas), (picture.naturalWidth, picture.naturalHeight)
            heat_canvas.paintHeat(canvas, size[0], size[1], self._attention, index, self._seen)
            canvas.hidden = False
            self._mark(index)

    def _on_key(self, event: "Any") -> None:
        """Arrow keys go from word to word; Escape hides the map; neither does more."""
        index = self._index(event.target)
        words = view.element(self._words).children
        if event.key == "Escape" and not view.element(self._canvas).hidden:
            event.stopPropagation()
            self.hide()
        target = step(event, index, words.length)
        if index >= 0 and target is not None:
            event.preventDefault()
            event.stopPropagation()
            for i, word in enumerate(words):
                word.tabIndex = 0 if i == target else -1
            words[target].focus()
