"""The page's choice of a model in CPython: PyScript and the document are stand-ins."""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest

from pycore.library.records import Order
from pycore.models.catalogue import HUB_ENTRIES
from tests.contract.page.page_stand_ins import TASKS, Elements, JsError, imported_afresh, start


class Models:
    """``captioner.models``; a download lasts until ``arrived`` is set or it is stopped."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.arrived = asyncio.Event()

    async def download(self, name: str, options: Any) -> Any:
        self.asked.append(("download", name))
        options["signal"].on_abort = self.arrived.set
        await self.arrived.wait()
        if options["signal"].aborted:
            raise JsError("stopped", "AbortError")
        return status(name, "ready")

    async def remove(self, name: str) -> Any:
        self.asked.append(("remove", name))
        return status(name, "absent")

    async def status(self, name: str) -> Any:
        return status(name, "partial")


class AbortController:
    """JavaScript's."""

    def __init__(self) -> None:
        self.signal = SimpleNamespace(aborted=False, on_abort=lambda: None)

    def abort(self) -> None:
        self.signal.aborted = True
        self.signal.on_abort()


def status(name: str, state: str) -> dict[str, Any]:
    return {
        "model": name,
        "name": name.upper(),
        "description": "For tests.",
        "licence": "MIT",
        "source_url": "",
        "state": state,
        "hosted": False,
        "in_memory": False,
        "size_bytes": 3_000_000_000,
        "stored_bytes": 2_500_000_000,
    }


@pytest.fixture
def elements(monkeypatch: pytest.MonkeyPatch) -> Iterator[Elements]:
    elements = Elements()
    pyscript: Any = ModuleType("pyscript")
    pyscript.document = MagicMock()
    pyscript.document.getElementById = elements.__getitem__
    pyscript.window = SimpleNamespace(
        AbortController=SimpleNamespace(new=AbortController),
        JSON=SimpleNamespace(stringify=json.dumps),
        navigator=SimpleNamespace(),
    )
    modules: Any = ModuleType("pyscript.js_modules")
    modules.downloads = MagicMock()
    kept: dict[str, str] = {}
    modules.settings_store = SimpleNamespace(
        read=lambda name: kept.get(name, ""), write=kept.__setitem__, kept=kept
    )
    with imported_afresh(monkeypatch, pyscript, modules):
        # The page's work goes on by JavaScript's promises; here it is a task of asyncio.
        events = importlib.import_module("page.browser.events")
        monkeypatch.setattr(events, "start", start)
        yield elements


def make_choice(models: Models) -> Any:
    module = importlib.import_module("page.models.model_choice")
    choice = module.ModelChoice(SimpleNamespace(models=models), lambda: None)
    record = importlib.import_module("page.browser.js_data").Record
    choice.known = {name: record(status(name, "absent")) for name in ("large", "other")}
    return choice


def choose(elements: Elements, name: str) -> None:
    """Check the radio button of a model, as a person would."""
    fields = [
        SimpleNamespace(value=one, checked=one == name, focus=lambda: None)
        for one in ("large", "other")
    ]
    elements["model-choices"].querySelectorAll = lambda _selector: fields


def test_escape_closes_the_list_and_stops_captioning_only_where_it_is_closed(
    elements: Elements,
) -> None:
    make_choice(Models()).listen()
    elements["models"].open = True
    ((_, press),) = [call.args for call in elements["models"].addEventListener.call_args_list]
    events = [MagicMock(key="Escape"), MagicMock(key="Escape")]
    press(events[0])
    assert not elements["models"].open
    assert elements["model"].focus.called
    press(events[1])
    assert [event.stopPropagation.called for event in events] == [True, False]


def test_what_is_discarded_is_what_was_asked_for(elements: Elements) -> None:
    async def main() -> Models:
        models = Models()
        choice = make_choice(models)
        choose(elements, "large")
        download = asyncio.ensure_future(choice.download())
        await asyncio.sleep(0)
        choice.discard()
        choose(elements, "other")
        await download
        assert choice.known["large"].state == choice.known["other"].state == "absent"
        return models

    assert asyncio.run(main()).asked == [("download", "large"), ("remove", "large")]


def test_a_discard_that_comes_too_late_does_not_spoil_the_next_download(elements: Elements) -> None:
    async def main() -> Models:
        models = Models()
        choice = make_choice(models)
        choose(elements, "large")
        choice.discard()
        models.arrived.set()
        await choice.download()
        assert choice.known["large"].state == "ready"
        return models

    assert asyncio.run(main()).asked == [("download", "large")]


def test_sizes_beyond_32_bits_are_floats(elements: Elements) -> None:
    known = make_choice(Models()).known["large"]
    texts = importlib.import_module("page.models.model_texts")
    assert isinstance(known.size_bytes, float)
    assert texts.download(known) == "Download 3.0 GB"


def test_the_pace_of_this_device_is_the_middle_of_the_last_captions(elements: Elements) -> None:
    module = importlib.import_module("page.models.pace")
    pace = module.Pace()
    pace.note("vit-gpt2", 9000.0)  # with loading
    assert (pace.measured("vit-gpt2"), pace.reckoned("florence-2")) == (0.0, (0.0, ""))
    for duration_ms in (5000.0, 700.0, 900.0, 800.0, 600.0, 850.0):
        pace.note("vit-gpt2", duration_ms)
    later = module.Pace()  # another visit
    assert later.measured("vit-gpt2") == 800.0
    assert later.reckoned("florence-2") == (pytest.approx(4000.0), "vit-gpt2")
    assert later.expected("florence-2") == pytest.approx(4000.0)
    assert later.expected("vit-gpt2") == 800.0
    assert later.expected("starter") == 0.0


def test_the_starter_tells_how_long_the_others_take_until_a_nearer_one_is_measured(
    elements: Elements,
) -> None:
    choice = make_choice(Models())
    for kind, duration_ms in (("drawing", 900.0), ("photograph", 9000.0), ("drawing", 250.0)):
        choice.note("starter", kind, duration_ms)
    pace = choice.pace
    assert pace.measured("starter") == 250.0  # what describes photographs is not the starter
    assert pace.reckoned("florence-2")[1] == pace.reckoned("vit-gpt2")[1] == "starter"
    assert 0 < pace.reckoned("vit-gpt2")[0] < pace.reckoned("florence-2")[0]
    for duration_ms in (900.0, 800.0):
        choice.note("vit-gpt2", "photograph", duration_ms)
    assert pace.reckoned("florence-2") == (pytest.approx(4000.0), "vit-gpt2")


def test_careful_means_what_a_models_own_settings_say(elements: Elements) -> None:
    options = importlib.import_module("page.models.caption_options")
    own = {name: entry.generation["num_beams"] for name, entry in HUB_ENTRIES.items()}
    assert own == options.CAREFUL_BEAMS


@pytest.mark.parametrize("search", ["fast", "careful"])
@pytest.mark.parametrize("model", ["starter", "vit-gpt2", "florence-2", "owner/name@main"])
def test_the_queue_asks_what_the_first_view_asks(
    elements: Elements, model: str, search: str
) -> None:
    """Or the library would take the same caption of the same image for another one."""
    options = importlib.import_module("page.models.caption_options")
    kept = options.kept_options(model, search)
    assert options.options_of(kept) == options.search_options(model, search)
    beams = options.search_options(model, search)["numBeams"]
    assert Order(model, "main", {"num_beams": beams}).parameters()["options"] == kept


@pytest.mark.parametrize("damaged", ["{", "7", '{"starter": 3}', '{"starter": ["x"]}'])
def test_a_damaged_pace_is_measured_anew(elements: Elements, damaged: str) -> None:
    store = importlib.import_module("pyscript.js_modules").settings_store
    store.write("seesay.pace", damaged)
    assert importlib.import_module("page.models.pace").Pace().seen == {}


def test_what_is_said_of_a_models_time_is_what_is_known(elements: Elements) -> None:
    texts = importlib.import_module("page.models.model_texts")
    quick, thorough = "vit-gpt2", "florence-2"
    assert texts.pace(thorough, 4210.0, 4210.0, quick) == "4.2 seconds here"
    assert texts.pace(thorough, 0.0, 4800.0, quick) == "about 5 seconds here, reckoned from Quick"
    assert texts.pace(thorough, 0.0, 0.0, "") == "several seconds, not yet measured here"
    said = "about half a second here, reckoned from Thorough"
    assert texts.pace(quick, 0.0, 600.0, thorough) == said
    assert texts.pace("starter", 0.0, 0.0, "") == "at once"
    assert texts.pace("owner/name@main", 0.0, 0.0, "") == ""


@pytest.mark.parametrize(
    ("kind", "chosen", "thorough", "thorough_ms", "said"),
    [
        ("photograph", "starter", "absent", 0.0, "Thorough describes it better."),
        ("photograph", "starter", "ready", 0.0, "better. It is on this device."),
        ("photograph", "starter", "absent", 30_000.0, "Quick describes it better."),
        ("photograph", "starter", "", 0.0, "Quick describes it better."),
        ("photograph", "vit-gpt2", "absent", 5000.0, "Thorough is right more often"),
        ("drawing", "vit-gpt2", "absent", 0.0, "Starter is made for those."),
        ("text", "florence-2", "ready", 0.0, "Starter reads it."),
        ("", "starter", "absent", 0.0, "better still Thorough."),
        ("", "starter", "absent", 30_000.0, "Thorough is slow here."),
        ("", "starter", "", 0.0, "Thorough needs more memory."),
    ],
)
def test_one_sentence_recommends(
    elements: Elements, kind: str, chosen: str, thorough: str, thorough_ms: float, said: str
) -> None:
    texts = importlib.import_module("page.models.model_texts")
    states = {"starter": "builtin", "vit-gpt2": "absent"}
    if thorough:
        states["florence-2"] = thorough
    assert said in texts.advice(kind, chosen, states, thorough_ms)


@pytest.mark.parametrize(
    ("quick", "thorough", "thorough_ms", "led_to"),
    [
        ("absent", "absent", 0.0, "florence-2"),
        ("ready", "absent", 0.0, "vit-gpt2"),
        ("ready", "ready", 0.0, "florence-2"),
        ("absent", "ready", 30_000.0, "vit-gpt2"),
        ("absent", "", 0.0, "vit-gpt2"),
    ],
)
def test_a_guess_leads_to_the_best_model_that_is_here(
    elements: Elements, quick: str, thorough: str, thorough_ms: float, led_to: str
) -> None:
    texts = importlib.import_module("page.models.model_texts")
    states = {"starter": "builtin", "vit-gpt2": quick}
    if thorough:
        states["florence-2"] = thorough
    assert texts.for_photographs(states, thorough_ms) == led_to
    named = f"{texts.NAMES[led_to]} describes it better."
    assert named in texts.advice("photograph", "starter", states, thorough_ms)


@pytest.mark.parametrize(
    ("low_memory", "state", "is_offered"),
    [(False, "absent", True), (True, "absent", False), (True, "ready", True)],
)
def test_thorough_is_not_offered_where_memory_is_short(
    elements: Elements, low_memory: bool, state: str, is_offered: bool
) -> None:
    module = importlib.import_module("page.models.model_choice")
    listed = [status("starter", "builtin"), status("vit-gpt2", "absent")]
    listed.append(status("florence-2", state))

    async def list_models() -> Any:
        return SimpleNamespace(models=[ListedModel(one) for one in listed])

    async def diagnostics() -> Any:
        return SimpleNamespace(low_memory=low_memory)

    window = importlib.import_module("pyscript").window
    window.location = SimpleNamespace(href="")
    window.URL = SimpleNamespace(
        new=lambda _href: SimpleNamespace(searchParams=SimpleNamespace(get=lambda _name: None))
    )
    captioner = SimpleNamespace(models=SimpleNamespace(list=list_models), diagnostics=diagnostics)
    choice = module.ModelChoice(captioner, lambda: None)
    asyncio.run(choice.open())
    assert ("florence-2" in choice.known) == is_offered
    assert "vit-gpt2" in choice.known


class ListedModel(dict[str, Any]):
    """An object of JavaScript's: its fields are attributes, and it can be made into JSON."""

    def __getattr__(self, name: str) -> Any:
        return self[name]


def make_at_length(elements: Elements, state: str, asked: list[Any], arrived: Any) -> Any:
    module = importlib.import_module("page.words.at_length")

    async def caption(file: str, options: Any) -> Any:
        asked.append((file, options["model"], options["tasks"]))
        await arrived.wait()
        return SimpleNamespace(caption="A long description.")

    models = SimpleNamespace(is_ready=lambda name: state == "ready", known={"florence-2": None})
    return module.AtLength(SimpleNamespace(caption=caption), models, lambda: None)


def an_entry() -> Any:
    words = importlib.import_module("page.words.image_words").ImageWords()
    words.is_reviewed = True
    return SimpleNamespace(file="file", alt=words)


def test_a_description_is_written_on_demand_and_nobody_has_read_it(elements: Elements) -> None:
    async def main() -> None:
        asked: list[Any] = []
        arrived = asyncio.Event()
        at_length = make_at_length(elements, "ready", asked, arrived)
        entry = an_entry()
        at_length.show(entry)
        assert not elements["describe"].hidden
        at_length.toggle()
        await asyncio.sleep(0)
        assert asked == [("file", "florence-2", ["detailed"])]
        arrived.set()
        await asyncio.gather(*TASKS)
        assert (entry.alt.extended, entry.alt.is_reviewed) == ("A long description.", False)
        assert not entry.alt.has_own_extended()
        assert elements["describe"].hidden
        assert "before you publish" in elements["describe-said"].textContent
        entry.alt.extended += " And more."
        assert entry.alt.has_own_extended()

    asyncio.run(main())


def test_a_description_takes_no_words_of_a_person(elements: Elements) -> None:
    async def main() -> None:
        arrived = asyncio.Event()
        at_length = make_at_length(elements, "ready", [], arrived)
        entry = an_entry()
        at_length.show(entry)
        at_length.toggle()
        entry.alt.extended = "My own."
        arrived.set()
        await asyncio.gather(*TASKS)
        assert entry.alt.extended == "My own."
        assert elements["describe-said"].textContent == "Your own words stay."

    asyncio.run(main())


def test_without_the_model_the_button_is_not_there(elements: Elements) -> None:
    at_length = make_at_length(elements, "absent", [], None)
    at_length.show(an_entry())
    assert elements["describe"].hidden is True
    assert "Thorough" in elements["describe-said"].textContent
