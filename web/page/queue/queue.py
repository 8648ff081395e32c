"""The queue of the library: files come in, captions come out, one after the other.

It lives in the library's database, so that it outlasts the tab. Runs in MicroPython.
"""

import json

from jsffi import JsException
from pyscript import document, ffi, window
from pyscript.js_modules import settings_store

from page import view
from page.browser.events import start
from page.library import entry_words, file_words
from page.models.caption_options import kept_options, options_of, text_language
from page.models.model_choice import STARTER
from page.queue import queue_texts
from page.queue.intake import Intake
from page.queue.jobs import MAX_INTERRUPTIONS, Jobs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from page.library.library import Library, Row
    from page.models.model_choice import ModelChoice
    from page.queue.jobs import Status

LEFT = "seesay-queue"  # in the browser's storage: the tab was closed in good order while it worked
ALL_ARE_CONCERNED = ("asset", "unsupported_model", "network", "environment", "configuration")
"""Codes of errors that no image is to blame for: the next one would fail, too."""


class Queue:
    """Works on what waits, as long as this tab has the library.

    Attributes:
        jobs: the queue's statements, or None while another tab has the library.
        intake: takes files in.
        is_running: whether this tab works on it.
        is_asking: whether it stopped because the person must let the page read the files again.
    """

    def __init__(
        self,
        captioner: "Any",
        models: "ModelChoice",
        on_news: "Callable[[], object]",
        on_caption: "Callable[[int], object]",
        on_pictures: "Callable[[list[int]], object]",
        on_problem: "Callable[[JsException], object]",
        first_of: "Callable[[list[int], int], list[int]]",
    ) -> None:
        """Take the JavaScript API, which model writes, and five functions.

        ``on_news()``: it stands differently. ``on_caption(image_id)``: an image has a caption, or
        failed. ``on_pictures(ids)``: images have small pictures. ``on_problem(error)``: tells why
        something failed. ``first_of(ids, count)``: those of these images that a person sees first.
        """
        self.jobs: Jobs | None = None
        self.intake = Intake(on_news, on_pictures, first_of, self._words_of)
        self._due: list[int] = []  # ids of images that came in, until it is known what captions
        self._is_enqueuing = False
        self.is_running = self.is_asking = False
        self._is_wanted = False  # more may have come to wait since it was looked last
        self._captioner = captioner
        self._models = models
        self._on_news = on_news
        self._on_caption = on_caption
        self._on_problem = on_problem
        self._originals: "Any" = None
        self._working: "Any" = None  # AbortController of the image in work

    def listen(self) -> None:
        """Note when the tab is closed: what works then is not to blame."""
        page = document.defaultView  # what PyScript calls window cannot be listened to
        page.addEventListener("pagehide", self._on_close)

    def _on_close(self, _event: "Any") -> None:
        if self._working:
            settings_store.write(LEFT, "left")

    async def open(self, library: "Library", originals: "Any") -> None:
        """This tab has the library: find out how the queue was left."""
        self._originals = originals
        if self.jobs:
            return
        jobs = Jobs(library)
        status = await jobs.status()
        if status.working and settings_store.read(LEFT):
            await jobs.release()
        elif status.working:  # nobody said goodbye
            await jobs.set_aside(queue_texts.SET_ASIDE, MAX_INTERRUPTIONS)
        settings_store.remove(LEFT)
        await jobs.clear_finished()
        self.jobs = jobs

    def close(self) -> None:
        """Another tab has the library, or it is gone: it put back what worked."""
        self.jobs = None
        self._due = []
        self.intake.stop()
        self._abort()

    async def halt(self) -> None:
        """The library is about to have another content: write nothing more into this one."""
        jobs = self.jobs
        self.close()
        if jobs:
            await jobs.release()

    async def status(self) -> "Status | None":
        """How far it is; None where that is another tab's."""
        return await self.jobs.status() if self.jobs else None

    # What people do with it

    async def take(self, library: "Library", items: "list[Any]") -> None:
        """Add files to the library, and to the queue."""
        jobs = self.jobs
        if jobs is None:
            return

        def enqueue(ids: "list[int]") -> None:
            self._due += ids
            start(self._enqueue())

        try:
            status = await jobs.status()
            if not self.intake.total and not status.waiting + status.working:
                await jobs.clear_finished()
                await jobs.set_paused(False)
            await self.intake.take(items, library, self._originals, enqueue)
        except JsException as error:  # no room, or another tab
            self.intake.stop()
            self._on_problem(error)
            self._on_news()
        start(self._run())  # if only to find that nothing waits

    async def _words_of(self, file: "Any", sidecar: "Any") -> "dict[str, str] | None":
        return await file_words.find(self._captioner, file, sidecar)

    async def _enqueue(self) -> None:
        """Let what came in wait: it is in the library already, whatever becomes of the model."""
        if self._is_enqueuing:
            return
        self._is_enqueuing = True
        try:
            while self._due and self.jobs:
                jobs, order = self.jobs, await self._order()  # loads the model
                if jobs is self.jobs:
                    ids, self._due = self._due, []
                    count = await jobs.add(order, ids, "not by this model")
                    self.intake.known += len(ids) - count
                    start(self._run())
        except JsException as error:  # no model: they have no caption, and a button says so
            self._due = []
            self._on_problem(error)
        finally:
            self._is_enqueuing = False
            self._on_news()

    async def go_on(self) -> None:
        """Go on with what waits; must follow a click closely, as files may have to be asked for."""
        self.is_asking = False
        if self.jobs:
            hashes = [row["sha256"] for row in await self.jobs.waiting()]
            await self._originals.allow(json.dumps(hashes))
            await self.jobs.set_paused(False)
            await self._run()

    async def pause(self) -> None:
        """Begin nothing more; what is in work goes back to its place."""
        if self.jobs:
            await self.jobs.set_paused(True)
            self._abort()

    async def cancel(self) -> None:
        """Take out all that waits; captions that are finished stay."""
        self.intake.cancel()
        self._due = []
        self._abort()
        if self.jobs:
            await self.jobs.cancel()
            await self._originals.releaseAll()

    async def retry(self) -> None:
        """Try what failed once more."""
        if self.jobs:
            await self.jobs.retry()
            await self.go_on()

    async def add(self, ids: "list[int] | None", which: str, over_person: bool = False) -> None:
        """Let images of the library wait: see ``Jobs.add``."""
        if self.jobs:
            await self.jobs.add(await self._order(), ids, which, over_person)
            await self.go_on()

    def model(self) -> str:
        """What writes: the model that is chosen on the first view, if it can."""
        return self._models.chosen if self._models.usable() else STARTER

    async def _order(self) -> "dict[str, str]":
        """What to caption with, as the library tells captions apart."""
        name = self.model()
        options = kept_options(name, view.element("search").value)
        loaded = await self._captioner.load(name)
        return {"model": loaded.id, "revision": loaded.revision, "options": options}

    # Working

    def _abort(self) -> None:
        if self._working:
            self._working.abort()

    async def _run(self) -> None:
        """Caption one after the other, until none waits or somebody stops it."""
        self._is_wanted = True
        if self.is_running:
            return
        self.is_running = True
        try:
            while self._is_wanted and self.jobs:
                jobs = self.jobs
                self._is_wanted = False  # before it is looked: what comes meanwhile is not missed
                job = await jobs.claim()
                if job is None:
                    await self._tidy(jobs)
                else:
                    self._is_wanted = True
                    await self._work(jobs, job)
                    self._on_caption(job["image_id"])
        except JsException as error:
            if self.jobs:  # else another tab has taken over, and says so
                self._on_problem(error)
        finally:
            self.is_running = False
            self._on_news()

    async def _tidy(self, jobs: Jobs) -> None:
        """Nothing waits: let copies go that are left over, unless files are just coming in."""
        status = await jobs.status()
        is_coming = self.intake.total + len(self._due) + int(self._is_enqueuing)
        is_needed = status.waiting + status.failed + status.set_aside + is_coming
        if not is_needed:
            await self._originals.releaseAll()

    async def _work(self, jobs: Jobs, job: "Row") -> None:
        file = await self._originals.find(job["sha256"])
        if file is None and await self._originals.isToBeAsked(job["sha256"]):
            self.is_asking = True
            await jobs.set_paused(True)
            await jobs.release()
            return
        if file is None:
            await jobs.fail(job, queue_texts.not_at_hand(job["name"]))
            return
        working = self._working = window.AbortController.new()
        began_ms = window.performance.now()
        try:
            result = await self._captioner.caption(file, self._options(job, working.signal))
        except JsException as error:  # a rejection of the JavaScript API
            if working.signal.aborted:
                if self.jobs:  # else it was put back by who closed the library
                    await jobs.release()
            else:
                await self._failed(jobs, job, error)
            return
        finally:
            self._working = None
        took_ms = int(window.performance.now() - began_ms)
        in_file = None
        # Those of a sidecar are known since the file came in, and stand above the file's own.
        if result.image.sha256 == job["sha256"] and not job["has_file_words"]:
            in_file = await file_words.find(self._captioner, file)
        if jobs is not self.jobs:  # the id may be another image's by now
            return
        if result.image.sha256 != job["sha256"]:
            await jobs.fail(job, queue_texts.changed(job["name"]))
            return
        found = getattr(result, "text", None)
        texts = [candidate.text for candidate in result.candidates]
        words = entry_words.of_result(result, texts, found.text if found else "")
        for name in ("model", "revision", "options"):
            words[name] = job[name]
        await jobs.finish(job, words, result, in_file, took_ms)
        await self._originals.release(job["sha256"])

    def _options(self, job: "Row", signal: "Any") -> "Any":
        """Options of the JavaScript API for a job."""
        options = {"model": job["model"], "signal": signal, "textLanguage": text_language()}
        options.update(options_of(job["options"]))
        if job["model"] == STARTER:  # others would be opened anew, in a form that takes longer
            options["attentions"] = True
        return ffi.to_js(options)

    async def _failed(self, jobs: Jobs, job: "Row", error: JsException) -> None:
        """An image failed alone, or what concerns all of them stops the queue."""
        code = getattr(error.args[0], "code", "")
        if code == "worker_lost":  # the API has tried it twice, each time with a new worker
            await jobs.set_aside(queue_texts.LOST)
        elif code in ALL_ARE_CONCERNED:
            await jobs.set_paused(True)
            await jobs.release()
            self._on_problem(error)
        else:
            await jobs.fail(job, view.sentence(error))
