"""The page: which image there is, what is being done with it, and what each event changes.

Runs in MicroPython and speaks to Seesay only through its public JavaScript API. Two traps of
MicroPython 1.27 shape the code: whole numbers from JavaScript wrap beyond 32 bits, and what a
JavaScript function throws at once cannot be caught (a rejected promise can).
"""

import candidates
import diagnostics
import heatmap
import model_choice
import offline
import view
import words
from events import on, start
from jsffi import JsException
from picture import examine
from pyscript import document, ffi, window
from pyscript.js_modules import seesay

SEARCHES = {
    "fast": {"numBeams": 1, "numReturnSequences": 1},
    "careful": {"numBeams": 4, "numReturnSequences": 4},  # the reference recipe of ViT-GPT2
}


class App:
    """The state of the page.

    Attributes:
        captioner: Seesay's JavaScript API.
        models: which model writes.
        diagnostics: the panel.
        picture: the image in the frame, or None.
        job: AbortController of the caption in work, or None.
        heat: where the model looked.
        recipe: model and search of the caption that is shown.
        stage: the stage of that job that was shown last.
        choice: counts what was chosen, so that an overtaken look at a file shows nothing.
    """

    def __init__(self):
        self.warming = True
        self.captioner = seesay.createCaptioner(ffi.to_js({"onProgress": self.on_warmup}))
        self.models = model_choice.ModelChoice(self.captioner, self.enable)
        self.diagnostics = diagnostics.Diagnostics(self.captioner)
        self.picture = None
        self.job = None
        self.heat = heatmap.HeatMap(self.look)
        self.recipe = None
        self.stage = ""
        self.choice = 0

    def listen(self):
        """Connect the events of the page, and look for what came before Python did."""
        on("files", "change", self.take)
        on("generate", "click", self.generate)
        on("cancel", "click", self.cancel)
        on("reset", "click", self.reset)
        on("copy", "click", self.copy)
        self.heat.listen()
        self.diagnostics.listen()
        document.addEventListener("keydown", self.on_key)
        if view.element("files").files.length:
            start(self.take())
        view.show_running()

    # Choosing

    async def take(self):
        """Files were chosen, dropped or pasted: show the first one, or say why not."""
        chosen = view.element("files")
        files = [chosen.files.item(i) for i in range(chosen.files.length)]
        chosen.value = ""  # so that choosing the same file again is a change, too
        self.choice += 1
        choice = self.choice
        if not files:
            view.show_problem(words.NO_FILE)
            return
        picture, problem = await examine(files[0])
        if choice != self.choice:
            if picture:
                picture.release()
            return
        if problem and self.models.importable():
            await self.models.import_files(files)
            return
        if problem:
            view.show_problem(problem)
            return
        self.cancel()
        if self.picture:
            self.picture.release()
        self.picture = picture
        self.heat.forget()
        view.show_picture(picture.file.name, picture.url, picture.facts())
        self.enable()
        view.announce(words.chosen(picture.file.name))
        if len(files) > 1:
            view.show_problem(words.one_of(len(files), picture.file.name))

    def reset(self):
        """Forget the image and its caption."""
        self.choice += 1
        self.cancel()
        if self.picture:
            self.picture.release()
        self.picture = None
        self.heat.forget()
        view.clear_picture()
        self.enable()
        view.element("files").focus()

    # Captioning

    def enable(self):
        """A caption can be asked for when there is an image and a model that can write."""
        view.enable_generate(self.picture and self.models.usable())

    def generate(self):
        """Start a caption for the image in the frame."""
        if self.job or not self.picture or not self.models.usable():
            return
        self.job = window.AbortController.new()
        self.stage = ""
        self.heat.forget()
        view.show_working()
        self.show_progress("runtime" if self.warming else "image", 0, 0, "steps")
        start(self.caption(self.job, self.models.chosen, view.element("search").value))

    async def caption(self, job, model, search):
        """Caption the image in the frame; show nothing any more once the job is overtaken."""
        started_ms = window.performance.now()

        def on_token(event):
            if self.job is job:
                view.show_words(event.text)

        def on_progress(event):
            if self.job is job:
                self.show_progress(event.stage, event.loaded, event.total, event.unit)

        options = {
            "model": model,
            "signal": job.signal,
            "onToken": on_token,
            "onProgress": on_progress,
            "attentions": self.heat.is_on,
        }
        options.update(SEARCHES[search])
        try:
            result = await self.captioner.caption(self.picture.file, ffi.to_js(options))
        except JsException as error:  # a rejection of the JavaScript API
            if self.job is job:
                self.finish()
                view.clear_result()
                view.show_problem(view.sentence(error))
            return
        if self.job is job:
            self.finish()
            self.recipe = model, search
            self.show_result(result, model, window.performance.now() - started_ms)

    def show_progress(self, name, loaded, total, unit):
        """Show a progress event; a new stage is spoken, its numbers are not."""
        stage = words.stage(name)
        text = words.doing(name, loaded, total, unit)
        view.show_progress(text, loaded, total)
        if stage != self.stage:
            self.stage = stage
            view.show_stage(stage)
            view.announce(words.doing(name, 0, 0, unit))

    def show_result(self, result, model, duration_ms):
        """Show a finished caption."""
        picture = self.picture
        if not picture.width:
            picture.width, picture.height = result.image.width, result.image.height
            view.show_facts(picture.facts())
        view.show_result(
            result.caption or words.NO_WORDS,
            words.guess(model) if result.flagged else "",
            self.models.lead() if result.flagged else "",
            words.took(duration_ms, self.models.name(model)),
        )
        view.show_sureness(result.confidence, words.sureness(result.confidence, result.flagged))
        found = list(result.candidates)
        self.heat.keep(found)
        candidates.show(found, self.heat.show)

    async def look(self, signal):
        """Write the caption that is shown once more, and find out where the model looked."""
        model, search = self.recipe
        options = {"model": model, "signal": signal, "attentions": True}
        options.update(SEARCHES[search])
        result = await self.captioner.caption(self.picture.file, ffi.to_js(options))
        return list(result.candidates)

    def finish(self):
        """The job is over, one way or another."""
        self.job = None
        view.show_idle()
        start(self.diagnostics.show())

    def cancel(self):
        """Stop the caption in work, if there is one."""
        if not self.job:
            return
        self.job.abort()
        self.finish()
        view.clear_result()
        view.announce(words.STOPPED)

    def on_key(self, event):
        """Escape stops what is running."""
        if event.key == "Escape":
            self.cancel()

    # Copying

    async def copy(self):
        """Copy the caption, or leave it selected and say so."""
        text = view.element("caption").textContent
        view.show_copied("")
        clipboard = getattr(window.navigator, "clipboard", None)
        copied = False
        if hasattr(clipboard, "writeText"):  # not on pages that were not served securely
            try:
                await clipboard.writeText(text)
                copied = True
            except JsException:  # NotAllowedError: the browser or its user said no
                copied = False
        if not copied:
            view.select_caption()
            copied = document.execCommand("copy")
        view.show_copied(words.COPIED if copied else words.NOT_COPIED)

    # Starting

    def on_warmup(self, event):
        """The worker is starting while nothing has been asked of it."""
        if self.warming and event.stage == "runtime":
            view.show_warmup(words.warmup(event.loaded, event.total))

    async def warm_up(self):
        """Wait for the worker and load the built-in model, so that the first caption is quick."""
        try:
            await self.captioner.ready
            self.warming = False
            view.show_warmup(words.warmup(1, 1))
            start(self.models.open())
            await self.captioner.load(model_choice.STARTER)
        except JsException as error:  # a caption would fail for the same reason
            view.show_problem(view.sentence(error))
        self.warming = False
        view.show_warmup("")


app = App()
app.listen()
start(app.warm_up())
start(offline.keep(app.captioner))
