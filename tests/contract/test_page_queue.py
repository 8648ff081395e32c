"""The library's queue on the page: files come in, captions come out, whatever happens between."""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import pytest

from pycore.library.records import PersonWords
from tests.contract.library_page import Bytes, Gate, Page, opened_page, rows
from tests.contract.page_stand_ins import JsError
from tests.unit.library.library_samples import new_database, new_image

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)


class Original:
    """A JavaScript File, which is also what handed_in.mjs has to say about it."""

    type = "image/png"

    def __init__(self, name: str, content: bytes | None = None) -> None:
        self.content = PNG + name.encode() if content is None else content
        self.name = name
        self.path = f"2026/{name}"
        self.size = len(self.content)
        self.words: Any = None  # that it carries; None: nobody can read them
        self.sha256 = hashlib.sha256(self.content).hexdigest()

    @property
    def file(self) -> Original:
        return self

    def slice(self, start: int, end: int | None = None) -> Any:
        return Original(self.name, self.content[start:end])

    async def arrayBuffer(self) -> bytes:  # noqa: N802 - JavaScript's name
        return self.content


async def heads(files: list[Original], count: int) -> str:
    """Return the first bytes, as handed_in.mjs does."""
    return json.dumps([file.content[:count].hex() for file in files])


class Originals:
    """originals.mjs."""

    def __init__(self) -> None:
        self.files: dict[str, Any] = {}
        self.asked: list[str] = []
        self.settled: list[str] = []
        self.pictured: list[tuple[str, bool]] = []
        self.released: list[str] = []
        self.is_found_again = True
        self.to_be_asked: set[str] = set()  # by hash: until the person says yes

    def take(self, files: list[Original], head_bytes: int) -> Any:
        return asyncio.ensure_future(self.take_in(files, head_bytes))  # at once, as a promise

    async def take_in(self, files: list[Original], head_bytes: int) -> Any:
        self.files.update({file.sha256: file for file in files})
        hashes = json.dumps([file.sha256 for file in files])
        return SimpleNamespace(
            hashes=hashes, head=lambda place: Bytes(files[place].content[:head_bytes])
        )

    async def breath(self) -> None:
        pass

    async def picture(self, hashes: str, is_copying: bool) -> Any:
        self.pictured += [(sha256, is_copying) for sha256 in json.loads(hashes)]
        facts = {"width": 0, "height": 0, "isFoundAgain": self.is_found_again}
        pictures = [{"sha256": sha256} for sha256 in json.loads(hashes)]
        return SimpleNamespace(facts=json.dumps([facts] * len(pictures)), pictures=pictures)

    async def settle(self, hashes: str) -> int:
        self.settled += json.loads(hashes)
        return 0

    async def find(self, sha256: str) -> Any:
        return None if sha256 in self.to_be_asked else self.files.get(sha256)

    async def isToBeAsked(self, sha256: str) -> bool:  # noqa: N802 - JavaScript's name
        return sha256 in self.to_be_asked

    async def allow(self, hashes: str) -> None:
        self.asked = json.loads(hashes)
        self.to_be_asked -= set(self.asked)

    async def release(self, sha256: str) -> None:
        self.released.append(sha256)

    async def releaseAll(self) -> None:  # noqa: N802 - JavaScript's name
        self.released.append("all")


class Signal:
    """An AbortController and its signal."""

    def __init__(self) -> None:
        self.aborted = False
        self.signal = self
        self.stopped = asyncio.Event()

    def abort(self) -> None:
        self.aborted = True
        self.stopped.set()


class Captioner:
    """The JavaScript API: captions an image by its name, or fails as it is told to."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.faults: dict[str, list[str]] = {}  # by name: codes, one for each try
        self.gate: Gate | None = None
        self.model = "starter"

    async def load(self, model: str) -> Any:
        return SimpleNamespace(id=model, revision="r1")

    async def readMetadata(self, file: Original) -> Any:  # noqa: N802 - JavaScript's name
        if file.words is None:
            raise JsError(SimpleNamespace(code="metadata"), "SeesayError", "It is damaged.")
        return {"by_person": file.words}

    async def caption(self, file: Original, options: dict[str, Any]) -> Any:
        self.order.append(file.name)
        if self.gate:
            self.gate.reached.set()
            waits = (self.gate.released.wait(), options["signal"].stopped.wait())
            tasks = [asyncio.ensure_future(one) for one in waits]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
        if options["signal"].aborted:
            raise JsError(None, "AbortError", "")
        if codes := self.faults.get(file.name):
            code = codes.pop(0)
            raise JsError(SimpleNamespace(code=code), "SeesayError", f"It is {code}.")
        text = f"a {file.name.partition('.')[0]}"
        candidate = SimpleNamespace(text=text)
        if options.get("attentions"):
            candidate.attention = "f0"
        return SimpleNamespace(
            caption=text,
            candidates=[candidate],
            keywords=[],
            confidence=0.5,
            kind="drawing",
            image=SimpleNamespace(sha256=file.sha256, width=640, height=480, seen=[0, 0, 1, 1]),
            model=SimpleNamespace(id=options["model"], revision="r1"),
        )


class Desk:
    """The queue with everything around it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.originals, self.captioner = Originals(), Captioner()
        self.problems: list[str] = []
        self.pictured: list[int] = []  # ids of images that have a small picture
        self.left: dict[str, str] = {}  # in the browser's storage
        self.news = 0
        self.first_of: Any = sorted  # which small pictures are made first
        store = importlib.import_module("pyscript.js_modules").settings_store
        store.read, store.write = lambda name: self.left.get(name, ""), self.left.__setitem__
        store.remove = lambda name: self.left.pop(name, None)
        importlib.import_module("pyscript.js_modules").handed_in.heads = heads
        page.elements["search"].value = "fast"
        window: Any = page.window
        window.AbortController = SimpleNamespace(new=Signal)
        window.performance = SimpleNamespace(now=lambda: 0.0)
        window.navigator = SimpleNamespace(language="en-GB")

    async def queue(self) -> Any:
        """Open the queue, as a tab does that has the library."""
        models = MagicMock()
        models.usable.return_value = True
        models.chosen = self.captioner.model
        self.page.stored = "on"
        self.library = await self.page.keeper().library()

        def count() -> None:
            self.news += 1

        problems = self.problems
        told = (
            count,
            MagicMock(),
            self.pictured.extend,
            lambda error: problems.append(error.args[2]),
            lambda ids, count: self.first_of(ids)[:count],
        )
        queue = importlib.import_module("page.queue.queue").Queue(self.captioner, models, *told)
        await queue.open(self.library, self.originals)
        return queue

    async def states(self) -> dict[str, tuple[str | None, str | None]]:
        """Where each image is in the queue, and its text or why there is none."""
        return {
            row.name.partition(".")[0]: (row.job_state, row.text or row.job_message)
            for row in await rows(self.page)
        }


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with opened_page(monkeypatch) as page:
        yield Desk(page)


def files(*names: str) -> list[Any]:
    return [Original(f"{name}.png") for name in names]


def test_files_are_captioned_one_after_the_other_and_the_same_bytes_once(desk: Desk) -> None:
    async def check() -> None:
        queue = await desk.queue()
        twice = Original("copy.png", files("dog")[0].content)
        notes = Original("notes.txt", b"hello")
        await queue.take(desk.library, [*files("dog", "cat"), twice, notes])
        await desk.page.settled()
        assert await desk.states() == {"dog": ("done", "a copy"), "cat": ("done", "a cat")}
        assert desk.captioner.order == [
            "copy.png",
            "cat.png",
        ]  # one of the two files of these bytes
        (left_out,) = queue.intake.left_out
        assert "notes.txt" in left_out
        dog = next(row for row in await rows(desk.page) if row.name == "dog.png")
        assert (dog.folder, dog.width, dog.media_type) == ("2026", 640, "image/png")
        assert (await desk.library.look(dog.id)).words == "f0"
        assert set(desk.originals.settled) == {twice.sha256, files("cat")[0].sha256}
        assert len(await desk.page.core.images.places(dog.id)) == 2
        assert desk.originals.released[:3] == [twice.sha256, files("cat")[0].sha256, "all"]
        await queue.take(desk.library, files("dog", "cow"))
        await desk.page.settled()
        assert desk.captioner.order[2:] == ["cow.png"]
        assert queue.intake.known == 1
        status = await queue.status()
        assert (status.done, status.without) == (1, 0)  # the first batch is told of no more

    asyncio.run(check())


def test_words_that_files_carry_stand_above_the_models(desk: Desk) -> None:
    async def mentions(file: Original, *_signs: str) -> bool:
        return file.name not in ("cat.png", "ox.png")

    importlib.import_module("pyscript.js_modules").downloads.mentions = mentions
    dog, cat, cow, hen = files("dog", "cat", "cow", "hen")
    ox = Original("ox.png", PNG + bytes(200_000))  # too large to be looked through on the page
    nothing = {"alt_text": "", "extended_description": "", "description": "", "keywords": []}
    dog.words = nothing | {"alt_text": "Our dog Rex.", "keywords": ["Rex"]}
    cat.words = nothing | {"alt_text": "Nobody looks for this."}
    cow.words = nothing
    hen.words = None
    ox.words = nothing | {"description": "Our ox."}

    async def check() -> None:
        queue = await desk.queue()
        await queue.take(desk.library, [dog, cat, cow, hen, ox])
        await desk.page.settled()
        found = {row.name: row for row in await rows(desk.page)}
        assert [found[one.name].text for one in (dog, cat, cow, hen, ox)] == [
            "Our dog Rex.",
            "a cat",
            "a cow",
            "a hen",
            "Our ox.",
        ]
        row = found["dog.png"]
        assert (row.state, row.machine_text, row.keywords) == ("file", "a dog", ("Rex",))
        ((tile,), _) = await desk.library.tiles(f"[{row.id}]")
        texts = importlib.import_module("page.library.library_texts")
        assert texts.tile_state(tile) == "From the file"

    asyncio.run(check())


def test_a_failed_image_stops_no_other_and_may_be_tried_again(desk: Desk) -> None:
    async def check() -> None:
        queue = await desk.queue()
        desk.captioner.faults = {"dog.png": ["broken_image"], "cat.png": ["worker_lost"]}
        await queue.take(desk.library, files("dog", "cat", "cow"))
        await desk.page.settled()
        states = await desk.states()
        assert states["dog"] == ("failed", "It is broken_image.")
        assert states["cat"][0] == "set_aside"
        assert "stopped twice at this image" in str(states["cat"][1])
        assert states["cow"] == ("done", "a cow")
        await queue.retry()
        await desk.page.settled()
        assert {state for state, _ in (await desk.states()).values()} == {"done"}

    asyncio.run(check())


def test_what_concerns_all_images_stops_the_queue_and_blames_none(desk: Desk) -> None:
    async def check() -> None:
        queue = await desk.queue()
        desk.captioner.faults = {"dog.png": ["asset"]}
        await queue.take(desk.library, files("dog", "cat"))
        await desk.page.settled()
        assert {state for state, _ in (await desk.states()).values()} == {"waiting"}
        assert desk.problems == ["It is asset."]
        await queue.go_on()
        assert {state for state, _ in (await desk.states()).values()} == {"done"}

    asyncio.run(check())


@pytest.mark.parametrize("way", ["pause", "cancel", "close"])
def test_what_is_stopped_in_the_middle(desk: Desk, way: str) -> None:
    async def check() -> None:
        queue = await desk.queue()
        gate = desk.captioner.gate = Gate()
        await queue.take(desk.library, files("dog", "cat"))
        await gate.reached.wait()
        if way == "close":  # another tab took over: its worker put back what worked
            await desk.page.core.queue.release()
            queue.close()
        else:
            await getattr(queue, way)()
        await desk.page.settled()
        assert not queue.is_running
        assert {state for state, _ in (await desk.states()).values()} == {
            None if way == "cancel" else "waiting"
        }
        desk.captioner.gate = None
        if way == "cancel":
            assert "all" in desk.originals.released
            assert (await queue.status()).without == 2
            await queue.add(None, "without caption")
        elif way == "pause":
            await queue.take(desk.library, files("cow"))  # what is paused stays so
            await desk.page.settled()
            assert desk.captioner.order == ["dog.png"]
            await queue.go_on()
            assert desk.originals.asked == [one.sha256 for one in files("dog", "cat", "cow")]
        else:
            await queue.open(desk.library, desk.originals)
            await queue.go_on()
        assert {state for state, _ in (await desk.states()).values()} == {"done"}

    asyncio.run(check())


@pytest.mark.parametrize("is_said", [True, False])
def test_coming_back_to_what_a_tab_left(desk: Desk, is_said: bool) -> None:
    async def check() -> None:
        for _ in range(2):
            queue = await desk.queue()
            desk.captioner.gate = Gate()
            if not await rows(desk.page):
                await queue.take(desk.library, files("dog"))
            else:
                start = asyncio.ensure_future(queue.go_on())
            await desk.captioner.gate.reached.wait()
            if is_said:  # the tab is closed, and nothing more of it runs
                queue._on_close(None)
            queue._working.abort = lambda: None
            queue.jobs = None
        desk.captioner.gate = None
        queue = await desk.queue()
        states = await desk.states()
        assert states["dog"][0] == ("waiting" if is_said else "set_aside")
        assert desk.left == {}
        start.cancel()

    asyncio.run(check())


def test_files_that_are_not_at_hand_are_asked_for_by_name(desk: Desk) -> None:
    async def check() -> None:
        queue = await desk.queue()
        desk.originals.is_found_again = False
        gate = desk.captioner.gate = Gate()
        await queue.take(desk.library, files("dog"))
        assert "There is no room for copies of 1 image" in queue.intake.notes()
        await gate.reached.wait()
        await queue.pause()
        await desk.page.settled()
        desk.captioner.gate = None
        desk.originals.files.clear()  # another visit
        await queue.go_on()
        state, message = (await desk.states())["dog"]
        assert state == "failed"
        assert "dog.png" in str(message)
        assert "is not at hand" in str(message)
        await queue.take(desk.library, files("dog"))
        await desk.page.settled()
        assert await desk.states() == {"dog": ("done", "a dog")}

    asyncio.run(check())


def test_a_file_that_was_changed_gets_no_caption_of_another(desk: Desk) -> None:
    async def check() -> None:
        queue = await desk.queue()
        gate = desk.captioner.gate = Gate()
        await queue.take(desk.library, files("dog"))
        await gate.reached.wait()
        await queue.pause()
        await desk.page.settled()
        desk.captioner.gate = None
        (sha256,) = desk.originals.files
        desk.originals.files[sha256] = Original("dog.png", PNG + b"another one")
        await queue.go_on()
        state, message = (await desk.states())["dog"]
        assert state == "failed"
        assert "was changed" in str(message)

    asyncio.run(check())


def test_another_model_never_writes_over_a_person(desk: Desk) -> None:
    async def check() -> None:
        queue = await desk.queue()
        await queue.take(desk.library, files("dog", "cat"))
        await desk.page.settled()
        ids = {row.name: row.id for row in await rows(desk.page)}
        await desk.page.core.reviews.edit(ids["dog.png"], PersonWords(text="our dog"))
        desk.captioner.model = "vit-gpt2"
        queue = await desk.queue()
        assert await queue.jobs.count_of_person(list(ids.values())) == 1
        await queue.add(list(ids.values()), "all")
        assert desk.captioner.order[2:] == ["cat.png"]
        await queue.add(list(ids.values()), "not by this model", over_person=True)
        assert desk.captioner.order[3:] == ["dog.png"]
        assert (await desk.states())["dog"] == ("done", "our dog")
        dog = await desk.page.core.images.captions(ids["dog.png"])
        assert [caption.order.model for caption in dog] == ["vit-gpt2", "starter"]
        captions = await desk.library.captions(ids["dog.png"])
        # A large model would be opened anew for it: it is asked where somebody wants to see it.
        assert [caption["has_look"] for caption in captions] == [0, 1]

    asyncio.run(check())


def test_files_that_a_person_must_allow_again_wait_for_that(desk: Desk) -> None:
    async def check() -> None:
        queue = await desk.queue()
        await queue.jobs.set_paused(True)
        intake = queue.intake.take(files("dog", "cat"), desk.library, desk.originals, MagicMock())
        await intake
        desk.originals.to_be_asked = set(desk.originals.files)  # another visit
        await queue.jobs.add(await queue._order())
        await queue.jobs.set_paused(False)  # it was not paused when the tab was closed
        await queue.take(desk.library, files("cow"))
        await desk.page.settled()
        assert {state for state, _ in (await desk.states()).values()} == {"waiting"}
        assert queue.is_asking
        await queue.go_on()
        assert {state for state, _ in (await desk.states()).values()} == {"done"}
        assert not queue.is_asking

    asyncio.run(check())


def hold_the_cow(desk: Desk) -> Gate:
    """Have files come in one by one, and hold the one called cow once it has been read."""
    intake: Any = importlib.import_module("page.queue.intake")
    intake.FIRST = intake.AT_ONCE = 1
    gate, take = Gate(), desk.originals.take_in

    async def slow(files: list[Original], head_bytes: int) -> Any:
        found = await take(files, head_bytes)
        if [file.name for file in files] == ["cow.png"]:
            await gate.pass_through()
        return found

    desk.originals.take_in = slow  # type: ignore[method-assign]
    return gate


def test_the_page_looks_at_some_files_at_a_time(desk: Desk) -> None:
    """Between them it shows what is new, and hears people."""
    intake: Any = importlib.import_module("page.queue.intake")
    intake.FIRST, intake.AT_ONCE, intake.OPENED_AT_ONCE = 1, 5, 2
    looked: list[int] = []

    async def some(given: list[Original], count: int) -> str:
        looked.append(len(given))
        return await heads(given, count)

    importlib.import_module("pyscript.js_modules").handed_in.heads = some
    names = ("ant", "bee", "cat", "cow", "dog", "elk", "fox")

    async def check() -> None:
        queue = await desk.queue()
        await queue.take(desk.library, files(*names))
        await desk.page.settled()
        assert looked == [1, 2, 2, 1, 1]
        assert set(await desk.states()) == set(names)

    asyncio.run(check())


def test_copies_of_files_that_come_in_stay_when_all_others_are_done(desk: Desk) -> None:
    async def check() -> None:
        queue = await desk.queue()
        gate = hold_the_cow(desk)
        taken = asyncio.ensure_future(queue.take(desk.library, files("dog", "cow")))
        await gate.reached.wait()
        await desk.page.settled()
        assert "all" not in desk.originals.released
        gate.released.set()
        await taken
        await desk.page.settled()
        assert desk.originals.released[-1] == "all"

    asyncio.run(check())


@pytest.mark.parametrize("is_there", [True, False])
def test_files_join_the_library_whatever_becomes_of_the_model(desk: Desk, is_there: bool) -> None:
    async def check() -> None:
        queue = await desk.queue()
        gate, load = Gate(), desk.captioner.load

        async def slow(model: str) -> Any:
            await gate.pass_through()
            if not is_there:
                raise JsError(None, "SeesayError", "There is no model.")
            return await load(model)

        desk.captioner.load = slow  # type: ignore[method-assign]
        await queue.take(desk.library, files("dog", "cat"))
        assert {state for state, _ in (await desk.states()).values()} == {None}
        assert desk.pictured == [row.id for row in await rows(desk.page)][::-1]
        assert desk.originals.pictured == [(one.sha256, True) for one in files("dog", "cat")]
        await queue._tidy(queue.jobs)
        assert "all" not in desk.originals.released  # they are about to wait
        gate.released.set()
        await desk.page.settled()
        assert desk.problems == ([] if is_there else ["There is no model."])
        assert {state for state, _ in (await desk.states()).values()} == {
            "done" if is_there else None
        }
        assert (await queue.status()).without == (0 if is_there else 2)

    asyncio.run(check())


def test_a_hundred_files_join_by_as_few_calls_as_one(desk: Desk) -> None:
    async def check() -> None:
        queue = await desk.queue()
        run, counts = desk.page.link.run, []

        async def counted(calls: str, hands_over: bool = False) -> str:
            if json.loads(calls)[0]["name"].startswith("add_image"):
                counts.append(len(json.loads(calls)))
            return await run(calls, hands_over)

        desk.page.link.run = counted  # type: ignore[method-assign]
        await queue.take(desk.library, files(*(f"img{number}" for number in range(100))))
        await desk.page.settled()
        assert counts == [3, 3]
        names = {row.id: row.name for row in await rows(desk.page)}
        assert names == {number: f"img{number - 1}.png" for number in range(1, 101)}

    asyncio.run(check())


def test_small_pictures_are_made_of_what_is_seen_first(desk: Desk) -> None:
    async def check() -> None:
        queue = await desk.queue()
        desk.first_of = lambda ids: sorted(ids, key=lambda one: (one != 7, -one))
        await queue.take(desk.library, files(*(f"img{number}" for number in range(30))))
        await desk.page.settled()
        assert desk.pictured == [7, *range(30, 7, -1), *range(6, 0, -1)]
        (last,) = [row.sha256 for row in await rows(desk.page) if row.id == 30]
        assert desk.originals.pictured[1] == (last, True)

    asyncio.run(check())


@pytest.mark.parametrize("way", ["cancel", "close"])
def test_files_that_come_in_when_they_are_stopped(desk: Desk, way: str) -> None:
    async def check() -> None:
        queue = await desk.queue()
        gate = hold_the_cow(desk)
        taken = asyncio.ensure_future(queue.take(desk.library, files("dog", "cow", "cat")))
        await gate.reached.wait()
        await desk.page.settled()
        assert "Adding 1 of 3 files." in queue.intake.said()
        await queue.cancel() if way == "cancel" else queue.close()
        gate.released.set()
        await taken
        await desk.page.settled()
        assert [row.name for row in await rows(desk.page)] == ["dog.png"]
        wanted = [(files("dog")[0].sha256, False)]  # its small picture, and no copy
        assert desk.originals.pictured == (wanted if way == "cancel" else [])
        assert queue.intake.said() == ""

    asyncio.run(check())


def test_what_works_is_not_written_into_another_library(desk: Desk) -> None:
    async def check() -> None:
        queue = await desk.queue()
        gate, find = Gate(), desk.originals.find

        async def slow(sha256: str) -> Any:
            await gate.pass_through()
            return await find(sha256)

        desk.originals.find = slow  # type: ignore[method-assign]
        await queue.take(desk.library, files("dog"))
        await gate.reached.wait()
        await queue.halt()
        assert {state for state, _ in (await desk.states()).values()} == {"waiting"}
        desk.page.link.database = new_database()  # a person puts another one in its place
        await desk.page.core.images.add(new_image(1))
        gate.released.set()
        await queue.open(desk.library, desk.originals)
        await desk.page.settled()
        assert [row.text for row in await rows(desk.page)] == [None]

    asyncio.run(check())


def test_files_are_not_left_hanging_where_the_library_fails(desk: Desk) -> None:
    async def check() -> None:
        queue = await desk.queue()
        desk.page.link.problem = JsError(None, "SeesayError", "The library stopped.")
        news = desk.news
        await queue.take(desk.library, files("dog"))
        assert desk.problems[0] == "The library stopped."
        assert queue.intake.total == 0
        assert desk.news > news

    asyncio.run(check())


def test_what_waits_is_said_on_the_first_view(desk: Desk) -> None:
    async def check() -> None:
        reminder = importlib.import_module("page.queue.reminder")
        choice = importlib.import_module("pyscript.js_modules").library_choice
        line, said = desk.page.elements["waiting-note"], desk.page.elements["waiting-said"]
        line.hidden = True
        await reminder.look()
        assert line.hidden
        reminder.note(3, True)  # worked on in this tab, which is closed then
        assert line.hidden
        choice.isOpenInATab.return_value = True
        await reminder.look()
        assert line.hidden  # it goes on in another tab
        choice.isOpenInATab.return_value = False
        await reminder.look()
        assert not line.hidden
        assert said.textContent == "3 images wait in the library for a caption."
        reminder.note(1, False)
        assert said.textContent == "1 image waits in the library for a caption."
        reminder.note(0, False)
        assert (line.hidden, desk.left) == (True, {})

    asyncio.run(check())


def test_how_far_it_is_in_words(desk: Desk) -> None:
    texts = importlib.import_module("page.queue.queue_texts")
    status = importlib.import_module("page.queue.jobs").Status
    said = [
        texts.said(status(counts, ms, 0), is_running)
        for counts, ms, is_running in (
            ({"waiting": 37}, None, False),
            ({"waiting": 1}, None, False),
            ({"waiting": 36, "working": 1, "done": 12, "failed": 1}, 5000.0, True),
            ({"waiting": 2000, "done": 1}, 20_000.0, True),
            ({"done": 1, "set_aside": 2}, 5000.0, False),
            ({}, None, False),
        )
    ]
    assert said == [
        "37 images are waiting.",
        "1 image is waiting.",
        "12 of 50 images captioned. About 3 minutes left. 1 failed.",
        "1 of 2001 images captioned. About 11 hours left.",
        "Done: 1 caption. 2 failed.",
        "",
    ]


def test_the_end_is_told_to_who_asked_for_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line's button asks the browser; the line tells it how the queue ended, once."""
    badge = importlib.import_module("pyscript.js_modules").app_badge
    badge.ask, badge.canAsk.return_value = AsyncMock(return_value=True), True
    texts = importlib.import_module("page.queue.queue_texts")
    said: list[str] = []

    async def check() -> None:
        line = importlib.import_module("page.queue.queue_line").QueueLine(
            desk.captioner, MagicMock(), MagicMock(), MagicMock(), MagicMock()
        )
        line.queue = SimpleNamespace(
            is_running=True,
            is_asking=False,
            intake=SimpleNamespace(total=0, notes=lambda: ""),
            model=MagicMock(),
        )
        status = SimpleNamespace(
            waiting=2, working=1, done=0, failed=0, set_aside=0, without=3, seconds_left=None
        )
        line.queue.status = AsyncMock(return_value=status)
        await line.refresh()
        assert not desk.page.elements["queue-tell"].hidden
        for where, left in (("memory", {}), ("device", {"seesay-waiting": "3"})):
            line._library = SimpleNamespace(where=where)
            await line.refresh()
            assert desk.left == left  # for the next visit, if it finds them
        badge.canAsk.return_value = False
        await line._ask_to_tell()
        assert desk.page.elements["queue-tell"].hidden
        badge.tell.assert_not_called()
        line.queue.is_running, status.waiting, status.working, status.done = False, 0, 0, 3
        await line.refresh()
        await line.refresh()
        badge.tell.assert_called_once_with("Done: 3 captions.")

    with monkeypatch.context() as patch:
        patch.setattr(importlib.import_module("page.view"), "announce", said.append)
        asyncio.run(check())
    assert said == [texts.WILL_TELL, "Done: 3 captions."]
