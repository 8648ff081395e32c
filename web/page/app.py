"""The page: which image there is, what is being done with it, and what each event changes.

Runs in MicroPython and speaks to Seesay only through its public JavaScript API. Two traps of
MicroPython 1.27 shape the code: whole numbers from JavaScript wrap beyond 32 bits, and what a
JavaScript function throws at once cannot be caught (a rejected promise can). It has no module
typing, and skips annotations: only type checkers take TYPE_CHECKING for true.
"""

import gc

from jsffi import JsException
from pyscript import document, ffi, window
from pyscript.js_modules import file_drop, shared_captioner

from page import diagnostics, offline, texts, view
from page.browser.events import on, start
from page.browser.js_data import Record
from page.documents.door import Door
from page.endpoint import door as programs
from page.image import detail
from page.image.image_item import Entry
from page.image.picture import is_image
from page.library import routes
from page.library.keeper import Keeper
from page.library.views import Views
from page.list import gallery
from page.models import model_choice
from page.models.caption_options import look_options, search_options, text_language
from page.rules.door import Door as RulesDoor
from page.words.export import Export

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class App:
    """The state of the page.

    Attributes:
        captioner: Seesay's JavaScript API.
        models: which model writes.
        diagnostics: the panel.
        detail: the image in the frame.
        gallery: the list, where there are several images.
        export: the words of all images as files.
        keeper: keeps captions on this device, where a person allowed it.
        documents: the way to the documents' view.
        rules: the way to the rules' view.
        views: this one, the library, the documents, the rules.
        job: AbortController of the caption in work, or None.
        stage: the stage of that job that was shown last.
        choice: counts what was chosen, so that an overtaken look at a file shows nothing.
    """

    def __init__(self) -> None:
        self.warming = True
        self.captioner = shared_captioner.captioner(self.on_warmup)
        self.models = model_choice.ModelChoice(self.captioner, self.enable)
        self.diagnostics = diagnostics.Diagnostics(self.captioner)
        self.detail = detail.Detail(
            self.captioner, self.models, self.attend, self.on_pick, self.read
        )
        self.gallery = gallery.Gallery(self.detail.show, self.on_change, self.detail.in_file.look)
        self.keeper = Keeper(self.entries, lambda: self.detail.entry, self.captioner)
        bench = self.detail.workbench
        self.export = Export(self.captioner, self.entries, bench.prepare, self.on_change)
        self.documents = Door(self.captioner, self.models)
        self.rules = RulesDoor(
            self.captioner, self.keeper, self.entries, bench.prepare, self.on_ruled
        )
        self.views = Views(self.keeper, self.documents, self.rules, self.captioner, self.models)
        self.job: "Any" = None
        self.stage = ""
        self.choice = 0

    def listen(self) -> None:
        """Connect the events of the page, and look for what came before Python did."""
        on("files", "handed-in", self.take)
        on("generate", "click", self.generate)
        on("cancel", "click", self.cancel)
        on("reset", "click", self.reset)
        self.detail.listen()
        self.gallery.listen()
        self.export.listen()
        self.diagnostics.listen()
        programs.listen()
        self.keeper.listen()
        self.views.listen()
        document.addEventListener("keydown", self.on_key)
        self.take()
        view.show_running()

    # Choosing

    def take(self) -> None:
        """Files were chosen, dropped or pasted."""
        items = file_drop.take()
        while items is not None:
            self.choice += 1
            start(self.receive(list(items), self.choice))
            items = file_drop.take()

    async def receive(self, items: "list[Any]", choice: int) -> None:
        """One file takes the frame, several make a list; or the view that is shown takes them."""
        if self.documents.is_open:
            self.documents.take(items)
            return
        if items and self.views.take(items):
            return
        self.views.show_captions()
        if not items:
            view.show_problem(texts.NO_FILE)
        elif self.gallery.is_open or len(items) > 1:
            await self.take_several(items)
        else:
            await self.take_one(items[0], choice)

    async def take_one(self, item: "Any", choice: int) -> None:
        """Put an image into the frame, in the place of the one before, or say why not."""
        entry = Entry(item, False)
        await entry.look()
        if entry.picture:
            await entry.picture.measure()
        if choice != self.choice:
            entry.release()
        elif entry.problem and entry.file and self.models.importable():
            await self.models.import_files([entry.file])
        elif entry.problem:
            view.show_problem(entry.problem)
        else:
            self.forget()
            self.detail.show(entry)
            self.enable()
            view.reveal("generate")

    async def take_several(self, items: "list[Any]") -> None:
        """Begin a list, or append to it."""
        if self.models.importable():
            files = [item.file for item in items if item.file]
            if files and not await is_image(files[0]):
                await self.models.import_files(files)
                return
        if not self.gallery.is_open:
            self.forget()
        self.keeper.offer()
        await self.gallery.add(items)
        self.enable()

    def forget(self) -> None:
        """Let go of the image, or of all of them."""
        self.cancel()
        if self.detail.entry:  # a field that is being written in tells nobody before it is left
            self.keeper.note(self.detail.entry)
        self.gallery.clear()
        if self.detail.entry:
            self.detail.entry.release()
        self.detail.clear()

    def entries(self) -> list[Entry]:
        """The images that are here."""
        if self.gallery.is_open:
            return self.gallery.entries
        return [self.detail.entry] if self.detail.entry else []

    def reset(self) -> None:
        """Begin anew with an empty frame."""
        self.choice += 1
        self.forget()
        gc.collect()  # files and results are JavaScript's; it holds them until Python lets go
        view.clear_picture()
        self.enable()
        view.element("files").focus()

    # Captioning

    def is_able(self) -> bool:
        """Whether there is an image and a model that can write."""
        has_image = (
            self.gallery.has_work() if self.gallery.is_open else self.detail.entry is not None
        )
        return has_image and self.models.usable()

    def enable(self) -> None:
        """A caption can be asked for when one can be written."""
        view.enable_generate(self.is_able())

    def generate(self) -> None:
        """Start a caption for the image in the frame, or for all in the list.

        A list may still wait for its first image to be decoded, which then comes into the frame.
        """
        if self.job or not self.is_able():
            return
        shown = self.detail.entry
        self.job = window.AbortController.new()
        self.stage = ""
        caption_settings = self.models.chosen, view.element("search").value
        if self.gallery.is_open:
            view.offer_cancel()
            view.show_problem(shown.problem if shown else "")
            self.gallery.show_doing(texts.doing("runtime", 0, 0, "steps") if self.warming else "")
            start(self.caption_all(self.job, caption_settings))
            return
        self.detail.heat.forget()
        view.show_working()
        self.show_progress("runtime" if self.warming else "image", 0, 0, "steps")
        start(self.caption(self.entries()[0], self.job, caption_settings))

    def options(
        self, caption_settings: tuple[str, str], signal: "Any", others: "dict[str, Any]"
    ) -> "Any":
        """Options of the JavaScript API for a model and a search."""
        model, search = caption_settings
        options = {"model": model, "signal": signal}
        options.update(search_options(model, search))
        options.update(others)
        return ffi.to_js(options)

    def look_options(self, caption_settings: tuple[str, str]) -> "dict[str, Any]":
        """Those that ask where the model looks, where a person wants to see it."""
        return look_options(caption_settings[0]) if self.detail.heat.is_on else {}

    async def caption(self, entry: Entry, job: "Any", caption_settings: tuple[str, str]) -> None:
        """Caption the image in the frame; show nothing any more once the job is overtaken."""
        started_ms = window.performance.now()

        def on_token(event: "Any") -> None:
            if self.job is job:
                view.show_words(event.text)

        def on_progress(event: "Any") -> None:
            if self.job is job:
                news = Record(event)
                self.show_progress(news.stage, news.loaded, news.total, news.unit)

        others = self.look_options(caption_settings)
        if "tasks" not in others:  # what is written for another task is no caption
            others["onToken"] = on_token
        others.update({"onProgress": on_progress, "keywords": True})
        others["textLanguage"] = text_language()
        options = self.options(caption_settings, job.signal, others)
        try:
            result = await self.captioner.caption(entry.file, options)
        except JsException as error:  # a rejection of the JavaScript API
            if self.job is job:
                self.finish()
                self.detail.refresh()  # a caption that was there before still is
                view.show_problem(view.sentence(error))
            return
        if self.job is job:
            self.finish()
            entry.finish(result, caption_settings, window.performance.now() - started_ms)
            self.detail.refresh()
            kind = getattr(result, "kind", None) or ""
            self.models.note(caption_settings[0], kind, entry.duration_ms)
            self.keeper.note(entry)
            self.rules.note(entry)

    async def caption_all(self, job: "Any", caption_settings: tuple[str, str]) -> None:
        """Caption the images in the list."""

        def on_progress(event: "Any") -> None:
            if self.job is job and event.stage != "images":
                news = Record(event)
                text = texts.doing(news.stage, news.loaded, news.total, news.unit)
                self.gallery.show_doing(text if news.stage == "model" else "")

        def ask(files: "list[Any]") -> "Any":
            others = self.look_options(caption_settings)
            others["onProgress"] = on_progress
            options = self.options(caption_settings, job.signal, others)
            return self.captioner.captionAll(ffi.to_js(files), options)

        try:
            await self.gallery.caption(caption_settings, ask)
        except JsException as error:  # what concerns all images
            if self.job is job:
                view.show_problem(view.sentence(error))
        if self.job is job:
            self.finish()
            view.announce(self.gallery.outcome())

    def show_progress(self, name: str, loaded: float, total: float, unit: str) -> None:
        """Show a progress event; a new stage is spoken, its numbers are not."""
        stage = texts.stage(name)
        text = texts.doing(name, loaded, total, unit)
        view.show_progress(text, loaded, total)
        if stage != self.stage:
            self.stage = stage
            view.show_stage(stage)
            view.announce(texts.doing(name, 0, 0, unit))

    def on_change(self, entry: Entry) -> None:
        """There is news of an image of the list, or words for one."""
        self.keeper.note(entry)
        self.rules.note(entry)
        if entry is self.detail.entry:
            self.detail.refresh()

    def on_ruled(self, entry: Entry) -> None:
        """Rules changed an image."""
        if entry.is_listed:
            self.gallery.refresh(entry)
        self.on_change(entry)

    async def open_models(self) -> None:
        """List the models; a guess that was written before then leads to a better one, too."""
        await self.models.open()
        self.detail.show_suggested_model()

    async def read(self, entry: Entry, language: str, signal: "Any") -> "Any":
        """Read the words in an image's file; a result of the JavaScript API.

        A model that can reads them in what it has seen already, unless a language is asked for.
        """
        model = entry.caption_settings[0]
        if model == model_choice.THOROUGH and not language:
            asked = {"model": model, "signal": signal, "tasks": ["text"]}
            return await self.captioner.caption(entry.file, ffi.to_js(asked))
        others = {"text": True, "textLanguage": language or text_language(), "keywords": False}
        options = self.options((model, "fast"), signal, others)
        return await self.captioner.caption(entry.file, options)

    async def attend(self, entry: Entry, signal: "Any") -> "list[Any]":
        """Caption an image once more, and return the candidates with where the model looked."""
        others = look_options(entry.caption_settings[0])
        options = self.options(entry.caption_settings, signal, others)
        result = await self.captioner.caption(entry.file, options)
        entry.found = list(result.candidates)
        self.keeper.note(entry)
        return entry.found

    def on_pick(self, entry: Entry) -> None:
        """Another candidate of an image was chosen."""
        self.keeper.note(entry)
        if entry.is_listed:
            self.gallery.refresh(entry)

    def finish(self) -> None:
        """The job is over, one way or another."""
        self.job = None
        view.show_idle()
        start(self.diagnostics.show())

    def cancel(self) -> None:
        """Stop what is in work; captions that are finished stay."""
        if not self.job:
            return
        self.job.abort()
        self.finish()
        if self.gallery.is_open:
            self.gallery.stop()
        else:
            self.detail.refresh()
        view.announce(texts.STOPPED)

    def on_key(self, event: "Any") -> None:
        """Escape stops what is running, where that is what is shown: elsewhere it closes things."""
        is_shown = routes.view_of(window.location.hash) == "captions"
        if event.key == "Escape" and is_shown and not document.querySelector("dialog[open]"):
            self.cancel()

    # Starting

    def on_warmup(self, event: "Any") -> None:
        """The worker is starting; on a slow network a caption may have been asked of it already."""
        if not self.warming or event.stage != "runtime":
            return
        news = Record(event)
        view.show_warmup(texts.warmup(news.loaded, news.total))
        if self.job and self.gallery.is_open:
            self.gallery.show_doing(texts.doing("runtime", news.loaded, news.total, news.unit))
        elif self.job:
            self.show_progress("runtime", news.loaded, news.total, news.unit)

    async def warm_up(self, done: "Callable[[], object]") -> None:
        """Wait for the worker and load the built-in model, so that the first caption is quick."""
        try:
            await self.captioner.ready
            self.warming = False
            view.show_warmup(texts.warmup(1, 1))
            try:
                await self.captioner.load(model_choice.STARTER)
            finally:  # the first caption, if one was asked for, did not wait for the list
                start(self.open_models())
        except JsException as error:  # a caption would fail for the same reason
            view.show_problem(view.sentence(error))
        self.warming = False
        view.show_warmup("")
        done()


app = App()
app.listen()
warm = window.Promise.new(lambda done, _fail: start(app.warm_up(done)))
start(offline.keep(app.captioner, warm))
