"""Where the model looked: a heat map over the image for the word that is pointed at.

Runs in MicroPython. The map is for the eye alone; the words stay what they are.
"""

from jsffi import JsException
from pyscript import window

from page import texts, view
from page.browser.events import on, start
from page.image.word_map import WordMap

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
        self._words = WordMap("caption", "preview", "heat")

    def listen(self) -> None:
        """Connect the button and the words."""
        on("look", "click", self.toggle)
        self._words.listen()

    def forget(self) -> None:
        """There is another image, or a new caption on its way."""
        self.maps = None
        self._words.show(None, None)
        if self.asking:
            self.asking.abort()
            self.asking = None

    def keep(self, found: "list[Any]") -> None:
        """Remember the maps of candidates, if they were asked for."""
        self.maps = {one.text: one.attention for one in found if hasattr(one, "attention")}
        if not self.is_on and not self.maps:
            self.maps = None

    def show(self, text: str, is_claim: bool = True) -> None:
        """A caption has been written onto the page; one that claims nothing looked nowhere."""
        self.text = text
        if not is_claim:
            view.hide_look()
            return
        view.show_look(self.is_on)
        self._prepare()

    def toggle(self) -> None:
        """Turn the maps on or off; without maps, ask for them."""
        self.is_on = not self.is_on
        view.show_look(self.is_on)
        self._prepare()

    def _prepare(self) -> None:
        """Make the words answer to pointer and keys, as far as there are maps."""
        attention = self.maps.get(self.text) if self.is_on and self.maps else None
        self._words.show(attention, self.seen)
        if not self.is_on:
            view.show_look_hint("")
        elif self.maps is None:
            view.show_look_hint(texts.LOOKING)
            if not self.asking:
                self.asking = window.AbortController.new()
                start(self._look(self.asking))
        else:
            view.show_look_hint(texts.NO_LOOKS if attention is None else texts.LOOK_HINT)

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
