"""The line above the library's list that says how far the queue is, and its buttons.

Runs in MicroPython.
"""

from jsffi import JsException
from pyscript import window
from pyscript.js_modules import app_badge

from page import view
from page.browser.confirm import confirm
from page.browser.events import on, start
from page.browser.renewal import Renewal
from page.queue import queue_texts, reminder
from page.queue.queue import Queue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from page.library.library import Library
    from page.library.shelf import Shelf
    from page.models.model_choice import ModelChoice
    from page.queue.jobs import Status


class QueueLine:
    """Says how far the queue is, and hears what people want of it.

    Attributes:
        queue: works on what waits.
        on_caption: called with the id of an image that has a new caption, or failed.
    """

    def __init__(
        self,
        captioner: "Any",
        models: "ModelChoice",
        shelf: "Shelf",
        on_change: "Callable[[], object]",
        on_problem: "Callable[[JsException | None], object]",
    ) -> None:
        """Take the JavaScript API, which model writes, the list, and two functions.

        ``on_change()``: the list has other images, or is to be counted anew.
        ``on_problem(error)``: tells why something failed; None: it is tried again.
        """
        told = self._on_news, self._on_caption, self._on_pictures, on_problem, shelf.grid.first_of
        self.queue = Queue(captioner, models, *told)
        self._models = models
        self._shelf = shelf
        self._library: "Library | None" = None
        self._originals: "Any" = None
        self._on_change = on_change
        self._on_problem = on_problem
        self._was_running = False
        self._renewal = Renewal(self.refresh)
        self._listed = 0  # files that were taken in when the list was asked for last
        self.on_caption: "Callable[[int], object]" = _nothing

    def listen(self) -> None:
        """Connect the buttons."""
        self.queue.listen()
        on("queue-toggle", "click", lambda: self._try(self._toggle()))
        on("queue-cancel", "click", lambda: self._try(self._cancel()))
        on("queue-tell", "click", lambda: self._try(self._ask_to_tell()))
        on("queue-retry", "click", lambda: self._try(self.queue.retry()))
        on("queue-failed", "click", lambda: self._try(self._show_failed()))
        on("queue-without", "click", lambda: self._try(self.queue.add(None, "without caption")))
        on("caption-selected", "click", lambda: self._try(self.caption_selected()))
        for name, is_folder in (("library-files", False), ("library-folder", True)):
            view.element(name).addEventListener("click", self._picker(is_folder))
            on(name, "change", self._taker(name))

    def _try(self, work: "Awaitable[None]") -> None:
        """Do something that may fail; then why is said."""
        start(self._tried(work))

    async def _tried(self, work: "Awaitable[None]") -> None:
        self._on_problem(None)
        try:
            await work
        except JsException as error:
            self._on_problem(error)

    async def open(self, library: "Library", originals: "Any") -> None:
        """This tab has the library."""
        self._library, self._originals = library, originals
        await self.queue.open(library, originals)
        for name in ("library-files", "library-folder"):
            self._take_chosen(name)  # while it was opening
        await self.refresh()

    def close(self) -> None:
        """Another tab has it, or it is gone."""
        self._library = None
        self.queue.close()
        view.element("queue").hidden = True
        reminder.hide()

    async def halt(self) -> None:
        """It is about to have another content, or to go."""
        await self.queue.halt()
        self.close()

    def take(self, items: "list[Any]") -> bool:
        """Take files that were handed in; return whether this tab can."""
        if self._library is None or self.queue.jobs is None or not window.isSecureContext:
            return False
        if items:
            self._on_problem(None)
        start(self.queue.take(self._library, items))
        return True

    def _picker(self, is_folder: bool) -> "Callable[[Any], None]":
        """The browser's own chooser, where it tells which files are chosen."""

        def pick(event: "Any") -> None:
            if self._originals and self._originals.canPick:
                event.preventDefault()
                start(self._pick(is_folder))

        return pick

    def _taker(self, name: str) -> "Callable[[], object]":
        """Take what was chosen where the browser tells no more than the files."""
        return lambda: self._take_chosen(name)

    def _take_chosen(self, name: str) -> None:
        field = view.element(name)
        # What is chosen before the library is open stays in the field until it is.
        if self._originals and field.files.length:
            self.take(list(self._originals.chosen(field)))

    async def _pick(self, is_folder: bool) -> None:
        self.take(list(await self._originals.pick(is_folder)))

    # What people do

    def go_on(self) -> None:
        """Go on with what waits; must follow a click closely."""
        if not self.queue.is_running:
            self._try(self._toggle())

    async def _toggle(self) -> None:
        if self.queue.is_running:
            await self.queue.pause()
        else:
            view.announce(queue_texts.GOING_ON)
            await self.queue.go_on()
        await self.refresh()

    async def _cancel(self) -> None:
        await self.queue.cancel()
        view.announce(queue_texts.CANCELLED)
        await self.refresh()
        self._on_change()
        view.element("library-title").focus()

    async def _ask_to_tell(self) -> None:
        """Have a notification at the end, if the browser lets us."""
        view.announce(queue_texts.WILL_TELL if await app_badge.ask() else queue_texts.CANNOT_TELL)
        view.element("queue-toggle").focus()
        await self.refresh()

    async def _show_failed(self) -> None:
        status = await self.queue.status()
        if status:
            await self._shelf.show_jobs("failed" if status.failed else "set_aside")

    async def caption_selected(self) -> None:
        """Caption what is selected with the model that is chosen, once a person has said so."""
        jobs, ids = self.queue.jobs, sorted(self._shelf.grid.selected)
        if jobs is None or not ids:
            return
        question = queue_texts.ask_again(len(ids), self.model_name())
        if not await confirm(question, "Caption"):
            return
        persons = await jobs.count_of_person(ids)
        over_person = False
        if persons:
            question = queue_texts.ask_over_person(persons, len(ids))
            over_person = await confirm(question, "Write beside them")
        self._shelf.grid.select([])
        await self.queue.add(ids, "all", over_person)

    def model_name(self) -> str:
        """What a person reads for the model that writes."""
        return self._models.name(self.queue.model())

    # What is shown

    def _on_news(self) -> None:
        self._renewal.ask()
        intake = self.queue.intake
        # While more come in, the list is asked for once for each batch; its end is told of always.
        if intake.done >= intake.total or intake.done != self._listed:
            self._listed = intake.done
            self._on_change()

    def _on_pictures(self, ids: "list[int]") -> None:
        for image_id in ids:
            self._shelf.grid.reload(image_id)
        self._renewal.ask()

    def _on_caption(self, image_id: int) -> None:
        self.on_caption(image_id)
        self._shelf.grid.reload(image_id)
        self._renewal.ask()

    async def refresh(self) -> None:
        """Say how far it is."""
        status = await self.queue.status()
        if status:
            self._show(status)

    def _show(self, status: "Status") -> None:
        is_running, intake = self.queue.is_running, self.queue.intake
        left = status.waiting + status.working
        failed = status.failed + status.set_aside
        others = status.without - left - failed
        text = queue_texts.said(status, is_running)
        if intake.total:
            text = f"{intake.said()} {text}"
        notes = intake.notes()
        if self.queue.is_asking and left:
            notes = f"{queue_texts.ASK} {notes}".strip()
        view.element("queue").hidden = not (text or notes or others > 0)
        view.set_text("queue-said", text.strip())
        view.set_text("queue-notes", notes)
        view.element("queue-bar").hidden = not left
        if left:
            ended = status.done + failed
            view.fill_bar("queue-bar", text, ended, left + ended)
        toggle = view.element("queue-toggle")
        toggle.hidden = not left
        toggle.textContent = queue_texts.PAUSE if is_running else queue_texts.GO_ON
        view.element("queue-cancel").hidden = not (left or intake.total)
        view.element("queue-tell").hidden = not (is_running and left and app_badge.canAsk())
        view.element("queue-retry").hidden = view.element("queue-failed").hidden = not failed
        view.element("queue-without").hidden = others <= 0 or bool(intake.total)
        view.set_text("queue-without", queue_texts.without(others))
        view.set_text("caption-selected", queue_texts.caption_with(self.model_name()))
        app_badge.show(left if is_running else 0)
        if self._library and self._library.where == "device":  # else nothing waits after this visit
            reminder.note(left, is_running)
        if self._was_running and not is_running:
            view.announce(text)
            app_badge.tell(text)
        self._was_running = is_running


def _nothing(_image_id: int) -> None:
    pass
