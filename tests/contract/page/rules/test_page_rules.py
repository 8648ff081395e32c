"""The rules' view in CPython: the rules run, the library is a real one; the rest are stand-ins."""

from __future__ import annotations

import asyncio
import importlib
import json
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import pytest

from pycore.rules import Action, Condition, Rule, from_json, to_dict
from tests.contract.page.library_page import Page, entry, rows
from tests.contract.page.page_stand_ins import JsError
from tests.unit.library.library_samples import new_image
from worker.captioner.jobs import Job
from worker.captioner.rule_requests import RuleRequests

DOG = to_dict(Rule((Condition("caption", "contains", "dog"),), (Action("add keyword", "pet"),)))
AWAY = to_dict(
    Rule(
        (Condition("keyword", "is", "pet"),),
        (
            Action("remove keyword", "animal"),
            Action("set state", "reviewed"),
            Action("put into folder", "dogs"),
            Action("set field", "mine", field="licence"),
            Action("flag"),
        ),
    )
)
FLAG = to_dict(Rule((Condition("caption", "is there"),), (Action("flag"),)))


NAMED = to_dict(Rule((Condition("name", "contains", "jpg"),), (Action("add keyword", "x"),)))


class Rules:
    """``captioner.rules``.

    Attributes:
        problem: what fails next.
        meanwhile: called while the worker is at work.
    """

    def __init__(self) -> None:
        self.problem: JsError | None = None
        self.meanwhile: Any = lambda: None

    async def run(self, rules: Any, images: Any) -> Any:
        if self.problem:
            raise self.problem
        payload: Any = {"rules": rules, "images": json.loads(json.dumps(images))}
        found = await RuleRequests().run(Job(1, lambda *_: None), payload)
        self.meanwhile()
        return json.loads(json.dumps(found))


def ready(one: Any) -> Any:
    """Return an image of the first view with all that rules look at."""
    one.picture, one.captioned, one.ruled = "a picture", "2026-11-27T12:00:00Z", ""
    one.confidence = 0.5
    return one


@pytest.fixture
def rules(page: Page, monkeypatch: pytest.MonkeyPatch) -> Rules:
    pyscript: Any = importlib.import_module("pyscript")
    pyscript.window.JSON = SimpleNamespace(stringify=json.dumps)
    store: dict[str, str] = {}
    pyscript.js_modules.settings_store = SimpleNamespace(
        read=lambda name: store.get(name, ""), write=store.__setitem__
    )
    monkeypatch.setattr(
        importlib.import_module("page.browser.js_data"),
        "Record",
        lambda value: SimpleNamespace(**json.loads(json.dumps(value))),
    )
    return Rules()


def images(entries: list[Any], changed: list[Any]) -> Any:
    targets = importlib.import_module("page.rules.targets")
    return targets.Images(entries, lambda one: one.alt.draft, changed.append)


async def attempt(rules: Rules, said: list[Any], target: Any) -> Any:
    trial = importlib.import_module("page.rules.trial")
    captioner = SimpleNamespace(rules=rules)
    return await trial.attempt(captioner, said, target, lambda *_: None)


def test_rules_on_the_images_here(page: Page, rules: Rules) -> None:
    async def check() -> None:
        dog, cat = ready(entry(0, "a dog")), ready(entry(1, "a cat"))
        changed: list[Any] = []
        target = images([dog, cat], changed)
        trial = await attempt(rules, [DOG, AWAY], target)
        assert (trial.counts, trial.total) == ([[1, 1], [1, 1]], 2)
        assert dog.keywords == ["animal"]  # nothing has changed yet
        done = await target.apply(trial.changes)
        assert changed == [dog]
        assert (dog.keywords, dog.folder, dog.is_marked) == (["pet"], "dogs", True)
        assert (dog.fields, dog.alt.is_reviewed) == ({"licence": "mine"}, True)
        record = importlib.import_module("page.words.record").exported(dog)
        assert record["name"] == "dogs/0.png"
        assert record["fields"] == {"licence": "mine", "flagged": "yes"}
        assert await target.undo(done) == (1, "")
        assert (dog.keywords, dog.folder, dog.is_marked, dog.fields) == (["animal"], "", False, {})
        assert not dog.alt.is_reviewed

    asyncio.run(check())


def test_what_a_person_changed_meanwhile_stays(page: Page, rules: Rules) -> None:
    async def check() -> None:
        dog = ready(entry(0, "a dog"))
        target = images([dog], [])
        trial = await attempt(rules, [DOG], target)
        dog.keywords = ["mine"]
        assert await target.apply(trial.changes) == []
        done = await target.apply((await attempt(rules, [DOG], target)).changes)
        assert dog.keywords == ["mine", "pet"]
        dog.keywords = ["all", "mine"]
        assert await target.undo(done) == (0, "")
        assert dog.keywords == ["all", "mine"]

    asyncio.run(check())


def test_rules_on_the_library(page: Page, rules: Rules) -> None:
    async def check() -> None:
        keeper = await page.kept(entry(0, "a dog"), entry(1, "a cat"), entry(2, "a dog's life"))
        targets = importlib.import_module("page.rules.targets")
        target = targets.Kept(keeper)
        told: list[bool] = []
        keeper.on_kept = lambda: told.append(True)
        trial = await attempt(rules, [DOG, AWAY, FLAG], target)
        assert trial.counts == [[1, 1], [1, 1], [3, 2]]
        done = await target.apply(trial.changes)
        assert (len(done), len(told)) == (3, 1)
        found = {row.name: row for row in await rows(page)}
        dog = found["0.png"]
        assert (dog.keywords, dog.state) == (("pet",), "reviewed")
        assert (dog.export_folder, dog.fields) == ("dogs", {"licence": "mine"})
        assert found["1.png"].state == "automatic"
        assert [row.is_flagged for row in found.values()] == [True, True, True]
        assert (await attempt(rules, [FLAG], target)).changes == []  # flagged already
        assert await target.undo(done) == (3, "")
        assert {row.state for row in await rows(page)} == {"automatic"}
        assert await rows(page, mark="flagged") == []

        done = await target.apply((await attempt(rules, [DOG], target)).changes)
        library = await keeper.library()
        await library.accept([found["1.png"].id])
        count, problem = await target.undo(done)
        assert (count, problem.startswith("Something else")) == (0, True)

        trial = await attempt(rules, [AWAY], target)
        await library.edit(found["0.png"].id, {"text": "Rex"})
        assert await target.apply(trial.changes) == []

    asyncio.run(check())


def new_desk(page: Page, rules: Rules, keeper: Any, entries: list[Any]) -> Any:
    """Return the desk of the rules' view with an empty table, and the library chosen."""
    modules: Any = importlib.import_module("pyscript.js_modules")
    modules.downloads = MagicMock()
    module = importlib.import_module("page.rules.desk")
    book = importlib.import_module("page.rules.book").Book()
    captioner = SimpleNamespace(rules=rules)
    page.elements["rules-target"].value = "library"
    return module.Desk(captioner, book, keeper, lambda: images(entries, []))


@pytest.mark.parametrize("other", ["library", "images"])
def test_a_run_is_taken_back_after_something_else_was_tried(
    page: Page,
    rules: Rules,
    other: str,
) -> None:
    async def check() -> None:
        keeper = await page.kept(entry(0, "a dog"))
        desk = new_desk(page, rules, keeper, [ready(entry(1, "another dog"))])
        desk._book.put(0, DOG)
        await desk.attempt()
        await desk.run()
        assert (await rows(page))[0].keywords == ("animal", "pet")
        page.elements["rules-target"].value = other
        await desk.attempt()
        await desk.undo()
        assert (await rows(page))[0].keywords == ("animal",)
        assert page.elements["rules-state"].textContent == "Taken back: 1 image."

    asyncio.run(check())


def test_a_rule_is_saved_in_its_own_place(page: Page, rules: Rules) -> None:
    async def check() -> None:
        desk = new_desk(page, rules, await page.kept(), [])
        book = desk._book
        book.rules = [dict(DOG), dict(NAMED), dict(FLAG)]
        named = book.rules[1]
        desk._move(2)  # while the form is open
        desk._turn_on(2, False)
        edited = {**named, "needs": "any"}
        assert await desk._save(named, edited) == ""
        assert book.rules == [DOG, FLAG, {**NAMED, "on": False, "needs": "any"}]
        assert await desk._save(importlib.import_module("page.rules.editor").NEW, dict(AWAY)) == ""
        assert book.rules[3:] == [AWAY]
        book.rules.remove(edited)
        assert await desk._save(edited, edited) == ""  # it was removed: it comes back
        assert book.rules == [DOG, FLAG, AWAY, edited]

    asyncio.run(check())


@pytest.mark.parametrize(
    ("typed", "answer", "asked", "closed"),
    [({}, False, 0, 1), ({"if": []}, False, 1, 0), ({"if": []}, True, 1, 1)],
)
def test_escape_takes_no_typed_words_away_unasked(
    page: Page,
    monkeypatch: pytest.MonkeyPatch,
    typed: dict[str, Any],
    answer: bool,
    asked: int,
    closed: int,
) -> None:
    editor = importlib.import_module("page.rules.editor")
    confirm = AsyncMock(return_value=answer)
    monkeypatch.setattr(editor, "confirm", confirm)
    monkeypatch.setattr(editor, "start", asyncio.run)
    on_close = MagicMock()
    form = editor.Editor(AsyncMock(), on_close)
    monkeypatch.setattr(form, "_data", lambda: {**editor.NEW, **typed})
    form._on_key(MagicMock(key="Escape"))
    assert (confirm.await_count, on_close.call_count) == (asked, closed)


def test_rules_of_another_tab_are_not_written_over(page: Page, rules: Rules) -> None:
    async def check() -> None:
        keeper = await page.kept()
        door = importlib.import_module("page.rules.door").Door(
            SimpleNamespace(rules=rules), keeper, list, lambda _one: None, lambda _one: None
        )
        book = door._book()
        book.put(0, DOG)
        importlib.import_module("page.rules.book").Book().put(1, NAMED)  # the other tab's
        listen: Any = importlib.import_module("pyscript").document.defaultView.addEventListener
        (told,) = [call.args[1] for call in listen.call_args_list if call.args[0] == "storage"]
        told(SimpleNamespace(key="seesay.rules"))
        book.put(2, FLAG)
        assert importlib.import_module("page.rules.book").Book().rules == [DOG, NAMED, FLAG]

    asyncio.run(check())


def test_rules_run_with_each_new_caption_once(page: Page, rules: Rules) -> None:
    async def check() -> None:
        dog = ready(entry(0, "a dog"))
        keeper = await page.kept()
        door = importlib.import_module("page.rules.door").Door(
            SimpleNamespace(rules=rules), keeper, lambda: [dog], lambda _one: None, keeper.note
        )
        door.note(dog)  # the switch is off
        await page.settled()
        assert dog.keywords == ["animal"]
        book = door._book()
        book.put(0, DOG)
        book.is_automatic = True
        door.note(dog)  # switched on later: this caption is not new
        await page.settled()
        assert dog.keywords == ["animal"]
        dog.captioned = "2026-11-27T13:00:00Z"

        def once() -> None:
            rules.meanwhile = lambda: None
            dog.words = "a person wrote this"

        rules.meanwhile = once
        door.note(dog)
        await page.settled()
        assert dog.keywords == ["animal", "pet"]
        (row,) = await rows(page)
        assert (row.keywords, row.state) == (("animal", "pet"), "automatic")
        dog.keywords = []
        door.note(dog)
        await page.settled()
        assert dog.keywords == []

    asyncio.run(check())


def test_what_is_said_of_imported_rules_is_true(page: Page, rules: Rules) -> None:
    async def check() -> None:
        desk = new_desk(page, rules, await page.kept(), [])

        async def text() -> str:
            return "a file"

        async def read(_text: str) -> Any:
            return [DOG]

        page.elements["rules-file"].files = [SimpleNamespace(text=text)]
        rules.read = read  # type: ignore[attr-defined]
        await desk._import()
        said = page.elements["rules-state"]
        assert said.textContent == "1 rule added. Read them before they run."
        desk._book.is_automatic = True
        await desk._import()
        assert "They run with every new caption" in said.textContent

    asyncio.run(check())


def test_rules_are_kept_and_go_out_as_the_core_reads_them(
    page: Page,
    rules: Rules,
) -> None:
    module = importlib.import_module("page.rules.book")
    book = module.Book()
    assert (book.rules, book.is_automatic, from_json(book.to_json())) == ([], False, [])
    book.put(0, DOG)
    book.put(9, {**AWAY, "on": False})
    again = module.Book()
    assert again.rules == book.rules
    assert [to_dict(rule) for rule in from_json(book.to_json())] == book.rules
    assert again.switched_on() == [DOG]


def test_rules_run_with_captions_of_the_library_too(page: Page, rules: Rules) -> None:
    async def check() -> None:
        keeper = await page.kept(entry(0, "a dog"), entry(1, "a dog and a cat"))
        newest, other = await rows(page)
        door = importlib.import_module("page.rules.door").Door(
            SimpleNamespace(rules=rules), keeper, list, lambda _one: None, lambda _one: None
        )
        door.note_kept(newest.id)
        await page.settled()
        door._book().put(0, DOG)
        assert {row.keywords for row in await rows(page)} == {("animal",)}  # the switch is off
        door._book().is_automatic = True
        door.note_kept(newest.id)
        await page.settled()
        found = {row.id: row.keywords for row in await rows(page)}
        assert found == {newest.id: ("animal", "pet"), other.id: ("animal",)}
        # Without a caption there is nothing to go by.
        failed = await page.core.images.add(new_image(9))
        door._book().put(0, NAMED)
        door.note_kept(failed)
        await page.settled()
        assert {row.id: row.keywords for row in await rows(page)}[failed] is None

    asyncio.run(check())


AUTOMATIC = to_dict(Rule((Condition("caption", "is there"),), (Action("set state", "automatic"),)))
READ = to_dict(Rule((Condition("caption", "is there"),), (Action("set state", "reviewed"),)))


def drafted(one: Any) -> None:
    """Stand in for the workbench, which makes drafts anew."""
    module = importlib.import_module("pycore.alt_text.preset")
    one.alt.draft({"caption": one.caption}, module.Preset())


def test_automatic_brings_the_machines_words_back_and_undo_the_persons(
    page: Page,
    rules: Rules,
) -> None:
    async def check() -> None:
        dog, cat = ready(entry(0, "a dog")), ready(entry(1, "a cat"))
        for one in (dog, cat):
            drafted(one)
        dog.alt.edit("Our Rex.")
        dog.alt.extended = "He waits."
        dog.write_keywords(["Rex"])
        dog.write_words("BEWARE")
        cat.alt.is_reviewed = True
        keeper = await page.kept(dog, cat)
        targets = importlib.import_module("page.rules.targets")
        target = targets.Images([dog, cat], drafted, keeper.note)

        read = await attempt(rules, [READ], target)
        assert read.changes == []  # who wrote words has read them
        trial = await attempt(rules, [AUTOMATIC], target)
        assert [after["state"] for _, _, after in trial.changes] == ["automatic"] * 2
        difference = importlib.import_module("page.rules.rules_texts").difference
        _, before, after = trial.changes[0]
        assert difference("dog", before, after).endswith("with the machine’s words again")
        done = await target.apply(trial.changes)
        drafted(dog)
        await page.settled()
        assert (dog.alt.said(), dog.alt.extended, dog.keywords) == ("A dog.", "", ["animal"])
        assert (dog.words, dog.alt.source()) == (None, "trainedAlgorithmicMedia")
        assert {row.state for row in await rows(page)} == {"automatic"}
        assert await target.undo(done) == (2, "")
        drafted(dog)
        await page.settled()
        own = ("Our Rex.", "He waits.", ["Rex"])
        assert (dog.alt.said(), dog.alt.extended, dog.keywords) == own
        assert (dog.words, dog.alt.source()) == ("BEWARE", "humanEdits")
        assert cat.alt.is_reviewed
        (row,) = await rows(page, state="edited")
        assert (row.text, row.description, row.keywords) == ("Our Rex.", "He waits.", ("Rex",))

    asyncio.run(check())


def test_rules_that_run_unasked_take_nobodys_words_away(page: Page, rules: Rules) -> None:
    async def check() -> None:
        dog = ready(entry(0, "a dog"))
        drafted(dog)
        dog.alt.edit("Our Rex.")
        keeper = await page.kept(dog)
        door = importlib.import_module("page.rules.door").Door(
            SimpleNamespace(rules=rules), keeper, lambda: [dog], drafted, keeper.note
        )
        door._book().put(0, AUTOMATIC)
        door._book().put(1, DOG)
        door._book().is_automatic = True
        (row,) = await rows(page)
        door.note(dog)
        door.note_kept(row.id)
        await page.settled()
        assert (dog.alt.said(), dog.keywords) == ("Our Rex.", ["animal", "pet"])
        (row,) = await rows(page)
        assert (row.state, row.text, row.keywords) == ("edited", "Our Rex.", ("animal", "pet"))

    asyncio.run(check())


def test_marks_of_rules_on_the_images_here_are_kept(page: Page, rules: Rules) -> None:
    async def check() -> None:
        dog = ready(entry(0, "a dog"))
        keeper = await page.kept(dog)
        target = importlib.import_module("page.rules.targets").Images(
            [dog], lambda _one: None, keeper.note
        )
        done = await target.apply((await attempt(rules, [DOG, AWAY], target)).changes)
        await page.settled()
        (row,) = await rows(page, mark="/dogs")
        assert (row.export_folder, row.fields) == ("dogs", {"licence": "mine"})
        assert row.is_flagged
        await target.undo(done)
        await page.settled()
        assert await rows(page, mark="flagged") == []

        await target.apply((await attempt(rules, [FLAG], target)).changes)
        await page.settled()
        keeper.forget()
        keeper.note(ready(entry(0, "a dog")))  # the same file in another visit, without marks
        await page.settled()
        assert len(await rows(page, mark="flagged")) == 1

    asyncio.run(check())
