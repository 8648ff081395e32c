"""The page's App: what is asked of the captioner, and what is shown of its answers."""

from __future__ import annotations

import asyncio
import importlib
import sys
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import pytest

from tests.contract.page.image_page import Elements, make_entry
from tools.project import ROOT

pytest_plugins = ["tests.contract.page.image_page_fixtures"]


def let_be(work: Any) -> None:
    """Stand in for events.start where the work does not matter."""
    if hasattr(work, "close"):
        work.close()


def opened_app(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the page's App, of which nothing was started."""
    pyscript: Any = sys.modules["pyscript"]
    pyscript.js_import, pyscript.window = MagicMock(), MagicMock()
    pyscript.window.location.hash = ""
    pyscript.document.querySelector.return_value = None
    modules: Any = sys.modules["pyscript.js_modules"]
    modules.shared_captioner = modules.library_choice = modules.heat_canvas = MagicMock()
    modules.file_drop = SimpleNamespace(take=lambda: None)
    monkeypatch.setattr(importlib.import_module("page.browser.events"), "start", let_be)
    return importlib.import_module("page.app").app


def test_maps_are_asked_for_alike_whenever_the_button_is_pressed(
    elements: Elements, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check() -> None:
        app = opened_app(monkeypatch)
        app.captioner = MagicMock()
        result = SimpleNamespace(candidates=[])
        app.captioner.caption = AsyncMock(return_value=result)
        app.captioner.captionAll = AsyncMock()
        app.keeper.note = app.finish = MagicMock()
        entry = make_entry()
        entry.caption_settings = settings = ("florence-2", "careful")
        await app.attend(entry, None)
        entry.finish = app.detail.refresh = app.models.note = app.rules.note = MagicMock()
        app.gallery.caption = lambda _settings, ask: ask([])
        app.gallery.outcome = lambda: ""
        for is_on in (True, False):
            app.detail.heat.is_on = is_on
            app.job = job = MagicMock()
            await app.caption(entry, job, settings)
            app.job = job
            await app.caption_all(job, settings)
        await app.read(entry, "eng", None)
        asked = [call[0][1] for call in app.captioner.caption.call_args_list]
        asked[2:2] = [call[0][1] for call in app.captioner.captionAll.call_args_list]
        looks = [(one.get("attentions"), one.get("tasks")) for one in asked]
        objects = (True, ["caption", "objects"])
        assert looks == [objects, objects, objects, *[(None, None)] * 3]
        # What is written of the objects is not shown as a caption.
        assert ["onToken" in one for one in asked] == [False] * 4 + [True, False]

    asyncio.run(check())


def test_where_it_looked_is_not_offered_where_nothing_was_recognised(
    elements: Elements, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened_app(monkeypatch)
    button = elements["look"]
    app.detail.candidates = app.detail.findings = app.detail.workbench = MagicMock()
    for confidence, is_hidden in ((0.9, False), (0.0, True), (0.3, False)):
        entry = make_entry()
        entry.result.confidence = confidence
        app.detail._show_caption(entry)
        assert button.hidden == is_hidden


@pytest.mark.parametrize("said", ["STOP", ""])
def test_who_read_the_words_is_said_and_may_be_another(elements: Elements, said: str) -> None:
    findings = importlib.import_module("page.image.findings").Findings(AsyncMock(), MagicMock())
    entry = make_entry()
    entry.is_listed, entry.keywords = False, []
    entry.caption_settings = ("florence-2", "fast")
    entry.keep_words(SimpleNamespace(answers=SimpleNamespace(text=SimpleNamespace(text=said))))
    findings.show(entry)
    select, by_model = elements["text-language"], elements["text-by-model"]
    assert (select.value, by_model.textContent) == ("", "By the model itself")
    hidden = [elements[name].hidden for name in ("words-found", "words", "copy-words")]
    assert hidden == [False, not said, not said]
    assert not by_model.hidden
    entry.caption_settings = ("starter", "fast")
    entry.keep_words(SimpleNamespace(text=SimpleNamespace(text=said, language="deu")))
    findings.show(entry)
    assert (select.value, by_model.disabled) == ("deu", True)
    assert elements["words-found"].hidden == (not said)
    page = (ROOT / "web/index.html").read_text("utf-8")
    assert '<option id="text-by-model" value="">' in page


def test_answers_without_words_are_no_words(elements: Elements) -> None:
    entry = make_entry()
    entry.keep_words(SimpleNamespace(answers=SimpleNamespace(caption="a dog", objects="dog")))
    assert (entry.words, entry.text_language) == (None, "")


def test_escape_stops_only_what_is_shown(
    elements: Elements, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, pyscript = opened_app(monkeypatch), sys.modules["pyscript"]
    monkeypatch.setattr(app, "cancel", MagicMock())
    escape = SimpleNamespace(key="Escape")
    pyscript.document.querySelector.return_value = "a question"
    app.on_key(escape)
    pyscript.document.querySelector.return_value = None
    pyscript.window.location.hash = "#library"
    app.on_key(escape)
    app.cancel.assert_not_called()
    pyscript.window.location.hash = ""
    app.on_key(escape)
    app.cancel.assert_called_once_with()


def test_a_caption_that_waits_for_the_runtime_says_how_much_of_it_has_come(
    elements: Elements, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened_app(monkeypatch)
    news = {"stage": "runtime", "loaded": 3e6, "total": 28e6, "unit": "bytes"}
    monkeypatch.setattr(sys.modules["page.app"], "Record", lambda event: event)
    event = SimpleNamespace(**news)
    app.on_warmup(event)
    assert "3.0 MB" not in str(elements["doing"].textContent)  # nothing was asked for
    app.job = MagicMock()
    app.on_warmup(event)
    assert elements["doing"].textContent == "Loading the runtime: 3.0 MB of 28 MB"
    app.gallery = MagicMock(is_open=True)
    app.on_warmup(event)
    app.gallery.show_doing.assert_called_with("Loading the runtime: 3.0 MB of 28 MB")
