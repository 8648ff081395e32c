"""The view of the library: what it shows when, and what it says where there is no library."""

from __future__ import annotations

import asyncio
import importlib
import re
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import pytest

from tests.contract.page.library_page import HANDLES, Page, entry, library_view
from tests.contract.page.page_stand_ins import JsError
from tests.unit.library.library_samples import new_image
from tools.project import ROOT


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

        async def work(*args: Any) -> None:
            assert queue.jobs is None
            if way == "replaced":
                args[1]("reading", 40)
                said = page.elements["kept-size"].textContent
                assert said == "reading the library of the file, 40 % done."
            if is_failing:
                raise JsError(None, "SeesayError", "It failed.")

        panel._keeper.link.replace = panel._keeper.erase = work
        page.elements["library-file"].files = ["a library"]
        await (panel.replace() if way == "replaced" else panel.switch_off())
        assert queue.jobs not in {None, first}  # and then it goes on
        said = "It failed." if is_failing else ""
        assert page.elements["library-notice-text"].textContent == said

    asyncio.run(check())


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


def test_a_failure_is_said_until_something_is_tried_again(page: Page) -> None:
    async def check() -> None:
        await page.kept(entry(0, "a dog"))
        page.link.where = "memory"
        view = library_view(page)
        await view.show("")

        def said() -> str:
            return str(page.elements["library-notice-text"].textContent)

        standing = said()
        page.link.problem = JsError(None, "SeesayError", "This device has no room left.")
        await view.shelf._change_selected("accept")
        assert said() == "This device has no room left."
        page.link.problem = None
        await view.shelf._change_selected("accept")
        assert said() == standing  # which still holds
        view.show_problem(
            JsError(None, "TypeError", "Failed to fetch dynamically imported module: x")
        )
        assert "could not be loaded. Check the connection" in said()
        assert view.take([SimpleNamespace(name="a.png", file=None, path="a.png")])
        assert said() == standing

    asyncio.run(check())


def test_words_that_could_not_be_saved_are_told_of_and_there_again(page: Page) -> None:
    async def check() -> None:
        await page.kept(entry(0, "a dog"), entry(1, "a cat"))
        view = library_view(page)
        await view.show(HANDLES[0])
        page.elements["image-text"].value = "My own dog."
        run, problem = page.link.run, JsError(None, "SeesayError", "This device has no room left.")

        async def only_read(calls: str, hands_over: bool = False) -> str:
            if "write_review" in calls:
                raise problem
            return await run(calls, hands_over)

        page.link.run = only_read  # type: ignore[method-assign]
        await view.show(HANDLES[1])
        assert page.elements["image-text"].value == "a cat"
        assert page.elements["library-notice-text"].textContent == "This device has no room left."
        await view.show(HANDLES[0])
        assert page.elements["image-text"].value == "My own dog."
        page.link.run = run  # type: ignore[method-assign]
        await view.show("")
        await view.show(HANDLES[0])
        assert page.elements["image-text"].value == "My own dog."
        assert not view.image.has_changes()

    asyncio.run(check())


def test_what_is_typed_outlasts_a_stay_of_the_library_in_another_tab(page: Page) -> None:
    async def check() -> None:
        await page.kept(entry(0, "a dog"))
        view = library_view(page)
        await view.show(HANDLES[0])
        field = page.elements["image-text"]
        field.value = "My own dog."
        view._on_event("taken")
        locked = [field.readOnly]
        await view.take_over()
        assert [*locked, field.readOnly] == [True, False]
        assert field.value == "My own dog."
        assert view.image.has_changes()

    asyncio.run(check())


def test_the_browser_asks_before_a_tab_is_closed_that_is_still_taking_files_in(page: Page) -> None:
    async def check() -> None:
        await page.kept(entry(0, "a dog"))
        view = library_view(page)
        await view.show("")
        closing = [MagicMock(), MagicMock()]
        view._on_unload(closing[0])
        view.queue.queue.intake.total = 3
        view._on_unload(closing[1])
        assert [event.preventDefault.called for event in closing] == [False, True]

    asyncio.run(check())


def test_a_library_on_a_full_device_can_be_read(page: Page) -> None:
    async def check() -> None:
        await page.kept(entry(0, "a dog"))
        view = library_view(page)
        run, problem = page.link.run, JsError(None, "SeesayError", "This device has no room left.")

        async def only_read(calls: str, hands_over: bool = False) -> str:
            if "clear_finished" in calls:
                raise problem
            return await run(calls, hands_over)

        page.link.run = only_read  # type: ignore[method-assign]
        await view.show("")
        assert page.elements["library-count"].textContent == "1 image"
        assert page.elements["library-notice-text"].textContent == "This device has no room left."
        assert view.queue.queue.jobs is None  # so that it takes nothing in
        page.link.run = run  # type: ignore[method-assign]
        await view.show("")
        assert page.elements["library-notice-text"].textContent == ""
        assert view.queue.queue.jobs is not None

    asyncio.run(check())
