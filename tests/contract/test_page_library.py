"""The page's library: what is kept, found, reviewed and taken away."""

from __future__ import annotations

import asyncio
import importlib
import io
import json
import re
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from unittest.mock import ANY, AsyncMock, MagicMock

import pytest
from PIL import Image

from pycore.library.search_terms import match_expression
from tests.contract.library_page import HANDLES, File, Gate, Ids, Page, entry, opened_page, rows
from tests.contract.page_stand_ins import JsError
from tests.unit.library.library_samples import new_database, new_image
from tools.project import ROOT

FILTERS = ("state", "model", "folder", "confidence", "looks", "job", "mark", "sort")


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    with opened_page(monkeypatch) as page:
        yield page


# Whether anything is kept


def test_nothing_is_kept_or_even_started_before_a_person_allows_it(page: Page) -> None:
    async def check() -> None:
        keeper = page.keeper()
        note = page.elements["keep-note"]
        note.hidden = True
        keeper.note(entry(0, "a dog"))
        assert note.hidden  # one caption alone asks nothing
        keeper.note(entry(1, "a cat"))
        assert not note.hidden
        await page.settled()
        assert keeper.link is None
        keeper.decline()
        assert (page.stored, note.hidden) == ("off", True)
        keeper.note(entry(2, "a cow"))
        keeper.offer()
        await page.settled()
        assert (note.hidden, keeper.link) == (True, None)

    asyncio.run(check())


def test_what_is_on_the_page_is_kept_once_it_is_allowed(page: Page) -> None:
    async def check() -> None:
        page.entries = [entry(0, "a dog", folder="2026/Sweden"), entry(1, "a cat")]
        keeper = page.keeper()
        await keeper.allow()
        for one in page.entries:
            keeper.note(one)  # told again: kept once
        await page.settled()
        assert (page.stored, set(page.link.opened)) == ("on", {False})
        cat, dog = await rows(page)
        assert (dog.text, dog.name, dog.folder) == ("a dog", "0.png", "2026/Sweden")
        assert (dog.keywords, dog.model, dog.confidence) == (("animal",), "starter", 0.25)
        assert (dog.size_bytes, dog.media_type, dog.width) == (1234, "image/png", 640)
        assert cat.state == dog.state == "automatic"
        assert page.link.pictured == HANDLES[:2]
        (caption,) = await page.core.images.captions(dog.id)
        assert caption.order.options == {"num_beams": 1}

    asyncio.run(check())


def test_words_that_the_file_carries_are_kept_from_the_first_view_too(page: Page) -> None:
    words = {"alt_text": "", "extended_description": "", "description": "Rex.", "keywords": ["pet"]}
    page.captioner.readMetadata = AsyncMock(return_value={"by_person": words})
    downloads = importlib.import_module("pyscript.js_modules").downloads

    async def check() -> None:
        downloads.mentions.return_value = True
        await page.kept(entry(0, "a dog"))
        downloads.mentions.return_value = False
        await page.kept(entry(1, "a cat"))
        found = {row.name: row for row in await rows(page)}
        dog, cat = found["0.png"], found["1.png"]
        assert (dog.state, dog.text, dog.keywords) == ("file", "Rex.", ("pet",))
        assert (cat.state, cat.text, cat.keywords) == ("automatic", "a cat", ("animal",))

    asyncio.run(check())


def test_another_model_writes_beside_what_a_person_wrote(page: Page) -> None:
    async def check() -> None:
        one = entry(0, "a dog")
        keeper = await page.kept(one)
        one.alt.edit("our dog Bo")
        keeper.note(one)
        await page.settled()
        one.result = entry(0, "a brown dog").result
        one.result.model.id, one.caption = "vit-gpt2", "a brown dog"
        keeper.note(one)
        await page.settled()
        (row,) = await rows(page)
        assert (row.text, row.machine_text, row.state) == ("our dog Bo", "a brown dog", "edited")
        captions = await page.core.images.captions(row.id)
        assert [caption.order.model for caption in captions] == ["vit-gpt2", "starter"]

    asyncio.run(check())


def test_another_candidate_is_the_persons_word(page: Page) -> None:
    async def check() -> None:
        one = entry(0, "a dog", "a wolf")
        keeper = await page.kept(one)
        one.caption = "a wolf"
        keeper.note(one)
        await page.settled()
        (row,) = await rows(page)
        assert (row.text, row.machine_text, row.state) == ("a wolf", "a dog", "reviewed")

    asyncio.run(check())


def test_what_a_person_writes_on_the_first_view_is_kept_and_can_be_taken_back(page: Page) -> None:
    async def check() -> None:
        one = entry(0, "a dog")
        page.entries = [one]
        keeper = await page.kept(one)
        (row,) = await rows(page)
        seen = []

        async def change() -> None:
            keeper._note_shown()
            keeper._note_shown()  # told again: one step to undo
            await page.settled()
            (found,) = await rows(page)
            seen.append((found.state, found.text, found.description, found.keywords))

        one.alt.edit("our dog Bo")
        one.alt.extended = "He waits."
        await change()
        one.keywords = ["animal", "Bo"]
        await change()
        one.alt.is_decorative = True
        await change()
        one.alt, one.keywords = type(one.alt)(), ["animal"]
        await change()
        one.alt.alt_text = "a dog"
        one.alt.describe("A dog waits at a gate.")
        await change()  # nobody has read it yet
        one.alt.is_reviewed = True
        await change()
        assert seen[4:] == [
            ("automatic", "a dog", None, ("animal",)),
            ("edited", "a dog", "A dog waits at a gate.", ("animal",)),
        ]
        assert seen[:4] == [
            ("edited", "our dog Bo", "He waits.", ("animal",)),
            ("edited", "our dog Bo", "He waits.", ("animal", "Bo")),
            ("decorative", "our dog Bo", "He waits.", ("animal", "Bo")),
            ("automatic", "a dog", None, ("animal",)),
        ]
        assert len(await page.core.reviews.undo_steps()) == 5
        assert page.link.pictured == [row.sha256]

    asyncio.run(check())


def test_a_library_that_cannot_be_written_is_told_of_once(page: Page) -> None:
    async def check() -> None:
        page.link.problem = JsError(None, "SeesayError", "This device has no room left.")
        await page.kept(entry(0, "a dog"), entry(1, "a cat"))
        assert page.elements["not-kept"].textContent == "This device has no room left."
        assert not page.elements["not-kept"].hidden
        page.link.problem = None
        assert await rows(page) == []

    asyncio.run(check())


def test_captions_of_this_tab_are_kept_by_the_one_that_has_the_library(page: Page) -> None:
    async def check() -> None:
        page.link.where = "elsewhere"
        one = entry(0, "a dog")
        keeper = await page.kept(one)
        one.alt.edit("our dog Bo")
        keeper.note(one)
        await page.settled()
        (row,) = await rows(page)
        assert (row.text, row.machine_text, row.state) == ("our dog Bo", "a dog", "edited")
        assert page.link.handed_over >= 3  # the image, its caption, the person's words
        assert set(page.link.opened) == {False}  # and nothing was taken over for it
        library = await keeper.library()
        handed_over = page.link.handed_over
        await library.accept(
            [row.id]
        )  # from the library's view, which can only read: not asked for
        assert page.link.handed_over == handed_over

    asyncio.run(check())


@pytest.mark.parametrize("next_one", ["device", "elsewhere"])
def test_a_tab_that_is_closed_meanwhile_takes_no_caption_with_it(page: Page, next_one: str) -> None:
    async def check() -> None:
        page.link.where = "elsewhere"
        opened, problem = page.link.open, JsError(None, "SeesayError", "That tab was closed.")
        page.link.problem = problem

        async def free(take_over: bool) -> str:
            if len(page.link.opened) == 1:
                page.link.where, page.link.problem = next_one, None
            return await opened(take_over)

        page.link.open = free  # type: ignore[method-assign]
        await page.kept(entry(0, "a dog"))
        assert page.elements["not-kept"].hidden
        assert page.link.opened == [False, False]
        assert (page.link.handed_over > 0) == (next_one == "elsewhere")
        assert [row.text for row in await rows(page)] == ["a dog"]

    asyncio.run(check())


def test_a_browser_that_keeps_nothing_is_told_of_where_captions_are_made(page: Page) -> None:
    async def check() -> None:
        page.link.where = "memory"
        await page.kept(entry(0, "a dog"))
        assert page.elements["not-kept"].textContent.startswith("This browser keeps nothing here")
        assert not page.elements["not-kept"].hidden

    asyncio.run(check())


def test_erasing_leaves_nothing_and_switches_it_off(page: Page) -> None:
    async def check() -> None:
        keeper = await page.kept(entry(0, "a dog"))
        await keeper.erase()
        assert page.stored == "off"
        assert await rows(page) == []

    asyncio.run(check())


def test_while_all_is_deleted_nothing_new_is_kept(page: Page) -> None:
    async def check() -> None:
        keeper = await page.kept(entry(0, "a dog"))
        erase = page.link.erase

        async def erased() -> None:
            keeper.note(entry(1, "a cat"))
            await erase()

        page.link.erase = erased  # type: ignore[method-assign]
        await keeper.erase()
        await page.settled()
        assert await rows(page) == []
        page.stored = "on"
        page.link.erase, page.link.problem = erase, JsError(None, "SeesayError", "In use.")  # type: ignore[method-assign]
        with pytest.raises(JsError):
            await keeper.erase()
        assert page.stored == "on"  # it is still there, and says so

    asyncio.run(check())


def test_another_tab_that_deletes_all_is_heeded(page: Page) -> None:
    async def check() -> None:
        keeper = await page.kept(entry(0, "a dog"))
        heard: list[str] = []
        keeper.on_event = heard.append
        page.stored = "off"  # in the storage that tabs share
        keeper.note(entry(1, "a cat"))
        await page.settled()
        assert page.link.pictured == HANDLES[:1]
        page.stored = "on"
        page.link.database = new_database()
        page.link.tell("changed")
        keeper.note(entry(0, "a dog"))
        await page.settled()
        assert heard == ["changed"]
        assert [row.text for row in await rows(page)] == ["a dog"]

    asyncio.run(check())


def test_one_file_that_cannot_be_read_takes_no_other_with_it(page: Page) -> None:
    async def check() -> None:
        alert = page.elements["not-kept"]
        page.link.unreadable.add(HANDLES[0])
        keeper = await page.kept(entry(0, "a dog"), entry(1, "a cat"))
        assert [row.text for row in await rows(page)] == ["a cat"]
        assert (alert.hidden, alert.textContent) == (False, "The file could not be read.")
        page.link.unreadable.clear()
        keeper.note(entry(2, "a cow"))  # the first one gets another try with it
        await page.settled()
        assert {row.text for row in await rows(page)} == {"a dog", "a cat", "a cow"}
        assert alert.hidden

    asyncio.run(check())


def test_a_decision_that_was_not_written_is_written_later(page: Page) -> None:
    async def check() -> None:
        one = entry(0, "a dog")
        keeper = await page.kept(one)
        one.alt.edit("our dog Bo")
        page.link.problem = JsError(None, "SeesayError", "This device has no room left.")
        keeper.note(one)
        await page.settled()
        page.link.problem = None
        keeper.note(one)
        await page.settled()
        assert [row.text for row in await rows(page)] == ["our dog Bo"]

    asyncio.run(check())


def test_clicks_and_words_read_later_reach_the_library(page: Page) -> None:
    async def check() -> None:
        one = entry(0, "a dog")
        page.entries = [one]
        await page.kept(one)
        one.alt.edit("our dog Bo")  # "Use the alt text in the file"
        one.words = one.read_words = "BEWARE"
        heard = page.elements["workbench"].addEventListener.call_args_list
        next(call.args[1] for call in heard if call.args[0] == "click")(None)
        await page.settled()
        (row,) = await rows(page, text="beware")
        assert (row.text, row.state) == ("our dog Bo", "edited")

    asyncio.run(check())


def test_words_in_the_picture_that_a_person_puts_right_are_the_persons(page: Page) -> None:
    async def check() -> None:
        one = entry(0, "a sign")
        one.words = one.read_words = "BEVVARE"
        keeper = await page.kept(one)
        one.words, one.has_own_words = "BEWARE", True
        keeper.note(one)
        await page.settled()
        (row,) = await rows(page, text="beware")
        (caption,) = await page.core.images.captions(row.id)
        assert (row.text_in_picture, row.state) == ("BEWARE", "edited")
        assert caption.words.text_in_picture == "BEVVARE"

    asyncio.run(check())


def test_words_from_a_table_reach_the_library(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    async def check() -> None:
        page.entries = [entry(0, "a dog"), entry(1, "a cat")]
        keeper = await page.kept(*page.entries)
        merge = SimpleNamespace(updates=[{"index": 1.0, "fields": {"alt_text": "our cat"}}])
        merge.conflicts = []

        async def merge_table(_records: Any, _table: Any) -> Any:
            return merge

        async def records() -> Any:
            return page.entries, []

        pyscript_modules = sys.modules["pyscript.js_modules"]
        monkeypatch.setattr(pyscript_modules, "downloads", MagicMock(), raising=False)
        module = importlib.import_module("page.words.export")
        monkeypatch.setattr(module, "Record", lambda found: found)
        monkeypatch.setattr(module.words_texts, "merged", lambda _merge: "1 image")
        api = SimpleNamespace(mergeTable=merge_table)
        export = module.Export(api, lambda: page.entries, lambda _entry: None, keeper.note)
        monkeypatch.setattr(export, "records", records)
        page.elements["table-file"].files = ["a table"]
        await export._take_table()
        await page.settled()
        assert {row.text for row in await rows(page)} == {"a dog", "our cat"}

    asyncio.run(check())


# What a person looks for


def test_search_box_means_the_same_to_both_pythons(page: Page) -> None:
    ours = importlib.import_module("page.library.query").match_expression
    for text in (
        "",
        "dog",
        "  dog  beach ",
        'say "hi"',
        "img_12",
        "- ?",
        "été Ωμέγα",
        "a\0b",
        "犬",
    ):
        assert ours(text) == match_expression(text)


def test_filters_find_what_pycore_finds(page: Page) -> None:
    async def check() -> None:
        entries = [
            entry(i, t, folder=f)
            for i, (t, f) in enumerate([("a dog", "a/b"), ("a cat", "a"), ("a dog and a cat", "c")])
        ]
        entries[2].result.kind = "text"
        keeper = await page.kept(*entries)
        library = await keeper.library()
        module = importlib.import_module("page.library.query")

        async def found(**changes: str) -> list[str]:
            query = module.Query()
            for name, value in changes.items():
                setattr(query, name, value)
            ids = json.loads((await library.find(query))[0].part(0, 9))
            return [row["name"] for row in await library.of_ids(ids)]

        assert await found() == ["2.png", "1.png", "0.png"]
        assert await found(sort="oldest") == await found(sort="name") == ["0.png", "1.png", "2.png"]
        assert await found(sort="confidence") == ["0.png", "1.png", "2.png"]
        assert await found(text="do") == ["2.png", "0.png"]
        assert await found(folder="a") == ["1.png", "0.png"]
        assert await found(looks="text") == ["2.png"]
        assert await found(confidence="low") == ["0.png"]
        assert await found(confidence="middle") == ["1.png"]
        assert await found(confidence="high") == ["2.png"]
        assert await found(model="starter", state="reviewed") == []
        _, counts = await library.find(module.Query())
        assert counts["image"] == {"all": 3}
        assert counts["folder"] == {"a": 1, "a/b": 1, "c": 1}

    asyncio.run(check())


@pytest.mark.parametrize(
    ("where", "words"),
    [("memory", "This browser keeps nothing here"), ("elsewhere", "open in another tab")],
)
def test_plain_words_where_the_library_is_not_on_this_device(
    page: Page, where: str, words: str
) -> None:
    async def check() -> None:
        page.link.where = where
        view = library_view(page)
        await view.show("")
        assert words in page.elements["library-notice-text"].textContent
        parts = ("library-off", "shelf", "image-page")
        assert [name for name in parts if not page.elements[name].hidden] == ["shelf"]
        reading = page.elements["library-view"].toggleAttribute
        reading.assert_called_with("data-reading", where == "elsewhere")
        assert page.elements["library-here"].hidden == (where != "elsewhere")

    asyncio.run(check())


def test_keys_with_modifiers_stay_the_browsers(page: Page) -> None:
    grid = importlib.import_module("page.library.tiles.grid").Grid(lambda: None)
    grid.ids = Ids([1, 2, 3], [])
    grid.focus = MagicMock()
    event = MagicMock(key="ArrowLeft", ctrlKey=False, metaKey=False, shiftKey=False, altKey=True)
    event.target.closest.return_value.getAttribute.return_value = "1"
    event.target.matches.return_value = False
    grid._on_key(event)  # back in history
    assert not event.preventDefault.called
    event.altKey = False
    grid._on_key(event)
    grid.focus.assert_called_once_with(0)


def test_what_is_in_view_comes_first_then_the_order_of_the_list(page: Page) -> None:
    grid = importlib.import_module("page.library.tiles.grid").Grid(lambda: None)
    assert grid.first_of([3, 8], 8) == [8, 3]  # before there is a list
    grid.ids = Ids([9, 7, 5, 3, 1], [])
    shown = {2: {"id": 5}, 3: {"id": 3}, 4: None}
    grid._tiles = {index: SimpleNamespace(row=row) for index, row in shown.items()}
    wanted = [1, 2, 3, 4, 7, 9]
    assert grid.first_of(wanted, 1) == [3]
    assert grid.first_of(wanted, 3) == [3, 9, 7]
    assert grid.first_of(wanted, 8) == [3, 9, 7, 1, 4, 2]


# One image: reviewing


def press(
    image: Any, key: str, *, field: bool = False, ctrl: bool = False, on: str = "section"
) -> Any:
    event = MagicMock(key=key, ctrlKey=ctrl, metaKey=False, altKey=False)
    tag = "textarea" if field else on
    event.target.matches = lambda selector: tag in selector.split(", ")
    image._on_key(event)
    return event


async def opened(page: Page, *entries: Any) -> Any:
    """Open the first image of a list, the oldest first."""
    keeper = await page.kept(*entries)
    library = await keeper.library()
    query = importlib.import_module("page.library.query").Query()
    query.sort = "oldest"
    grid = SimpleNamespace(ids=(await library.find(query))[0], count=len(entries))
    problems: list[Any] = []
    module = importlib.import_module("page.library.image.page")
    image = module.ImagePage(page.captioner, grid, problems.append)
    image.open(library, page.link)
    assert await image.show(entries[0].result.image.sha256)
    return image


def test_one_key_decides_and_goes_on(page: Page) -> None:
    async def check() -> None:
        image = await opened(
            page, entry(0, "a dog"), entry(1, "a cat", "a lynx"), entry(2, "a cow")
        )
        assert page.elements["image-place"].textContent == "1 of 3"
        for key in ("Enter", "2", "d"):
            press(image, key)
            await page.settled()
        found = {row.name: (row.state, row.text) for row in await rows(page)}
        assert found == {
            "0.png": ("reviewed", "a dog"),
            "1.png": ("reviewed", "a lynx"),
            "2.png": ("decorative", "a cow"),
        }
        assert page.window.location.hash == "#library"  # that was the last one
        addresses = [call.args[2] for call in page.window.history.replaceState.mock_calls]
        assert addresses == [f"#library/{handle}" for handle in HANDLES[1:]]

    asyncio.run(check())


def test_a_key_meant_for_one_image_never_hits_the_next(page: Page) -> None:
    async def check() -> None:
        image = await opened(page, entry(0, "a dog"), entry(1, "a cat"), entry(2, "a cow"))
        gate = page.link.gates["captions"] = Gate()
        press(image, "Enter")
        await gate.reached.wait()  # the second one is on its way, the first one still there
        for key in ("d", "Enter", "2"):
            press(image, key)
        gate.released.set()
        await page.settled()
        assert page.elements["image-place"].textContent == "2 of 3"
        found = {row.name: row.state for row in await rows(page)}
        assert found == {"0.png": "reviewed", "1.png": "automatic", "2.png": "automatic"}

        gate = page.link.gates["captions"] = Gate()
        shown = asyncio.ensure_future(image.show(HANDLES[2]))  # by its address
        await gate.reached.wait()
        page.elements["image-text"].value = "our cat"
        press(image, "Enter", field=True, ctrl=True)
        await page.settled()
        gate.released.set()
        await shown
        texts = {row.name: row.text for row in await rows(page)}
        assert texts == {"0.png": "a dog", "1.png": "our cat", "2.png": "a cow"}
        assert page.elements["image-place"].textContent == "3 of 3"

    asyncio.run(check())


def test_keys_are_the_next_images_once_typed_words_were_saved(page: Page) -> None:
    async def check() -> None:
        image = await opened(page, entry(0, "a dog"), entry(1, "a cat"))
        focus = page.elements["image-page"].focus
        for text, count in (("", 0), ("our dog", 1)):  # none are not saved: they are still typed
            page.elements["image-text"].value = text
            press(image, "Enter", field=True, ctrl=True)
            await page.settled()
            assert focus.call_count == count
        assert page.elements["image-place"].textContent == "2 of 2"
        await image.move(-1)
        assert not page.elements["image-reset"].hidden
        await image.reset()
        assert page.elements["image-reset"].hidden
        assert focus.call_count == 2  # the button that had it has gone

    asyncio.run(check())


def test_what_was_typed_is_not_lost_by_going_on(page: Page) -> None:
    async def check() -> None:
        image = await opened(
            page, entry(0, "a dog"), entry(1, "a cat", "a lynx"), entry(2, "a cow")
        )

        async def typed(key: str, **values: str) -> None:
            for name, text in values.items():
                page.elements[f"image-{name}"].value = text
            press(image, "Escape", field=True)
            press(image, key)
            await page.settled()

        await typed("u", text="our dog")  # typing was last
        assert page.elements["announcer"].textContent == "Undone: what was not saved yet."
        assert page.elements["image-text"].value == "a dog"
        await typed("j", text="our dog Bo")
        await typed("2", text="", description="It waits.")
        await typed("d", keywords="cow, grass")
        found = {row.name: (row.state, row.text, row.description) for row in await rows(page)}
        assert found == {
            "0.png": ("edited", "our dog Bo", None),
            "1.png": ("edited", "a lynx", "It waits."),
            "2.png": ("decorative", "a cow", None),
        }
        assert (await rows(page, text="grass"))[0].keywords == ("cow", "grass")

    asyncio.run(check())


def library_view(page: Page) -> Any:
    """Return the view of the library, with its filters as they are at first."""
    page.stored = "on"
    for name in ("shelf-search", *(f"filter-{name}" for name in FILTERS)):
        page.elements[name].value = "newest" if name == "filter-sort" else ""
    laid_out = SimpleNamespace(height=0, top=0)  # not at all
    page.elements["tiles"].getBoundingClientRect.return_value = laid_out
    view = importlib.import_module("page.library.library_view").LibraryView(
        page.keeper(), MagicMock(), MagicMock()
    )
    view.listen()
    return view


def test_what_is_looked_for_survives_a_reload(page: Page) -> None:
    async def check() -> None:
        await page.kept(entry(0, "a dog"), entry(1, "a cat"))
        view = library_view(page)
        await view.show("")
        page.elements["shelf-search"].value = "cat"
        page.elements["filter-state"].value = "automatic"
        await view.shelf.search()
        page.window.scrollY = 120
        view._note_scroll()
        view._note_visit()
        again = library_view(page)
        assert page.elements["shelf-search"].value == "cat"
        await again.show("")
        assert again.shelf.grid.count == 1
        page.window.scrollTo.assert_called_with(0, 120.0)
        page.stored = "off"
        await again.show("")
        assert page.visit == {"seesay-library-view": ""}

    asyncio.run(check())


def test_only_what_has_a_caption_is_to_be_reviewed(page: Page) -> None:
    async def check() -> None:
        await page.kept(entry(0, "a dog"), entry(1, "a cat"))
        await page.core.images.add(new_image(7))  # it waits for its caption
        view = library_view(page)
        await view.show("")
        assert page.elements["library-count"].textContent == "3 images"
        assert page.elements["review"].textContent == "Review 2"

    asyncio.run(check())


def test_going_on_leads_the_keyboard_to_the_library(page: Page) -> None:
    async def check() -> None:
        await page.kept(entry(0, "a dog"))
        view = library_view(page)
        title = page.elements["library-title"]
        view.queue.go_on = MagicMock()
        await view.show("")
        title.focus.assert_not_called()
        view.leave()
        view.go_on_when_shown()
        await view.show("")
        await page.settled()
        view.queue.go_on.assert_called_once_with()
        title.focus.assert_called_once_with()

    asyncio.run(check())


def test_what_is_selected_goes_out_as_a_file(page: Page) -> None:
    async def check() -> None:
        await page.kept(entry(0, "a dog"), entry(1, "a cat"))
        view = library_view(page)
        page.window.AbortController = SimpleNamespace(new=MagicMock())
        made = SimpleNamespace(file=SimpleNamespace(name="words.csv"))
        api = view.export._captioner = MagicMock()

        async def export_words(*_what: Any) -> Any:
            view.shelf.grid.select([])  # a person goes on meanwhile
            return made

        api.exportWords = AsyncMock(side_effect=export_words)
        await view.show("")
        view.shelf.grid.selected = {2, 1}
        page.elements["export-form"].value = "csv txt"
        await view.export.export()
        said = page.elements["announcer"].textContent
        assert said == "Downloaded: words.csv, 2 images."  # whatever is selected by now
        records = api.exportWords.call_args.args[0]
        assert [(one["name"], one["alt_text"]) for one in records] == [
            ("0.png", "a dog"),
            ("1.png", "a cat"),
        ]
        assert api.exportWords.call_args.args[1]["forms"] == ["csv", "txt"]
        downloads = sys.modules["pyscript.js_modules"].downloads
        downloads.download.assert_called_once_with(made.file, "words.csv")

    asyncio.run(check())


def test_what_is_selected_and_not_listed_is_told_of(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def confirm(question: str, _action: str) -> bool:
        asked.append(question)
        return False

    async def check() -> None:
        await page.kept(entry(0, "a dog"), entry(1, "a cat"))
        view = library_view(page)
        monkeypatch.setattr("page.library.shelf.confirm", confirm)
        await view.show("")
        said = page.elements["selected-count"]
        search = page.elements["shelf-search"]
        view.shelf.grid.select([1, 2])
        assert said.textContent == "2 selected"
        for text, sentence in (
            ("dog", "2 selected, 1 of them not in this list"),
            ("cow", "2 selected, not in this list"),
            ("cat", "2 selected, 1 of them not in this list"),
        ):
            search.value = text
            await view.shelf.search()
            assert said.textContent == sentence
        title, tools = page.elements["library-title"], page.elements["selection"]
        title.focus.reset_mock()
        for has_focus in (False, True):
            view.shelf.grid.select([1, 2])
            tools.contains.return_value = has_focus
            view.shelf.grid.select([])
            assert tools.hidden
            assert title.focus.call_count == has_focus
        view.shelf.grid.select([1, 2])
        await view.shelf.delete_selected()
        assert "2 images (1 of them not in this list)" in asked[0]
        assert view.shelf.grid.selected == {1, 2}

    asyncio.run(check())


def test_files_go_to_the_first_view_where_the_address_is_not_secure(page: Page) -> None:
    async def check() -> None:
        page.link.where, page.window.isSecureContext = "memory", False
        view = library_view(page)
        await view.show("")
        assert "https://" in page.elements["library-notice-text"].textContent
        assert page.elements["library-add"].hidden
        assert page.elements["shelf-empty"].textContent == "There are no captions here yet."
        assert not view.take([SimpleNamespace(name="a.png")])

    asyncio.run(check())


@pytest.mark.parametrize("way", ["replaced", "deleted"])
@pytest.mark.parametrize("is_failing", [False, True])
def test_nothing_is_captioned_while_the_library_is_put_away(
    page: Page, monkeypatch: pytest.MonkeyPatch, way: str, is_failing: bool
) -> None:
    async def check() -> None:
        await page.kept(entry(0, "a dog"))
        view = library_view(page)
        await view.show("")
        queue, panel = view.queue.queue, view.panel
        first = queue.jobs
        module = importlib.import_module("page.library.kept_panel")
        monkeypatch.setattr(module, "confirm", AsyncMock(return_value=True))

        async def work(*_args: Any) -> None:
            assert queue.jobs is None
            if is_failing:
                raise JsError(None, "SeesayError", "It failed.")

        panel._keeper.link.replace = panel._keeper.erase = work
        page.elements["library-file"].files = ["a library"]
        await (panel.replace() if way == "replaced" else panel.switch_off())
        assert queue.jobs not in {None, first}  # and then it goes on
        said = "It failed." if is_failing else ""
        assert page.elements["library-notice-text"].textContent == said

    asyncio.run(check())


def test_a_caption_of_the_queue_is_shown_before_it_can_be_accepted(page: Page) -> None:
    async def check() -> None:
        keeper = await page.kept(entry(0, "a dog"))
        view = library_view(page)
        told: list[int] = []
        view.on_caption = told.append
        await view.show(HANDLES[0])
        (row,) = await rows(page)
        module = importlib.import_module("page.library.entry_words")
        words = module.machine(entry(0, "two dogs"))
        library = await keeper.library()
        await library.run(
            importlib.import_module("page.library.library").caption_call(row.id, words)
        )
        view.queue._on_caption(row.id)
        await page.settled()
        assert told == [row.id]
        assert page.elements["image-text"].value == "two dogs"
        page.elements["image-text"].value = "our two dogs"
        view.queue._on_caption(row.id)
        await page.settled()
        assert page.elements["image-text"].value == "our two dogs"

    asyncio.run(check())


def test_a_tile_of_a_deleted_image_says_nothing_of_the_one_before(page: Page) -> None:
    parts: dict[str, Any] = {}
    template = page.elements["tile"].content.firstElementChild
    template.cloneNode.return_value.querySelector = lambda name: parts.setdefault(name, MagicMock())
    tile = importlib.import_module("page.library.tiles.tile").Tile()
    names = ("text", "job_message", "name", "state", "job_state")
    row = dict.fromkeys(names, "a dog") | {"id": 1, "sha256": HANDLES[0], "state": "reviewed"}
    row |= {"export_folder": "dogs", "fields": '{"licence": "mine"}', "is_flagged": 1}
    tile.fill(row, "blob:1", False)
    assert (parts[".tile-text"].textContent, parts["img"].hidden) == ("a dog", False)
    said = "Reviewed, flagged, exported into dogs/, licence: mine"
    assert parts[".tile-state"].textContent == said
    parts[".tile-text"].textContent = "untouched"
    tile.outdate()
    tile.fill(row, "blob:1", False)  # what is said already is not said again
    assert parts[".tile-text"].textContent == "untouched"
    tile.forget()
    tile.fill({"id": 2}, "", False)
    assert (parts[".tile-text"].textContent, parts["img"].hidden) == ("", True)
    assert tile.link.href == "#library"


@pytest.mark.parametrize(("width", "said"), [(640, "640 × 480, "), (0, "")])
def test_the_size_in_pixels_is_told_once_it_is_known(page: Page, width: int, said: str) -> None:
    texts = importlib.import_module("page.library.library_texts")
    row = {"folder": "trip", "taken_at": None, "width": width, "height": 480, "size_bytes": 2000}
    row.update({"is_flagged": 0, "export_folder": "", "fields": "{}"})
    assert texts.facts(row) == f"trip, {said}2 KB"


def test_why_the_queue_does_not_begin_is_said(page: Page) -> None:
    async def check() -> None:
        await page.kept(entry(0, "a dog"))
        view = library_view(page)
        await view.show("")
        view.queue.queue._captioner.load = AsyncMock(
            side_effect=JsError(None, "SeesayError", "The model is not there.")
        )
        view.queue._try(view.queue.queue.add(None, "without caption"))
        await page.settled()
        assert page.elements["library-notice-text"].textContent == "The model is not there."

    asyncio.run(check())


@pytest.mark.parametrize("way", ["list", "image", "captions"])
def test_what_was_typed_is_saved_when_its_image_is_left(page: Page, way: str) -> None:
    async def check() -> None:
        await page.kept(entry(0, "a dog"), entry(1, "a cat"))
        view = library_view(page)
        await view.show(HANDLES[0])
        page.elements["image-text"].value = "our dog Bo"
        closing = MagicMock()
        view._on_unload(closing)
        assert closing.preventDefault.called  # the browser asks before the tab is closed
        if way == "captions":
            view.leave()
            await page.settled()
        else:
            await view.show(HANDLES[1] if way == "image" else "")
        assert (await rows(page, text="Bo"))[0].state == "edited"
        await view.show("")
        assert len(await page.core.reviews.undo_steps()) == 1
        closing = MagicMock()
        view._on_unload(closing)
        assert not closing.preventDefault.called

    asyncio.run(check())


def test_escape_leads_back_to_the_list(page: Page) -> None:
    async def check() -> None:
        image = await opened(page, entry(0, "a dog"))
        press(image, "Escape", field=True)  # out of the field first
        await page.settled()
        assert page.window.location.hash == ""
        press(image, "Escape")
        await page.settled()
        assert page.window.location.hash == "#library"

    asyncio.run(check())


@pytest.mark.parametrize("tag", ["button", "a", "summary"])
def test_enter_on_a_control_is_the_controls(page: Page, tag: str) -> None:
    async def check() -> None:
        image = await opened(page, entry(0, "a dog"))
        assert not press(image, "Enter", on=tag).preventDefault.called
        await page.settled()
        assert [row.state for row in await rows(page)] == ["automatic"]

    asyncio.run(check())


def test_where_the_model_looked_is_kept_with_the_caption(page: Page) -> None:
    async def check() -> None:
        one = entry(0, "a dog")
        keeper = await page.kept(one)
        one.found[0].attention = "f0"  # asked for later
        keeper.note(one)
        await page.settled()
        image = await opened(page, one)
        look = page.elements["image-look"]
        assert not look.hidden
        image.look._words = MagicMock()
        image.look.toggle()
        await page.settled()
        image.look._words.show.assert_called_with(ANY, [0, 0, 1, 1])
        assert image.look._words.show.call_args[0][0].words == "f0"
        one.result.caption = one.found[0].text = one.caption = "a brown dog"
        del one.found[0].attention
        keeper.note(one)  # of other words, with no map: that of before is not theirs
        await page.settled()
        assert await image.show(HANDLES[0])
        assert (look.hidden, image.look.is_on) == (True, False)

    asyncio.run(check())


def asked_again(page: Page, *texts: str) -> Any:
    """Let the files of the images be at hand, and the model say this of each; return the result."""
    page.link.file = "blob:1"
    page.link.originals.find = AsyncMock(return_value="file")
    candidates = [SimpleNamespace(text=text, attention="01") for text in texts]
    image = SimpleNamespace(seen=[0, 0, 1, 1], sha256=HANDLES[0])
    result = SimpleNamespace(candidates=candidates, image=image)
    page.captioner.caption = AsyncMock(return_value=result)
    page.window.AbortController = SimpleNamespace(new=MagicMock)
    return result


def test_where_the_model_looked_is_asked_for_while_the_file_is_at_hand(page: Page) -> None:
    async def check() -> None:
        image = await opened(page, entry(0, "a dog", "a wolf"))
        look = page.elements["image-look"]
        assert look.hidden  # of a caption of before nothing odd is shown
        asked_again(page, "a cat", "a dog")
        image.look._words = MagicMock()
        for kept in (False, True):
            assert await image.show(HANDLES[0])
            assert not look.hidden
            image.look.toggle()
            await page.settled()
            attention = image.look._words.show.call_args[0][0]
            assert (attention.words if kept else attention) == "01"
            image.look.toggle()
        page.captioner.caption.assert_awaited_once()

    asyncio.run(check())


@pytest.mark.parametrize("where", ["device", "elsewhere"])
def test_a_caption_is_made_again_once_to_see_where_the_model_looked(page: Page, where: str) -> None:
    async def check() -> None:
        one = entry(0, "a dog")
        one.caption_settings = ("florence-2", "careful")
        one.result.model.id = "florence-2"
        image = await opened(page, one)
        page.link.where = where
        await (await page.keeper().library()).open()
        asked_again(page, "a dog")
        assert await image.show(HANDLES[0])
        image.look._words = MagicMock()
        for _ in range(2):
            image.look.toggle()
            await page.settled()
            image.look._words.show.assert_called_with("01", [0, 0, 1, 1])
            image.look.toggle()
            image.look._words.show.assert_called_with(None, None)
        page.captioner.caption.assert_awaited_once()
        options = page.captioner.caption.call_args[0][1]
        assert (options["numBeams"], options["tasks"]) == (3, ["caption", "objects"])

    asyncio.run(check())


@pytest.mark.parametrize("way", ["off", "leave"])
def test_nobody_waits_for_where_the_model_looked_any_more(page: Page, way: str) -> None:
    async def check() -> None:
        image = await opened(page, entry(0, "a dog"))
        result, gate = asked_again(page, "a dog"), Gate()
        assert await image.show(HANDLES[0])

        async def caption(_file: Any, _options: Any) -> Any:
            if not gate.reached.is_set():
                await gate.pass_through()
                raise JsError(None, "AbortError", "It was stopped.")
            return result

        page.captioner.caption = caption
        image.look._words = MagicMock()
        image.look.toggle()
        await gate.reached.wait()
        asking = image.look._asking
        if way == "off":
            image.look.toggle()
        else:
            await image.leave()
        asking.abort.assert_called_once_with()
        hint = page.elements["image-look-hint"]
        assert (hint.textContent, image.look.is_on) == ("", False)
        image.look.toggle()  # on again: what became of the first is no longer its business
        gate.released.set()
        await page.settled()
        assert hint.textContent.startswith("Point at a word")
        image.look._words.show.assert_called_with("01", [0, 0, 1, 1])

    asyncio.run(check())


@pytest.mark.parametrize(
    ("file", "sha256", "text", "said"),
    [
        (None, HANDLES[0], "a dog", "The small picture that is kept"),
        ("file", HANDLES[1], "a dog", "The file was changed"),
        ("file", HANDLES[0], "a cat", "The model says something else by now"),
    ],
)
def test_no_map_is_taken_of_another_image_or_of_other_words(
    page: Page, file: str | None, sha256: str, text: str, said: str
) -> None:
    async def check() -> None:
        image = await opened(page, entry(0, "a dog"))
        asked_again(page, text).image.sha256 = sha256
        page.link.originals.find.return_value = file
        assert await image.show(HANDLES[0])
        image.look.toggle()
        await page.settled()
        assert page.elements["image-look-hint"].textContent.startswith(said)
        assert page.captioner.caption.await_count == bool(file)
        (row,) = await rows(page)
        assert await image.show(row.sha256)
        assert not image.look._caption["has_look"]

    asyncio.run(check())


def test_words_are_edited_beside_the_machines_and_undone(page: Page) -> None:
    async def check() -> None:
        image = await opened(page, entry(0, "a dog"), entry(1, "a cat"))
        assert page.elements["image-machine"].textContent == (
            "The starter wrote: “a dog” (25\u00a0% sure)"
        )
        page.elements["image-text"].value = "our dog Bo "
        page.elements["image-keywords"].value = "Bo, dog,, "
        image._show_action()
        assert page.elements["image-accept"].textContent == "Save"
        press(image, "x", field=True)  # typing decides nothing
        press(image, "Enter", field=True)
        await page.settled()
        assert [row.state for row in await rows(page)] == ["automatic"] * 2
        press(image, "Enter", field=True, ctrl=True)
        await page.settled()
        (row,) = await rows(page, text="Bo")
        assert (row.text, row.machine_text, row.state) == ("our dog Bo", "a dog", "edited")
        assert row.keywords == ("Bo", "dog")
        press(image, "u")
        await page.settled()
        assert page.elements["announcer"].textContent == "Undone: editing, 1 image"
        assert [row.state for row in await rows(page)] == ["automatic"] * 2

    asyncio.run(check())


def test_keywords_alone_leave_accepted_words_as_they_are(page: Page) -> None:
    async def check() -> None:
        image = await opened(page, entry(0, "a dog", "a wolf"), entry(1, "a cat"))
        press(image, "2")
        await page.settled()
        press(image, "ArrowLeft")
        await page.settled()
        page.elements["image-keywords"].value = "wild"
        await image.accept()
        row = next(row for row in await rows(page) if row.name == "0.png")
        assert (row.text, row.keywords, row.state) == ("a wolf", ("wild",), "edited")

    asyncio.run(check())


def test_that_a_model_cannot_tell_is_no_caption_to_accept(page: Page) -> None:
    async def check() -> None:
        silent = entry(0, "I cannot tell what this photograph shows")
        silent.result.confidence = 0.0
        image = await opened(page, silent)
        assert page.elements["image-text"].value == ""
        assert image.candidates == []
        await image.accept()
        assert "decorative" in page.elements["image-copied"].textContent
        (row,) = await rows(page)
        await image._library.accept([row.id])
        (row,) = await rows(page)
        assert (row.state, row.text) == ("automatic", "")
        texts = importlib.import_module("page.library.library_texts")
        tile = {"state": "automatic", "text": "", "job_state": None}
        unmarked = {"export_folder": "", "fields": "{}", "is_flagged": 0}
        assert texts.tile_state({**tile, **unmarked}) == "Cannot tell"
        assert texts.tile_state({**tile, **unmarked, "text": None}) == "No caption"

    asyncio.run(check())


def test_no_words_are_not_saved(page: Page) -> None:
    async def check() -> None:
        image = await opened(page, entry(0, "a dog"))
        page.elements["image-text"].value = " "
        await image.accept()
        assert "decorative" in page.elements["image-copied"].textContent
        assert [row.state for row in await rows(page)] == ["automatic"]

    asyncio.run(check())


def test_deleted_images_leave_no_word_behind(page: Page) -> None:
    async def check() -> None:
        keeper = await page.kept(entry(0, "a secret dog"), entry(1, "a cat"))
        library = await keeper.library()
        (dog,) = await rows(page, text="secret")
        await library.edit(dog.id, {"text": "a secret hound"})
        await library.delete([dog.id])
        assert page.link.forgotten == HANDLES[:1]  # their files are not looked for any more
        kept = "\n".join(page.link.database._connection.iterdump())
        assert "secret" not in kept
        assert "a cat" in kept
        assert await library.size_bytes() > 0

    asyncio.run(check())


def test_the_room_of_deleted_images_is_given_back_once_it_is_much(page: Page) -> None:
    async def check() -> None:
        library = await (await page.kept()).library()
        known = [new_image(number, thumbnail=bytes(40_000)) for number in range(10)]
        ids = await page.core.images.add_all(known)
        full = await library.size_bytes()
        await library.delete(ids[:1])
        assert await library.size_bytes() == full  # nothing is written anew for it
        await library.delete(ids[1:5])
        assert await library.size_bytes() < 0.7 * full

    asyncio.run(check())


# When it was taken, and which view is shown


def test_date_of_a_photograph(page: Page) -> None:
    module = importlib.import_module("page.image.exif_date")
    few = 0

    def taken_at(content: bytes) -> str | None:
        nonlocal few
        few = 0

        def read(first: int, last: int) -> bytes:
            nonlocal few
            few += last - first
            return content[first:last]

        found: str | None = module.taken_at(read)
        return found

    exif = Image.Exif()
    exif[0x0132] = "2026:11:27 12:00:00"  # when the file was changed
    assert taken_at(encoded("TIFF", exif)) == "2026-11-27T12:00:00"
    assert taken_at(encoded("JPEG", exif)) == "2026-11-27T12:00:00"
    exif.get_ifd(0x8769)[0x9003] = "2026:07:01 08:30:15"  # when it was taken
    photo = encoded("JPEG", exif)
    large = photo[:2] + (b"\xff\xe2\xff\xff" + bytes(65533)) + b"\xff" + photo[2:]
    assert taken_at(large) == "2026-07-01T08:30:15"
    assert few < 1000  # of 64 KB: each byte costs
    assert taken_at(photo) == "2026-07-01T08:30:15"
    for length in range(len(photo)):  # a cut file, and what is no date, are no fault
        assert taken_at(photo[:length]) in {None, "2026-07-01T08:30:15", "2026-11-27T12:00:00"}
    assert taken_at(photo.replace(b"2026:07:01", b"2026\xff07:01")) == "2026-07-01T08:30:15"
    exif.get_ifd(0x8769)[0x9003] = "0000:00:00 00:00:00"
    assert taken_at(encoded("JPEG", exif)) == "2026-11-27T12:00:00"
    assert taken_at(encoded("JPEG", Image.Exif())) is None
    assert taken_at(b"") is taken_at(b"\x89PNG") is None
    for filler in (b"\xff", b"\xff\xe2\0\2"):  # made up to be long in reading
        assert taken_at(photo[:2] + filler * 30_000 + photo[2:]) is None
        assert few < 5000


def encoded(file_format: str, exif: Image.Exif) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, file_format, exif=exif)
    return out.getvalue()


def test_the_address_names_the_view(page: Page) -> None:
    routes = importlib.import_module("page.library.routes")
    named = {
        "": None,
        "#": None,
        "#rows": None,
        "#library": "",
        "#library/ab": "ab",
        "#librarian": None,
    }
    for fragment, handle in named.items():
        assert routes.handle_of(fragment) == handle
    assert routes.handle_of(routes.address("ab")) == "ab"
    script = (ROOT / "web" / "page" / "library" / "choice.mjs").read_text(encoding="utf-8")
    (before_python,) = re.findall(r"= /(.+)/\.exec\(location\.hash\)", script)
    for fragment in (
        *named,
        "#library/",
        "#rules",
        "#rules/x",
        "#rulesx",
        "#documents/x/y",
        "#x/y",
    ):
        found = re.match(before_python.replace("\\/", "/"), fragment)
        assert routes.view_of(fragment) == (found[1] if found else "captions")
    assert routes.view_of("#documents/x") == "documents"
    assert routes.handle_of(routes.address()) == ""


def test_an_image_whose_file_is_written_while_it_is_kept_is_known_by_one_hash(page: Page) -> None:
    async def check() -> None:
        one, gate = entry(0, "a dog"), Gate()

        class Slow(File):
            async def arrayBuffer(self) -> bytes:  # noqa: N802 - JavaScript's name
                await gate.pass_through()
                return b"PNG"

        one.file = Slow()
        page.stored = "on"
        page.link.originals.follow = AsyncMock()
        keeper = page.keeper()
        keeper.note(one)
        await gate.reached.wait()
        one.sha256 = HANDLES[1]  # words were saved into it
        gate.released.set()
        await page.settled()
        (before,) = await rows(page)
        assert (before.sha256, page.link.pictured) == (HANDLES[0], HANDLES[:1])
        keeper.note(one)
        await page.settled()
        (row,) = await rows(page)
        assert (row.id, row.sha256) == (before.id, HANDLES[1])

    asyncio.run(check())


def test_an_image_is_kept_once_when_words_were_saved_into_its_file(page: Page) -> None:
    async def check() -> None:
        one = entry(0, "a dog")
        keeper = await page.kept(one)
        (before,) = await rows(page)
        take_saved = importlib.import_module("page.words.in_file").take_saved
        file = SimpleNamespace(size=4321)
        one.picture = None
        page.link.originals.follow = AsyncMock()
        take_saved(one, SimpleNamespace(file=file, sha256="12" * 32))
        assert (one.sha256, one.earlier) == ("12" * 32, [HANDLES[0]])
        keeper.note(one)
        await page.settled()
        (row,) = await rows(page)
        assert (row.id, row.sha256, row.size_bytes) == (before.id, "12" * 32, 4321)
        page.link.originals.follow.assert_awaited_once_with(HANDLES[0], "12" * 32, file)
        assert page.link.pictured == [HANDLES[0]]  # it is not kept anew
        one.alt.edit("Our Rex.")
        keeper.note(one)
        await page.settled()
        again = entry(0, "a dog")  # dropped again: it has the new bytes
        again.sha256 = "12" * 32
        keeper.forget()
        keeper.note(again)
        await page.settled()
        (row,) = await rows(page)
        assert (row.id, row.text) == (before.id, "Our Rex.")

    asyncio.run(check())


def test_a_saved_file_that_is_an_image_of_its_own_is_that_one_from_then_on(page: Page) -> None:
    async def check() -> None:
        one, other = entry(0, "a dog"), entry(1, "a dog")  # the second has the words inside already
        keeper = await page.kept(one, other)
        twin, before = await rows(page)
        page.link.originals.follow = AsyncMock()
        keeper.forget()
        keeper.note(one)  # of both, the library's ids are known of this one alone
        await page.settled()
        one.picture = None
        take_saved = importlib.import_module("page.words.in_file").take_saved
        take_saved(one, SimpleNamespace(file=other.file, sha256=HANDLES[1]))
        one.alt.edit("Our Rex.")
        keeper.note(one)
        await page.settled()
        found = {row.id: (row.sha256, row.text) for row in await rows(page)}
        assert found == {before.id: (HANDLES[0], "a dog"), twin.id: (HANDLES[1], "Our Rex.")}

    asyncio.run(check())


def test_keywords_of_rules_that_a_person_takes_away_are_gone(page: Page) -> None:
    async def check() -> None:
        take = importlib.import_module("page.rules.targets").take
        subject = importlib.import_module("page.rules.targets").subject
        typed, restored = entry(0, "a dog"), entry(1, "a cat")
        keeper = await page.kept(typed, restored)
        for one in (typed, restored):
            one.confidence = 0.5
            before = subject(one)
            take(one, before, {**before, "keywords": ["animal", "pet"]})
            keeper.note(one)
        await page.settled()
        assert [row.keywords for row in await rows(page)] == [("animal", "pet")] * 2
        typed.write_keywords(["animal"])
        restored.restore_keywords()
        for one in (typed, restored):
            one.alt.edit("Mine.")
            keeper.note(one)
        await page.settled()
        found = [(row.text, row.keywords, row.state) for row in await rows(page)]
        assert found == [("Mine.", ("animal",), "edited")] * 2

    asyncio.run(check())


def test_marks_of_rules_are_a_filter_and_can_be_taken_away(page: Page) -> None:
    async def check() -> None:
        keeper = await page.kept(entry(0, "a dog"), entry(1, "a cat"))
        library = await keeper.library()
        (cat, dog) = await rows(page)
        pyscript: Any = importlib.import_module("pyscript")
        pyscript.document.createElement = lambda _name: SimpleNamespace()
        shelf = importlib.import_module("page.library.shelf").Shelf(MagicMock())
        shelf.open(library)
        for name in FILTERS:
            page.elements[f"filter-{name}"].value = "newest" if name == "sort" else ""
        page.elements["shelf-search"].value = ""
        shelf.grid = MagicMock(selected={dog.id})
        await shelf.search()
        marks = page.elements["filter-marks"], page.elements["clear-marks-selected"]
        assert [one.hidden for one in marks] == [True, True]
        change = {"id": dog.id, "export_folder": "dogs", "is_flagged": True}
        await library.write_by_rules([change])
        page.elements["filter-mark"].value = "/dogs"
        await shelf.search()
        assert [one.hidden for one in marks] == [False, False]
        assert shelf.grid.show.call_args.args[1].ids == [dog.id]
        made: Any = page.elements["filter-mark"].replaceChildren.call_args.args
        assert [one.textContent for one in made[1:]] == ["Exported into dogs/ (1)", "Flagged (1)"]
        await shelf._change_selected("clear_marks")
        assert shelf.grid.show.call_args.args[1].ids == []
        step = await library.undo()
        assert step["label"] == "marks"
        assert len(await rows(page, mark="/dogs")) == 1
        assert cat.is_flagged is False

    asyncio.run(check())


def test_an_edited_table_comes_back_into_the_library(page: Page) -> None:
    async def check() -> None:
        one, two = entry(0, "a dog"), entry(1, "a cat")
        two.alt.edit("My cat.")
        keeper = await page.kept(one, two, entry(2, "a cow"))
        library = await keeper.library()
        cow, cat, dog = await rows(page)
        found = {
            "updates": [
                {"index": 2, "fields": {"alt_text": "Rex.", "keywords": ["Rex"], "reviewed": True}},
                {"index": 0, "fields": {"reviewed": True}},
            ],
            "conflicts": [
                {"index": 1, "name": "1.png", "field": "alt_text", "here": "My cat.", "there": "Y"}
            ],
            "same": 0, "unknown": [], "changed": [],
        }  # fmt: skip
        given: list[Any] = []

        async def merge(records: Any, table: Any) -> Any:
            given.append((records, table))
            return SimpleNamespace(**found)

        module = importlib.import_module("page.library.tables.table_import")
        module.Record = lambda value: value  # type: ignore[attr-defined]
        lines: list[Any] = []
        module.conflicts = SimpleNamespace(line=lambda *told: lines.append(told))  # type: ignore[attr-defined]
        told = AsyncMock()
        table = module.TableImport(SimpleNamespace(mergeTable=merge), library, page.link, told)
        page.elements["library-table-file"].files = []
        await table.take()
        assert given == []
        page.elements["library-table-file"].files = ["the table"]
        await table.take()
        ((records, file),) = given
        assert ([one["name"] for one in records], file) == (
            ["2.png", "1.png", "0.png"],
            "the table",
        )
        states = {row.name: (row.state, row.text, row.keywords) for row in await rows(page)}
        assert states == {
            "0.png": ("edited", "Rex.", ("Rex",)),
            "1.png": ("edited", "My cat.", ("animal",)),
            "2.png": ("reviewed", "a cow", ("animal",)),
        }
        said = page.elements["library-table-said"].textContent
        assert said == "2 images changed, 1 conflict to decide."
        ((conflict, name, take, _),) = lines
        assert (conflict["there"], name) == ("Y", "1.png")
        library.take_table, written = (
            AsyncMock(side_effect=JsError(None, "SeesayError", "In use.")),
            library.take_table,
        )
        assert not await take()
        await table.take()
        said = page.elements["library-table-said"].textContent
        assert said == "In use."
        library.take_table = written
        assert await take()
        await page.settled()
        (row,) = await library.of_ids([cat.id])
        assert row["text"] == "Y"
        steps = [(await library.undo())["label"] for _ in range(2)]
        assert steps == ["table", "table"]
        assert {row.id: row.state for row in await rows(page)} == {
            cow.id: "automatic", cat.id: "edited", dog.id: "automatic"
        }  # fmt: skip
        assert told.await_count == 2

    asyncio.run(check())
