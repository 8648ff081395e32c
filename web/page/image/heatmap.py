"""Where the model looked: a heat map over the image for the word that is pointed at.

Runs in MicroPython. The map is for the eye alone; the words stay what they are.
"""

from jsffi import JsException
from pyscript import window
from pyscript.js_modules import heat_canvas

from page import texts, view
from page.events import on, start, step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any


class HeatMap:
    """The button "Where it looked", and what it does to the words of the caption.

    Attributes:
        is_on: whether maps are wanted; without that none is computed.
        text: the caption that is shown.
        maps: by caption, for those that have one; None while nobody has asked.
        seen: the part of the image that the maps cover; see CaptionResult of seesay.d.ts.
        asking: AbortController of the question, while it is being answered.
    """

    def __init__(self, ask: "Callable[[Any], Awaitable[list[Any]]]") -> None:
        """Take ``ask(signal)``, a coroutine: the candidates once more, this time with maps."""
        self.is_on = False
        self.text = ""
        self.maps: "dict[str, Any] | None" = None
        self.seen: "Any" = None
        self.asking: "Any" = None
        self._ask = ask

    def listen(self) -> None:
        """Connect the button and the words."""
        on("look", "click", self.toggle)
        caption = view.element("caption")
        for kind in ("pointerover", "focusin"):
            caption.addEventListener(kind, self._on_word)
        for kind in ("pointerleave", "focusout"):
            caption.addEventListener(kind, lambda _event: view.hide_heat())
        caption.addEventListener("keydown", self._on_key)

    def forget(self) -> None:
        """There is another image, or a new caption on its way."""
        self.maps = None
        if self.asking:
            self.asking.abort()
            self.asking = None

    def keep(self, found: "list[Any]") -> None:
        """Remember the maps of candidates, if they were asked for."""
        self.maps = {one.text: one.attention for one in found if hasattr(one, "attention")}
        if not self.is_on and not self.maps:
            self.maps = None

    def show(self, text: str) -> None:
        """A caption has been written onto the page."""
        self.text = text
        view.show_look(self.is_on)
        self._prepare()

    def toggle(self) -> None:
        """Turn the maps on or off; without maps, ask for them."""
        self.is_on = not self.is_on
        view.show_look(self.is_on)
        self._prepare()

    def _prepare(self) -> None:
        """Make the words answer to pointer and keys, as far as there are maps."""
        view.hide_heat()
        has_map = self.is_on and self.maps is not None and self.text in self.maps
        view.enable_words(has_map)
        if not self.is_on:
            view.show_look_hint("")
        elif self.maps is None:
            view.show_look_hint(texts.LOOKING)
            if not self.asking:
                self.asking = window.AbortController.new()
                start(self._look(self.asking))
        else:
            view.show_look_hint(texts.LOOK_HINT if has_map else texts.NO_LOOKS)

    async def _look(self, asking: "Any") -> None:
        """Ask for the maps of the caption that is shown."""
        if self.asking is not asking:
            return  # forgotten before this began
        try:
            found = await self._ask(asking.signal)
        except JsException as error:  # a rejection of the JavaScript API
            if self.asking is asking:
                self.asking = None
                self.is_on = False
                view.show_look(False)
                view.show_look_hint("")
                view.show_problem(view.sentence(error))
            return
        if self.asking is asking:
            self.asking = None
            self.keep(found)
            self._prepare()

    def _on_word(self, event: "Any") -> None:
        """Show the map of the word under the pointer, or with the focus."""
        index = view.word_index(event.target)
        attention = self.maps.get(self.text) if self.is_on and self.maps else None
        if attention is None or index < 0:
            view.hide_heat()
            return
        preview = view.element("preview")
        if preview.naturalWidth:
            size = preview.naturalWidth, preview.naturalHeight
            canvas = view.element("heat")
            heat_canvas.paintHeat(canvas, size[0], size[1], attention, index, self.seen)
            view.show_heat(index)

    def _on_key(self, event: "Any") -> None:
        """Arrow keys go from word to word; Escape hides the map."""
        index = view.word_index(event.target)
        count = view.element("caption").children.length
        if event.key == "Escape":
            view.hide_heat()
        target = step(event, index, count)
        if index >= 0 and target is not None:
            event.preventDefault()
            view.focus_word(target)
