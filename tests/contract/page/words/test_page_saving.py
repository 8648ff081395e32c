"""Words into an image file and out of it, and those that are in it."""

from __future__ import annotations

import asyncio
import importlib
import sys
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest

from tests.contract.page.image_page import (
    Browser,
    Captioner,
    Elements,
    make_entry,
    make_workbench,
    said,
)

pytest_plugins = ["tests.contract.page.image_page_fixtures"]


def make_saving(elements: Elements, captioner: Captioner, file_format: str = "JPEG") -> Any:
    entry = make_entry()
    entry.picture = SimpleNamespace(format=file_format, file=entry.file)
    elements["save-panel"].hidden = True
    saving = make_workbench(elements, entry, captioner=captioner).saving
    asyncio.run(saving.open())
    return saving


def preview(elements: Elements) -> list[str]:
    return [item.textContent for item in elements["save-fields"].replaceChildren.call_args.args]


def test_before_and_after_are_shown_and_existing_words_stay(elements: Elements) -> None:
    captioner = Captioner()
    saving = make_saving(elements, captioner)
    assert preview(elements) == ["Alt text: “Old.” stays", "Keywords: nothing → “dog”"]
    assert elements["save-replace-choice"].hidden is False
    assert elements["save"].textContent == "Download a copy"
    elements["save-replace"].checked = elements["save-description"].checked = True
    asyncio.run(saving._preview())
    assert preview(elements)[0] == "Alt text: “Old.” → “A man with a dog.”"
    _, words, options = captioner.asked[-1]
    assert words["description"] == "a picture of a man with a dog"
    assert words["caption_writer"] == "Seesay, starter; not reviewed"
    assert "alt_text" in options["replace"]


def test_escape_puts_the_panel_away_and_stops_captioning_only_where_it_is_away(
    elements: Elements,
) -> None:
    make_saving(elements, Captioner())
    listeners = [call.args for call in elements["save-panel"].addEventListener.call_args_list]
    ((_, press),) = [one for one in listeners if one[0] == "keydown"]
    event = MagicMock(key="Escape")
    press(event)
    assert elements["save-panel"].hidden is True
    assert elements["save-open"].focus.called
    assert event.stopPropagation.called  # app.py would hear it
    event = MagicMock(key="Escape")
    press(event)
    assert not event.stopPropagation.called


def test_a_copy_is_handed_out_where_files_cannot_be_written(
    elements: Elements, browser: Browser
) -> None:
    saving = make_saving(elements, Captioner())
    downloads = importlib.import_module("pyscript.js_modules").downloads
    asyncio.run(saving.prepare_drag())
    downloads.offerDrag.assert_called_with(elements["save"], "the copy", "dog & man.jpg")
    asyncio.run(saving.save())
    downloads.offerDrag.assert_called_with(elements["save"], None, "")  # the panel is away
    assert browser.downloads == [("the copy", "dog & man.jpg")]
    assert said(elements, "save-said").startswith("Downloaded: a copy")
    assert elements["save-panel"].hidden is True


def test_what_seesay_did_not_write_is_not_taken_out(elements: Elements) -> None:
    captioner = Captioner()
    captioner.writer = "Somebody"
    saving = make_saving(elements, captioner)
    assert elements["save-remove-choice"].hidden is True
    elements["save-remove"].checked = True
    asyncio.run(saving._preview())
    assert captioner.asked[-1] == ("plan", {}, {"remove": True})


def test_the_button_waits_until_it_says_what_it_would_do(
    elements: Elements, monkeypatch: pytest.MonkeyPatch
) -> None:
    captioner = Captioner()
    saving = make_saving(elements, captioner)
    assert elements["save"].disabled is False
    plan, were = captioner.planMetadata, []

    async def look(*asked: Any) -> Any:
        were.append(elements["save"].disabled)
        return await plan(*asked)

    monkeypatch.setattr(captioner, "planMetadata", look)
    elements["save-remove"].checked = True
    asyncio.run(saving._preview())
    assert were == [True, True]
    assert elements["save"].disabled is False


def test_words_are_taken_out_again(elements: Elements, browser: Browser) -> None:
    browser.answers["writable"] = True
    browser.answers["replaced"] = {"file": "fresh", "sha256": "00ee", "problem": ""}
    captioner = Captioner()
    captioner.writer = "Seesay 0.2, starter"
    saving = make_saving(elements, captioner)
    assert elements["save-remove-choice"].hidden is False
    elements["save-remove"].checked = True
    asyncio.run(saving._preview())
    assert preview(elements) == ["Alt text: “Old.” → nothing"]
    assert elements["save"].textContent == "Take out in place"
    assert elements["save-replace-choice"].hidden is True
    asyncio.run(saving.save())
    kind, words, options = captioner.asked[-1]
    assert (kind, options) == ("write", {"remove": True})
    assert words["alt_text"] == "Old."
    assert words["keywords"] == ["dog"]
    assert said(elements, "save-said").startswith("Taken out of dog & man.jpg.")
    assert elements["save-remove"].checked is False

    captioner.places = []
    elements["save-remove"].checked = True
    asyncio.run(saving.open())
    assert preview(elements) == ["The file has no words of Seesay’s."]
    assert elements["save"].hidden is True


def test_saving_in_place_takes_the_new_file(elements: Elements, browser: Browser) -> None:
    browser.answers["writable"] = True
    browser.answers["replaced"] = {"file": "fresh", "sha256": "11ff", "problem": ""}
    saving = make_saving(elements, Captioner())
    saving._on_saved = MagicMock()
    assert elements["save"].textContent == "Save in place"
    asyncio.run(saving.save())
    assert (saving.entry.file, browser.downloads) == ("fresh", [])
    assert (saving.entry.sha256, saving.entry.earlier) == ("11ff", ["00ff"])
    assert said(elements, "save-said").startswith("Saved into dog & man.jpg.")
    saving._on_saved.assert_called_once_with(
        saving.entry
    )  # whoever shows what is in the file looks again

    browser.answers["replaced"] = {"file": None, "problem": "changed"}
    asyncio.run(saving.save())
    assert saving.entry.file == "fresh"
    assert said(elements, "save-said").startswith("The file has changed since")

    browser.answers["allowed"] = False  # the person said no
    asyncio.run(saving.save())
    assert browser.downloads == [("the copy", "dog & man.jpg")]


def test_signed_files_and_other_formats_get_a_sidecar(elements: Elements, browser: Browser) -> None:
    captioner = Captioner()
    captioner.signed = True
    saving = make_saving(elements, captioner)
    assert elements["save"].hidden is True
    assert said(elements, "save-problem") == "This image is signed."
    asyncio.run(saving.save_sidecar())
    assert browser.downloads == [("the sidecar", "dog & man.xmp")]

    make_saving(elements, captioner, "AVIF")
    assert elements["save"].hidden is True
    assert said(elements, "save-problem").startswith("Words do not go into AVIF files here.")


def test_files_are_asked_for_their_alt_text_once_and_only_if_they_mention_any(
    elements: Elements, browser: Browser
) -> None:
    in_file = importlib.import_module("page.words.in_file")
    for mentions, file_format, asked in (
        (True, "JPEG", 1),
        (False, "JPEG", 0),
        (True, "AVIF", 0),
    ):
        browser.answers["mentions"] = mentions
        captioner, entry = Captioner(), make_entry()
        entry.picture = SimpleNamespace(format=file_format)
        look = in_file.InFile(captioner)
        found = [asyncio.run(look.look(entry)) for _ in range(2)]
        assert found == (["Old.", "Old."] if asked else ["", ""])
        assert len(captioner.asked) == asked


def test_whoever_asks_while_a_file_is_looked_into_gets_its_alt_text_too(
    elements: Elements,
) -> None:
    entry = make_entry()
    entry.picture = SimpleNamespace(format="JPEG")
    look = importlib.import_module("page.words.in_file").InFile(Captioner())

    async def mentions(_file: Any, _text: str) -> bool:
        await asyncio.sleep(0)  # the other one asks meanwhile
        return True

    async def both() -> list[Any]:
        return list(await asyncio.gather(look.look(entry), look.look(entry)))

    sys.modules["pyscript.js_modules"].downloads.mentions = mentions
    assert asyncio.run(both()) == ["Old.", "Old."]


def test_an_old_look_says_nothing_of_a_file_that_was_saved_since(
    elements: Elements, browser: Browser
) -> None:
    entry = make_entry()
    entry.picture = SimpleNamespace(format="JPEG")
    look = importlib.import_module("page.words.in_file").InFile(Captioner())

    async def saved_meanwhile(_file: Any, _text: str) -> bool:
        entry.file = "fresh"
        return True

    sys.modules["pyscript.js_modules"].downloads.mentions = saved_meanwhile
    asyncio.run(look.look(entry))
    assert entry.alt.in_file is None


def test_the_frame_shows_what_was_saved_into_the_file(
    elements: Elements, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules: Any = sys.modules["pyscript.js_modules"]
    modules.heat_canvas = MagicMock()
    detail_module = importlib.import_module("page.image.detail")
    detail = detail_module.Detail(Captioner(), MagicMock(), MagicMock(), MagicMock(), MagicMock())
    monkeypatch.setattr(detail_module, "start", asyncio.run)
    entry = make_entry()
    entry.picture = SimpleNamespace(format="JPEG")
    entry.alt.edit("My own.")
    detail.entry = detail.workbench.entry = entry
    detail.workbench._use_in_file()  # nobody has looked into the file yet
    assert entry.alt.alt_text == "My own."
    detail._on_saved(entry)
    assert "Old." in said(elements, "in-file")
