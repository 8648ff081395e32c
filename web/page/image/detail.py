"""The image in the frame: its caption, candidates and heat maps.

Runs in MicroPython.
"""

from page import texts, view
from page.browser import clipboard
from page.browser.events import on, start
from page.image import candidates, findings, heatmap
from page.list import gallery_texts
from page.words import at_length, in_file, words_texts, workbench

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from page.image.image_item import Entry
    from page.models.model_choice import ModelChoice


class Detail:
    """What is shown large, of one image.

    Attributes:
        entry: the image in the frame, or None.
        heat: where the model looked.
        findings: keywords, and the words in the picture.
        workbench: alt text.
        at_length: the extended description.
    """

    def __init__(
        self,
        captioner: "Any",
        models: "ModelChoice",
        ask: "Callable[[Entry, Any], Awaitable[list[Any]]]",
        on_pick: "Callable[[Entry], None]",
        read: "Callable[[Entry, str, Any], Awaitable[Any]]",
    ) -> None:
        """Take the JavaScript API, the ModelChoice and three functions.

        ``ask(entry, signal)`` is a coroutine: the caption's candidates once more, with heat maps.
        ``on_pick(entry)`` is told that the person prefers another candidate.
        ``read(entry, language, signal)`` is a coroutine: the words in the picture.
        """
        self.models = models
        self.entry: "Entry | None" = None
        self.heat = heatmap.HeatMap(self._look)
        self.workbench = workbench.Workbench(captioner, self._on_keywords, self._on_saved)
        self.findings = findings.Findings(read, self.workbench.refresh)
        self.at_length = at_length.AtLength(captioner, models, self.workbench.refresh)
        self.in_file = in_file.InFile(captioner)
        self._ask = ask
        self._on_pick = on_pick

    def listen(self) -> None:
        """Connect the buttons beside the caption."""
        on("copy", "click", self.copy)
        self.heat.listen()
        self.findings.listen()
        self.workbench.listen()
        self.at_length.listen()

    def show(self, entry: "Entry") -> None:
        """Put an entry into the frame, with what came of it."""
        if self.entry and self.entry is not entry:
            self.entry.release()
        self.entry = entry
        url = entry.picture.preview() if entry.picture else ""
        view.show_picture(entry.name, url, entry.facts())
        self.refresh()
        view.announce(texts.chosen(entry.name))
        start(self._look_inside(entry))

    async def _look_inside(self, entry: "Entry") -> None:
        """Show the alt text that the file has already."""
        view.show_in_file("")
        found = await self.in_file.look(entry)
        if entry is self.entry:
            view.show_in_file(words_texts.in_file(found) if found else "")
            self.workbench.refresh()

    def _on_saved(self, entry: "Entry") -> None:
        """The file in the frame has other words now."""
        if entry is self.entry:
            start(self._look_inside(entry))

    def clear(self) -> None:
        """Nothing is in the frame; what is written there is left to others."""
        self.heat.forget()
        self.findings.forget()
        self.workbench.forget()
        self.at_length.forget()
        view.show_in_file("")
        self.entry = None

    def refresh(self) -> None:
        """Write anew what came of the entry so far."""
        entry = self.entry
        if not entry:
            return
        self.heat.forget()
        self.findings.forget()
        self.workbench.forget()
        self.at_length.forget()
        view.clear_result()
        view.show_facts(entry.facts())
        view.show_placeholder(
            gallery_texts.placeholder(entry.state) if entry.is_listed else texts.PLACEHOLDER
        )
        self.models.heed("")
        if entry.problem:
            view.show_problem(entry.problem)
        elif entry.result:
            self._show_caption(entry)

    def _show_caption(self, entry: "Entry") -> None:
        model = entry.caption_settings[0]
        kind = getattr(entry.result, "kind", None) or ""
        view.show_result(
            entry.text,
            texts.guess(model, kind, entry.result.confidence) if entry.is_flagged else "",
            texts.took(entry.duration_ms, self.models.name(model)),
        )
        view.show_sureness(entry.confidence, entry.sureness)
        view.show_notes(list(entry.result.notes))
        self.show_suggested_model()
        self.models.heed(kind)
        self.heat.seen = entry.result.image.seen
        self.heat.keep(entry.found)
        candidates.show(entry.found, entry.caption, self._pick)
        self.heat.show(entry.caption, bool(entry.result.confidence))
        self.findings.show(entry)
        self.workbench.show(entry)
        self.at_length.show(entry)

    def show_suggested_model(self) -> None:
        """Name a better model beside a guess, once there is one to name; leave the rest alone."""
        is_guess = self.entry is not None and self.entry.is_flagged
        view.show_suggested_model(self.models.suggested_model() if is_guess else "")

    def _pick(self, caption: str, confidence: float) -> None:
        """Another candidate was chosen, and has been written as the caption."""
        entry = self.entry
        if not entry:
            return
        entry.pick(caption, confidence)
        view.show_sureness(confidence, entry.sureness)
        view.element("preview").alt = caption
        self.heat.show(caption)
        self.workbench.refresh()
        self._on_pick(entry)

    def _on_keywords(self, entry: "Entry") -> None:
        """Keywords or the words in the picture were edited on the workbench."""
        if entry is self.entry:
            self.findings.show(entry)

    async def _look(self, signal: "Any") -> "list[Any]":
        """Find out where the model looked, for as long as this entry is here."""
        entry = self.entry
        if not entry:
            return []
        entry.found = await self._ask(entry, signal)
        return entry.found

    async def copy(self) -> None:
        """Copy the caption."""
        caption = view.element("caption")
        view.show_copied("")
        view.show_copied(await clipboard.copy(caption.textContent, lambda: view.select(caption)))
