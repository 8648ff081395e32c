"""The names for photographs as they ship: complete, in everyday words, silent about persons."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from models.photo.wordnet import NAMES, TREE, make_tree, read_names, read_synsets
from pycore.recognition.name_tree import CLASSES, NameTree

DATA = json.loads(TREE.read_text(encoding="utf-8"))
NAME_TREE = NameTree.from_dict(DATA)
WORDNET = Path("/usr/share/wordnet/data.noun")


def _class(synset: str) -> int:
    return [row.synset for row in read_names(NAMES)[1]].index(synset)


def _way_up(node: int) -> list[str]:
    nouns = [NAME_TREE.nouns[above] for above in NAME_TREE.upward(node)]
    return [noun.word for noun in nouns if noun]


def test_there_is_a_name_for_every_class() -> None:
    families, classes, detector = read_names(NAMES)
    assert len(classes) == CLASSES
    assert [row.synset for row in classes] == sorted({row.synset for row in classes})
    assert len(NAME_TREE.detector) == len(detector) == 80
    assert len(NAME_TREE.nouns) == CLASSES + len(families)
    silent = [node for node in range(CLASSES) if NAME_TREE.said(node) < 0]
    # A bottle's teat, and what people wear or are treated with, of which nothing is said.
    assert all(NAME_TREE.is_in(node, NAME_TREE.worn) for node in silent if node != 680)


def test_the_file_is_made_from_the_table() -> None:
    families, classes, _ = read_names(NAMES)
    assert DATA["nouns"] == [
        "" if row.name.startswith("-") else row.name for row in (*classes, *families)
    ]
    if WORDNET.is_file():
        assert make_tree(read_synsets(WORDNET)) == DATA


@pytest.mark.parametrize(
    ("synset", "words"),
    [
        ("n02123045", ["tabby cat", "cat", "animal"]),
        ("n01818515", ["macaw", "parrot", "bird", "animal"]),
        ("n04266014", ["space shuttle", "vehicle"]),
        ("n07920052", ["espresso", "coffee", "drink", "food"]),
        ("n02951358", ["canoe", "boat", "vehicle"]),
        ("n02389026", ["horse", "animal"]),
        ("n03642806", ["laptop", "computer"]),
        ("n03594945", ["jeep", "car", "vehicle"]),
        ("n02105162", ["Malinois", "sheepdog", "dog", "animal"]),
        ("n09472597", ["volcano", "mountain", "landscape"]),
    ],
)
def test_names_go_from_the_specific_to_the_general(synset: str, words: list[str]) -> None:
    assert _way_up(_class(synset)) == words


def test_nothing_but_person_is_said_of_persons() -> None:
    persons = [node for node in range(CLASSES) if NAME_TREE.is_in(node, NAME_TREE.person)]
    assert len(persons) == 3
    assert all(_way_up(node) == ["person"] for node in persons)
    assert NAME_TREE.noun(NAME_TREE.person).count(3) == "three people"
    clothes = ("n02667093", "n04532106", "n04584207", "n03763968", "n02892767")
    for synset in clothes:
        assert NAME_TREE.nouns[_class(synset)] is None
        assert NAME_TREE.is_in(_class(synset), NAME_TREE.worn)


def test_names_are_words_that_people_write() -> None:
    for noun in filter(None, NAME_TREE.nouns):
        assert re.fullmatch(r"[A-Za-z][A-Za-z' -]*", noun.word), noun
        assert re.fullmatch(r"(an? )?[A-Za-z][A-Za-z' -]*", noun.one), noun
        assert not noun.many.endswith(("sss", "ys ")), noun
