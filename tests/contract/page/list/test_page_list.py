"""What the list of images calls them, counts and copies; the same code runs in MicroPython."""

from __future__ import annotations

import csv
import importlib
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tools.project import ROOT


@pytest.fixture(autouse=True)
def web(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "web")


@pytest.fixture
def gallery_texts() -> ModuleType:
    return importlib.import_module("page.list.gallery_texts")


def entry(path: str) -> SimpleNamespace:
    return SimpleNamespace(file_name=path.rpartition("/")[2], path=path, name="")


def test_no_two_images_are_called_alike() -> None:
    names = importlib.import_module("page.list.names").Names()
    paths = [
        "a.png", "trip/b.png", "home/b.png", "image.png", "image.png", "image.png", "trip/c.png",
        "home/b.png", "notes", "notes", "image (2).png",
    ]  # fmt: skip
    entries = [entry(path) for path in paths]
    renamed = [names.give(one) for one in entries]
    assert [one.name for one in entries] == [
        "a.png", "trip/b.png", "home/b.png", "image.png", "image (2).png", "image (3).png",
        "c.png", "home/b (2).png", "notes", "notes (2)", "image (2) (2).png",
    ]  # fmt: skip
    assert [one for one in renamed if one] == [entries[1]]  # its row is written anew


def test_counts_are_those_of_counting() -> None:
    tally = importlib.import_module("page.list.tally").Tally()
    entries = [
        SimpleNamespace(index=i, picture=None, state="waiting", is_due=False, caption="")
        for i in range(3)
    ]
    steps: list[tuple[int, dict[str, Any]]] = [
        (0, {"picture": "a"}),
        (1, {"state": "failed"}),
        (2, {"picture": "b", "is_due": True}),
        (2, {}),
        (0, {"is_due": True}),
        (0, {"is_due": False, "state": "done", "caption": "a cat"}),
        (2, {"is_due": False, "state": "failed"}),
        (0, {"state": "waiting", "is_due": True}),
    ]
    for index, changes in steps:
        vars(entries[index]).update(changes)
        tally.note(entries[index])
        assert tally.pictures == sum(one.picture is not None for one in entries)
        assert tally.done == sum(one.state == "done" for one in entries)
        assert tally.failed == sum(one.state == "failed" for one in entries)
        assert tally.due == sum(one.is_due for one in entries)
        assert tally.captions == sum(bool(one.caption) for one in entries)


PAIRS = [
    ('"quoted.png', "a cat"),
    ("=SUM(A1).png", "a dog"),
    ("-5 degrees.png", "+1"),
    ("@home\t1.png", 'a "red" sign'),
    ("plain.png", "a < b & c"),
]


def test_copied_lines_are_one_row_each_in_a_spreadsheet(gallery_texts: ModuleType) -> None:
    lines = gallery_texts.lines(PAIRS)
    assert list(csv.reader(lines.splitlines(), "excel-tab")) == [
        ['"quoted.png', "a cat"],
        ["'=SUM(A1).png", "a dog"],
        ["'-5 degrees.png", "'+1"],
        ["'@home 1.png", 'a "red" sign'],
        ["plain.png", "a < b & c"],
    ]
    assert lines.splitlines()[-1] == "plain.png\ta < b & c"


def test_copied_table_is_html(gallery_texts: ModuleType) -> None:
    table = gallery_texts.table(PAIRS)
    assert table.startswith('<table><tr><td>"quoted.png</td><td>a cat</td></tr>')
    assert "<td>'=SUM(A1).png</td>" in table
    assert table.endswith("<td>plain.png</td><td>a &lt; b &amp; c</td></tr></table>")


def test_names_cannot_turn_a_sentence_around(gallery_texts: ModuleType) -> None:
    texts = importlib.import_module("page.texts")
    override = "photo\u202egnp.exe"
    for sentence in (
        texts.foreign(override, ""),
        texts.too_large(override, 256_000_000),
        texts.empty(override),
        texts.unreadable(override),
        texts.chosen(override),
        gallery_texts.copy_of(override),
        gallery_texts.lines([(override, "a cat")]),
        gallery_texts.table([(override, "a cat")]),
    ):
        assert f"\u2068{override}\u2069" in sentence
    assert texts.isolated("été 1.png") == "été 1.png"
    assert texts.isolated("שלום.png") == "\u2068שלום.png\u2069"
    assert texts.isolated("a\u2069\u202eb") == "\u2068a\u202eb\u2069"  # it cannot get out
    assert gallery_texts.lines([("שלום.png", "a cat")]) == "שלום.png\ta cat"  # as it is called
