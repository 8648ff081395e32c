"""The choice of the model, and what must be done before it can write: fetch, import, forget.

Runs in MicroPython. Nothing is fetched before a button that names the size is pressed.
"""

from jsffi import JsException
from pyscript import ffi, window
from pyscript.js_modules import downloads

from page import offline, view
from page.browser.events import on, on_escape, start
from page.browser.js_data import Record
from page.models import model_texts, model_view
from page.models.pace import Pace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

STARTER = "starter"
QUICK = "vit-gpt2"
THOROUGH = "florence-2"
LISTED = (STARTER, QUICK, THOROUGH)
HUB = "huggingface.co"


class ModelChoice:
    """The models, and the one that is chosen.

    Attributes:
        models: ``captioner.models``.
        listener: called without arguments when ``usable()`` may have changed.
        known: by name, Record of a ModelStatus of seesay.d.ts; None for one that a link asks for.
        transfer: AbortController of a download, an import or an export, or None.
        moving: the name of the model that is transferred.
        downloading: whether the transfer is a download.
        discarding: whether what it brought is to be forgotten.
        pace: how long captions take here.
        kind: of the picture in the frame, as in CaptionResult, or "".
    """

    def __init__(self, captioner: "Any", listener: "Callable[[], None]") -> None:
        self.models = captioner.models
        self.listener = listener
        self.known: dict[str, Record | None] = {}
        self.transfer: "Any" = None
        self.moving = ""
        self.downloading = False
        self.discarding = False
        self.pace = Pace()
        self.kind = ""
        self._captioner = captioner

    @property
    def chosen(self) -> str:
        """The name of the chosen model."""
        return model_view.chosen() or STARTER

    def importable(self) -> bool:
        """Whether files that are no images may be the chosen model's."""
        status = self.known.get(self.chosen)
        return status is not None and status.state in ("absent", "partial") and not self.transfer

    def name(self, model: str) -> str:
        """What a person reads for a model."""
        status = self.known.get(model)
        return model_texts.name(status) if status else model_texts.NAMES.get(model, model)

    def is_ready(self, model: str) -> bool:
        """Whether a model is on this device."""
        status = self.known.get(model)
        return status is not None and status.state == "ready"

    def usable(self) -> bool:
        """Whether the chosen model can write now."""
        if self.chosen == STARTER:
            return True
        status = self.known.get(self.chosen)
        return status is not None and status.state in ("builtin", "ready")

    async def open(self) -> None:
        """Fill the list once the worker runs, and heed the model that the address asks for."""
        self.listen()
        try:
            listed = await self.models.list()
            device = await self._captioner.diagnostics()
        except JsException as error:
            view.show_problem(view.sentence(error))  # the starter works all the same
            return
        for status in listed.models:
            # Where memory is short, the largest is not offered, save where it is here already.
            if status.model != THOROUGH or status.state != "absent" or not device.low_memory:
                self.known[status.model] = Record(status)
        asked = window.URL.new(window.location.href).searchParams.get("model")
        if asked and asked not in self.known:
            self.known[asked] = None
        self.fill(asked or self.chosen)

    def listen(self) -> None:
        """Connect the buttons."""
        on("model-choices", "change", self.choose)
        on_escape("models", model_view.close)
        on("look-up", "click", self.look_up)
        on("download", "click", self.download)
        on("pause", "click", self.pause)
        on("discard", "click", self.discard)
        on("stop", "click", self.stop)
        on("remove", "click", self.remove)
        on("export", "click", self.export)
        on("import", "click", lambda: view.element("import-files").click())
        on("import-files", "change", self.import_chosen)
        on("suggested-model", "click", self.follow_suggestion)

    def fill(self, chosen: str) -> None:
        """Write the list and show the chosen model."""
        # MicroPython's dictionaries have no order, and its sort keeps none.
        names = [name for name in LISTED if name in self.known]
        names += [name for name in self.known if name not in LISTED]
        model_view.show_models([self._row(name, self.known[name]) for name in names], chosen)
        self.show()

    def _row(self, name: str, status: "Record | None") -> tuple[str, str, str, str]:
        """What the list says of a model."""
        if status is None:
            return name, name, "", ""
        facts = [model_texts.place(status), self._pace(name)]
        purpose = model_texts.GOOD_FOR.get(name, status.description)
        return name, model_texts.name(status), ", ".join([one for one in facts if one]), purpose

    def _pace(self, name: str) -> str:
        reckoned_ms, other = self.pace.reckoned(name)
        return model_texts.pace(name, self.pace.measured(name), reckoned_ms, other)

    def note(self, model: str, kind: str, duration_ms: float) -> None:
        """A caption was written: it tells how fast this device is, and what the picture is."""
        if model != STARTER or kind == "drawing":  # what else it shows is other models' work
            self.pace.note(model, duration_ms)
        if self.known:
            self.fill(self.chosen)
        self.heed(kind)

    def heed(self, kind: str) -> None:
        """A picture is in the frame; kind is that of its CaptionResult, or ""."""
        self.kind = kind
        if self.known:
            thorough_ms = self.pace.expected(THOROUGH)
            sentence = model_texts.advice(kind, self.chosen, self.states(), thorough_ms)
            model_view.show_advice(sentence)

    def states(self) -> "dict[str, str]":
        """How the models stand, by name."""
        return {name: status.state for name, status in self.known.items() if status}

    def choose(self) -> None:
        """Another model was chosen: its usual search, and what there is to know about it."""
        view.element("search").value = "fast" if self.chosen == STARTER else "careful"
        self.show()

    def show(self) -> None:
        """Show what there is to know and to do about the chosen model."""
        name = self.chosen
        status = self.known.get(name)
        model_view.show_chosen(self.name(name), model_texts.place(status) if status else "")
        self.heed(self.kind)
        if name == STARTER or name not in self.known:
            model_view.show_starter()
        elif status is None:
            model_view.show_unknown(model_texts.unknown(name, HUB))
        else:
            model_view.show_model(
                model_texts.about(status, HUB),
                status.source_url,
                self.actions(status),
                model_texts.download(status),
            )
        self.listener()

    def actions(self, status: Record) -> tuple[str, ...]:
        """The ids of the buttons that make sense for a model just now."""
        if self.moving == status.model:
            return ("pause", "discard") if self.downloading else ("stop",)
        if self.transfer:
            return ()
        if status.state == "ready":
            return ("export", "remove")
        return ("download", "import") if status.state == "absent" else ("download", "remove")

    def suggested_model(self) -> str:
        """The text of a button that leads to a better model, or "" if there is none."""
        status = self.known.get(self.for_photographs())
        return model_texts.suggested_model(status) if status and self.chosen == STARTER else ""

    def for_photographs(self) -> str:
        """Name of the model that the page leads to where the starter can only guess, or ""."""
        return model_texts.for_photographs(self.states(), self.pace.expected(THOROUGH))

    def follow_suggestion(self) -> None:
        """Choose the model for photographs; fetching it still takes a click on its size."""
        model_view.choose(self.for_photographs())
        self.choose()
        model_view.focus()

    async def look_up(self) -> None:
        """Ask the hub about a model that a link named."""
        await self.work(self.chosen, lambda name, _options: self.models.status(name))

    async def download(self) -> None:
        """Fetch the chosen model, or what is missing of it."""
        if self.transfer:
            return
        name = self.chosen  # another may be chosen by the time this ends
        self.downloading = True
        self.discarding = False
        await self.work(name, self.models.download, model_texts.READY)
        self.downloading = False
        if self.discarding:
            await self.forget(name)

    async def import_chosen(self) -> None:
        """Take the chosen model from the files that the person chose."""
        chosen = view.element("import-files")
        files = [chosen.files.item(i) for i in range(chosen.files.length)]
        chosen.value = ""
        await self.import_files(files)

    async def import_files(self, files: "list[Any]") -> None:
        """Take the chosen model from these files."""
        import_model = getattr(self.models, "import")  # a keyword in Python
        await self.work(
            self.chosen,
            lambda name, options: import_model(name, ffi.to_js(files), options),
            model_texts.READY,
        )

    async def export(self) -> None:
        """Save the chosen model as a zip file."""

        async def pack(name: str, options: "Any") -> None:
            file = await self.models.export(name, options)
            downloads.download(file, file.name)

        await self.work(self.chosen, pack, model_texts.EXPORTED)

    async def pause(self) -> None:
        """Stop the download; what has arrived is kept."""
        await self.models.pause(self.moving)

    def discard(self) -> None:
        """Stop the download, and forget what has arrived."""
        self.discarding = self.downloading
        self.stop()

    def stop(self) -> None:
        """Stop the transfer."""
        if self.transfer:
            self.transfer.abort()

    async def remove(self) -> None:
        """Forget the chosen model."""
        await self.forget(self.chosen)

    async def forget(self, name: str) -> None:
        """Forget a model."""
        await self.work(name, lambda name, _options: self.models.remove(name))

    async def work(
        self, name: str, task: "Callable[[str, Any], Awaitable[Any]]", success: str = ""
    ) -> None:
        """Do one thing with a model; show how it goes and what came of it.

        Args:
            name: of the model.
            task: takes the name and the options of the JavaScript API, returns something to await
                that gives the model's new ModelStatus, or nothing.
            success: what to say at the end, if the model is ready then.
        """
        if self.transfer:
            return
        self.moving = name
        self.transfer = window.AbortController.new()
        model_view.show_transfer("", 0, 0)
        model_view.show_problem("")
        self.show()
        options = {"signal": self.transfer.signal, "onProgress": self.on_progress}
        try:
            status = await task(name, ffi.to_js(options))
            if status is not None:
                self.known[name] = Record(status)
        except JsException as error:
            if error.args[1] != "AbortError":
                model_view.show_problem(view.sentence(error))
            await self.refresh(name)
        self.transfer = None
        self.moving = ""
        self.fill(self.chosen)
        view.announce(model_texts.outcome(self.known.get(name), success))
        start(
            offline.show_storage(self.models)
        )  # not awaited: what goes on after this must not come late

    async def refresh(self, name: str) -> None:
        """Learn how a model stands after something went wrong."""
        if self.known.get(name):
            try:
                self.known[name] = Record(await self.models.status(name))
            except JsException as error:
                model_view.show_problem(view.sentence(error))

    def on_progress(self, event: "Any") -> None:
        """A transfer went on."""
        if self.moving == self.chosen and getattr(event, "phase", None):
            event = Record(event)
            model_view.show_transfer(model_texts.transfer(event), event.loaded, event.total)
