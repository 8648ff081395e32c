"""The workbench for alt text in CPython: PyScript and the document are stand-ins."""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import pytest

from pycore.exports import COLUMNS
from tools.project import ROOT

DATE = "2026-05-01T10:00:00.000Z"


class Elements(dict[str, Any]):
    """The document's elements by id, made when they are asked for."""

    def __missing__(self, name: str) -> Any:
        self[name] = MagicMock(name=name, value="", checked=False, open=True)
        return self[name]


class Browser:
    """What the page's JavaScript does for it.

    Attributes:
        kept: settings by name.
        downloads: (content, name) of files that were handed out.
        answers: what it says of files.
    """

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.downloads: list[tuple[Any, str]] = []
        self.answers: dict[str, Any] = {"writable": False, "allowed": True, "mentions": True}

    async def mentions(self, _file: Any, *_texts: str) -> Any:
        return self.answers["mentions"]

    async def pause(self) -> None:
        pass

    async def is_writable(self, _file: Any) -> Any:
        return self.answers["writable"]

    async def is_allowed(self, _file: Any) -> Any:
        return self.answers["allowed"]

    async def replace(self, _file: Any, _blob: Any) -> Any:
        return SimpleNamespace(**self.answers["replaced"])

    def modules(self) -> Any:
        modules: Any = ModuleType("pyscript.js_modules")
        modules.app_badge = modules.thumbnails = MagicMock()
        modules.handed_in = MagicMock()
        modules.limits = SimpleNamespace(MAX_FILE_BYTES=1)
        modules.settings_store = SimpleNamespace(
            read=lambda name: self.kept.get(name, ""), write=self.kept.__setitem__
        )
        modules.downloads = SimpleNamespace(
            dateOf=lambda _file: DATE,
            offerDrag=MagicMock(),
            download=lambda blob, name: self.downloads.append((blob, name)),
            downloadText=lambda text, name, _type: self.downloads.append((text, name)),
            mentions=self.mentions,
            now=lambda: DATE,
            pause=self.pause,
        )
        modules.file_handles = SimpleNamespace(
            isWritable=self.is_writable, isAllowed=self.is_allowed, replaceFile=self.replace
        )
        return modules


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def elements(monkeypatch: pytest.MonkeyPatch, browser: Browser) -> Iterator[Elements]:
    elements = Elements()
    pyscript: Any = ModuleType("pyscript")
    pyscript.document = MagicMock()
    pyscript.document.getElementById = elements.__getitem__
    pyscript.document.createElement = lambda _name: SimpleNamespace(textContent="")
    pyscript.window = SimpleNamespace(JSON=SimpleNamespace(stringify=json.dumps))
    pyscript.ffi = SimpleNamespace(to_js=lambda value: value)
    jsffi: Any = ModuleType("jsffi")
    jsffi.JsException = type("JsError", (Exception,), {})
    monkeypatch.setitem(sys.modules, "pyscript", pyscript)
    monkeypatch.setitem(sys.modules, "pyscript.js_modules", browser.modules())
    monkeypatch.setitem(sys.modules, "jsffi", jsffi)
    monkeypatch.syspath_prepend(ROOT / "web")
    for name in [name for name in sys.modules if name.partition(".")[0] == "page"]:
        monkeypatch.delitem(sys.modules, name)  # other tests' copies, with other stand-ins
    before = set(sys.modules)
    yield elements
    for name in set(sys.modules) - before:
        del sys.modules[name]


def make_entry(caption: str = "a picture of a man with a dog") -> Any:
    image_item = importlib.import_module("page.image.image_item")
    item = SimpleNamespace(file=MagicMock(), name="dog & man.jpg", path="trip/dog & man.jpg")
    entry = image_item.Entry(item, False)
    result = MagicMock(caption=caption, keywords=[SimpleNamespace(text="dog")], candidates=[])
    result.answers = None
    result.confidence, result.flagged, result.text = 0.9, False, None
    result.model.id, result.model.revision, result.image.sha256 = "starter", "r1", "00ff"
    entry.finish(result, ("starter", "fast"), 1.0)
    return entry


def make_workbench(
    elements: Elements, entry: Any, edited: list[Any] | None = None, captioner: Any = None
) -> Any:
    module = importlib.import_module("page.words.workbench")
    noted = [] if edited is None else edited
    workbench = module.Workbench(captioner, noted.append, lambda _entry: None)
    elements["own-limit"].value = "80"
    workbench.listen()
    workbench.show(entry)
    return workbench


def said(elements: Elements, name: str) -> str:
    return str(elements[name].textContent)


def findings(elements: Elements) -> list[str]:
    items = elements["alt-findings"].replaceChildren.call_args.args
    return [item.textContent for item in items]


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


class Captioner:
    """The JavaScript API, as far as it is about words in files.

    Attributes:
        asked: (what, words, options) of each call.
        signed: the image is.
        places: where a removal changes anything.
        writer: who wrote the words that are in the file.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any, Any]] = []
        self.signed = False
        self.places = ["XMP"]
        self.writer = ""

    async def planMetadata(self, _file: Any, words: Any, options: Any) -> Any:  # noqa: N802
        self.asked.append(("plan", words, options))
        if options.get("remove"):
            gone = {"name": "alt_text", "before": "Old.", "after": "", "outcome": "removed"}
            return {"fields": [gone], "places": self.places, "signed": False, "warnings": []}
        may = "alt_text" in options["replace"]
        field = {
            "name": "alt_text",
            "before": "Old.",
            "after": words["alt_text"] if may else "Old.",
        }
        fields = [
            field | {"outcome": "replaced" if may else "kept"},
            {"name": "keywords", "before": [], "after": words["keywords"], "outcome": "added"},
            {"name": "description", "before": "", "after": "", "outcome": "none"},
            {"name": "extended_description", "before": "", "after": "", "outcome": "none"},
            {"name": "caption_writer", "before": self.writer, "after": "", "outcome": "none"},
        ]
        warnings = ["This image is signed."] if self.signed else []
        return {"fields": fields, "places": ["XMP"], "signed": self.signed, "warnings": warnings}

    async def writeMetadata(self, _file: Any, words: Any, options: Any) -> Any:  # noqa: N802
        self.asked.append(("write", words, options))
        return SimpleNamespace(file="the copy")

    async def makeSidecar(self, words: Any, options: Any) -> Any:  # noqa: N802
        self.asked.append(("sidecar", words, options))
        return "the sidecar"

    async def readMetadata(self, _file: Any) -> Any:  # noqa: N802
        self.asked.append(("read", None, None))
        return {"words": {"alt_text": "Old."}}


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


def let_be(work: Any) -> None:
    """Stand in for page.browser.events.start where the work does not matter."""
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


class Exporter:
    """``exportWords`` and ``mergeTable`` of the JavaScript API."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.merge: dict[str, Any] = {}

    async def exportWords(self, records: Any, options: Any) -> Any:  # noqa: N802
        self.asked.append((records, options))
        return SimpleNamespace(file=SimpleNamespace(name="captions.zip"), notes=["One note."])

    async def mergeTable(self, records: Any, table: Any) -> Any:  # noqa: N802
        self.asked.append((records, table))
        return {
            "updates": [],
            "conflicts": [],
            "same": 0,
            "unknown": [],
            "changed": [],
        } | self.merge


def make_export(elements: Elements, exporter: Exporter) -> tuple[Any, list[Any], list[Any]]:
    module = importlib.import_module("page.words.export")
    entries = [make_entry("a picture of a dog"), make_entry("two cats"), make_entry()]
    for entry in entries[:2]:
        entry.picture = SimpleNamespace(format="JPEG")
    entries[2].picture = None  # no image
    sys.modules["pyscript"].window.AbortController = SimpleNamespace(
        new=lambda: SimpleNamespace(signal=SimpleNamespace(aborted=False))
    )
    bench = make_workbench(elements, entries[0])
    changes: list[Any] = []
    export = module.Export(exporter, lambda: entries, bench.prepare, changes.append)
    return export, entries, changes


def test_an_export_drafts_what_nobody_wrote(elements: Elements, browser: Browser) -> None:
    exporter = Exporter()
    export, entries, _ = make_export(elements, exporter)
    asyncio.run(export.export())
    assert said(elements, "export-said") == "Choose at least one kind of file."

    elements["export-csv"].checked = elements["export-images"].checked = True
    entries[1].alt.edit("Two cats of mine.")
    asyncio.run(export.export())
    ((records, options),) = exporter.asked
    assert [one["alt_text"] for one in records] == ["A dog.", "Two cats of mine."]
    assert [one["source"] for one in records] == ["trainedAlgorithmicMedia", "humanEdits"]
    assert [one["reviewed"] for one in records] == [False, True]
    assert {one["date"] for one in records} == {DATE}
    assert options["forms"] == ["csv", "images"]
    assert options["files"] == [entry.file for entry in entries[:2]]
    assert options["replace"] == []
    ((_, name),) = browser.downloads
    assert name == "captions.zip"
    assert said(elements, "export-said") == "Downloaded: captions.zip, 2 images."


def test_new_names_are_shown_before_any_file_has_one(elements: Elements) -> None:
    exporter = Exporter()
    export, _, _ = make_export(elements, exporter)
    elements["export-images"].checked = elements["export-rename"].checked = True
    asyncio.run(export._show_choice())
    lines = [one.textContent for one in elements["export-names"].replaceChildren.call_args.args]
    assert lines == [
        "trip/dog & man.jpg → trip/a-dog.jpg",
        "trip/dog & man.jpg → trip/two-cats.jpg",
    ]
    asyncio.run(export.export())
    ((_, options),) = exporter.asked
    assert options["names"] == ["trip/a-dog.jpg", "trip/two-cats.jpg"]


def test_a_table_comes_in_and_conflicts_are_decided(elements: Elements) -> None:
    exporter = Exporter()
    export, entries, changes = make_export(elements, exporter)
    pyscript: Any = sys.modules["pyscript"]
    pyscript.document.createElement = lambda _name: MagicMock()
    entries[1].alt.edit("Mine.")
    exporter.merge = {
        "updates": [{"index": 0, "fields": {"alt_text": "A wet dog.", "keywords": ["dog", "sea"]}}],
        "conflicts": [
            {"index": 1, "name": "b", "field": "alt_text", "here": "Mine.", "there": "Theirs."}
        ],
        "unknown": ["x.jpg"],
    }
    elements["table-file"].files = ["the table"]
    asyncio.run(export._take_table())
    assert (entries[0].alt.alt_text, entries[0].keywords) == ("A wet dog.", ["dog", "sea"])
    assert entries[0].alt.source() == "humanEdits"
    assert entries[1].alt.alt_text == "Mine."
    assert said(elements, "table-said") == (
        "1 image changed, 1 conflict to decide, 1 of no image here (x.jpg)."
    )
    ((line),) = elements["conflicts"].replaceChildren.call_args.args
    keep, take = (call.args[0] for call in line.append.call_args_list[1:])

    for button, text in ((keep, "Mine."), (take, "Theirs.")):
        button.addEventListener.call_args.args[1](None)
        assert entries[1].alt.alt_text == text
    assert changes == [entries[0], entries[1]]
    assert line.remove.call_count == 2


def test_keywords_and_text_that_a_person_wrote_clash_with_a_table(elements: Elements) -> None:
    exporter = Exporter()
    export, entries, _ = make_export(elements, exporter)
    pyscript: Any = sys.modules["pyscript"]
    pyscript.document.createElement = lambda _name: MagicMock()
    _, records = asyncio.run(export.records())
    assert [one["by_person"] for one in records] == [[], []]
    entries[1].write_keywords(["Rex", "pet"])
    entries[1].write_words("BEWARE")
    _, records = asyncio.run(export.records())
    assert [one["by_person"] for one in records] == [[], ["keywords", "text"]]
    image = {"index": 1, "name": "b"}
    exporter.merge = {
        "updates": [],
        "conflicts": [
            {**image, "field": "keywords", "here": ["Rex", "pet"], "there": ["animal", "sea"]},
            {**image, "field": "text", "here": "BEWARE", "there": "BEVVARE"},
        ],
        "unknown": [],
    }
    elements["table-file"].files = ["the table"]
    asyncio.run(export._take_table())
    lines = elements["conflicts"].replaceChildren.call_args.args
    assert [line.append.call_args_list[0].args[0].textContent for line in lines] == [
        "b, keywords: “Rex, pet” here, “animal, sea” in the table",
        "b, text in the picture: “BEWARE” here, “BEVVARE” in the table",
    ]
    for line in lines:
        line.append.call_args_list[2].args[0].addEventListener.call_args.args[1](None)
    assert (entries[1].keywords, entries[1].words) == (["animal", "sea"], "BEVVARE")


def test_the_page_breathes_while_many_files_join_the_list(
    elements: Elements, monkeypatch: pytest.MonkeyPatch
) -> None:
    gallery = importlib.import_module("page.list.gallery")
    monkeypatch.setattr(gallery, "Rows", MagicMock())
    images = gallery.Gallery(lambda _entry: None, lambda _entry: None, MagicMock())
    listed = []

    async def look_at(entries: list[Any]) -> None:
        listed.append((len(entries), len(images.entries)))
        for entry in entries:
            entry.problem = "no"

    monkeypatch.setattr(gallery, "look_at", look_at)
    some, more = gallery.FIRST, gallery.AT_ONCE
    count = some + more + 5
    items = [SimpleNamespace(file="f", name=f"{i}.jpg", path=f"{i}.jpg") for i in range(count)]
    asyncio.run(images.add(items))
    assert [entry.name for entry in images.entries] == [item.name for item in items]
    assert listed == [(some, some), (more, some + more), (5, count)]


def test_a_list_that_was_forgotten_stays_so_while_files_join_it(
    elements: Elements, monkeypatch: pytest.MonkeyPatch
) -> None:
    gallery = importlib.import_module("page.list.gallery")
    monkeypatch.setattr(gallery, "Rows", MagicMock())
    monkeypatch.setattr(gallery, "gallery_view", MagicMock())
    shown: list[Any] = []

    async def look_inside(entry: Any) -> str:
        images.clear()  # "Reset" was pressed
        return "Old."

    images = gallery.Gallery(shown.append, shown.append, look_inside)

    async def look_at(entries: list[Any]) -> None:
        for entry in entries:
            entry.picture = MagicMock()

    monkeypatch.setattr(gallery, "look_at", look_at)
    images.is_running = True
    count = gallery.AT_ONCE + 1
    items = [SimpleNamespace(file="f", name=f"{i}.jpg", path=f"{i}.jpg") for i in range(count)]
    asyncio.run(images.add(items))
    assert (images.entries, images.shown, shown, images.tally.pictures) == ([], None, [], 0)


def test_only_images_without_alt_text_are_captioned(
    elements: Elements, monkeypatch: pytest.MonkeyPatch
) -> None:
    gallery_view = importlib.import_module("page.list.gallery_view")
    gallery = importlib.import_module("page.list.gallery")
    monkeypatch.setattr(gallery, "Rows", MagicMock())
    monkeypatch.setattr(gallery, "gallery_view", MagicMock(only_without=gallery_view.only_without))

    async def look(entry: Any) -> Any:
        entry.alt.in_file = {"alt_text": "Old."} if entry.index == 0 else {}
        return entry.alt.alt_in_file()

    asked: list[Any] = []

    def ask(files: list[Any]) -> Any:
        asked.append(len(files))
        end = SimpleNamespace(error=SimpleNamespace(message="no"))

        async def next_end() -> Any:
            return SimpleNamespace(value=end)

        return SimpleNamespace(next=next_end)

    images = gallery.Gallery(lambda _entry: None, lambda _entry: None, look)
    for _ in range(2):
        entry = images._append(SimpleNamespace(file="f", name="a.jpg", path="a.jpg"))
        entry.picture = SimpleNamespace(format="JPEG", facts=lambda: "")
    elements["only-without"].checked = True
    asyncio.run(images.caption(("starter", "fast"), ask))
    assert asked == [1]
    assert [entry.state for entry in images.entries] == ["kept", "failed"]
    assert images.entries[0].text == "Old."
    elements["only-without"].checked = False
    asyncio.run(images.caption(("starter", "fast"), ask))
    assert asked == [1, 2]
