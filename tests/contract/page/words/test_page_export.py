"""Words of many images go out, and a table comes in."""

from __future__ import annotations

import asyncio
import importlib
import sys
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

from tests.contract.page.image_page import DATE, Browser, Elements, make_entry, make_workbench, said

pytest_plugins = ["tests.contract.page.image_page_fixtures"]


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
