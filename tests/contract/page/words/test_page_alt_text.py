"""The workbench for alt text: drafts, findings, presets."""

from __future__ import annotations

import asyncio
import importlib
import json
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

from pycore.exports import COLUMNS
from tests.contract.page.image_page import (
    Browser,
    Elements,
    findings,
    make_entry,
    make_workbench,
    said,
)

pytest_plugins = ["tests.contract.page.image_page_fixtures"]


def test_a_draft_stands_there_until_a_person_writes(elements: Elements) -> None:
    entry = make_entry()
    workbench = make_workbench(elements, entry)
    assert elements["alt-text"].value == "A man with a dog."
    assert said(elements, "alt-count") == "17 of 125 characters"
    assert findings(elements) == ["Nothing to object to."]

    elements["alt-text"].value = "My dog & man.jpg"
    workbench._edit()
    assert [one.split(":")[0] for one in findings(elements)] == ["Says “My”"]
    entry.pick("two cats", 0.5)
    workbench.refresh()
    assert elements["alt-text"].value == "My dog & man.jpg"  # a person's words stay
    workbench._start_over()
    assert elements["alt-text"].value == "Two cats."
    assert entry.alt.source() == "trainedAlgorithmicMedia"


def test_what_is_just_being_typed_is_not_written_over(elements: Elements) -> None:
    entry = make_entry()
    workbench = make_workbench(elements, entry)
    assert elements["alt-keywords"].value == "dog"
    elements["alt-keywords"].value = "dog, lea"
    entry.words = "Beware"  # was read meanwhile
    workbench.refresh()
    assert elements["alt-keywords"].value == "dog, lea"
    assert elements["alt-words"].value == "Beware"
    elements["alt-keywords"].value = "dog,leash"
    workbench._take_keywords()
    assert entry.keywords == ["dog", "leash"]
    assert elements["alt-keywords"].value == "dog, leash"
    elements["alt-keywords"].value = "unfinished"
    workbench.show(make_entry())
    assert elements["alt-keywords"].value == "dog"


def test_nothing_is_computed_while_the_workbench_is_closed(elements: Elements) -> None:
    elements["workbench"].open = False
    entry = make_entry()
    make_workbench(elements, entry)
    assert entry.alt.alt_text == ""


def test_inclusive_wording_is_shown_and_undone(elements: Elements) -> None:
    entry = make_entry()
    workbench = make_workbench(elements, entry)
    for text in ("", "The fireman."):  # a draft, and a person's own words
        if text:
            elements["alt-text"].value = text
            workbench._edit()
        before = elements["alt-text"].value
        elements["alt-inclusive"].checked = True
        workbench._reword()
        assert elements["alt-text"].value != before
        assert "→" in said(elements, "alt-changes")
        elements["alt-inclusive"].checked = False
        workbench._reword()
        assert elements["alt-text"].value == before
        assert said(elements, "alt-changes") == ""
    elements["alt-inclusive"].checked = True
    workbench._reword()
    elements["alt-text"].value = "The firefighter sleeps."
    workbench._edit()
    elements["alt-inclusive"].checked = False
    workbench._reword()
    assert elements["alt-text"].value == "The firefighter sleeps."
    assert said(elements, "alt-changes").startswith("You have edited the words since")


def test_who_has_read_a_draft_has_not_read_the_next(elements: Elements) -> None:
    entry = make_entry()
    workbench = make_workbench(elements, entry)
    elements["alt-reviewed"].checked = True
    workbench._take()
    workbench.refresh()
    assert entry.alt.is_reviewed
    entry.pick("two cats", 0.5)
    workbench.refresh()
    assert (entry.alt.alt_text, entry.alt.is_reviewed) == ("Two cats.", False)
    assert elements["alt-reviewed"].checked is False


def test_what_is_copied(elements: Elements) -> None:
    record = importlib.import_module("page.words.record")
    entry = make_entry()
    make_workbench(elements, entry)
    entry.alt.edit('A "man" & a dog')
    forms = {form: record.in_form(entry, form) for form in ("text", "markdown", "html", "json")}
    assert forms["text"] == 'A "man" & a dog'
    assert forms["markdown"] == '![A "man" \\& a dog](dog%20%26%20man.jpg)'
    alt = "A &quot;man&quot; &amp; a dog"
    assert forms["html"] == f'<img src="dog%20%26%20man.jpg" alt="{alt}">'
    told = json.loads(forms["json"])
    assert tuple(told) == COLUMNS
    entry.fields, entry.is_marked = {"licence": "mine"}, True
    assert json.loads(record.in_form(entry, "json"))["flagged"] == "yes"
    assert (told["source"], told["state"], told["reviewed"]) == ("humanEdits", "reviewed", True)
    assert (told["model"], told["revision"], told["keywords"]) == ("starter", "r1", ["dog"])
    entry.alt.is_decorative = True
    assert record.in_form(entry, "html") == '<img src="dog%20%26%20man.jpg" alt="">'
    assert record.exported(entry)["state"] == "decorative"


def test_keywords_are_the_same_on_the_workbench_and_above(elements: Elements) -> None:
    edited: list[Any] = []
    entry = make_entry()
    workbench = make_workbench(elements, entry, edited)
    elements["alt-keywords"].value = "dog, beach,"
    workbench._take_keywords()
    assert (entry.keywords, entry.words, edited) == (["dog", "beach"], None, [entry])
    elements["alt-words"].value = "EXIT"
    workbench._take_keywords()
    assert entry.words == "EXIT"


def test_the_models_keywords_come_back(elements: Elements) -> None:
    edited: list[Any] = []
    entry = make_entry()
    workbench = make_workbench(elements, entry, edited)
    assert elements["keywords-start-over"].hidden
    entry.write_keywords([])
    workbench.refresh()
    assert not elements["keywords-start-over"].hidden
    workbench._restore_keywords()
    assert (entry.keywords, elements["alt-keywords"].value, edited) == (["dog"], "dog", [entry])
    assert elements["keywords-start-over"].hidden
    entry.result.keywords = [SimpleNamespace(text="cat")]
    entry.finish(entry.result, ("starter", "fast"), 1.0)  # a new caption brings its own again
    assert entry.keywords == ["cat"]


def test_that_a_model_cannot_tell_is_no_alt_text(elements: Elements) -> None:
    entry = make_entry()
    workbench = make_workbench(elements, entry)
    entry.result.caption = entry.caption = "I cannot tell what this photograph shows"
    entry.result.confidence = 0.0
    workbench.prepare(entry)
    assert (entry.alt.said(), entry.alt.state()) == ("", "empty")
    entry.caption = "a harbour"  # a person's, or another candidate
    workbench.prepare(entry)
    assert entry.alt.said() == "A harbour."


def test_no_caption_takes_the_place_of_what_a_person_wrote(elements: Elements) -> None:
    entry = make_entry()
    workbench = make_workbench(elements, entry)
    again = MagicMock(caption="a cat", keywords=[SimpleNamespace(text="cat")], candidates=[])
    again.answers = None
    again.confidence, again.flagged = 0.9, False
    again.text = SimpleNamespace(text="FX1T", language="eng")
    entry.finish(again, ("starter", "fast"), 1.0)
    assert (entry.keywords, entry.words) == (["cat"], "FX1T")  # nobody wrote anything

    elements["alt-keywords"].value, elements["alt-words"].value = "cat, tabby", "FX1T"
    workbench._take_keywords()
    entry.finish(again, ("starter", "careful"), 1.0)
    assert (entry.keywords, entry.has_own_words) == (["cat", "tabby"], False)
    elements["alt-words"].value = "EXIT"
    workbench._take_keywords()
    entry.finish(again, ("starter", "fast"), 1.0)
    entry.fail("No memory.")
    assert (entry.keywords, entry.words) == (["cat", "tabby"], "EXIT")
    entry.keep_words(again)  # read again, as the person asked
    assert entry.words == "FX1T"


def test_presets_are_kept_exported_and_imported(elements: Elements, browser: Browser) -> None:
    workbench = make_workbench(elements, make_entry())
    presets = workbench.presets
    elements["alt-limit"].value = "own"
    elements["own-limit"].value = "10"
    elements["preset-template"].value = "{caption} {place}"
    elements["preset-required"].value = "Acme, dog"
    elements["preset-full-stop"].value = "remove"
    presets._take()
    assert elements["alt-text"].value == "A man with a dog {place}"
    assert said(elements, "preset-problem") == "There is no {place}; it stays as it is written."
    assert any("Lacks “Acme”" in one for one in findings(elements))
    presets.set_inclusive(False)
    assert browser.kept == {}  # nobody said to keep anything
    elements["preset-name"].value = "Shop"
    presets._save()
    presets._export()
    ((text, name),) = browser.downloads
    assert name == "seesay-presets.json"

    fresh = importlib.import_module("page.words.presets").Presets(lambda: None)
    assert [one.name for one in fresh.all] == ["Standard", "Shop"]  # kept on this device
    browser.kept.clear()
    other = importlib.import_module("page.words.presets").Presets(lambda: None)

    async def read() -> Any:
        return text

    elements["preset-file"].files = [SimpleNamespace(text=read)]
    asyncio.run(other._import())
    assert [one.to_dict() for one in other.all] == [one.to_dict() for one in fresh.all]
    other._delete()
    assert [one.name for one in other.all] == ["Standard"]
    text = "{}"
    asyncio.run(other._import())
    assert said(elements, "preset-problem").startswith("That file has no presets of Seesay.")
